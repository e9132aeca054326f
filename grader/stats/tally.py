"""How a class did: scores, checks, wrong answers. Pure, in one pass over the grades, and hardly any memory for each.

Of a student a score is kept and, of those with a wrong answer, the first few names; of a check running sums and a
bounded number of kinds of wrong answers. So a class may be as large as it likes.
"""

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import fmean, quantiles
from typing import Final

from grader.model import CheckResult, ClassResults, Ending, Flag, Grade, Outcome, Run, Student
from grader.scoring import written
from grader.stats.discrimination import Rest, by_chance, word
from grader.stats.kinds import Kind, Kinds

BINS: Final = 10
NOBODY_LEAST: Final = 5
"""That none of fewer passes a check is not remarkable yet."""
EVERYBODY_LEAST: Final = 20
"""That all of fewer pass a check is not remarkable yet."""
_NOT_STARTED: Final = re.compile(r" was not started: your code has (used up|already run)")
"""What stands in the message of a check that came when the run's time was used up."""


class Concern(StrEnum):
    """What one looks for in a class: whom something is to be done about, and what is worth knowing."""

    ATTENTION = "attention"
    """A flag, or a run that did not end well and that nobody scored by hand."""
    FLAGGED = "flagged"
    UNGRADED = "ungraded"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    BY_HAND = "by-hand"
    SUPERSEDED = "superseded"
    """Set by hand, and another run came since then."""
    LATE = "late"
    AGAIN = "again"
    """Handed in several times."""
    HALF = "half"
    """Below half of the points."""
    FULL = "full"


CALLED: Final[Mapping[Concern, str]] = {
    Concern.ATTENTION: "need a look",
    Concern.FLAGGED: "flagged",
    Concern.UNGRADED: "ungraded",
    Concern.REFUSED: "not taken in",
    Concern.TIMEOUT: "out of time",
    Concern.MEMORY: "out of memory",
    Concern.CRASHED: "crashed",
    Concern.BY_HAND: "set by hand",
    Concern.SUPERSEDED: "set by hand, newer run",
    Concern.LATE: "late",
    Concern.AGAIN: "several attempts",
    Concern.HALF: "below half",
    Concern.FULL: "full marks",
}
"""What those are called of whom it holds."""


class Suspicion(StrEnum):
    """What may be wrong with a check."""

    NOBODY = "nobody"
    EVERYBODY = "everybody"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Spread:
    """How scores lie between 0 and `most`, of at least one student.

    Attributes:
        lower: a quarter of the scores is at or below it (linear between neighbours, as numpy and spreadsheets do).
        upper: three quarters are.
        bins: how many fall into each tenth of 0..most; () where nothing can be earned.
    """

    count: int
    mean: float
    lower: float
    median: float
    upper: float
    bins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CheckStatistics:
    """How the class did in one check, over submissions with a result of their own.

    Attributes:
        scored: those that have the check.
        passed: of these; a check that was skipped or not reached is not passed.
        mean: points, of all that have it.
        asked: those of them whose code was asked: neither skipped, nor left out since the run's time was used up, nor
            in a run of which no code could be judged, such as a file that cannot be imported. `discrimination` and
            `wrong` are of these.
        discrimination: in -1..1; None where it is not defined, see `undefined`.
        undefined: why there is none; "" otherwise.
        wrong: kinds of wrong answers, the commonest first.
        others: wrong answers of further kinds.
    """

    id: str
    title: str
    group: str
    scored: int
    passed: int
    mean: float
    most: float
    asked: int
    discrimination: float | None
    undefined: str
    wrong: tuple[Kind, ...]
    others: int
    suspicions: tuple[Suspicion, ...]

    @property
    def share(self) -> float:
        """The share that passed, in 0..1."""
        return self.passed / self.scored

    @property
    def percent(self) -> str:
        """The same in whole percent: nobody alone is 0%, everybody alone 100%."""
        some = 0 < self.passed < self.scored
        return f"{min(99, max(1, round(100 * self.share))) if some else 100 * self.passed // self.scored}%"


@dataclass(frozen=True, slots=True)
class ClassStatistics:
    """How a class did.

    Attributes:
        most: the points that could be earned.
        scores: what counts, after lateness and what persons set, scaled to `most`; None while nobody has a score.
        concerns: how many there are of each; those that nobody is of are left out.
        flags: how many have each.
        ungraded: why there is no result, as the operator is told.
        refused: why submissions were not taken in, as their students are told.
        checks: in the suite's order; of what was earned, whatever counts.
        graded_at: the last time; None in an empty class.
    """

    students: int
    most: float
    scores: Spread | None
    concerns: Mapping[Concern, int]
    flags: Mapping[Flag, int]
    ungraded: tuple[Kind, ...]
    refused: tuple[Kind, ...]
    checks: tuple[CheckStatistics, ...]
    graded_at: datetime | None


class Tally:
    """Counts grades in, one by one.

    Args:
        most: the points that could be earned.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._students = 0
        self._scores = array("d")
        self._concerns: Counter[Concern] = Counter()
        self._flags: Counter[Flag] = Counter()
        self._ungraded, self._refused = Kinds(), Kinds()
        self._checks: dict[str, _CheckTally] = {}
        self._graded_at: datetime | None = None

    def add(self, grade: Grade) -> None:
        """Count a grade in."""
        self._students += 1
        self._graded_at = max(self._graded_at or grade.graded_at, grade.graded_at)
        found = concerns(grade)
        self._concerns.update(found)
        self._flags.update(grade.run.flags)
        for concern, reasons in ((Concern.UNGRADED, self._ungraded), (Concern.REFUSED, self._refused)):
            if concern in found:
                reasons.add(grade.run.fault or grade.run.message, grade.student)
        if grade.graded:
            self._scores.append(scaled(grade, self._most))
        if grade.earned is not None:
            self._add_checks(grade.run, grade.student)

    def _add_checks(self, run: Run, student: Student) -> None:
        total = math.fsum(check.points for check in run.checks)
        judged = _judged(run)
        for check in run.checks:
            tally = self._checks.setdefault(check.id, _CheckTally())
            tally.add(check)
            if judged and _asked(check):
                tally.ask(check, round(total - check.points, 6), student)

    def statistics(self) -> ClassStatistics:
        """How the class did."""
        return ClassStatistics(
            students=self._students,
            most=self._most,
            scores=spread(self._scores, self._most),
            concerns={concern: self._concerns[concern] for concern in Concern if self._concerns[concern]},
            flags={flag: self._flags[flag] for flag in Flag if self._flags[flag]},
            ungraded=self._ungraded.found(),
            refused=self._refused.found(),
            checks=tuple(tally.statistics(name) for name, tally in self._checks.items()),
            graded_at=self._graded_at,
        )


def of(results: ClassResults) -> ClassStatistics:
    """How the class did; goes through its grades once."""
    tally = Tally(results.max_score)
    for grade in results.grades:
        tally.add(grade)
    return tally.statistics()


def concerns(grade: Grade) -> tuple[Concern, ...]:
    """What holds of a grade."""
    ending, flagged = grade.run.ending, bool(grade.run.flags)
    ended = {each: ending is each for each in (Ending.TIMEOUT, Ending.MEMORY, Ending.CRASHED)}
    pending, by_hand = not grade.graded, grade.override is not None
    of_most = grade.graded and grade.max_score > 0
    held = {
        Concern.ATTENTION: flagged or pending or (any(ended.values()) and not by_hand),
        Concern.FLAGGED: flagged,
        Concern.UNGRADED: pending and ending is Ending.BROKEN,
        Concern.REFUSED: pending and ending is Ending.REJECTED,
        Concern.TIMEOUT: ended[Ending.TIMEOUT],
        Concern.MEMORY: ended[Ending.MEMORY],
        Concern.CRASHED: ended[Ending.CRASHED],
        Concern.BY_HAND: by_hand,
        Concern.SUPERSEDED: grade.superseded,
        Concern.LATE: grade.late is not None,
        Concern.AGAIN: grade.attempts > 1,
        Concern.HALF: of_most and grade.score < grade.max_score / 2,
        Concern.FULL: of_most and grade.score >= grade.max_score,
    }
    return tuple(concern for concern, holds in held.items() if holds)


def other_worth(grade: Grade, most: float) -> bool:
    """Whether the score is out of something else than `most`, as after a change of what the lab is worth."""
    return min(grade.max_score, most) > 0 and grade.max_score != most


def scaled(grade: Grade, most: float) -> float:
    """The score as it were out of `most`."""
    return grade.score * most / grade.max_score if other_worth(grade, most) else grade.score


def spread(scores: Sequence[float], most: float) -> Spread | None:
    """How `scores` lie between 0 and `most`; None where there are none."""
    if not scores:
        return None
    quarters = quantiles(scores, n=4, method="inclusive") if len(scores) > 1 else [scores[0]] * 3
    bins = tuple(bin_counts(scores, most)) if most > 0 else ()
    return Spread(len(scores), fmean(scores), quarters[0], quarters[1], quarters[2], bins)


def bin_counts(scores: Iterable[float], most: float) -> list[int]:
    """How many scores fall into each of `BINS` equal parts of 0..most; the last part has both its borders.

    Scores below 0 or above `most` count in the outermost parts.
    """
    counts = [0] * BINS
    for score in scores:
        counts[min(BINS - 1, max(0, int(score / most * BINS)))] += 1
    return counts


def bin_labels(most: float) -> list[str]:
    """What the parts are called: from which score to which."""
    edges = [written(most * at / BINS) for at in range(BINS + 1)]
    last = BINS - 1
    return [f"{edges[at]} {'to' if at == last else 'to under'} {edges[at + 1]}" for at in range(BINS)]


def advice(check: CheckStatistics, suspicion: Suspicion) -> str:
    """What is odd about a check, and what to look at."""
    match suspicion:
        case Suspicion.NOBODY if not check.asked:
            return f"Nobody of {check.scored} got as far as this check. See what keeps them: the checks that it needs."
        case Suspicion.NOBODY:
            partly = f", and the mean is {written(check.mean)} of {written(check.most)} points" if check.mean else ""
            return (
                f"Nobody of {check.scored} passes it{partly}. Read the commonest wrong answer: if good students give"
                " it, the handout does not say what the check asks for, or the check is wrong."
            )
        case Suspicion.EVERYBODY:
            return (
                f"All {check.asked} whose code was asked pass it, so it tells nobody apart. Fine for a first step;"
                " otherwise see whether a wrong solution passes it, too."
            )
    chance = ""
    if abs(check.discrimination or 0.0) < 2 * by_chance(check.asked):
        chance = f" With {check.asked} students that may be chance."
    return (
        "Those who pass it did worse in the rest than those who do not. Read a good submission that fails it: the check"
        f" may refuse a right answer, or reward a wrong one.{chance}"
    )


def _judged(run: Run) -> bool:
    """Whether any code could be judged; of a file that cannot be imported, every check says the same."""
    if run.ending is Ending.COMPLETED:
        return True
    return any(check.outcome not in {Outcome.ERROR, Outcome.SKIPPED} for check in run.checks)


def _asked(check: CheckResult) -> bool:
    """Whether the check was put to the code; what came when no time was left says nothing of what the code answers."""
    left_out = check.outcome is Outcome.ERROR and _NOT_STARTED.search(check.message)
    return check.outcome is not Outcome.SKIPPED and not left_out


class _CheckTally:
    """Counts one check's results in; title and points are those seen last."""

    def __init__(self) -> None:
        self._title = self._group = ""
        self._scored = self._passed = 0
        self._points = self._most = 0.0
        self._rest = Rest()
        self._wrong = Kinds()

    def add(self, check: CheckResult) -> None:
        self._title, self._group, self._most = check.title, check.group, check.max_points
        self._scored += 1
        self._passed += check.outcome is Outcome.PASSED
        self._points += check.points

    def ask(self, check: CheckResult, rest: float, student: Student) -> None:
        """Count in a result that tells something of the check; `rest` is what the student earned besides."""
        passed = check.outcome is Outcome.PASSED
        self._rest.add(rest, passed=passed)
        if not passed:
            self._wrong.add(check.message, student)

    def statistics(self, name: str) -> CheckStatistics:
        wrong = self._wrong.found()
        return CheckStatistics(
            id=name,
            title=self._title,
            group=self._group,
            scored=self._scored,
            passed=self._passed,
            mean=self._points / self._scored,
            most=self._most,
            asked=self._rest.count,
            discrimination=self._rest.correlation(),
            undefined=self._rest.undefined(),
            wrong=wrong,
            others=self._wrong.others,
            suspicions=tuple(self._suspicions()),
        )

    def _suspicions(self) -> Iterable[Suspicion]:
        correlation = self._rest.correlation()
        little = 2 * self._points <= self._most * self._scored  # all parts of a check may earn much without all of it
        if not self._passed and little and self._scored >= NOBODY_LEAST:
            yield Suspicion.NOBODY
        if self._passed == self._rest.count >= EVERYBODY_LEAST:
            yield Suspicion.EVERYBODY
        if correlation is not None and word(correlation) == "negative":
            yield Suspicion.NEGATIVE
