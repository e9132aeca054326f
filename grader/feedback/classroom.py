"""What the class page shows: the class's statistics in words, and a row for each student."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from grader import stats
from grader.feedback import words
from grader.feedback.student import share
from grader.model import Ending, Grade, Outcome, Override, Student
from grader.scoring import written
from grader.stats import CheckStatistics, ClassStatistics, Concern, Kind, Spread

ANSWERS_MOST: Final = 8
"""Kinds of wrong answers to a check that are shown."""
REASONS_MOST: Final = 5
"""Reasons that are shown for those who are ungraded or not taken in; each student's own is in the table."""
LONG_FROM: Final = 200
"""Students from whom on a browser looks at those in sight only; to a screen reader the others come as one gets near."""
_NAME_MOST: Final = 120
"""Characters of a name on the class page, so that a thousand long ones stay readable."""
_WHY_MOST: Final = 300
"""Characters of a reason; an exception may quote whatever it met."""
_HARDEST: Final = 3
_PLOT_HEIGHT: Final = 140.0
_PLOT_TOP: Final = 36.0
"""Pixels above the tallest bar, for its number and for the median's name."""


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
        median: (position in percent, points, where its name is anchored: "start", "middle" or "end").
        alt: the same in words.
    """

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[str, str], ...]
    median: tuple[str, str, str]
    alt: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom the table can show, and how many they are."""

    name: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is named; `page` is "" where there is none."""

    name: str
    page: str


@dataclass(frozen=True, slots=True)
class Said:
    """What so many were told, or why so many have no result, and who some of them are."""

    count: int
    text: str
    people: tuple[Person, ...]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.people)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about those whom a choice shows.

    Attributes:
        choice: its name.
        flags: (how many, flag and what it means) of those that occur.
    """

    choice: str
    sentence: str
    reasons: tuple[Said, ...] = ()
    flags: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a student's result: a sign and a few words where it stands out, and the rest of it."""

    sign: str
    word: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student in the table.

    Attributes:
        score: "" where there is none; with what it is out of where that is not what the lab's are out of.
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
    remarks: tuple[Remark, ...]
    received: str
    received_order: str
    tags: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """How the class did in a check.

    Attributes:
        discrimination: "" where there is none; then `word` says why.
        doubts: (what is odd about it in two words, what to look at).
        others: how many wrong answers are not shown.
    """

    anchor: str
    title: str
    group: str
    percent: str
    passed: int
    scored: int
    mean: str
    most: str
    discrimination: str
    word: str
    doubts: tuple[tuple[str, str], ...]
    wrong: tuple[Said, ...]
    others: int


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """All that the class page shows.

    Attributes:
        scores: (label, points) of mean, median and quartiles; () while nobody is graded.
        doubtful: those of `checks` that are pointed out.
        hardest: those that the fewest pass, of those that not everybody does.
        long: there are so many that to lay out all rows at once takes long.
    """

    students: int
    graded: int
    most: str
    scores: tuple[tuple[str, str], ...]
    full_marks: int
    timeouts: int
    distribution: Distribution | None
    choices: tuple[Choice, ...]
    advice: tuple[Advice, ...]
    rows: tuple[StudentRow, ...]
    long: bool
    checks: tuple[CheckRow, ...]
    doubtful: tuple[CheckRow, ...]
    hardest: tuple[CheckRow, ...]
    graded_at: str


class Tally:
    """Counts grades in, one by one, for the class page: of each a row is kept, and no feedback.

    Args:
        most: the points that could be earned.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._statistics = stats.Tally(most)
        self._rows: list[tuple[tuple[str, str], StudentRow]] = []
        self._pages: dict[str, str] = {}

    def add(self, grade: Grade, page: str) -> None:
        """Count a grade in.

        Args:
            page: address of the student's page, relative to the class page; "" for none.
        """
        self._statistics.add(grade)
        self._pages[grade.student.key] = page
        self._rows.append(((grade.student.name.casefold(), grade.student.key), _row(grade, page, self._most)))

    def summary(self) -> ClassSummary:
        """What to show; students by name."""
        found = self._statistics.statistics()
        checks = tuple(_check(f"check-{at}", check, self._pages) for at, check in enumerate(found.checks, start=1))
        return ClassSummary(
            students=found.students,
            graded=found.scores.count if found.scores else 0,
            most=written(self._most),
            scores=_scores(found.scores) if found.scores else (),
            full_marks=found.concerns.get(Concern.FULL, 0),
            timeouts=found.concerns.get(Concern.TIMEOUT, 0),
            distribution=_distribution(found.scores, self._most) if found.scores and found.scores.bins else None,
            choices=tuple(_choices(found)),
            advice=tuple(_advice(found, self._pages)),
            rows=tuple(row for _, row in sorted(self._rows, key=lambda pair: pair[0])),
            long=found.students >= LONG_FROM,
            checks=checks,
            doubtful=tuple(check for check in checks if check.doubts),
            hardest=_hardest(found.checks, checks),
            graded_at=words.moment(found.graded_at) if found.graded_at else "",
        )


def _hardest(found: Sequence[CheckStatistics], rows: Sequence[CheckRow]) -> tuple[CheckRow, ...]:
    by_share = sorted(zip(found, rows, strict=True), key=lambda pair: pair[0].share)
    return tuple(row for check, row in by_share if check.share < 1)[:_HARDEST]


def _scores(spread: Spread) -> tuple[tuple[str, str], ...]:
    return (
        ("Median", written(spread.median)),
        ("Mean", written(spread.mean)),
        ("Middle half", f"{written(round(spread.lower, 1))}–{written(round(spread.upper, 1))}"),
    )


def _distribution(spread: Spread, most: float) -> Distribution:
    labels = stats.bin_labels(most)
    tallest = max(spread.bins)
    step = 96 / len(labels)
    bars = []
    for at, (label, number) in enumerate(zip(labels, spread.bins, strict=True)):
        left, height = 2 + at * step, _PLOT_HEIGHT * number / tallest
        top = _PLOT_TOP + _PLOT_HEIGHT - height
        bars.append(
            Bar(
                label=label,
                count=number,
                x=f"{left + 0.4:.2f}%",
                middle=f"{left + step / 2:.2f}%",
                width=f"{step - 0.8:.2f}%",
                y=f"{top:.1f}",
                height=f"{height:.1f}",
                text_y=f"{top - 6:.1f}",
            )
        )
    told = ", ".join(f"{words.count(bar.count, 'student')} from {bar.label}" for bar in bars if bar.count)
    median = written(spread.median)
    ticks = tuple((f"{2 + at * step:.2f}%", written(most * at / len(labels))) for at in range(len(labels) + 1))
    place, anchor = _place(spread.median / most)
    alt = f"Distribution of scores: {told} points. The median is {median}."
    return Distribution(tuple(bars), ticks, (place, median, anchor), alt)


def _place(share_of_most: float) -> tuple[str, str]:
    """Where the median stands in percent of the width, and where its name is anchored so that it fits."""
    place = min(1.0, max(0.0, share_of_most))
    return f"{2 + 96 * place:.2f}%", "start" if place < 0.1 else "end" if place > 0.9 else "middle"


def _choices(found: ClassStatistics) -> Iterator[Choice]:
    yield Choice("everyone", "everyone", found.students)
    for concern, count in found.concerns.items():
        yield Choice(concern.value, stats.CALLED[concern], count)


def _advice(found: ClassStatistics, pages: Mapping[str, str]) -> Iterator[Advice]:
    """For those that occur."""
    reasons = {Concern.UNGRADED: found.ungraded, Concern.REFUSED: found.refused}
    for concern, sentence in words.ADVICE.items():
        if concern in found.concerns:
            flags = found.flags if concern is Concern.FLAGGED else {}
            yield Advice(
                concern.value,
                sentence,
                _said(reasons.get(concern, ())[:REASONS_MOST], pages),
                tuple((count, words.FLAGS[flag]) for flag, count in flags.items()),
            )


def _said(kinds: Iterable[Kind], pages: Mapping[str, str]) -> tuple[Said, ...]:
    return tuple(
        Said(kind.count, words.shortened(kind.example, _WHY_MOST), tuple(_person(who, pages) for who in kind.who))
        for kind in kinds
    )


def _person(who: Student, pages: Mapping[str, str]) -> Person:
    return Person(words.shortened(who.name, _NAME_MOST), pages.get(who.key, ""))


def _check(anchor: str, found: CheckStatistics, pages: Mapping[str, str]) -> CheckRow:
    shown = _said(found.wrong[:ANSWERS_MOST], pages)
    value = found.discrimination
    return CheckRow(
        anchor=anchor,
        title=found.title,
        group=found.group,
        percent=found.percent,
        passed=found.passed,
        scored=found.scored,
        mean=written(found.mean),
        most=written(found.most),
        discrimination="" if value is None else f"{stats.shown(value):.2f}".replace("-", "−"),
        word=found.undefined if value is None else stats.word(value),
        doubts=tuple((words.SUSPICIONS[each], stats.advice(found, each)) for each in found.suspicions),
        wrong=shown,
        others=found.others + sum(kind.count for kind in found.wrong[ANSWERS_MOST:]),
    )


def _row(grade: Grade, page: str, most: float) -> StudentRow:
    run, key = grade.run, grade.student.key
    when = grade.received_at.astimezone(UTC) if grade.received_at else None
    checks = () if grade.earned is None else run.checks
    return StudentRow(
        name=words.shortened(grade.student.name, _NAME_MOST),
        key=words.shortened(key, _NAME_MOST) if key != grade.student.name else "",
        page=page,
        score=_score(grade, most) if grade.graded else "",
        order=written(stats.scaled(grade, most)) if grade.graded else "",
        percent=f"{100 * share(grade):.0f}%",
        passed=sum(check.outcome is Outcome.PASSED for check in checks),
        checks=len(checks),
        remarks=tuple(_remarks(grade)),
        received=f"{when:%Y-%m-%d %H:%M}" if when else "",
        received_order=f"{when:%y%m%d%H%M%S}" if when else "",
        tags=" ".join(stats.concerns(grade)),
    )


def _score(grade: Grade, most: float) -> str:
    other = stats.other_worth(grade, most)
    return f"{written(grade.score)}/{written(grade.max_score)}" if other else written(grade.score)


def _remarks(grade: Grade) -> Iterator[Remark]:
    run, pending = grade.run, not grade.graded
    if not grade.attempts:
        yield Remark("⚠", "nothing handed in")
    elif run.ending is not Ending.COMPLETED:
        yield Remark(
            "⚠", words.ENDINGS[run.ending], words.shortened(run.fault or run.message, _WHY_MOST) if pending else ""
        )
    if run.flags:
        fault = "" if pending else words.shortened(run.fault, _WHY_MOST)
        yield Remark("⚑", ", ".join(flag.value for flag in run.flags), fault)
    if grade.override:
        yield Remark("✎", f"set by {words.shortened(grade.override.set_by, _NAME_MOST)}", _given(grade, grade.override))
    elif grade.late and grade.earned is not None:
        yield Remark("◷", str(grade.late), f"earned {written(grade.earned)}")
    if grade.attempts > 1:
        yield Remark("", "", f"{grade.attempts} attempts")


def _given(grade: Grade, override: Override) -> str:
    since = f" A run since then earned {written(grade.run.score)}, which does not count." if grade.superseded else ""
    return words.shortened(override.reason, _WHY_MOST) + since
