"""Examining a submission by a suite: from files to a `Run`."""

import hashlib
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import pytest

from grader import datasets
from grader.datasets import Data
from grader.errors import CallEnded, CallRaised, InvalidLab, SandboxLost
from grader.examine import sentences
from grader.examine.checks import Check
from grader.examine.draw import Draw
from grader.examine.figures import Figures
from grader.examine.plugin import Dataset, Exam, SuitePlugin
from grader.examine.session import Session
from grader.examine.slots import Slots
from grader.examine.submission import Desk
from grader.examine.submission import Submission as Proxy
from grader.labs import Lab
from grader.model import CheckResult, Ending, Flag, Run, Submission

Result = TypeVar("Result")
OnCheck = Callable[[CheckResult], None]

_WITHOUT: Final = (
    "assertion",
    "cacheprovider",
    "capture",
    "debugging",
    "doctest",
    "faulthandler",
    "junitxml",
    "legacypath",
    "logging",
    "monkeypatch",
    "pastebin",
    "recwarn",
    "setuponly",
    "setupplan",
    "skipping",
    "stepwise",
    "subtests",
    "terminal",
    "threadexception",
    "tmpdir",
    "unittest",
    "unraisableexception",
    "warnings",
)
"""pytest's plugins that a suite has no use for; without them a check costs a tenth of a millisecond."""


def examine(
    lab: Lab,
    suite: Path,
    submission: Submission,
    slots: Slots,
    *,
    dataset: Dataset,
    salt: str = "",
    on_check: OnCheck | None = None,
) -> Run:
    """Examine one submission.

    Args:
        suite: the file of checks: the lab's hidden or public suite.
        salt: makes other questions of the same submission; "" for grading.
        on_check: is told each result as soon as it is there.

    Raises:
        InvalidLab: the suite breaks the rules.
        SetupError: no engine, no image, no dataset.
        SandboxLost: the slot stopped answering; examining again may help.
    """
    return with_suite(lab, suite, lambda examine: examine(submission, slots, salt, on_check=on_check), dataset=dataset)


class Examiner:
    """A suite that is loaded; called with one submission after the other.

    Args:
        version: what tells the suite from others.

    Attributes:
        lab: whose suite it is.
        checks: what the suite declares, by id, in its order.
        fixtures: those that each check gets, by its id.
    """

    def __init__(self, plugin: SuitePlugin, lab: Lab, version: str) -> None:
        self._plugin = plugin
        self._version = version
        self.lab = lab
        self.checks: Mapping[str, Check] = plugin.checks
        self.fixtures: Mapping[str, frozenset[str]] = plugin.fixtures

    def __call__(
        self,
        submission: Submission,
        slots: Slots,
        salt: str = "",
        *,
        on_check: OnCheck | None = None,
        may_be_ours: bool = False,
    ) -> Run:
        """Examine one submission; arguments and exceptions as `examine`.

        Args:
            may_be_ours: a submission that was killed within its limits, or blames its GPU, counts as lost, and that is
                not held against it. A GPU that does not work for others either never is.
        """
        session = Session(submission, self.lab.spec, slots)
        exam = self.exam(session, submission, salt)
        exam.on_check = on_check
        try:
            session.open()
            self.hold(exam)
        finally:
            session.close()
        if session.doubtful:
            slots.prove()
        if session.killed and may_be_ours:
            raise SandboxLost("The submission's process was killed within its limits.")
        if session.blames_gpu and may_be_ours:
            raise SandboxLost("The submission's code said that its GPU failed.")
        if exam.faults and not self._is_odd(exam, submission, slots, salt):
            return _broken(exam)
        return _finished(exam, shows_output=self._plugin.whole)

    def _is_odd(self, exam: Exam, submission: Submission, slots: Slots, salt: str) -> bool:
        """Whether the suite failed over odd answers: over the reference's to the same questions it does not.

        Raises:
            SetupError, SandboxLost: as `examine`.
        """
        if not exam.odd or not self.lab.solution.is_file():
            return False
        entry = f"{self.lab.name}{self.lab.solution.suffix}"
        reference = replace(submission, files={entry: self.lab.solution.read_bytes()}, entry=entry)
        session = Session(reference, self.lab.spec, slots)
        again = self.exam(session, submission, salt)
        again.only = frozenset(exam.faults)
        try:
            session.open()
            self.hold(again)
        finally:
            session.close()
        return not again.faults and session.failure is None

    def exam(self, session: Session, submission: Submission, salt: str) -> Exam:
        """An exam to be held, in which `session` answers for the submission."""
        key = (submission.digest, self._version, salt)
        draw, seeds = Draw(*key), Draw(*key, "seeds of the sandbox")
        proxy = Proxy(Desk(session, seeds, self.lab.spec.limits.seconds))
        return Exam(session, proxy, draw, (draw, seeds), figures=Figures(whole=self._plugin.whole))

    def hold(self, exam: Exam) -> None:
        """Put the exam through the suite.

        Raises:
            SetupError, SandboxLost: as `examine`.
        """
        self._plugin.run(exam)


def with_suite(lab: Lab, suite: Path, use: Callable[[Examiner], Result], *, dataset: Dataset) -> Result:
    """Load a suite once, and call `use` with what examines submissions by it.

    Returns:
        What `use` returns.

    Raises:
        InvalidLab: the suite breaks the rules.
        Exception: whatever `use` raises.
    """
    if not suite.is_file():
        raise InvalidLab(f"{suite} is missing: the lab {lab.name} has no such suite.")
    version = hashlib.sha256(suite.read_bytes()).hexdigest()
    hidden = suite.resolve() == lab.hidden_suite.resolve()
    results: list[Result] = []
    plugin = SuitePlugin(
        lab.spec,
        suite,
        dataset,
        total=lab.spec.points if hidden else None,
        whole=lab.spec.feedback.output or not hidden,
        data=_data(lab, dataset.root, public=not hidden),
        use=lambda: results.append(use(Examiner(plugin, lab, version))),
    )
    _pytest(suite, plugin)
    return results[0]


def _data(lab: Lab, root: Path | None, *, public: bool) -> Callable[[], Data] | None:
    """What loads the data of the lab's own that a suite gets, where it has some."""
    if (own := lab.own_data) is None:
        return None
    folder = lab.assignment if public else lab.reference
    return lambda: datasets.load_own(own, folder, root, public=public)


def _broken(exam: Exam) -> Run:
    return Run(
        Ending.BROKEN, fault=_first(exam.faults), sandbox=exam.session.facts, wall_seconds=exam.session.wall_seconds
    )


def _finished(exam: Exam, *, shows_output: bool) -> Run:
    session = exam.session
    ending, message = _ending(session)
    return Run(
        ending=ending,
        checks=tuple(exam.rows.values()),
        message=message,
        notes=_notes(session),
        flags=tuple(sorted(session.flags | _remarkable(exam))),
        fault=_first(exam.faults),
        figures=tuple(exam.figures.made),
        output=session.output if shows_output else "",
        sandbox=session.facts,
        cpu_seconds=session.cpu_seconds,
        wall_seconds=session.wall_seconds,
    )


def _notes(session: Session) -> tuple[str, ...]:
    """What was not run, and a doubt whose file it is, unless a cell that is no Python explains why nothing is there."""
    doubtful = session.defines_nothing and not sentences.unreadable(session.notes)
    return (*session.notes, sentences.DEFINES_NOTHING) if doubtful else session.notes


def _first(faults: Mapping[str, str]) -> str:
    return next(iter(faults.values()), "")


def _remarkable(exam: Exam) -> set[Flag]:
    found = {Flag.DEFINES_NOTHING: exam.session.defines_nothing, Flag.NOT_JUDGED: bool(exam.faults)}
    return {flag for flag, holds in found.items() if holds}


def _ending(session: Session) -> tuple[Ending, str]:
    match session.failure:
        case CallRaised() as raised:
            return Ending.CRASHED, f"{sentences.NOT_IMPORTED}{raised.kind}: {raised.text}"
        case CallEnded() as ended:
            return ended.ending, str(ended)
    if session.end:
        return session.end.ending, str(session.end)
    return Ending.COMPLETED, ""


# ---------------------------------------------------------------- pytest


def _pytest(suite: Path, plugin: SuitePlugin) -> None:
    """Run pytest on what `plugin` collects, in this process, deaf to ini files, conftests, plugins and the environment.

    Raises:
        BaseException: what the plugin met.
    """
    root = Path(suite.anchor or os.sep).resolve()  # gives each suite a module name of its own
    blocked = [argument for name in _WITHOUT for argument in ("-p", f"no:{name}")]
    arguments = ["-c", os.devnull, "--rootdir", str(root), "--import-mode=importlib", "--noconftest", *blocked]
    with _undisturbed():
        status = pytest.main(arguments, plugins=[plugin])
    if plugin.error is not None:
        raise plugin.error
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        raise InvalidLab(f"{suite} cannot be run: pytest ended with {status!r}.")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No `PYTEST_*` inside, and all of them back afterwards; warnings are the suite's author's, so they are silent."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    try:
        for name in kept:
            del os.environ[name]
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name in [name for name in os.environ if name.startswith("PYTEST_")]:
            del os.environ[name]
        os.environ.update(kept)
