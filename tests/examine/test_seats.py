"""Places that stay warm, for several labs and from several threads."""

import multiprocessing
import os
import shutil
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import GpuLost, ImageMissing, Interrupted, SandboxLost
from grader.examine import seats
from grader.examine.gpus import Gpu
from grader.examine.pool import Pool, Task, WorkerSetup
from grader.examine.seats import Seats
from grader.model import Ending, Run, Student, Submission

TINY = Path(__file__).parents[1] / "courses" / "tiny"
GOOD = "def double(n): return 2 * n\n"


def handed_in(name, text=GOOD):
    content = f"# {name}\n{text}".encode()
    return Submission(Student(name, name), "double", {"double.py": content}, "double.py", f"{name:0>64}", name)


@pytest.fixture
def course(tmp_path):
    return Path(shutil.copytree(TINY, tmp_path / "course"))


@pytest.fixture
def setup(course):
    return WorkerSetup(course, "double", "hidden", "local", "warm", "", "none")


class FakePool:
    """Examines at once; the fixture `pools` has those that were made."""

    def __init__(self, setup, workers, *, on_start=None, on_missing=None):
        self.setup, self.runs, self.left, self.begin = setup, [], False, on_start
        self.interrupted = threading.Event()
        FakePool.made.append(self)

    def run(self, tasks):
        if self.interrupted.is_set():
            raise Interrupted
        for task in tasks:
            self.runs.append((task.submission.student.key, threading.current_thread().name))
            yield task, Run(Ending.COMPLETED)

    def interrupt(self):
        self.interrupted.set()

    def __exit__(self, *_):
        self.left = True


@pytest.fixture
def pools(monkeypatch):
    monkeypatch.setattr(seats, "Pool", FakePool)
    monkeypatch.setattr(FakePool, "made", [], raising=False)
    return FakePool.made


def no_matter(missing): ...


def examined(seats, setup, submission):
    """The run of a submission, for which there is a free seat."""
    with seats.taken(setup) as examine:
        return examine(submission)


def test_a_seat_stays_warm_for_the_lab_it_had_and_lives_in_one_thread(pools, setup):
    with closing(Seats(1, no_matter)) as made:
        for name in ("ana", "ben"):
            assert examined(made, setup, handed_in(name)).ending is Ending.COMPLETED
    (pool,) = pools
    (first, thread), (second, same) = pool.runs
    assert (first, second) == ("ana", "ben")
    assert thread == same != threading.current_thread().name
    assert pool.left


def test_the_seat_that_was_not_used_for_the_longest_time_turns_to_another_lab(pools, setup):
    """Of three labs with two seats the one is closed that was used before the other; a changed suite is another lab."""
    a, b, c = (replace(setup, digest=digest) for digest in "abc")
    with closing(Seats(2, no_matter)) as made:
        for each in (a, b, a, c, a):
            examined(made, each, handed_in("ana"))
        assert [(pool.setup.digest, pool.left) for pool in pools] == [("a", False), ("b", True), ("c", False)]
    assert all(pool.left for pool in pools)


def test_a_seat_in_which_something_failed_begins_anew(pools, setup, monkeypatch):
    def fail(self, tasks):
        raise ImageMissing("No image.")

    with closing(Seats(1, no_matter)) as made:
        with monkeypatch.context() as patch:
            patch.setattr(FakePool, "run", fail)
            with pytest.raises(ImageMissing):
                examined(made, setup, handed_in("ana"))
        examined(made, setup, handed_in("ana"))
    assert [pool.left for pool in pools] == [True, True]


@pytest.fixture
def lending(setup):
    """A setup with two GPUs."""
    gpus = tuple(Gpu(str(number), f"GPU-{number}", "a GPU", 2**30, 0, "1") for number in range(2))
    return replace(setup, gpus=gpus)


def test_each_gpu_is_lent_in_one_seat(pools, setup, lending):
    with (
        closing(Seats(2, no_matter)) as made,
        made.taken(lending) as first,
        made.taken(lending) as second,
    ):
        for examine in (first, second):
            examine(handed_in("ana"))
    assert {pool.setup.gpus for pool in pools} == {(gpu,) for gpu in lending.gpus}


def test_a_seat_keeps_its_gpu(pools, lending):
    with closing(Seats(2, no_matter)) as made:
        for name in ("ana", "ben", "cem"):
            examined(made, lending, handed_in(name))
    assert [(pool.setup.gpus, len(pool.runs)) for pool in pools] == [(lending.gpus[1:], 3)]


def test_a_seat_serves_also_a_lab_that_needs_no_gpu(pools, setup, lending):
    with closing(Seats(2, no_matter)) as made:
        with made.taken(lending), made.taken(setup) as examine:
            assert examine(handed_in("ana")).ending is Ending.COMPLETED
        with made.taken(setup), made.taken(setup) as examine:
            assert examine


def fails(*gpus, begun=False):
    """Examines in a `FakePool`, where some GPUs fail."""

    def run(self, tasks):
        if set(self.setup.gpus) & set(gpus):
            if begun:
                self.begin(next(iter(tasks)))
            raise SandboxLost("It adds 0 to 3 up to 7.")
        yield next(iter(tasks)), Run(Ending.COMPLETED)

    return run


@pytest.mark.parametrize("begun", [True, False])
def test_a_gpu_that_fails_is_lent_no_more_and_the_others_go_on(pools, setup, lending, monkeypatch, begun):
    bad = lending.gpus[0]
    monkeypatch.setattr(FakePool, "run", fails(bad, begun=begun))
    with closing(Seats(2, no_matter)) as made:
        with made.taken(lending) as first, made.taken(lending) as second:
            assert first(handed_in("ana")).ending is Ending.COMPLETED
            with pytest.raises(GpuLost, match=r"^GPU 0 \(a GPU, GPU-0\) is lent no more .*: It adds") as caught:
                second(handed_in("ben"))
            assert caught.value.begun is begun
        assert made.many == 1
        with made.taken(lending) as examine, made.taken(lending) as none:
            assert none is None
            assert examine(handed_in("ben")).ending is Ending.COMPLETED
            with made.taken(setup) as without:
                assert without(handed_in("cem")).ending is Ending.COMPLETED


def test_where_all_gpus_have_failed_no_submission_waits_for_one(pools, setup, lending, monkeypatch):
    monkeypatch.setattr(FakePool, "run", fails(*lending.gpus))
    with closing(Seats(2, no_matter)) as made:
        for _ in lending.gpus:
            with made.taken(lending) as examine, pytest.raises(GpuLost):
                examine(handed_in("ana"))
        with pytest.raises(SandboxLost, match="It adds 0 to 3 up to 7"), made.taken(lending):
            pass
        with made.taken(setup) as examine:
            assert examine(handed_in("ana")).ending is Ending.COMPLETED


@pytest.mark.parametrize("begun", [True, False])
def test_a_sandbox_that_is_lost_without_a_gpu_is_no_gpus_loss(pools, setup, monkeypatch, begun):
    def fail(self, tasks):
        if begun:
            self.begin(next(iter(tasks)))
        raise SandboxLost("No more sandboxes.")

    monkeypatch.setattr(FakePool, "run", fail)
    with closing(Seats(1, no_matter)) as made, made.taken(setup) as examine, pytest.raises(SandboxLost) as caught:
        examine(handed_in("ana"))
    assert not isinstance(caught.value, GpuLost)
    assert caught.value.begun is begun


def test_after_an_interruption_nothing_is_examined_any_more(pools, setup):
    with closing(Seats(1, no_matter)) as made:
        made.interrupt()
        with pytest.raises(Interrupted):
            examined(made, setup, handed_in("ana"))


def test_threads_share_real_pools_and_processes_outlive_what_they_examined(setup, local_slot):
    names = [f"s{number}" for number in range(6)]
    scores = {}
    with closing(Seats(2, no_matter)) as made:

        def work(mine):
            for name in mine:
                scores[name] = examined(made, setup, handed_in(name)).score

        threads = [threading.Thread(target=work, args=(names[part::2],)) for part in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        processes = {process.pid for process in multiprocessing.active_children()}
        assert len(processes) in {1, 2}
        scores["last"] = examined(made, setup, handed_in("last")).score  # by one of them: its thread has not ended
        assert {process.pid for process in multiprocessing.active_children()} == processes
    assert scores == dict.fromkeys([*names, "last"], 10.0)
    assert multiprocessing.active_children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="makes a named pipe")
def test_what_is_examined_ends_at_once_by_an_interruption_from_another_thread(course, setup, local_slot):
    reached = course / "reached"
    os.mkfifo(reached)
    suite = course / "reference" / "double" / "test_hidden.py"
    wait = f"    open({str(reached)!r}, 'w').close()\n    import threading; threading.Event().wait()\n"
    suite.write_text(suite.read_text().replace("    number = draw", f"{wait}    number = draw", 1))
    with closing(Seats(1, no_matter)) as made:
        ended = []

        def work():
            try:
                examined(made, setup, handed_in("ana"))
            except Interrupted as error:
                ended.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        reached.read_text()  # waits until it is being examined
        made.interrupt()
        thread.join()
        assert len(ended) == 1
    assert multiprocessing.active_children() == []


def test_a_pool_that_is_kept_examines_another_class(setup, local_slot):
    with Pool(setup, 1) as pool:
        first = [run.score for _, run in pool.run([Task(handed_in("ana")), Task(handed_in("ben"))])]
        processes = [process.pid for process in multiprocessing.active_children()]
        second = [run.score for _, run in pool.run([Task(handed_in("cem"))])]
        assert [process.pid for process in multiprocessing.active_children()] == processes
    assert (first, second) == ([10.0, 10.0], [10.0])
