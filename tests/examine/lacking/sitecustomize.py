"""Takes away what another system lacks from all that `grader` and `sandbox` import, here and in processes they start.

LACKING=win32 or darwin names the system. Python's own library, torch and students' code keep everything: they run on
that system, too, but here they need what they find here. What Windows answers otherwise is answered so: it waits for
sockets alone, gives none to a process as its stdin, and opens no folder.
"""

import builtins
import mmap
import os
import select
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

SYSTEM = os.environ["LACKING"]
OURS = {"grader", "sandbox"}
UNIX_MODULES = {
    *("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog", "posix", "_posixsubprocess", "curses"),
}
UNIX_OF_OS = {
    *("WNOHANG", "WUNTRACED", "WEXITED", "WIFEXITED", "WEXITSTATUS", "WIFSIGNALED", "WTERMSIG", "O_DIRECTORY"),
    *("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_SYNC", "P_ALL", "P_PID", "chown", "chroot", "confstr"),
    *("ctermid", "fchdir", "fchmod", "fchown", "fdatasync", "fork", "forkpty", "fpathconf", "fstatvfs", "get_blocking"),
    *("getegid", "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getresgid"),
    *(
        "getresuid",
        "getsid",
        "getuid",
        "initgroups",
        "killpg",
        "lchown",
        "lockf",
        "major",
        "makedev",
        "minor",
        "mkfifo",
    ),
    *(
        "mknod",
        "nice",
        "openpty",
        "pathconf",
        "posix_fadvise",
        "posix_fallocate",
        "posix_spawn",
        "posix_spawnp",
        "pread",
    ),
    *("preadv", "pwrite", "pwritev", "readv", "register_at_fork", "sched_yield", "sendfile", "set_blocking", "setegid"),
    *("seteuid", "setgid", "setgroups", "setpgid", "setpriority", "setregid", "setresgid", "setresuid", "setreuid"),
    *("setsid", "setuid", "statvfs", "sync", "sysconf", "tcgetpgrp", "tcsetpgrp", "ttyname", "uname", "wait", "wait3"),
    *("wait4", "waitid", "writev"),
}
LINUX_OF_OS = {
    *("copy_file_range", "eventfd", "getrandom", "memfd_create", "pidfd_open", "sched_getaffinity"),
    *("sched_setaffinity", "setxattr", "splice", "unshare", "setns"),
}
SIGNALS_OF_WINDOWS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIG_DFL", "SIG_IGN"}
UNIX_OF_SIGNAL = {
    *(name for name in dir(signal) if name.startswith("SIG") and name not in SIGNALS_OF_WINDOWS),
    *(
        "alarm",
        "getitimer",
        "pause",
        "pidfd_send_signal",
        "pthread_kill",
        "pthread_sigmask",
        "setitimer",
        "siginterrupt",
    ),
    *("sigpending", "sigtimedwait", "sigwait", "sigwaitinfo"),
}
UNIX_OPTIONS = {
    *("preexec_fn", "pass_fds", "start_new_session", "process_group", "user", "group", "extra_groups", "umask"),
}


class Lacking(ModuleType):
    """A module without some of its names, and with others in their place."""

    def __init__(self, real, gone=(), **instead):
        super().__init__(real.__name__)
        vars(self).update(instead, _real=real, _gone=frozenset(gone))

    def __getattr__(self, name):
        if name in self._gone:
            raise AttributeError(f"{SYSTEM} has no {self.__name__}.{name}")
        return getattr(self._real, name)

    def __setattr__(self, name, value):
        setattr(self._real, name, value)


def is_socket(what):
    number = what if isinstance(what, int) else what.fileno()
    return number >= 0 and stat.S_ISSOCK(os.fstat(number).st_mode)


def wait_for_sockets(reading, writing, odd, timeout=None):
    if not (reading or writing or odd):
        raise OSError(10022, "An invalid argument was supplied")
    if not all(map(is_socket, (*reading, *writing, *odd))):
        raise OSError(10038, "An operation was attempted on something that is not a socket")
    return select.select(reading, writing, odd, timeout)


def pair_over_loopback():
    with socket.create_server(("127.0.0.1", 0)) as door:
        ours = socket.create_connection(door.getsockname())
        return ours, door.accept()[0]


def open_no_folder(path, flags, mode=0o777, **options):
    if Path(path).is_dir():
        raise PermissionError(13, "Permission denied", path)
    return os.open(path, flags, mode, **options)


class Popen(subprocess.Popen):
    """What it starts lacks the same."""

    def __init__(self, args, *, stdin=None, stdout=None, stderr=None, env=None, creationflags=0, **options):
        if SYSTEM == "win32":
            if any(options.get(name) for name in UNIX_OPTIONS):
                raise ValueError(f"not supported on Windows: {UNIX_OPTIONS & options.keys()}")
            if any(each is not None and is_socket(each) for each in (stdin, stdout, stderr)):
                raise OSError(9, "Bad file descriptor")
        env = dict(os.environ if env is None else env)
        env["LACKING"] = SYSTEM
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (os.environ["PYTHONPATH"], env.get("PYTHONPATH"))))
        super().__init__(args, stdin=stdin, stdout=stdout, stderr=stderr, env=env, **options)


if SYSTEM == "win32":
    GONE = UNIX_MODULES
    INSTEAD = {
        "os": Lacking(os, UNIX_OF_OS | LINUX_OF_OS, name="nt", open=open_no_folder),
        "signal": Lacking(signal, UNIX_OF_SIGNAL),
        "socket": Lacking(socket, {"AF_UNIX", "sethostname", "send_fds", "recv_fds"}, socketpair=pair_over_loopback),
        "select": Lacking(select, {"poll", "epoll", "kqueue"}, select=wait_for_sockets),
        "mmap": Lacking(mmap, {name for name in dir(mmap) if name.startswith(("MAP_", "MADV_", "PROT_"))}),
        "subprocess": Lacking(subprocess, {"pass_fds"}, Popen=Popen, CREATE_NO_WINDOW=0x0800_0000),
        "sys": Lacking(sys, {"abiflags"}, platform="win32"),
    }
else:
    GONE = set()
    INSTEAD = {
        "os": Lacking(os, LINUX_OF_OS | {"setresuid", "setresgid"}),
        "mmap": Lacking(mmap, {name for name in dir(mmap) if name.startswith("MADV_")}),
        "select": Lacking(select, {"epoll"}),
        "subprocess": Lacking(subprocess, Popen=Popen),
        "sys": Lacking(sys, platform=SYSTEM),
    }

import_anything = builtins.__import__


def import_what_is_there(name, globals=None, locals=None, fromlist=(), level=0):  # noqa: A002 - Python's names
    asks = (globals or {}).get("__package__") or ""
    if level or asks.partition(".")[0] not in OURS:
        return import_anything(name, globals, locals, fromlist, level)
    root = name.partition(".")[0]
    if root in GONE:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    found = import_anything(name, globals, locals, fromlist, level)
    return INSTEAD.get(name if fromlist else root, found)


def see_no_proc(event, arguments):
    """Nobody but psutil, which stands for itself on another system, opens anything below /proc."""
    if event in {"open", "os.listdir", "os.scandir"} and str(arguments[0]).startswith("/proc"):
        frame = sys._getframe(1)
        while frame:
            root = str(frame.f_globals.get("__package__") or frame.f_globals.get("__name__")).partition(".")[0]
            if root in OURS:
                raise FileNotFoundError(2, "No such file or directory", arguments[0])
            if root not in sys.stdlib_module_names:
                return
            frame = frame.f_back


builtins.__import__ = import_what_is_there
sys.addaudithook(see_no_proc)
