"""Workers on this machine, killed and broken in every way that a batch may meet."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path

import pytest

from grader.errors import InvalidLab, SandboxLost
from grader.examine import lending
from grader.examine.gpus import Lent
from grader.examine.pool import TRIES, Pool, Task, WorkerSetup, _Worker
from grader.model import Ending, Student, Submission
from sandbox.protocol import messages
from sandbox.protocol.messages import Ended, Imported, Measure, Measured, Reply, Start, Stop

SUITE = '''
import os
import time
from pathlib import Path
from grader.examine.suite import check, expect

def kill_what_it_runs_in():
    pids = [os.getpid()]
    while pids:
        last = int(pids[0])
        pids = Path(f"/proc/{last}/task/{last}/children").read_text().split()
    os.kill(last, 9)

@check("double", title="double", points=60)
def test_double(submission):
    """double(x) returns twice x."""
    expect.integer(submission.double(2), want=4, what="double(2)")

@check("half", title="half", points=40)
def test_half(submission, flags):
    """half(x) returns x / 2."""
    half = submission.half(3)
    if half == "killed":
        kill_what_it_runs_in()
        half = submission.half(3)
    if half == "ours":
        raise OSError("the grader's disk is full")
    while half == "long" and not Path("{others}").exists():
        time.sleep(0.02)
    half = 1.5 if half == "long" else half
    expect.close_number(half, 1.5, what="half(3)")
'''
GOOD = "def double(x): return 2 * x\ndef half(x): return x / 2\n"
LOOP = "def double(x): return 2 * x\ndef half(x):\n    while True: pass\n"
LONG = GOOD.replace("x / 2", "'long'")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def handed_in(name, text=GOOD):
    content = text.encode()
    return Task(Submission(Student(name, name.title()), "tiny", {"tiny.py": content}, "tiny.py", f"{name:0>64}", name))


@pytest.fixture
def course(tmp_path):
    (tmp_path / "assignments" / "tiny").mkdir(parents=True)
    (tmp_path / "reference" / "tiny").mkdir(parents=True)
    (tmp_path / "assignments" / "tiny" / "lab.toml").write_text(
        'title = "Tiny"\nversion = "1"\n[limits]\ncall_seconds = 5\nplain_seconds = 1\n'
    )
    suite = SUITE.replace("{others}", str(tmp_path / "others"))
    (tmp_path / "reference" / "tiny" / "test_hidden.py").write_text(suite)
    return tmp_path


@pytest.fixture
def setup(course):
    return WorkerSetup(course, "tiny", "hidden", "local", "warm", "", "none")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone(pids, patience=30):
    """Whether the processes end; waits for it."""
    until = time.monotonic() + patience
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(alive(pid) for pid in pids)


def test_a_class_is_examined_by_two_workers_and_none_is_lost(setup):
    """A loop, wrong answers and a failure of ours among good ones, taken no faster than they are examined."""
    texts = {"loop": LOOP, "wrong": "def double(x): return x\n", "ours": GOOD.replace("x / 2", "'ours'")}
    names = ["ada", "bob", "loop", "cy", "wrong", "dee", "ours", "eve"]
    begun, taken, ahead, runs = [], [], [], {}

    def source():
        for name in names:
            taken.append(name)
            yield handed_in(name, texts.get(name, GOOD))

    with Pool(setup, 2, on_start=lambda task: begun.append(task.submission.student.key)) as pool:
        for task, run in pool.run(source()):
            runs[task.submission.student.key] = run
            ahead.append(len(taken) - len(runs))
    assert {name: run.score for name, run in runs.items()} == {
        **dict.fromkeys(names, 100),
        "loop": 60,
        "wrong": 0,
        "ours": 0,
    }
    assert runs["loop"].ending is Ending.TIMEOUT
    assert (runs["ours"].ending, runs["ours"].checks) == (Ending.BROKEN, ())
    assert runs["ours"].fault == "test_half (test_hidden.py:27): OSError: the grader's disk is full"
    assert (begun, max(ahead)) == (names, 3), "two at work and two read ahead, less the one just finished"
    assert multiprocessing.active_children() == []


def test_a_long_submission_holds_up_no_other_and_no_worker_waits_while_a_result_is_stored(setup):
    """The long one ends when the others are done: each of them goes to the other worker, before the last is stored."""
    names = ["long", *(f"short{n}" for n in range(5))]
    begun, finished, at_work = [], [], []
    with Pool(setup, 2, on_start=lambda task: begun.append(task.submission.student.key)) as pool:
        for task, run in pool.run(handed_in(name, LONG if name == "long" else GOOD) for name in names):
            assert run.score == 100
            finished.append(task.submission.student.key)
            at_work.append(len(begun) - len(finished))
            if len(finished) == len(names) - 1:
                (setup.course / "others").touch()
    assert begun == names
    assert finished == [*names[1:], "long"]
    assert at_work == [2, 2, 2, 2, 1, 0]


def test_a_result_is_handed_over_before_another_worker_is_heard_that_ends_the_batch(setup, monkeypatch):
    done = object()

    def hear(_, worker):
        if worker == "gone":
            raise SandboxLost("no more sandboxes")
        return done

    monkeypatch.setattr(Pool, "_read_ahead", lambda *_: True)
    monkeypatch.setattr(Pool, "_speaking", lambda _: ["done", "gone"])
    monkeypatch.setattr(Pool, "_hear", hear)
    runs = Pool(setup, 2).run([])
    assert next(runs) is done
    with pytest.raises(SandboxLost, match="no more sandboxes"):
        next(runs)


@on_linux
def test_killed_workers_lose_nothing_but_a_submission_that_kills_them_all(setup):
    killed = {"once": [], "always": []}

    def kill(task):
        name = task.submission.student.key
        if name == "always" or (name == "once" and not killed[name]):
            (worker,) = multiprocessing.active_children()
            killed[name].append([worker.pid, *children(worker.pid)])
            os.kill(worker.pid, signal.SIGKILL)

    with Pool(setup, 1, on_start=kill) as pool:
        runs = {
            task.submission.student.key: run for task, run in pool.run(map(handed_in, ["ada", "once", "always", "bob"]))
        }
    assert [len(times) for times in killed.values()] == [1, 3]
    assert gone([pid for times in killed.values() for pids in times for pid in pids]), "the slots end too"
    assert {name: run.score for name, run in runs.items()} == {"ada": 100, "once": 100, "always": 0, "bob": 100}
    assert runs["always"].ending is Ending.BROKEN
    assert runs["always"].fault == (
        "Tried 3 times. The worker process ended with signal 9 while it examined this submission."
    )


@on_linux
def test_a_submission_that_is_killed_within_its_limits_is_believed_to_do_it_itself_only_at_last(setup):
    """A machine that is short of memory kills what student code runs in as well, and no student pays for that."""
    begun = []
    with Pool(setup, 1, on_start=lambda task: begun.append(task.submission.student.key)) as pool:
        runs = [run for _, run in pool.run([handed_in("ada", GOOD.replace("x / 2", "'killed'"))])]
    assert begun == ["ada"] * TRIES
    assert [(run.ending, run.score) for run in runs] == [(Ending.CRASHED, 60)]


@on_linux
def test_a_slot_that_is_lost_is_replaced(setup):
    killed = []

    def kill(task):
        if task.submission.student.key == "student1" and not killed:
            (worker,) = multiprocessing.active_children()
            killed.extend(children(worker.pid))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    with Pool(setup, 1, on_start=kill) as pool:
        scores = [run.score for _, run in pool.run(handed_in(f"student{n}") for n in range(3))]
    assert killed
    assert scores == [100, 100, 100]


def test_a_suite_that_breaks_the_rules_is_told_to_the_caller(setup, course):
    suite = course / "reference" / "tiny" / "test_hidden.py"
    suite.write_text(SUITE.replace("points=60", "points=50"))
    with Pool(setup, 1) as pool, pytest.raises(InvalidLab, match="add up to 90, but the lab is worth 100"):
        list(pool.run([handed_in("ada")]))


@dataclass(frozen=True, slots=True)
class Unlucky(WorkerSetup):
    """A setup whose slots do not come up, or lack something, as on another machine."""

    comes_up: bool = False

    def open_launcher(self):
        return self

    def open(self):
        if not self.comes_up:
            raise SandboxLost("The parent said nothing for 180 s.")
        slot = WorkerSetup.open_launcher(self).open()
        slot.missing = ["namespaces: this system does not permit it"]
        return slot


def test_a_machine_on_which_no_slot_comes_up_ends_the_batch_and_not_one_submission_after_the_other(setup):
    begun = []
    with Pool(Unlucky(**_fields(setup)), 2, on_start=begun.append) as pool, pytest.raises(SandboxLost) as caught:
        list(pool.run(handed_in(f"student{n}") for n in range(9)))
    assert str(caught.value) == "The parent said nothing for 180 s."
    assert begun == []


@dataclass(frozen=True, slots=True)
class Crowded(WorkerSetup):
    """A setup of a machine with room for one slot. Others fail once that works, and leave a letter in a file each."""

    def open_launcher(self):
        return self

    def vain(self):
        return len(self._letters.read_text()) if self._letters.exists() else 0

    def open(self):
        try:
            (self.course / "room").touch(exist_ok=False)
        except FileExistsError as error:
            until = time.monotonic() + 60
            while not self.works.exists() and time.monotonic() < until:
                time.sleep(0.02)
            with self._letters.open("a") as file:
                file.write("x")
            raise SandboxLost("No room for another.") from error
        return WorkerSetup.open_launcher(self).open()

    @property
    def works(self):
        return self.course / "works"

    @property
    def _letters(self):
        return self.course / "vain"


def test_a_worker_that_works_goes_on_where_no_other_comes_up(setup):
    crowded = Crowded(**_fields(setup))

    def source():
        yield handed_in("ada")
        for n in range(100):
            if crowded.vain() >= TRIES and len(multiprocessing.active_children()) == 1:
                break
            yield handed_in(f"student{n}", LOOP)  # a second each, until the others have failed as often as they may
        yield handed_in("bob")

    with Pool(crowded, 2, on_start=lambda _: crowded.works.touch()) as pool:
        runs = {task.submission.student.key: run for task, run in pool.run(source())}
    assert crowded.vain() == TRIES
    assert (runs["ada"].score, runs["bob"].score) == (100, 100)
    assert {run.ending for run in runs.values()} == {Ending.COMPLETED, Ending.TIMEOUT}


@dataclass(frozen=True, slots=True)
class WithGpus(WorkerSetup):
    """A setup that writes down which GPU each worker has; slots do without it."""

    def open_launcher(self):
        (gpu,) = self.gpus
        with (self.course / "had").open("a") as file:
            file.write(f"{gpu.uuid} {self.gpu_share} {os.getpid()}\n")
        return WorkerSetup.open_launcher(WorkerSetup(**(_fields(self) | {"gpus": ()})))


@pytest.mark.parametrize(("share", "workers"), [(1, ["GPU-0", "GPU-1"]), (2, ["GPU-0", "GPU-0", "GPU-1", "GPU-1"])])
def test_each_worker_has_a_gpu_and_there_are_no_more_workers_than_gpus_can_have(setup, gpu, share, workers):
    gpus = (gpu("0", "GPU-0"), gpu("1", "GPU-1"))
    lending = WithGpus(**(_fields(setup) | {"gpus": gpus, "gpu_share": share}))
    with Pool(lending, 9) as pool:
        runs = [run for _, run in pool.run(handed_in(f"student{n}") for n in range(6))]
    assert [run.score for run in runs] == [100] * 6
    had = [line.split() for line in (setup.course / "had").read_text().splitlines()]
    assert sorted(uuid for uuid, _, _ in had) == workers
    assert {told for _, told, _ in had} == {str(share)}


def test_a_gpu_whose_worker_died_is_lent_to_the_next(setup, gpu):
    lending = WithGpus(**(_fields(setup) | {"gpus": (gpu("0", "GPU-0"),)}))
    had = setup.course / "had"

    def kill(_task):
        lines = had.read_text().splitlines()
        if len(lines) == 1:
            os.kill(int(lines[0].split()[-1]), signal.SIGKILL)

    with Pool(lending, 2, on_start=kill) as pool:
        (run,) = [run for _, run in pool.run([handed_in("ada")])]
    assert run.score == 100
    assert [line.split()[0] for line in had.read_text().splitlines()] == ["GPU-0", "GPU-0"]


class UsedByOthers:
    """Opens slots with a GPU that works, and whose memory somebody else holds."""

    facts, missing = None, ()

    def __init__(self, gpu):
        self.lent = Lent(gpu)

    def open(self):
        return self

    def send(self, message, *_body):
        match message:
            case Measure():
                self.said = Measured(2**40), b""
            case Start():
                self.said = Reply(message.session, 0, 0), bytes(messages.frame(Imported([], [])))
            case Stop():
                self.said = Ended(message.session, "stopped"), b""

    def receive(self, _timeout):
        return self.said

    def close(self): ...


@dataclass(frozen=True, slots=True)
class SecondIsUsed(WorkerSetup):
    """A setup with a GPU that somebody else uses, where the others are free; slots do without those."""

    def open_launcher(self):
        (gpu,) = self.gpus
        if gpu.index == "1":
            lending.BACK_SECONDS = 0.0
            return UsedByOthers(gpu)
        return WorkerSetup.open_launcher(WorkerSetup(**(_fields(self) | {"gpus": ()})))


def test_a_gpu_that_somebody_else_uses_costs_no_submission_its_tries(setup, gpu):
    shown = SecondIsUsed(**(_fields(setup) | {"gpus": (gpu("0", "GPU-0"), gpu("1", "GPU-1"))}))
    with Pool(shown, 2) as pool:
        runs = [run for _, run in pool.run(handed_in(f"student{n}", LOOP) for n in range(6))]
    assert [(run.score, run.ending) for run in runs] == [(60, Ending.TIMEOUT)] * 6


def test_the_gpu_that_the_fewest_workers_have_is_the_next_workers(setup, gpu):
    zero, one = gpu("0", "GPU-0"), gpu("1", "GPU-1")
    pool = Pool(replace(setup, gpus=(zero, one), gpu_share=2), 4)
    given = []
    for _ in range(4):
        given.append(pool._free_gpu())
        pool._workers.append(_Worker(None, None, gpu=given[-1]))
    assert given == [zero, one, zero, one]
    del pool._workers[1]
    assert pool._free_gpu() == one


@pytest.mark.parametrize(("jobs", "gpus", "share", "workers"), [(8, 0, 1, 8), (8, 2, 1, 2), (8, 2, 3, 6), (1, 2, 3, 1)])
def test_gpus_say_how_many_submissions_there_are_at_once(setup, gpu, jobs, gpus, share, workers):
    lent = tuple(gpu(str(n), f"GPU-{n}") for n in range(gpus))
    assert replace(setup, gpus=lent, gpu_share=share).at_once(jobs) == workers


def test_an_isolation_that_lacks_something_is_told_once_before_anything_is_examined(setup):
    told = []
    unlucky = Unlucky(**_fields(setup), comes_up=True)
    with Pool(
        unlucky, 2, on_missing=told.append, on_start=lambda task: told.append(task.submission.student.key)
    ) as pool:
        list(pool.run([handed_in("ada"), handed_in("bob")]))
    assert told == [("namespaces: this system does not permit it",), "ada", "bob"]


def _fields(setup):
    return {each.name: getattr(setup, each.name) for each in fields(setup)}


def test_no_submissions_need_no_workers(setup):
    with Pool(setup, 2) as pool:
        assert list(pool.run([])) == []
        assert multiprocessing.active_children() == []


BATCH = """
import multiprocessing, signal, sys
from pathlib import Path
from grader.examine.pool import Pool, Task, WorkerSetup
from grader.model import Student, Submission

def handed_in(name, text):
    return Task(Submission(Student(name, name), "tiny", {"tiny.py": text.encode()}, "tiny.py", f"{name:0>64}", name))

signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
setup = WorkerSetup(Path(sys.argv[1]), "tiny", "hidden", "local", "warm", "", "none")
def told(task):
    pids = [process.pid for process in multiprocessing.active_children()]
    print("begin", task.submission.student.key, *pids, flush=True)

with Pool(setup, 1, on_start=told) as pool:
    try:
        for task, run in pool.run([handed_in("good", sys.argv[2]), handed_in("loop", sys.argv[3])]):
            print("done", task.submission.student.key, run.score, flush=True)
    finally:
        print("kept", flush=True)
"""


@pytest.fixture
def batch(course):
    """A batch in its own process that has graded one submission and is busy with an endless one: (process, pids)."""
    (course / "assignments" / "tiny" / "lab.toml").write_text(
        'title = "Tiny"\nversion = "1"\n[limits]\ncall_seconds = 5000\nplain_seconds = 5000\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-c", BATCH, str(course), GOOD, LOOP],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout.readline().startswith("begin good ")
        begun = process.stdout.readline()  # before the caller has what was finished
        assert begun.startswith("begin loop ")
        assert process.stdout.readline() == "done good 100.0\n"
        worker = int(begun.split()[-1])
        yield process, [worker, *children(worker)]
        process.kill()


@on_linux
def test_ctrl_c_ends_the_workers_and_keeps_what_is_done(batch):
    process, pids = batch
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    assert process.stdout.read() == "kept\n"
    assert process.wait(30) == -signal.SIGINT
    assert gone(pids)


@on_linux
def test_workers_end_with_a_main_process_that_is_killed(batch):
    process, pids = batch
    process.kill()
    process.wait(30)
    assert gone(pids)
