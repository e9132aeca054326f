"""What a batch is about to do, decided before anything runs."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from grader.errors import GpuUnavailable, InvalidLab, NoSubmissions
from grader.examine.gpus import Wanted
from grader.examine.local import LocalLauncher, LocalSlot
from grader.examine.pool import WorkerSetup
from grader.intake import survey
from grader.labs import Course, Lab
from grader.model import Ending, Run
from grader.pipeline import grading, publishing
from grader.store import Store
from sandbox import devices
from sandbox.devices import Device, Listing

TINY = Path(__file__).parents[1] / "courses" / "tiny"


class Nobody:
    """Looks on and says nothing."""

    def collected(self, found: int, refused: int) -> None: ...

    def planned(self, todo: int, gradings: int, kept: int) -> None: ...

    def warned(self, sentence: str) -> None: ...

    def started(self, content: str, name: str, submissions: int) -> None: ...

    def finished(self, content: str, run: Run, submissions: int) -> None: ...


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "class").mkdir()
    for student in ("ana", "bo"):
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\ndef double(n): return 2 * n\n")
    return Course(Path(shutil.copytree(TINY, tmp_path / "course")))


@pytest.fixture
def lab(course: Course) -> Lab:
    return course.lab("double")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "grades.db") as opened:
        yield opened


@pytest.fixture
def setup(course: Course, lab: Lab) -> WorkerSetup:
    return grading.worker_setup(course, lab, "local", "warm", "digits", None)


@pytest.fixture
def graded(tmp_path: Path, lab: Lab, store: Store, setup: WorkerSetup) -> tuple[int, ...]:
    """Ids of a class that has results."""
    ids, _ = grading.collect(survey([tmp_path / "class"], lab.name), store, Nobody())
    todo, _ = grading.plan(lab, ids, store, setup, regrade=False)
    for work in todo:
        store.save(work.ids, work.key, Run(Ending.COMPLETED))
    return ids


def endings(store: Store) -> list[Ending]:
    return [grade.run.ending for grade in store.grades("double")]


def change(suite: Path) -> None:
    suite.write_text(suite.read_text() + "# stricter\n")


class Listener(Nobody):
    """Writes down the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warned(self, sentence: str) -> None:
        self.warnings.append(sentence)


class OpenMachine(LocalLauncher):
    """A machine that gives no namespaces."""

    def open(self) -> LocalSlot:
        slot = super().open()
        slot.missing = ["namespaces: this system does not permit it"]
        return slot


@dataclass(frozen=True, slots=True)
class Exposed(WorkerSetup):
    """Grading there."""

    def open_launcher(self) -> LocalLauncher:
        return OpenMachine()


def test_a_machine_that_cannot_set_student_code_apart_is_told_of(
    tmp_path: Path, lab: Lab, store: Store, setup: WorkerSetup
) -> None:
    exposed = Exposed(**{each.name: getattr(setup, each.name) for each in fields(setup)})
    listener = Listener()
    done = grading.grade_class(
        lab, survey([tmp_path / "class"], lab.name), store, grading.Machine(exposed, 1), listener
    )
    assert done.graded == 2
    (warning,) = listener.warnings
    assert warning == (
        "This machine cannot set student code apart: namespaces: this system does not permit it. Students' code may "
        "read what you can read, the hidden suite included. Grade with --sandbox docker what you do not trust."
    )


@pytest.mark.parametrize("regrade", [False, True])
def test_with_another_suite_the_class_is_ungraded_before_the_first_is_graded(
    lab: Lab, store: Store, setup: WorkerSetup, graded: tuple[int, ...], *, regrade: bool
) -> None:
    change(lab.hidden_suite)
    todo, kept = grading.plan(lab, graded, store, setup, regrade=regrade)
    assert (len(todo), kept) == (2, 0)
    assert endings(store) == [Ending.BROKEN, Ending.BROKEN]


def test_going_back_to_the_earlier_suite_gives_the_earlier_results_back(
    lab: Lab, store: Store, setup: WorkerSetup, graded: tuple[int, ...]
) -> None:
    before = lab.hidden_suite.read_text()
    change(lab.hidden_suite)
    grading.plan(lab, graded, store, setup, regrade=False)
    lab.hidden_suite.write_text(before)
    assert grading.plan(lab, graded, store, setup, regrade=False) == ([], 2)
    assert endings(store) == [Ending.COMPLETED, Ending.COMPLETED]


def test_grading_again_by_the_same_suite_keeps_the_results_until_there_are_new_ones(
    lab: Lab, store: Store, setup: WorkerSetup, graded: tuple[int, ...]
) -> None:
    todo, kept = grading.plan(lab, graded, store, setup, regrade=True)
    assert (len(todo), kept) == (2, 0)
    assert endings(store) == [Ending.COMPLETED, Ending.COMPLETED]


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("HW1_ana_attempt_2026-02-28-10-00-00_double.py", "HW1_ana_attempt_2026-03-01-09-12-44_double.py"),
        ("7-9 - Ana - Feb 28, 2026 1000 AM/double.py", "7-9 - Ana - Mar 1, 2026 912 AM/double.py"),
    ],
    ids=["Blackboard", "Brightspace"],
)
def test_of_several_attempts_in_a_download_the_latest_counts_however_often_it_is_taken_in(
    tmp_path: Path, lab: Lab, store: Store, early: str, late: str
) -> None:
    for name in (late, early):
        (tmp_path / "download" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "download" / name).write_text(f"# {name}")
    for _ in range(2):
        ids, _ = grading.collect(survey([tmp_path / "download"], lab.name), store, Nobody())
        (grade,) = store.grades("double")
        assert len(ids) == 2
        assert grade.received_at is not None
        assert f"{grade.received_at:%d.%m.}" == "01.03."


def test_the_students_half_of_a_course_cannot_grade(course: Course, lab: Lab) -> None:
    shutil.rmtree(course.root / "reference")
    with pytest.raises(InvalidLab) as raised:
        grading.worker_setup(course, lab, "local", "warm", "digits", None)
    assert str(raised.value) == (
        f"{lab.hidden_suite} is missing, and nobody can be graded without the hidden suite. "
        "Name a course that has it with --course DIR."
    )


NO_DRIVER = Listing(trouble="there is no driver of NVIDIA's")


def needing(course: Course, need: str) -> Lab:
    """The lab, with this line in its lab.toml."""
    file = course.lab("double").assignment / "lab.toml"
    file.write_text(f'gpu = "{need}"\n{file.read_text()}')
    return course.lab("double")


def test_a_lab_that_needs_a_gpu_is_refused_where_there_is_none(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "aside", lambda: NO_DRIVER)
    with pytest.raises(GpuUnavailable) as raised:
        grading.worker_setup(course, needing(course, "required"), "local", "warm", "digits", None)
    assert str(raised.value) == (
        "The lab double needs a GPU (gpu in lab.toml), and none can be lent: there is no driver of NVIDIA's. Nothing "
        "was graded. Grade it on a machine that has one; `grader sandbox doctor` shows what this one can lend."
    )


def test_a_lab_that_could_use_a_gpu_runs_without_and_that_is_said(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "aside", lambda: NO_DRIVER)
    setup = grading.worker_setup(course, needing(course, "optional"), "local", "warm", "digits", None)
    assert (setup.gpus, len(setup.notes)) == ((), 1)
    assert setup.notes[0].startswith("No GPU can be lent, so the lab double, which would use one, runs on the CPU")


@pytest.mark.parametrize("need", ["none", "optional", "required"])
def test_only_a_lab_that_asks_for_a_gpu_is_lent_those_of_the_machine(
    course: Course, monkeypatch: pytest.MonkeyPatch, need: str
) -> None:
    found = Listing("570.86", [Device(n, f"GPU-{n}", "NVIDIA H100", 80 * 2**30, 0, []) for n in "01"])
    monkeypatch.setattr(devices, "aside", lambda: found)
    lab = needing(course, need)
    setup = grading.worker_setup(course, lab, "local", "warm", "digits", None, gpus=Wanted("1,0", share=2))
    assert [gpu.uuid for gpu in setup.gpus] == ([] if need == "none" else ["GPU-1", "GPU-0"])
    assert setup.at_once(9) == (9 if need == "none" else 4)


def test_a_lab_without_any_grade_is_said(lab: Lab, store: Store) -> None:
    with pytest.raises(NoSubmissions) as raised:
        publishing.class_results(lab, store)
    assert str(raised.value) == "Nothing is graded for double yet. Run `grader batch double …` first."
