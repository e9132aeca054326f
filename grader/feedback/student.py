"""What a student's page says: computed here, so that the template only shows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Final

from grader.feedback import words
from grader.feedback.figures import Drawing, drawn
from grader.model import CheckResult, Ending, Grade, Outcome, SandboxFacts, Visibility
from grader.scoring import written

FIXES_MOST: Final = 3

_KEPT: Final = "The points that other checks earned still count."
_SET_ALL_THE_SAME: Final = "It was not graded: your score is the one that your instructor set."
_FIRST: Final = "Put this right first: everything else depends on it."
_NOTICES: Final[Mapping[Ending, tuple[str, str]]] = {
    Ending.TIMEOUT: ("Your code ran out of time", _KEPT),
    Ending.MEMORY: ("Your code ran out of memory", _KEPT),
    Ending.CRASHED: ("Your code could not be run to the end", _KEPT),
    Ending.REJECTED: (
        "Your submission could not be taken in",
        "It was not graded. A grade for something you handed in before still stands. Put this right and hand in again.",
    ),
    Ending.BROKEN: (
        "Not graded yet, and not your fault",
        "It has still to be graded. You lost no points, and you need not do anything.",
    ),
}
"""Ending -> (heading, what follows the run's own message)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the run as a whole that comes before the checks."""

    ending: Ending
    heading: str
    message: str
    traceback: str
    advice: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as the page shows it; empty texts are left out.

    Attributes:
        lost: points not earned.
        measured: (name, value, how its points are given) of each metric.
        waits_for: titles of the checks that a skipped one needs.
        open: worth reading without being asked for.
        staff: only title and points are the student's to see.
    """

    anchor: str
    outcome: Outcome
    word: str
    title: str
    points: str
    most: str
    lost: float
    open: bool
    asked: str = ""
    happened: str = ""
    hint: str = ""
    traceback: str = ""
    measured: tuple[tuple[str, str, str], ...] = ()
    waits_for: tuple[str, ...] = ()
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that belong together; the name is "" where the suite gives none."""

    name: str
    points: str
    most: str
    rows: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """Something worth putting right, and what it would bring."""

    row: CheckRow
    gain: str
    more: str


@dataclass(frozen=True, slots=True)
class StudentSummary:
    """All that a student's page shows.

    Attributes:
        score: "" where there is none.
        most: points that could be earned; "" where nobody knows, since nothing ran.
        percent: of the points, for the bar.
        adjusted: that a person set the score, and why, or what lateness cost; "" otherwise.
        tally: (outcome, how many, word) of each outcome that occurs.
        facts: (label, value) of where and when it ran.
    """

    score: str
    most: str
    percent: str
    headline: str
    adjusted: str
    notice: Notice | None
    tally: tuple[tuple[Outcome, int, str], ...]
    fixes: tuple[Fix, ...]
    groups: tuple[Group, ...]
    drawings: tuple[Drawing, ...]
    notes: tuple[str, ...]
    output: str
    facts: tuple[tuple[str, str], ...]


def summarise(grade: Grade, lab_version: str) -> StudentSummary:
    """What to show of `grade`. Checks of a broken run are left out: they are not the student's result."""
    run = grade.run
    broken = run.ending is Ending.BROKEN
    checks = () if broken else run.checks
    cause = _cause(run.ending, checks)
    titles = {check.id: check.title for check in checks}
    rows = [_row(number, check, titles, cause) for number, check in enumerate(checks, start=1)]
    return StudentSummary(
        score=written(grade.score) if grade.graded else "",
        most=written(grade.max_score) if grade.max_score else "",
        percent=f"{100 * share(grade):.1f}%",
        headline=_headline(grade, checks),
        adjusted=_adjusted(grade),
        notice=_notice(grade, cause),
        tally=_tally(checks),
        fixes=_fixes(checks, rows),
        groups=_groups(checks, rows),
        drawings=() if broken else tuple(drawn(figure) for figure in run.figures),
        notes=run.notes,
        output="" if broken else run.output,
        facts=tuple(_facts(grade, lab_version)),
    )


def share(grade: Grade) -> float:
    """The part of the points earned, in 0..1."""
    return min(1.0, max(0.0, grade.score / grade.max_score)) if grade.graded and grade.max_score > 0 else 0.0


def _headline(grade: Grade, checks: Sequence[CheckResult]) -> str:
    if not grade.graded or not checks:
        return ""
    passed = sum(check.outcome is Outcome.PASSED for check in checks)
    if passed == len(checks):
        return "Every check passed. Well done!"
    return f"{passed} of {words.count(len(checks), 'check')} passed."


def _adjusted(grade: Grade) -> str:
    if not grade.override:
        return grade.late.cost(grade.earned) if grade.late and grade.earned is not None else ""
    checks = "" if grade.earned is None else f"The checks add up to {written(grade.earned)}. "
    return f"{checks}This score was set by your instructor: {grade.override.reason}"


def _cause(ending: Ending, checks: Sequence[CheckResult]) -> CheckResult | None:
    """The first of the checks if one reason kept all of them from running, e.g. a file that cannot be imported."""
    shown = [check for check in checks if check.visibility is Visibility.STUDENT]
    if ending is Ending.COMPLETED or len(shown) < 2 or not shown[0].message:
        return None
    return shown[0] if len({check.message for check in shown}) == 1 else None


def _notice(grade: Grade, cause: CheckResult | None) -> Notice | None:
    run = grade.run
    if run.ending not in _NOTICES or (grade.override and run.ending is Ending.BROKEN):
        return None
    heading, advice = _NOTICES[run.ending]
    if grade.override and run.ending is Ending.REJECTED:
        return Notice(run.ending, heading, run.message, "", _SET_ALL_THE_SAME)
    if run.ending is Ending.BROKEN:
        return Notice(run.ending, heading, "", "", advice)
    if cause is None:
        return Notice(run.ending, heading, run.message, "", advice)
    return Notice(run.ending, heading, run.message or cause.message, cause.traceback, _FIRST)


def _tally(checks: Sequence[CheckResult]) -> tuple[tuple[Outcome, int, str], ...]:
    counts = [(outcome, sum(check.outcome is outcome for check in checks)) for outcome in Outcome]
    return tuple((outcome, number, words.TALLY[outcome]) for outcome, number in counts if number)


def _row(number: int, check: CheckResult, titles: Mapping[str, str], cause: CheckResult | None) -> CheckRow:
    row = partial(
        CheckRow,
        anchor=f"check-{number}",
        outcome=check.outcome,
        word=words.OUTCOMES[check.outcome],
        title=check.title,
        points=written(check.points),
        most=written(check.max_points),
        lost=check.max_points - check.points,
        open=check.outcome in {Outcome.PARTIAL, Outcome.FAILED, Outcome.ERROR},
    )
    if check.visibility is Visibility.STAFF:
        return row(staff=True)
    if cause:  # said once
        return row(asked=check.asked, happened="The reason is at the top of this page.", open=False)
    waits = check.outcome is Outcome.SKIPPED and not check.message
    return row(
        asked=check.asked,
        happened=check.message,
        hint="" if check.outcome is Outcome.PASSED else check.hint,
        traceback=check.traceback,
        measured=tuple(map(words.metric, check.metrics)),
        waits_for=tuple(titles.get(name, name) for name in check.depends) if waits else (),
    )


def _groups(checks: Sequence[CheckResult], rows: Sequence[CheckRow]) -> tuple[Group, ...]:
    """The rows under their groups' names, in the order in which the names first occur."""
    found: dict[str, list[tuple[CheckResult, CheckRow]]] = {}
    for check, row in zip(checks, rows, strict=True):
        found.setdefault(check.group, []).append((check, row))
    return tuple(
        Group(
            name=name,
            points=written(sum(check.points for check, _ in pairs)),
            most=written(sum(check.max_points for check, _ in pairs)),
            rows=tuple(row for _, row in pairs),
        )
        for name, pairs in found.items()
    )


def _fixes(checks: Sequence[CheckResult], rows: Sequence[CheckRow]) -> tuple[Fix, ...]:
    """What would bring most, together with the skipped checks that wait for it."""
    worth: list[tuple[float, Fix]] = []
    for check, row in zip(checks, rows, strict=True):
        if row.staff or not row.open or row.lost <= 0:
            continue
        waiting = _waiting_for(check.id, checks)
        blocked = sum(other.max_points - other.points for other in waiting)
        more = f"and {_points(blocked)} more wait for it" if waiting else ""
        worth.append((row.lost + blocked, Fix(row, _points(row.lost), more)))
    worth.sort(key=lambda pair: -pair[0])
    return tuple(fix for _, fix in worth[:FIXES_MOST])


def _waiting_for(needed: str, checks: Sequence[CheckResult]) -> list[CheckResult]:
    """The skipped checks that need `needed`, directly or through others."""
    reached = {needed}
    waiting: list[CheckResult] = []
    for _ in checks:  # a suite may list checks in any order; as many rounds as checks always suffice
        more = [
            check
            for check in checks
            if check.outcome is Outcome.SKIPPED and check.id not in reached and reached & set(check.depends)
        ]
        if not more:
            break
        waiting += more
        reached |= {check.id for check in more}
    return waiting


def _points(points: float) -> str:
    text = written(points)
    return f"{text} point" if text == "1" else f"{text} points"


def _facts(grade: Grade, lab_version: str) -> Iterator[tuple[str, str]]:
    if grade.source:
        yield "File", PurePath(grade.source.replace("\\", "/")).name
    if grade.submission:
        yield "Fingerprint", grade.submission[:12]
    if grade.received_at:
        yield "Handed in", words.moment(grade.received_at)
    yield "Graded" if grade.graded else "Tried", words.moment(grade.graded_at)
    if grade.attempts > 1:
        yield "Attempts on record", str(grade.attempts)
    if lab_version:
        yield "Version of the lab", lab_version
    if grade.run.sandbox:
        yield "Ran in", _place(grade.run.sandbox)
        yield "Computing time", f"{grade.run.cpu_seconds:.1f} s"


def _place(facts: SandboxFacts) -> str:
    return f"{facts.launcher} sandbox ({facts.isolation}), on {'the CPU' if facts.device == 'cpu' else facts.device}"
