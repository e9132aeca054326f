"""Trying a lab on its own solutions: gather their runs, then let `validation` decide what they say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from grader import intake
from grader.authoring import starters
from grader.errors import InvalidLab
from grader.examine.examination import with_suite
from grader.examine.falsification import SALTS, Falsified, falsify
from grader.examine.gpus import AUTO, Wanted
from grader.examine.plugin import Dataset
from grader.examine.pool import Pool, Task, WorkerSetup
from grader.examine.slots import Slots
from grader.labs import Course, Lab
from grader.model import Student, Submission
from grader.pipeline import own_data
from grader.pipeline.grading import Isolation, Launcher, SuiteName, worker_setup
from grader.pipeline.inspection import asked_by, inspect
from grader.pipeline.validation import Declared, Found, Graded, Issue, Kind, Losses, Report, Solution, judge, unreadable


@dataclass(frozen=True, slots=True)
class Where:
    """Where the solutions run, on which data, how many at once, and which GPUs they may have."""

    launcher: Launcher
    isolation: Isolation
    dataset: str
    data: Path | None
    jobs: int
    gpus: Wanted = AUTO


class Watcher(Protocol):
    """Somebody who looks on while a lab is validated."""

    def warned(self, sentence: str) -> None:
        """There is something that the operator should know."""

    def planned(self, todo: int) -> None:
        """So many gradings will be done."""

    def started(self, name: str) -> None:
        """A grading begins; again, where it is tried again."""

    def finished(self, name: str) -> None:
        """It is done, or something else of what was planned."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A grading to be done; see `Graded`."""

    solution: Solution
    suite: SuiteName
    submission: Submission
    repeat: int = 0

    @property
    def task(self) -> Task:
        """What the pool is asked for."""
        return Task(self.submission, f"repeat {self.repeat}" if self.repeat else "")


def validate(course: Course, name: str, where: Where, repeats: int, watcher: Watcher) -> Report:
    """Try a lab. What is wrong with its files is in the report.

    Args:
        repeats: how often the reference and the borderline solutions are graded again, each time with other questions.

    Raises:
        UnknownLab: the course has no such lab.
        SetupError: no engine, no image, no dataset.
        SandboxLost: workers end before they begin.
    """
    try:
        lab = course.lab(name)
    except InvalidLab as error:
        return unreadable(str(error))
    setups = {suite: _setup(course, lab, where, suite) for suite in _suites(lab)}
    for note in dict.fromkeys(note for setup in setups.values() for note in setup.notes):
        watcher.warned(note)
    declared = {suite: _declared(lab, setup) for suite, setup in setups.items()}
    usable = [suite for suite, checks in declared.items() if not isinstance(checks, str)]
    todo = [planned for suite in usable for planned in _plan(lab, suite, repeats)]
    falsifiable = "hidden" in usable and lab.solution.is_file()
    watcher.planned(len(todo) + (len(SALTS) if falsifiable else 0))
    graded = [one for suite in usable for one in _graded(todo, setups[suite], where.jobs, watcher)]
    found = Found(
        points=lab.spec.points,
        run_seconds=lab.spec.limits.run_seconds,
        suites=declared if "hidden" in declared else {"hidden": _MISSING.format(lab.hidden_suite), **declared},
        losses=_losses(lab),
        lacking=frozenset(kind for kind in Kind if next(_files(lab, kind), None) is None),
        graded=graded,
        falsified=_falsified(lab, setups["hidden"], watcher) if falsifiable else None,
        repeats=repeats,
        drift=_drift(lab),
        files=inspect(lab),
        data=_data(lab),
        unmarked=_unmarked(lab),
    )
    return judge(found)


_MISSING: Final = (
    "{} is missing, and nothing can be graded without it. The page “Writing a suite” of the documentation says how."
)


def _suites(lab: Lab) -> list[SuiteName]:
    paths: dict[SuiteName, Path] = {"hidden": lab.hidden_suite, "public": lab.public_suite}
    return [suite for suite, path in paths.items() if path.is_file()]


def _setup(course: Course, lab: Lab, where: Where, suite: SuiteName) -> WorkerSetup:
    setup = worker_setup(course, lab, where.launcher, where.isolation, where.dataset, where.data, suite, where.gpus)
    return replace(setup, own=True)


def _declared(lab: Lab, setup: WorkerSetup) -> Declared:
    """What a suite declares, or why it cannot be used."""
    path = lab.hidden_suite if setup.suite == "hidden" else lab.public_suite
    try:
        return with_suite(lab, path, lambda examine: dict(examine.checks), dataset=Dataset(setup.dataset, setup.data))
    except InvalidLab as error:
        return str(error)


def _data(lab: Lab) -> list[str] | None:
    """What is wrong with the lab's own data; None where it has none."""
    try:
        return None if lab.own_data is None else own_data.faults(lab)
    except InvalidLab as error:
        return [str(error)]


def _losses(lab: Lab) -> Losses | str:
    try:
        return lab.mutant_losses()
    except InvalidLab as error:
        return str(error)


def _drift(lab: Lab) -> tuple[Issue, ...]:
    """How the starter is not what the solution gives."""
    try:
        return tuple(Issue(*fault) for fault in starters.faults(lab))
    except InvalidLab as error:
        return (Issue(str(error)),)


def _unmarked(lab: Lab) -> tuple[str, ...] | None:
    """What the suites ask for and the starter has whole; None where it is not made from the solution."""
    try:
        given = starters.unmarked(lab)
    except InvalidLab:  # told as drift
        return None
    asked = {one.name for suite in (lab.hidden_suite, lab.public_suite) if suite.is_file() for one in asked_by(suite)}
    return given if given is None else tuple(name for name in given if name in asked)


# ---------------------------------------------------------------- the solutions


_APPENDED: Final = frozenset({Kind.MUTANT, Kind.BORDERLINE})
"""They hold only what differs from the reference."""


def _files(lab: Lab, kind: Kind) -> Iterator[Path]:
    """The files of a kind that are there."""
    match kind:
        case Kind.REFERENCE:
            paths = [lab.solution]
        case Kind.STARTER:
            paths = [lab.starter]
        case Kind.MUTANT:
            paths = sorted(lab.mutants.glob("*.py"))
        case Kind.BORDERLINE:
            paths = sorted(lab.borderline.glob("*.py"))
    return (path for path in paths if path.is_file())


def _plan(lab: Lab, suite: SuiteName, repeats: int) -> Iterator[Planned]:
    """The gradings by a suite; without a reference there is nothing that mutants could be appended to."""
    if not lab.solution.is_file():
        repeats = 0
    kinds = [Kind.REFERENCE, Kind.STARTER, *([Kind.MUTANT] if suite == "hidden" and lab.solution.is_file() else [])]
    for kind in kinds:
        for path in _files(lab, kind):
            yield Planned(_solution(lab, kind, path), suite, _submission(lab, kind, path))
    if suite == "hidden":
        for kind in Kind.REFERENCE, Kind.BORDERLINE:
            for path in _files(lab, kind):
                for repeat in range(1, repeats + 1):
                    yield Planned(_solution(lab, kind, path), suite, _submission(lab, kind, path), repeat)


def _solution(lab: Lab, kind: Kind, path: Path) -> Solution:
    follows = kind in _APPENDED and lab.solution.suffix == ".py"
    above = lab.mutant_source(path).count(b"\n") - path.read_bytes().count(b"\n") if follows else 0
    return Solution(kind, path.name, above)


def _submission(lab: Lab, kind: Kind, path: Path) -> Submission:
    """A solution as it would be handed in."""
    appended = kind in _APPENDED
    entry = f"{lab.name}{(lab.solution if appended else path).suffix}"
    files = {entry: lab.mutant_source(path) if appended else path.read_bytes()}
    student = Student(f"{kind} {path.name}", path.name)
    return Submission(student, lab.name, files, entry, intake.digest(entry, files), str(path))


# ---------------------------------------------------------------- running them


def _graded(todo: Sequence[Planned], setup: WorkerSetup, jobs: int, watcher: Watcher) -> Iterator[Graded]:
    """The gradings by the suite that `setup` names."""
    mine = {(one.submission.student.key, one.task.salt): one for one in todo if one.suite == setup.suite}
    if not mine:
        return
    with Pool(setup, min(jobs, len(mine)), on_start=lambda task: watcher.started(_name(task))) as pool:
        for task, run in pool.run(one.task for one in mine.values()):
            one = mine[task.submission.student.key, task.salt]
            watcher.finished(_name(task))
            yield Graded(one.solution, one.suite, run, one.repeat)


def _name(task: Task) -> str:
    return f"{task.submission.student.key} {task.salt}"


def _falsified(lab: Lab, setup: WorkerSetup, watcher: Watcher) -> Falsified:
    (path,) = _files(lab, Kind.REFERENCE)
    submission = _submission(lab, Kind.REFERENCE, path)
    with Slots(setup.open_launcher(), fresh=setup.isolation == "container") as slots:
        return with_suite(
            lab,
            lab.hidden_suite,
            lambda examine: falsify(examine, submission, slots, lambda: watcher.finished("falsified")),
            dataset=Dataset(setup.dataset, setup.data),
        )
