"""Whether a suite keeps its secrets, and its composure, when answers are wrong.

The reference is examined once under each salt, and what it answers is recorded. Then every check is asked again, with
the recorded answers made false from some part on: from the first, the second, … so that each question of `expect` in it
fails once. The right answers are known meanwhile, so a message that names one is found. No sandbox takes part in that.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, Final

from torch import Tensor

from grader.errors import CallRaised, Finding
from grader.examine.checks import Check
from grader.examine.examination import Examiner
from grader.examine.falsehoods import Degree, Falsifier, numbers, parts
from grader.examine.journal import Asked
from grader.examine.leaks import Known, Leak, Message, leaks, sightings
from grader.examine.session import Session
from grader.examine.slots import Slots
from grader.labs import LabSpec
from grader.model import CheckResult, Outcome, Submission, Visibility
from sandbox.protocol.messages import Call
from sandbox.protocol.values import unpack_many

SALTS: Final = ("falsified 1", "falsified 2", "falsified 3")
PARTS_MOST: Final = 24
"""Parts of the answers to one check that are falsified one after the other; further ones only together with them."""


@dataclass(frozen=True, slots=True)
class Falsified:
    """How a suite took false answers.

    Attributes:
        messages: how many its checks gave, those that may tell right values left out.
        leaks: the checks that tell right values without being allowed to.
        faults: where the suite itself failed over a false answer.
        seconds: that it took, on the clock.
        silent: the checks that passed and asked nothing at all, nor did their fixtures.
    """

    messages: int
    leaks: tuple[Leak, ...]
    faults: tuple[str, ...]
    seconds: float
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A question that was answered: what it did, and the answer or what was raised."""

    doing: str
    answer: Any


class Recording(Session):
    """A session that remembers what was answered to each check and fixture."""

    def __init__(self, submission: Submission, spec: LabSpec, slots: Slots) -> None:
        super().__init__(submission, spec, slots)
        self.origin = submission, spec, slots
        self.heard: dict[str, list[Heard]] = {}
        self.asked: set[str] = set()
        self._asker = ""
        self._now: list[Heard] = []

    @contextmanager
    def within(self, asker: str) -> Iterator[None]:
        """Remember for `asker` inside the block; a fixture that is made again asks the same again."""
        before = self._asker, self._now
        self._asker, self._now = asker, []
        self.heard[asker] = self._now
        try:
            yield
        finally:
            self._asker, self._now = before

    def defines(self, name: str) -> bool:
        """See `Session.defines`."""
        self.asked.add(self._asker)
        return super().defines(name)

    def ask(self, asked: Asked) -> Any:
        """See `Session.ask`."""
        self.asked.add(self._asker)
        try:
            answer = super().ask(asked)
        except Finding as finding:
            self._now.append(Heard(asked.doing, finding))
            raise
        self._now.append(Heard(asked.doing, answer))
        return answer


@dataclass(slots=True)
class Replies:
    """What one check or fixture is answered in a replay: what `heard` has for the same question, in turn."""

    heard: list[Heard]
    falsifier: Falsifier
    turns: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    asked: list[Tensor] = field(default_factory=list)

    def next(self, asked: Asked) -> Any:
        """The answer, or what is raised."""
        self.asked += _arguments(asked)
        same = [heard for heard in self.heard if heard.doing == asked.doing]
        if not same:  # a question that the reference's answers never led to
            return CallRaised("LookupError", "nothing was recorded")
        self.turns[asked.doing] += 1
        return self.falsifier(same[(self.turns[asked.doing] - 1) % len(same)].answer)


class Replay(Session):
    """A session without a sandbox: recorded answers, false for some who ask.

    Args:
        false: who gets false answers.
        spared: how many parts of them are right before the first false one.
    """

    def __init__(self, recording: Recording, false: frozenset[str], spared: int, degree: Degree) -> None:
        super().__init__(*recording.origin)
        self.names = recording.names
        self._heard = recording.heard
        self._false = false
        self._spared = spared
        self._degree = degree
        self.replies: dict[str, Replies] = {}
        self._now = Replies([], Falsifier(0, degree))

    @contextmanager
    def within(self, asker: str) -> Iterator[None]:
        """Answer `asker` inside the block."""
        spared = self._spared if asker in self._false else 2**31
        before = self._now
        self._now = self.replies[asker] = Replies(self._heard.get(asker, []), Falsifier(spared, self._degree))
        try:
            yield
        finally:
            self._now = before

    def ask(self, asked: Asked) -> Any:
        """See `Session.ask`."""
        answer = self._now.next(asked)
        if isinstance(answer, Finding):
            raise answer
        return answer

    def known_to(self, id_: str) -> Known:
        """What a check and the fixtures got to know."""
        replies = [found for asker, found in self.replies.items() if asker == f"check {id_}" or _is_fixture(asker)]
        return Known(
            truth=[part for each in replies for part in each.falsifier.truth],
            told=[part for each in replies for part in each.falsifier.told],
            asked=[part for each in replies for part in each.asked],
        )


def falsify(
    examine: Examiner, submission: Submission, slots: Slots, on_salt: Callable[[], None] = lambda: None
) -> Falsified:
    """Try the suite's checks with false answers to what the submission, the reference, answers.

    Args:
        on_salt: is called each time when all was tried with one set of questions.

    Raises:
        SetupError, SandboxLost: as `examination.examine`.
    """
    began = time.monotonic()
    messages: list[Message] = []
    faults: dict[str, str] = {}
    silent = set(examine.checks)
    for salt in SALTS:
        _Trial(examine, submission, salt, messages, faults, silent).run(slots)
        on_salt()
    seconds = time.monotonic() - began
    quiet = tuple(id_ for id_ in examine.checks if id_ in silent)
    return Falsified(len(messages), tuple(leaks(messages)), tuple(faults.values()), seconds, quiet)


@dataclass(slots=True)
class _Trial:
    """One set of questions.

    Attributes:
        messages: grows by what checks say of false answers.
        faults: check id -> how it failed; grows.
        silent: ids of checks that passed and asked nothing; shrinks.
    """

    examine: Examiner
    submission: Submission
    salt: str
    messages: list[Message]
    faults: dict[str, str]
    silent: set[str]

    def run(self, slots: Slots) -> None:
        recording = Recording(self.submission, self.examine.lab.spec, slots)
        passed = self._record(recording)
        self.silent &= {id_ for id_ in passed if not recording.asked & self._askers(id_)}
        answered = {asker: parts([each.answer for each in heard]) for asker, heard in recording.heard.items()}
        for degree, spared in product(Degree, range(min(PARTS_MOST, max(answered.values(), default=0)))):
            false = {asker for asker, many in answered.items() if many > spared}
            fixtures = frozenset(filter(_is_fixture, false))
            if fixtures:  # their answers concern every check, so they are false alone
                self._replay(Replay(recording, fixtures, spared, degree), passed, f"fixtures, {degree}, {spared}")
            checks = passed & {asker.removeprefix("check ") for asker in false - fixtures}
            self._replay(Replay(recording, frozenset(false - fixtures), spared, degree), checks, f"{degree}, {spared}")

    def _askers(self, id_: str) -> set[str]:
        return {f"check {id_}", *(f"fixture {name}" for name in self.examine.fixtures[id_])}

    def _record(self, recording: Recording) -> frozenset[str]:
        """Examine the reference; the checks that it passes."""
        exam = self.examine.exam(recording, self.submission, self.salt)
        exam.streams += (recording,)
        try:
            recording.open()
            self.examine.hold(exam)
        finally:
            recording.close()
        return frozenset(row.id for row in exam.rows.values() if row.outcome is Outcome.PASSED)

    def _replay(self, replay: Replay, checks: frozenset[str], place: str) -> None:
        """Ask the checks."""
        exam = self.examine.exam(replay, self.submission, self.salt)
        exam.streams += (replay,)
        exam.only = checks
        exam.on_check = partial(self._note, replay, place)
        self.examine.hold(exam)
        self.faults.update((id_, fault) for id_, fault in exam.faults.items() if id_ not in self.faults)

    def _note(self, replay: Replay, place: str, row: CheckResult) -> None:
        declared = self.examine.checks[row.id]
        if row.outcome in {Outcome.FAILED, Outcome.PARTIAL} and _is_secretive(declared):
            public = f"{declared.title}\n{declared.asked}\n{declared.hint}"
            found = sightings(row.message, replay.known_to(row.id), public)
            self.messages.append(Message(row.id, place, self.salt, row.message, found))


def _is_secretive(declared: Check) -> bool:
    return not declared.reveals and declared.visibility is Visibility.STUDENT


def _is_fixture(asker: str) -> bool:
    return asker.startswith("fixture ")


def _arguments(asked: Asked) -> list[Tensor]:
    """The numbers in each argument of a question, float64 [n]."""
    if not isinstance(asked.question, Call):
        return []
    values = [*asked.question.args, *(value for _, value in asked.question.kwargs)]
    return [numbers(value) for value in unpack_many(values, asked.body)]
