"""A stream to a Python process that is started, not forked.

The process gets one of a pair of sockets as its stdin. Windows hands no socket down like that: there, what comes on
stdin says where to connect, and which word to say first, since others of this machine may connect, too.
"""

import contextlib
import hmac
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import IO, Final

CONNECT_SECONDS: Final = 60.0
"""Wall time until a process that was started has connected; it does so before it imports anything large."""
_LOOK_SECONDS: Final = 0.2
_SAY_SECONDS: Final = 5.0
_WORD_BYTES: Final = 32
_HERE: Final = "127.0.0.1"


def start(
    command: Sequence[str], *, output: int | IO[bytes], cwd: str, env: Mapping[str, str], leader: bool = False
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start Python with the arguments `command`; the process calls `taken`.

    Args:
        output: where what it prints goes.
        leader: of a session of its own, where a system has such sessions.

    Raises:
        OSError: it could not be started, or has not connected.
    """
    python = [sys.executable, "-P", *command]
    return _start(python, output, cwd, env, leader=leader)


if sys.platform == "win32":

    def _start(
        python: list[str],
        output: int | IO[bytes],
        cwd: str,
        env: Mapping[str, str],
        *,
        leader: bool,  # noqa: ARG001 - there are none
    ) -> tuple[subprocess.Popen[bytes], socket.socket]:
        with socket.create_server((_HERE, 0)) as door:
            process = subprocess.Popen(  # noqa: S603 - our own modules
                python,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=env,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )
            try:
                return process, _let_in(door, process)
            except BaseException:
                process.kill()
                process.wait()
                raise

else:

    def _start(
        python: list[str], output: int | IO[bytes], cwd: str, env: Mapping[str, str], *, leader: bool
    ) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603 - likewise
                    python,
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),  # and no file, or what becomes a pipe in a forked child would be sought in
                    stderr=output,
                    cwd=cwd,
                    env=env,
                    start_new_session=leader,
                )
            except BaseException:
                ours.close()
                raise
        return process, ours


def taken() -> socket.socket:
    """The stream to whoever started this process, moved away from 0 and 1; what is printed goes to stderr.

    Raises:
        OSError: there is none.
    """
    connection = _connected()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return connection


def _connected() -> socket.socket:
    if sys.platform == "win32":
        port, word = sys.stdin.buffer.readline().split()
        connection = socket.create_connection((_HERE, int(port)), CONNECT_SECONDS)
        connection.sendall(word)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(None)
        return connection
    else:  # noqa: RET505 - mypy, which looks at each system, wants it
        return socket.socket(fileno=os.dup(0))


def _let_in(door: socket.socket, process: "subprocess.Popen[bytes]") -> socket.socket:
    """The one connection to `door` that `process` makes."""
    word = secrets.token_hex(_WORD_BYTES // 2).encode()
    if process.stdin:
        with contextlib.suppress(OSError), process.stdin as stdin:  # it may have ended, which is found below
            stdin.write(b"%d %s\n" % (door.getsockname()[1], word))
    until = time.monotonic() + CONNECT_SECONDS
    door.settimeout(_LOOK_SECONDS)
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(TimeoutError):
            visitor = door.accept()[0]
            if hmac.compare_digest(_said(visitor), word):
                visitor.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return visitor
            visitor.close()
    raise ConnectionError(f"a process that was started has not connected (status {process.poll()})")


def _said(visitor: socket.socket) -> bytes:
    """The first word of one who connects; what is shorter, or slow, is none."""
    until = time.monotonic() + _SAY_SECONDS
    said = b""
    with contextlib.suppress(OSError):
        while len(said) < _WORD_BYTES and (left := until - time.monotonic()) > 0:
            visitor.settimeout(left)
            if not (more := visitor.recv(_WORD_BYTES - len(said))):
                break
            said += more
    return said
