import re

CANARY = re.compile(rb"CANARY-[a-z]+-[0-9a-f]{8}")


class Found(BaseException):
    """What must not be in reach is."""


def search(data):
    """How many bytes were searched; raises what was found, for all to see."""
    data = data if isinstance(data, bytes) else str(data).encode("utf-8", "replace")
    if hits := CANARY.findall(data):
        raise Found(hits)
    return len(data)


def refused(call, *arguments):
    """That the system or the sandbox says no to a call is what is hoped for."""
    try:
        call(*arguments)
    except OSError:
        return
    raise Found(f"{call} {arguments} was permitted")


def syscall(number, *arguments):
    """A system call by its number, which is that of x86_64; OSError where it fails."""
    import ctypes
    import os
    import platform

    if platform.machine() != "x86_64":
        raise OSError("it has another number here")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def frame(message, body=b""):
    """A message as the driver would send it."""
    from sandbox.protocol import messages

    return bytes(messages.frame(message, body))
