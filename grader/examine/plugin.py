"""The pytest plugin that turns a suite into rows of feedback.

The suite is collected once; then pytest's run loop is handed to whoever examines, and runs the same tests for
one submission after the other.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

from grader import datasets
from grader.datasets import Data, Digits
from grader.errors import CheckFailed, Finding, GraderError, InvalidLab
from grader.examine import mistakes
from grader.examine import suite as authors
from grader.examine.checks import Check, Needed, Unjudged, first_paragraph, result
from grader.examine.draw import Draw
from grader.examine.figures import Figures
from grader.examine.session import Session
from grader.examine.submission import Submission
from grader.examine.trials import Trials, how_many
from grader.judge import Judge, judge_for
from grader.labs import LabSpec
from grader.model import CheckResult, Flag, Metric, Outcome


@dataclass(frozen=True, slots=True)
class Dataset:
    """Which dataset a suite gets: its name, see `datasets.named`, and the folder that public ones lie in."""

    name: str = "auto"
    root: Path | None = None


class Stream(Protocol):
    """Something of which each check and each fixture has its own part, such as a `Draw`."""

    def within(self, asker: str) -> AbstractContextManager[None]:
        """Turn to the part of `asker` ("check ID" or "fixture NAME") inside the block."""


@dataclass(slots=True)
class Exam:
    """One submission going through a suite.

    Attributes:
        streams: what draws inputs and seeds; each check and fixture has its own part of them.
        only: ids of the checks to run, each as if those it needs had passed; None runs the suite as it is.
        rows: the results so far, in the suite's order.
        metrics: what each check measured.
        faults: check id -> in which test the suite itself failed, and how, for the operator.
        odd: whether answers of an odd kind can have led to all of the faults.
        error: what ended the exam from outside: our failure, or an interruption.
        failed_fixtures: what fixtures of a name raised.
        blamed: (what a fixture raised, title of the check whose row tells it).
    """

    session: Session
    submission: Submission
    draw: Draw
    streams: tuple[Stream, ...]
    only: frozenset[str] | None = None
    on_check: Callable[[CheckResult], None] | None = None
    figures: Figures = field(default_factory=Figures)
    rows: dict[str, CheckResult] = field(default_factory=dict)
    metrics: dict[str, tuple[Metric, ...]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    odd: bool = True
    error: BaseException | None = None
    failed_fixtures: dict[str, Finding] = field(default_factory=dict)
    blamed: list[tuple[Finding, str]] = field(default_factory=list)

    @contextmanager
    def within(self, asker: str) -> Iterator[None]:
        """Draw for `asker` inside the block."""
        with ExitStack() as stack:
            for stream in self.streams:
                stack.enter_context(stream.within(asker))
            yield


class SuitePlugin:
    """Runs a collected suite for one exam at a time.

    Args:
        spec: the lab that the suite belongs to.
        total: the points that the checks must add up to; None where any sum will do.
        whole: whether students may see what their own code wrote; see `FeedbackSpec`.
        data: reads the data of the lab's own; None where it has none.
        use: is called once the suite is ready.

    Attributes:
        checks: what the suite declares, by id, in its order; known once it is ready.
        fixtures: those that each check asks for, and those that they ask for, by its id.
    """

    def __init__(
        self,
        spec: LabSpec,
        suite: Path,
        dataset: Dataset,
        *,
        total: float | None,
        whole: bool,
        data: Callable[[], Data] | None,
        use: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._suite = suite
        self._dataset = dataset
        self._total = total
        self.whole = whole
        self._read = data
        self._data: Data | None = None
        self._use = use
        self.checks: dict[str, Check] = {}
        self.fixtures: dict[str, frozenset[str]] = {}
        self._items: list[pytest.Item] = []
        self._exam: Exam | None = None
        self.error: BaseException | None = None

    @property
    def exam(self) -> Exam:
        """The exam at work."""
        if self._exam is None:
            raise InvalidLab(f"{self._suite} asks for a submission outside of any check.")
        return self._exam

    def run(self, exam: Exam) -> None:
        """Put `exam` through every check.

        Raises:
            GraderError: we failed, or the operator has to act.
        """
        self._exam = exam
        try:
            items = [item for item in self._items if exam.only is None or item.stash[_CHECK].id in exam.only]
            for item, following in pairwise([*items, None]):
                if item is not None:
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        finally:
            self._exam = None
        if exam.error is not None:
            raise exam.error

    # ---------------------------------------------------------------- collecting

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the mark known."""
        config.addinivalue_line("markers", "check(declared): one row of feedback")

    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect the suite. As an argument of pytest's its path could have no `[` and no `::`."""
        self._module = pytest.Module.from_parent(session, path=self._suite.resolve())
        session.items = list(session.genitems(self._module))
        session.testscollected = len(session.items)
        session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=session.items)
        session.config.hook.pytest_collection_finish(session=session)
        return True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Read the marks."""
        if self.error is not None:
            return
        if lost := mistakes.lost(self._suite, self._module.obj):
            raise InvalidLab(lost)
        marked = [(item, _declared(item, self._suite, self._spec.best_of)) for item in session.items]
        for item, declared in marked:
            _validate(item, declared, self._items, [each.id for _, each in marked], self._suite)
            _check_fixtures(item, self._suite)
            self.checks[declared.id] = declared
            item.stash[_CHECK] = declared
            self._items.append(item)
        self._check_trials()
        for id_, item in zip(self.checks, self._items, strict=True):
            self._check_asked(item, id_)
            self.fixtures[id_] = _uses(item)

    def pytest_exception_interact(self, call: pytest.CallInfo[Any], node: pytest.Item | pytest.Collector) -> None:
        """A suite that cannot be imported."""
        if isinstance(node, pytest.Collector) and call.excinfo and self.error is None:
            cause = call.excinfo.value.__cause__ or call.excinfo.value
            self.error = InvalidLab(mistakes.unreadable(self._suite, cause, authors.__all__))

    def pytest_runtestloop(self) -> bool:
        """Hand over."""
        try:
            if self.error is None:
                self._check_points()
                self._load_data()
                self._use()
        except BaseException as error:  # noqa: BLE001  pytest would print it; `load` raises it again
            self.error = error
        return True

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """What collecting raised."""
        self.error = self.error or excinfo.value
        return True

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C while collecting."""
        self.error = excinfo.value

    def _check_asked(self, item: pytest.Item, id_: str) -> None:
        """A check gets the fixtures it asks for only where lab.toml says what they need."""
        asked = _uses(item)
        where = f"{self._suite}:{_line(item)}"
        if "digits" in asked and self._spec.dataset != "digits28":
            raise InvalidLab(f'{where}: check “{id_}” asks for digits; say dataset = "digits28" in lab.toml.')
        if "data" in asked and self._read is None:
            raise InvalidLab(
                f"{where}: check “{id_}” asks for data; say in lab.toml, under [dataset], what the lab's own is."
            )
        if "trials" in asked and id_ not in self._spec.best_of:
            raise InvalidLab(
                f"{where}: check “{id_}” asks for trials. Say how many in lab.toml: {id_} = 1 under [best_of]."
            )
        if "trials" not in asked and id_ in self._spec.best_of and self._total is not None:
            raise InvalidLab(
                f"{where}: [best_of] in lab.toml names “{id_}”, and that check does not ask for trials. Judge its"
                " training by the fixture `trials`, or take the line out."
            )

    def _check_points(self) -> None:
        if not self.checks:
            raise InvalidLab(f"{self._suite} has no checks. See the page “Writing a suite” of the documentation.")
        found = sum(declared.points for declared in self.checks.values())
        if self._total is not None and abs(found - self._total) > 1e-6:
            raise InvalidLab(
                f"The points of {self._suite} add up to {found:.10g}, but the lab is worth {self._total:.10g}."
                " Change the points of the checks, or `points` in lab.toml."
            )

    def _check_trials(self) -> None:
        astray = sorted(self._spec.best_of.keys() - self.checks.keys())
        if self.checks and astray and self._total is not None:
            raise InvalidLab(
                f"[best_of] in lab.toml names “{astray[0]}”, and {self._suite} has no check with that id."
                f"{mistakes.near(astray[0], self.checks)} Put it right."
            )

    def _load_data(self) -> None:
        """Read the data before the first submission comes: what is wrong with it is nobody's but the instructor's."""
        if self._read and any("data" in asked for asked in self.fixtures.values()):
            self._data = self._read()

    # ---------------------------------------------------------------- running

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Skip what cannot pass."""
        exam = self.exam
        exam.figures.about = item.stash[_CHECK].id
        if exam.error:
            raise Needed("the exam to go on")
        if exam.session.failure:
            raise exam.session.failure
        for id_ in item.stash[_CHECK].depends if exam.only is None else ():
            row = exam.rows[id_]
            if row.outcome not in {Outcome.PASSED, Outcome.PARTIAL}:
                raise Needed(needs(row.title))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """A check draws from its own stream."""
        with self.exam.within(f"check {item.stash[_CHECK].id}"):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """A fixture draws from its own stream, and is not tried again for the same submission."""
        exam, name = self.exam, fixturedef.argname
        try:
            with exam.within(f"fixture {name}"):
                if name in exam.failed_fixtures:
                    raise exam.failed_fixtures[name]
                return (yield)
        except Finding as finding:
            exam.failed_fixtures[name] = finding
            raise

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        """Note how a phase ended; pytest itself need not know more than whether to go on."""
        error = call.excinfo.value if call.excinfo else None
        if error is not None:
            self._note(item, error, call.when)
        elif call.when == "call":
            self._row(item, None)
        return _report(item, call.when, passed=error is None)

    def _note(self, item: pytest.Item, error: BaseException, when: str) -> None:
        exam = self.exam
        if exam.error:
            return
        if isinstance(error, GraderError) or not isinstance(error, (Exception, *_OUTCOMES)):
            exam.error = error
        elif not isinstance(error, Finding | Needed):
            exam.faults.setdefault(item.stash[_CHECK].id, mistakes.fault(self._suite, item.name, error))
            exam.odd &= not isinstance(error, _NEVER_ODD)
            self._row(item, Unjudged())
        elif when == "call" or exam.session.failure:
            self._row(item, error)
        elif when == "setup":
            self._row(item, self._blame(item, error))

    def _blame(self, item: pytest.Item, error: Finding | Needed) -> Finding | Needed:
        """What a fixture raised is told once, in the row of the first check that needs it."""
        if isinstance(error, Needed):
            return error
        for told, title in self.exam.blamed:
            if told is error:
                return Needed(needs(title))
        self.exam.blamed.append((error, item.stash[_CHECK].title))
        return error

    def _row(self, item: pytest.Item, found: Finding | Needed | Unjudged | None) -> None:
        exam = self.exam
        check = item.stash[_CHECK]
        whole = self.whole or exam.session.failure is not None
        row = result(check, found, exam.metrics.get(check.id, ()), whole=whole)
        exam.rows[row.id] = row
        if isinstance(found, CheckFailed) and found.shapes:
            exam.figures.shapes(*found.shapes)
        if exam.on_check:
            exam.on_check(row)

    # ---------------------------------------------------------------- fixtures; pytest's session ends with each exam

    @pytest.fixture(scope="session")
    def submission(self) -> Submission:
        """The student's file."""
        return self.exam.submission

    @pytest.fixture(scope="session")
    def draw(self) -> Draw:
        """Inputs that differ from submission to submission."""
        return self.exam.draw

    @pytest.fixture(scope="session")
    def digits(self) -> Digits:
        """The lab's 28x28 digits."""
        return datasets.load(self._dataset.name, self._dataset.root)

    @pytest.fixture(scope="session")
    def data(self) -> Data:
        """The lab's own data."""
        if self._data is None:
            raise InvalidLab(f"{self._suite} asks for data; say in lab.toml, under [dataset], what the lab's own is.")
        return self._data

    @pytest.fixture(scope="session")
    def judge(self, digits: Digits) -> Judge:
        """A reader of those digits, of the grader's own."""
        return judge_for(digits)

    @pytest.fixture(scope="session")
    def figures(self) -> Figures:
        """Pictures for the student's page."""
        return self.exam.figures

    @pytest.fixture(scope="session")
    def flags(self) -> set[Flag]:
        """What a person should look at."""
        return self.exam.session.flags

    @pytest.fixture
    def trials(self, request: pytest.FixtureRequest) -> Trials:
        """Trainings of which the best counts."""
        id_ = request.node.stash[_CHECK].id
        exam = self.exam
        return Trials(
            self._spec.best_of[id_], exam.draw, exam.figures, lambda metrics: exam.metrics.update({id_: metrics})
        )

    @pytest.fixture(scope="session")
    def lab(self) -> LabSpec:
        """The lab's lab.toml."""
        return self._spec


FIXTURES: Final = ("data", "digits", "draw", "figures", "flags", "judge", "lab", "submission", "trials")
"""What a suite is given."""
_OUTCOMES = (pytest.skip.Exception, pytest.fail.Exception)
"""What a suite must not use, though pytest offers it; no `Exception`s."""
_NEVER_ODD = (OSError, MemoryError, *_OUTCOMES)
"""What no answer leads to."""
_CHECK = pytest.StashKey[Check]()


def _report(item: pytest.Item, when: Any, *, passed: bool) -> pytest.TestReport:
    return pytest.TestReport(item.nodeid, item.location, {}, "passed" if passed else "failed", None, when)


def needs(title: str) -> str:
    """Why a check was skipped."""
    return f"Needs “{title}”, which did not pass."


def _uses(item: pytest.Item) -> frozenset[str]:
    """The fixtures that a check asks for, and those that they ask for."""
    return frozenset(getattr(item, "fixturenames", ()))


def _line(item: pytest.Item) -> int:
    """Where a test begins in its file, its marks included."""
    return (item.location[1] or 0) + 1


def _declared(item: pytest.Item, suite: Path, best_of: Mapping[str, int]) -> Check:
    mark = item.get_closest_marker("check")
    if mark is None:
        raise InvalidLab(
            f"{suite}:{_line(item)}: {item.name} is a test without @check(…), so it would earn nothing. Add the mark."
        )
    declared: Check = mark.args[0]
    function = getattr(item, "function", None)
    asked = first_paragraph(getattr(function, "__doc__", None))
    trials = how_many(best_of[declared.id]) if declared.id in best_of else ""
    return replace(declared, asked=f"{asked} {trials}".strip())


def _validate(item: pytest.Item, declared: Check, above: list[pytest.Item], ids: list[str], suite: Path) -> None:
    known = {each.stash[_CHECK].id: each for each in above}
    where = f"{suite}:{_line(item)}"
    if hasattr(item, "callspec"):
        raise InvalidLab(
            f"{where}: check “{declared.id}” is parametrized, and would be several with one id. Loop inside of it, or"
            " write a check for each."
        )
    if twin := known.get(declared.id):
        raise InvalidLab(
            f"{where}: two checks have the id “{declared.id}”; the other one is at line {_line(twin)}."
            " Give each its own."
        )
    for id_ in declared.depends:
        if id_ in known:
            continue
        if id_ in ids and id_ != declared.id:
            raise InvalidLab(
                f"{where}: check “{declared.id}” depends on “{id_}”, which stands below it. Move that one up."
            )
        raise InvalidLab(
            f"{where}: check “{declared.id}” depends on “{id_}”, and there is no such check above it."
            f"{mistakes.near(id_, known)} Put the id right."
        )


def _check_fixtures(item: pytest.Item, suite: Path) -> None:
    """All fixtures that a check asks for, or that they ask for, are there; pytest itself says so when the test runs."""
    found: Mapping[str, object] | None = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", None)
    for name in sorted(_uses(item) - found.keys() - {"request"}) if found is not None else ():
        there = sorted({*FIXTURES, *(found or ())})
        advice = mistakes.near(name, there) or f" There are {', '.join(there)}, and those that the suite defines."
        raise InvalidLab(f"{suite}:{_line(item)}: {item.name} asks for a fixture “{name}”, which is not there.{advice}")
