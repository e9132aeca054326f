"""What the class page says: statistics over the grades, computed here, so that the template only shows them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from statistics import fmean, median
from typing import Final

from grader.feedback import words
from grader.feedback.student import share
from grader.model import CheckResult, ClassResults, Ending, Grade, Outcome
from grader.scoring import written

BINS: Final = 10
_NAME_MOST: Final = 120
"""Characters of a name on the class page, so that a thousand long ones stay readable."""
_PLOT_HEIGHT: Final = 140.0
_UNSCORED: Final = (Ending.BROKEN, Ending.REJECTED)


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
        score: "" where there is none.
        order: the score as the script sorts it.
        tags: what the filter looks for.
    """

    name: str
    key: str
    page: str
    score: str
    order: str
    percent: str
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
    ungraded: tuple[Attention, ...]
    refused: tuple[Attention, ...]
    flagged: tuple[Attention, ...]
    distribution: Distribution | None
    rows: tuple[StudentRow, ...]
    checks: tuple[CheckStatistics, ...]
    graded_at: str


def summarise(results: ClassResults, pages: Mapping[str, str]) -> ClassSummary:
    """What to show of a class. Submissions without a score are in no mean, median or distribution.

    Args:
        pages: student key -> address of the student's page, relative to the class page.
    """
    grades = sorted(results.grades, key=lambda grade: (grade.student.name.casefold(), grade.student.key))
    graded = [grade for grade in grades if grade.graded]
    scores = [grade.score for grade in graded]
    pending = [grade for grade in grades if not grade.graded]
    return ClassSummary(
        students=len(grades),
        graded=len(graded),
        mean=written(fmean(scores)) if scores else "",
        median=written(median(scores)) if scores else "",
        full_marks=sum(_full(grade) for grade in graded),
        most=written(results.max_score),
        incomplete=_incomplete(grades),
        ungraded=tuple(_attention(grade, pages) for grade in pending if grade.run.ending is Ending.BROKEN),
        refused=tuple(_attention(grade, pages) for grade in pending if grade.run.ending is Ending.REJECTED),
        flagged=tuple(_flagged(grade, pages) for grade in grades if grade.run.flags),
        distribution=_distribution(scores, results.max_score) if scores and results.max_score > 0 else None,
        rows=tuple(_row(grade, pages) for grade in grades),
        checks=check_statistics(graded),
        graded_at=words.moment(max(grade.graded_at for grade in grades)) if grades else "",
    )


def _full(grade: Grade) -> bool:
    return grade.graded and grade.max_score > 0 and grade.score >= grade.max_score


def _incomplete(grades: Sequence[Grade]) -> str:
    counts = Counter(grade.run.ending for grade in grades)
    told = [ending for ending in Ending if ending is not Ending.COMPLETED and counts[ending]]
    return ", ".join(f"{counts[ending]} {words.ENDINGS[ending]}" for ending in told)


def _attention(grade: Grade, pages: Mapping[str, str], why: str = "") -> Attention:
    run = grade.run
    key = grade.student.key
    return Attention(
        _short(grade.student.name), _short(key), pages.get(key, ""), run.ending, why or run.fault or run.message
    )


def _flagged(grade: Grade, pages: Mapping[str, str]) -> Attention:
    told = [words.FLAGS[flag] for flag in grade.run.flags]
    return _attention(grade, pages, "; ".join(filter(None, [*told, grade.run.fault])))


def _short(text: str) -> str:
    return text if len(text) <= _NAME_MOST else text[: _NAME_MOST - 1] + "…"


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


def _row(grade: Grade, pages: Mapping[str, str]) -> StudentRow:
    run, key = grade.run, grade.student.key
    when = grade.received_at.astimezone(UTC) if grade.received_at else None
    tags = {
        "attention": run.ending is not Ending.COMPLETED or bool(run.flags),
        "full": _full(grade),
        "half": grade.graded and share(grade) < 0.5,
    }
    checks = () if run.ending in _UNSCORED else run.checks
    return StudentRow(
        name=_short(grade.student.name),
        key=_short(key) if key != grade.student.name else "",
        page=pages.get(key, ""),
        score=written(grade.score) if grade.graded else "",
        order=written(grade.score) if grade.graded else "",
        percent=f"{100 * share(grade):.1f}%",
        passed=sum(check.outcome is Outcome.PASSED for check in checks),
        checks=len(checks),
        ending=words.ENDINGS[run.ending],
        completed=run.ending is Ending.COMPLETED,
        flags=tuple(flag.value for flag in run.flags),
        received=f"{when:%Y-%m-%d %H:%M}" if when else "",
        received_order=f"{when:%Y%m%d%H%M%S}" if when else "",
        tags=" ".join(tag for tag, on in tags.items() if on),
    )


def check_statistics(grades: Iterable[Grade]) -> tuple[CheckStatistics, ...]:
    """One line for each check that any of the graded submissions has, in the suite's order."""
    found: dict[str, list[CheckResult]] = {}
    for grade in grades:
        if grade.run.ending not in _UNSCORED:
            for check in grade.run.checks:
                found.setdefault(check.id, []).append(check)
    return tuple(_statistics(checks) for checks in found.values())


def _statistics(checks: Sequence[CheckResult]) -> CheckStatistics:
    passed = sum(check.outcome is Outcome.PASSED for check in checks)
    return CheckStatistics(
        title=checks[-1].title,
        group=checks[-1].group,
        passed=passed,
        asked=len(checks),
        percent=f"{100 * passed / len(checks):.0f}%",
        mean=written(fmean(check.points for check in checks)),
        most=written(checks[-1].max_points),
    )
