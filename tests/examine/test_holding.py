"""GPUs that one grader of a machine lends, and no other."""

import errno
import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.examine import holding

HOLDER = """
import sys
from pathlib import Path
from grader.examine import holding
from grader.examine.gpus import Gpu
holding.FOLDERS = (Path(sys.argv[1]),)
print(holding.hold(Gpu("0", "GPU-5a1b", "NVIDIA H100", 2**30, 0, "1")), flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks folders")


@pytest.fixture
def locks(tmp_path, monkeypatch):
    """The folder in which GPUs are held."""
    tmp_path.chmod(0o1777)
    monkeypatch.setattr(holding, "FOLDERS", (tmp_path,))
    holding.release()
    yield tmp_path
    holding.release()


@pytest.fixture
def other(locks):
    """Starts other graders that hold the GPU; what they were told is in `told`."""
    started = []

    def start():
        command = [sys.executable, "-c", HOLDER, str(locks)]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        started[-1].told = started[-1].stdout.readline().strip()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_what_another_grader_holds_is_free_when_that_has_been_killed(gpu, other):
    first = other()
    assert first.told == ""
    clause = "GPU 0 (NVIDIA H100, GPU-5a1b) is lent by another grader"
    assert holding.hold(gpu()).startswith(clause)
    if sys.platform == "linux":
        assert holding.hold(gpu()) == f"{clause} (process {first.pid})"
    assert holding.hold(gpu("1", "GPU-5a9c")) == "", "it is about that GPU and no other"
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert holding.hold(gpu()) == ""
    assert other().told.startswith(clause)


@pytest.mark.usefixtures("locks")
def test_who_holds_a_gpu_may_ask_again(gpu):
    assert [holding.hold(gpu()), holding.hold(gpu())] == ["", ""]


def test_what_a_grader_starts_does_not_hold_its_gpus_beyond_its_end(gpu, other):
    holding.hold(gpu())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False) as started:
        holding.release()
        assert other().told == ""
        started.communicate(b"\n")


def test_other_users_see_who_holds_it_whatever_this_one_lets_them_see(gpu, locks):
    before = os.umask(0o077)
    try:
        holding.hold(gpu())
    finally:
        os.umask(before)
    (folder,) = locks.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_others_see_it_also_where_its_maker_was_killed_before_it_let_them(gpu, locks):
    (locks / "grader-GPU-5a1b").mkdir(0o700)
    assert holding.hold(gpu()) == ""
    assert stat.S_IMODE((locks / "grader-GPU-5a1b").stat().st_mode) == 0o755


def as_user(user, folder, gpu, told, done):
    """Hold a GPU as another user of the machine, in a process of its own."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    os.umask(0o077)
    holding.FOLDERS = (folder,)
    told.put(holding.hold(gpu))
    done.wait(60)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="becomes other users")
@pytest.mark.usefixtures("locks")
def test_users_hold_different_gpus_and_see_what_others_hold(gpu, monkeypatch):
    forked = multiprocessing.get_context("fork")
    told, done = forked.Queue(), forked.Event()
    folder = Path(tempfile.mkdtemp(dir="/tmp"))  # pytest's own are below what is root's alone
    folder.chmod(0o1777)
    monkeypatch.setattr(holding, "FOLDERS", (folder,))
    others = [
        forked.Process(target=as_user, args=(user, folder, gpu(*which), told, done))
        for user, which in ((65533, ("0", "GPU-5a1b")), (65534, ("1", "GPU-5a9c")), (65534, ("0", "GPU-5a1b")))
    ]
    try:
        heard = []
        for other in others:
            other.start()
            heard.append(told.get(timeout=60))
        taken = f"GPU 0 (NVIDIA H100, GPU-5a1b) is lent by another grader (process {others[0].pid})"
        assert heard == ["", "", taken]
        assert holding.hold(gpu()) == taken
    finally:
        done.set()
        for other in others:
            other.join()
        shutil.rmtree(folder)


@pytest.fixture
def sealed(locks, monkeypatch):
    """Seals folders: nothing can be made in them, whoever asks."""
    folders = set()
    mkdir = Path.mkdir

    def make(path, *args):
        if path.parent in folders:
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        mkdir(path, *args)

    monkeypatch.setattr(Path, "mkdir", make)
    return folders.update


def test_where_one_folder_is_read_only_it_is_held_in_the_next(gpu, locks, sealed, monkeypatch):
    both = tuple(locks / name for name in ("first", "second"))
    for folder in both:
        folder.mkdir()
        folder.chmod(0o1777)
    monkeypatch.setattr(holding, "FOLDERS", both)
    sealed(both[:1])
    assert holding.hold(gpu()) == ""
    assert [path.parent for path in locks.rglob("grader-*")] == [both[1]]


def test_where_all_folders_are_read_only_that_is_said(gpu, locks, sealed):
    sealed([locks])
    clause = "whether another grader lends GPU 0 (NVIDIA H100, GPU-5a1b) cannot be told"
    assert holding.hold(gpu()) == f"{clause} ({locks / 'grader-GPU-5a1b'}: Read-only file system)"


def test_what_cannot_be_told_is_said(gpu, locks):
    (locks / "grader-GPU-5a1b").symlink_to("elsewhere")
    assert holding.hold(gpu()).startswith("whether another grader lends GPU 0 (NVIDIA H100, GPU-5a1b) cannot be told (")


def test_where_no_folder_is_everybodys_nothing_is_held(gpu, other, locks):
    locks.chmod(0o755)
    assert other().told == ""
    assert holding.hold(gpu()) == ""
    assert list(locks.iterdir()) == []
