"""GPUs that one grader of a machine lends, and no other."""

import os
import signal
import stat
import subprocess
import sys

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


def test_what_cannot_be_told_is_said(gpu, locks):
    (locks / "grader-GPU-5a1b").symlink_to("elsewhere")
    assert holding.hold(gpu()).startswith("whether another grader lends GPU 0 (NVIDIA H100, GPU-5a1b) cannot be told (")


def test_where_no_folder_is_everybodys_nothing_is_held(gpu, other, locks):
    locks.chmod(0o755)
    assert other().told == ""
    assert holding.hold(gpu()) == ""
    assert list(locks.iterdir()) == []
