"""What the class page says: statistics over the grades, computed here, so that the template only shows them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean, median
from typing import Final

from grader.feedback import words
from grader.feedback.student import share
from grader.model import CheckResult, Ending, Grade, Outcome, Override
from grader.scoring import written

BINS: Final = 10
_NAME_MOST: Final = 120
"""Characters of a name on the class page, so that a thousand long ones stay readable."""
_WHY_MOST: Final = 500
"""Characters of a reason; an exception may quote whatever it met."""
NAMED_MOST: Final = 40
"""Of those to look after in one way; the table of all comes below them."""
_PLOT_HEIGHT: Final = 140.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the distribution: positions in percent of the width and pixels of the height."""

    label: str
    count: int
    x: str
    middle: str
    width: str
    y: str
    height: str
    text_y: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the scores spread.

    Attributes:
        ticks: (position in percent, points) of the bars' borders.
        alt: the same in words.
    """

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[str, str], ...]
    alt: str


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student in the table.

    Attributes:
        score: "" where there is none; with what it is out of where that is not what the lab's are out of.
        order: the score as the script sorts it.
        given: who set the score by hand, why, and whether a newer result exists, or what lateness cost; "" otherwise.
        tags: what the filter looks for.
    """

    name: str
    key: str
    page: str
    score: str
    order: str
    percent: str
    given: str
    passed: int
    checks: int
    ending: str
    completed: bool
    flags: tuple[str, ...]
    received: str
    received_order: str
    tags: str


@dataclass(frozen=True, slots=True)
class Attention:
    """Somebody to look after: an ungraded or refused submission, or flags."""

    name: str
    key: str
    page: str
    ending: Ending
    why: str


@dataclass(frozen=True, slots=True)
class People:
    """Those to look after in one way, of whom so many are `named`."""

    count: int
    named: tuple[Attention, ...]


@dataclass(frozen=True, slots=True)
class CheckStatistics:
    """How the class did in one check, over the graded submissions that have it."""

    title: str
    group: str
    passed: int
    asked: int
    percent: str
    mean: str
    most: str


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """All that the class page shows; `mean` and `median` are "" while nobody is graded."""

    students: int
    graded: int
    mean: str
    median: str
    full_marks: int
    most: str
    incomplete: str
    ungraded: People
    refused: People
    flagged: People
    distribution: Distribution | None
    rows: tuple[StudentRow, ...]
    checks: tuple[CheckStatistics, ...]
    graded_at: str


@dataclass(frozen=True, slots=True)
class _Line:
    """What is kept of a grade.

    Attributes:
        ending: None where nothing was handed in.
        score: out of what the lab's are out of; None where there is none.
        pending: why there is none, where somebody should know.
    """

    order: tuple[str, str]
    row: StudentRow
    ending: Ending | None
    score: float | None
    full: bool
    graded_at: datetime
    pending: Attention | None
    flagged: Attention | None


class Tally:
    """Counts grades in, one by one, for the class page: of each a line is kept, and no feedback.

    Args:
        most: the points that could be earned.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._lines: list[_Line] = []
        self._checks: dict[str, _CheckTally] = {}

    def add(self, grade: Grade, page: str) -> None:
        """Count a grade in.

        Args:
            page: address of the student's page, relative to the class page; "" for none.
        """
        self._lines.append(_line(grade, page, self._most))
        if grade.earned is not None:
            for check in grade.run.checks:
                self._checks.setdefault(check.id, _CheckTally()).add(check)

    def summary(self) -> ClassSummary:
        """What to show, by name. Submissions without a score are in no mean, median or distribution."""
        lines = sorted(self._lines, key=lambda line: line.order)
        scores = [line.score for line in lines if line.score is not None]
        pending = [line.pending for line in lines if line.pending]
        return ClassSummary(
            students=len(lines),
            graded=len(scores),
            mean=written(fmean(scores)) if scores else "",
            median=written(median(scores)) if scores else "",
            full_marks=sum(line.full for line in lines),
            most=written(self._most),
            incomplete=_incomplete(Counter(line.ending for line in lines)),
            ungraded=_people([one for one in pending if one.ending is Ending.BROKEN]),
            refused=_people([one for one in pending if one.ending is Ending.REJECTED]),
            flagged=_people([line.flagged for line in lines if line.flagged]),
            distribution=_distribution(scores, self._most) if scores and self._most > 0 else None,
            rows=tuple(line.row for line in lines),
            checks=tuple(check.statistics() for check in self._checks.values()),
            graded_at=words.moment(max(line.graded_at for line in lines)) if lines else "",
        )


def _line(grade: Grade, page: str, most: float) -> _Line:
    score = _scaled(grade, most) if grade.graded else None
    return _Line(
        order=(grade.student.name.casefold(), grade.student.key),
        row=_row(grade, page, score, most),
        ending=grade.run.ending if grade.attempts else None,
        score=score,
        full=_full(grade),
        graded_at=grade.graded_at,
        pending=None if grade.graded else _attention(grade, page),
        flagged=_flagged(grade, page) if grade.run.flags else None,
    )


def _other(grade: Grade, most: float) -> bool:
    """Whether the score is out of something else than `most`, as after a change of what the lab is worth."""
    return min(grade.max_score, most) > 0 and grade.max_score != most


def _scaled(grade: Grade, most: float) -> float:
    """The score as it were out of `most`."""
    return grade.score * most / grade.max_score if _other(grade, most) else grade.score


def _full(grade: Grade) -> bool:
    return grade.graded and grade.max_score > 0 and grade.score >= grade.max_score


def _incomplete(counts: Mapping[Ending | None, int]) -> str:
    told = [ending for ending in Ending if ending is not Ending.COMPLETED and counts[ending]]
    return ", ".join(f"{counts[ending]} {words.ENDINGS[ending]}" for ending in told)


def _attention(grade: Grade, page: str, why: str = "") -> Attention:
    run, student = grade.run, grade.student
    told = _short(why or run.fault or run.message, _WHY_MOST)
    return Attention(_short(student.name), _short(student.key), page, run.ending, told)


def _flagged(grade: Grade, page: str) -> Attention:
    told = [words.FLAGS[flag] for flag in grade.run.flags]
    return _attention(grade, page, "; ".join(filter(None, [*told, grade.run.fault])))


def _people(found: Sequence[Attention]) -> People:
    """Of too many, those are named whose reason the fewest before them have, so that no reason is lost among others."""
    before: Counter[str] = Counter()
    turns = []
    for at, one in enumerate(found):
        turns.append((before[one.why], at))
        before[one.why] += 1
    named = sorted(at for _, at in sorted(turns)[:NAMED_MOST])
    return People(len(found), tuple(found[at] for at in named))


def _short(text: str, most: int = _NAME_MOST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def bin_counts(scores: Iterable[float], most: float) -> list[int]:
    """How many scores fall into each of `BINS` equal parts of 0..most; the last part has both its borders.

    Scores below 0 or above `most` count in the outermost parts.
    """
    counts = [0] * BINS
    for score in scores:
        counts[min(BINS - 1, max(0, int(score / most * BINS)))] += 1
    return counts


def _distribution(scores: Sequence[float], most: float) -> Distribution:
    counts = bin_counts(scores, most)
    edges = [written(most * at / BINS) for at in range(BINS + 1)]
    tallest = max(counts)
    step = 96 / BINS
    bars = []
    for at, number in enumerate(counts):
        left, height = 2 + at * step, _PLOT_HEIGHT * number / tallest
        between = "to" if at == BINS - 1 else "to under"
        bars.append(
            Bar(
                label=f"{edges[at]} {between} {edges[at + 1]}",
                count=number,
                x=f"{left + 0.4:.2f}%",
                middle=f"{left + step / 2:.2f}%",
                width=f"{step - 0.8:.2f}%",
                y=f"{20 + _PLOT_HEIGHT - height:.1f}",
                height=f"{height:.1f}",
                text_y=f"{14 + _PLOT_HEIGHT - height:.1f}",
            )
        )
    told = ", ".join(f"{words.count(bar.count, 'student')} from {bar.label}" for bar in bars if bar.count)
    ticks = tuple((f"{2 + at * step:.2f}%", edge) for at, edge in enumerate(edges))
    return Distribution(tuple(bars), ticks, f"Distribution of scores: {told} points.")


def _row(grade: Grade, page: str, score: float | None, most: float) -> StudentRow:
    run, key = grade.run, grade.student.key
    when = grade.received_at.astimezone(UTC) if grade.received_at else None
    tags = {
        "attention": run.ending is not Ending.COMPLETED or bool(run.flags),
        "full": _full(grade),
        "half": grade.graded and share(grade) < 0.5,
    }
    checks = () if grade.earned is None else run.checks
    return StudentRow(
        name=_short(grade.student.name),
        key=_short(key) if key != grade.student.name else "",
        page=page,
        score=_score(grade, most) if grade.graded else "",
        order="" if score is None else written(score),
        percent=f"{100 * share(grade):.1f}%",
        given=_given(grade, grade.override) if grade.override else _lateness(grade),
        passed=sum(check.outcome is Outcome.PASSED for check in checks),
        checks=len(checks),
        ending=words.ENDINGS[run.ending] if grade.attempts else "nothing handed in",
        completed=run.ending is Ending.COMPLETED,
        flags=tuple(flag.value for flag in run.flags),
        received=f"{when:%Y-%m-%d %H:%M}" if when else "",
        received_order=f"{when:%Y%m%d%H%M%S}" if when else "",
        tags=" ".join(tag for tag, on in tags.items() if on),
    )


def _score(grade: Grade, most: float) -> str:
    return f"{written(grade.score)}/{written(grade.max_score)}" if _other(grade, most) else written(grade.score)


def _lateness(grade: Grade) -> str:
    return f"{grade.late}, earned {written(grade.earned)}" if grade.late and grade.earned is not None else ""


def _given(grade: Grade, override: Override) -> str:
    since = f" A run since then earned {written(grade.run.score)}, which does not count." if grade.superseded else ""
    return _short(f"set by {override.set_by}: {override.reason}", _WHY_MOST) + since


class _CheckTally:
    """Counts one check's results in; title and points are those seen last."""

    def __init__(self) -> None:
        self._title = self._group = ""
        self._passed = self._asked = 0
        self._points = self._most = 0.0

    def add(self, check: CheckResult) -> None:
        self._title, self._group, self._most = check.title, check.group, check.max_points
        self._passed += check.outcome is Outcome.PASSED
        self._asked += 1
        self._points += check.points

    def statistics(self) -> CheckStatistics:
        return CheckStatistics(
            title=self._title,
            group=self._group,
            passed=self._passed,
            asked=self._asked,
            percent=f"{100 * self._passed / self._asked:.0f}%",
            mean=written(self._points / self._asked),
            most=written(self._most),
        )
