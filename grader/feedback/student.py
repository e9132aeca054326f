"""What a student's page says: computed here, so that the template only shows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from typing import Final

from markupsafe import Markup

from grader.feedback import handout, words
from grader.feedback.figures import Drawing, drawn
from grader.feedback.scales import Reading, reading
from grader.feedback.shapes import Shapes
from grader.feedback.trail import Trail, trail
from grader.model import CheckResult, Ending, Figure, FigureKind, Grade, Outcome, Run, SandboxFacts, Visibility
from grader.scoring import written

FIXES_MOST: Final = 3
_GIST_MOST: Final = 200

_ENOUGH: Final = frozenset({Outcome.PASSED, Outcome.PARTIAL})
"""What lets a check run that needs another."""
_KEPT: Final = "The points that other checks earned still count."
_SET_ALL_THE_SAME: Final = "It was not graded: your score is the one that your instructor set."
_FIRST: Final = "Put this right first: everything else depends on it."
_WAITS: Final = "Your submission is here and waits for its turn. You need not do anything."
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
_STEPS: Final[Mapping[Ending, str]] = {
    Ending.TIMEOUT: "Look for a loop that does not end, or for work that is done again and again; "
    "the checks below say which call took too long.",
    Ending.MEMORY: "Look for what is kept and not needed: losses that are stored without .item(), "
    "or tensors with a row for every pair of examples.",
}
"""What to do next, where the message does not say it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the run as a whole that comes before the checks."""

    ending: Ending
    heading: str
    message: str
    traceback: str
    advice: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Another place of the page."""

    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A picture that stands below the checks, and the check that it is about."""

    anchor: str
    drawing: Drawing
    about: Link | None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check as the page shows it; empty texts are left out.

    Attributes:
        lost: points not earned.
        waits_for: the checks that a skipped one needs and that did not pass.
        shapes: drawn in the row.
        pictures: those below the checks that are about this one.
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
    why: str = ""
    hint: str = ""
    traceback: str = ""
    measured: tuple[Reading, ...] = ()
    waits_for: tuple[Link, ...] = ()
    shapes: Shapes | None = None
    pictures: tuple[Link, ...] = ()
    staff: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that belong together; the name is "" where the suite gives none.

    Attributes:
        anchor: of what the handout says.
        handout: "" where no points were lost, or the handout has no section of that name.
    """

    name: str
    points: str
    most: str
    rows: tuple[CheckRow, ...]
    anchor: str
    handout: Markup


@dataclass(frozen=True, slots=True)
class Fix:
    """Something worth putting right, what it would bring, and what happened in short."""

    row: CheckRow
    gain: str
    more: str
    gist: str


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
    exhibits: tuple[Exhibit, ...]
    trail: Trail | None
    notes: tuple[str, ...]
    output: str
    facts: tuple[tuple[str, str], ...]


def summarise(grade: Grade, lab_version: str, sections: handout.Sections) -> StudentSummary:
    """What to show of `grade`. Checks of a broken run are left out: they are not the student's result."""
    run = grade.run
    broken = run.ending is Ending.BROKEN
    checks = () if broken else run.checks
    cause = _cause(run.ending, checks)
    places = {check.id: Link(check.title, f"check-{number}") for number, check in enumerate(checks, start=1)}
    figures = () if broken else _for_students(run)
    exhibits = _exhibits([figure for figure in figures if not _in_a_row(figure)], places)
    shapes = _shapes([figure for figure in figures if _in_a_row(figure)])
    missing = {check.id: places[check.id] for check in checks if check.outcome not in _ENOUGH}
    rows = [_with_pictures(_row(check, places, missing, cause), shapes.get(check.id), exhibits) for check in checks]
    return StudentSummary(
        score=written(grade.score) if grade.graded else "",
        most=written(grade.max_score) if grade.max_score else "",
        percent=f"{100 * share(grade):.1f}%",
        headline=_headline(grade, checks),
        adjusted=_adjusted(grade),
        notice=_notice(grade, cause),
        tally=_tally(checks),
        fixes=_fixes(checks, rows),
        groups=_groups(checks, rows, {} if cause else sections),
        exhibits=exhibits,
        trail=trail(grade.trail, {name: place.title for name, place in places.items()}),
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
    if grade.pending:
        return Notice(run.ending, "Not graded yet", "", "", _WAITS)
    if run.ending is Ending.BROKEN:
        return Notice(run.ending, heading, "", "", advice)
    if cause is None:
        return Notice(run.ending, heading, run.message, "", advice, _STEPS.get(run.ending, ""))
    return Notice(run.ending, heading, run.message or cause.message, cause.traceback, _FIRST)


def _tally(checks: Sequence[CheckResult]) -> tuple[tuple[Outcome, int, str], ...]:
    counts = [(outcome, sum(check.outcome is outcome for check in checks)) for outcome in Outcome]
    return tuple((outcome, number, words.TALLY[outcome]) for outcome, number in counts if number)


def _for_students(run: Run) -> list[Figure]:
    """The pictures without those about checks that staff keep."""
    kept = {check.id for check in run.checks if check.visibility is Visibility.STAFF}
    return [figure for figure in run.figures if figure.about not in kept]


def _in_a_row(figure: Figure) -> bool:
    """Small ones stand beside what happened; the others would bury the next check."""
    return figure.kind is FigureKind.SHAPES and bool(figure.about)


def _shapes(figures: Sequence[Figure]) -> Mapping[str, Shapes]:
    """The first shapes of each check, by its id."""
    found = [(figure.about, drawn(figure).shapes) for figure in reversed(figures)]
    return {about: shapes for about, shapes in found if shapes}


def _exhibits(figures: Sequence[Figure], places: Mapping[str, Link]) -> tuple[Exhibit, ...]:
    return tuple(
        Exhibit(f"figure-{number}", drawn(figure), places.get(figure.about))
        for number, figure in enumerate(figures, start=1)
    )


def _with_pictures(row: CheckRow, shapes: Shapes | None, exhibits: Sequence[Exhibit]) -> CheckRow:
    about = tuple(
        Link(exhibit.drawing.title, exhibit.anchor)
        for exhibit in exhibits
        if exhibit.about and exhibit.about.anchor == row.anchor
    )
    return replace(row, shapes=shapes, pictures=about) if shapes or about else row


def _row(
    check: CheckResult, places: Mapping[str, Link], missing: Mapping[str, Link], cause: CheckResult | None
) -> CheckRow:
    row = partial(
        CheckRow,
        anchor=places[check.id].anchor,
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
        return row(asked=check.asked, why=check.why, happened="The reason is at the top of this page.", open=False)
    return row(
        asked=check.asked,
        happened=check.message,
        why=check.why,
        hint="" if check.outcome is Outcome.PASSED else check.hint,
        traceback=check.traceback,
        measured=tuple(map(reading, check.metrics)),
        waits_for=tuple(missing[name] for name in check.depends if name in missing)
        if check.outcome is Outcome.SKIPPED
        else (),
    )


def _groups(checks: Sequence[CheckResult], rows: Sequence[CheckRow], sections: handout.Sections) -> tuple[Group, ...]:
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
            anchor=f"handout-{number}",
            handout=_handout(name, [row for _, row in pairs], sections),
        )
        for number, (name, pairs) in enumerate(found.items(), start=1)
    )


def _handout(group: str, rows: Sequence[CheckRow], sections: handout.Sections) -> Markup:
    lost = any(row.lost > 0 and not row.staff for row in rows)
    return sections.get(handout.key(group), Markup()) if lost else Markup()


def _fixes(checks: Sequence[CheckResult], rows: Sequence[CheckRow]) -> tuple[Fix, ...]:
    """What would bring most, together with the skipped checks that wait for it."""
    worth: list[tuple[float, Fix]] = []
    for check, row in zip(checks, rows, strict=True):
        if row.staff or not row.open or row.lost <= 0:
            continue
        waiting = _waiting_for(check.id, checks)
        blocked = sum(other.max_points - other.points for other in waiting)
        more = f"and {_points(blocked)} more wait for it" if waiting else ""
        worth.append((row.lost + blocked, Fix(row, _points(row.lost), more, _gist(row.happened))))
    worth.sort(key=lambda pair: -pair[0])
    return tuple(fix for _, fix in worth[:FIXES_MOST])


def _gist(message: str) -> str:
    """Its beginning, without its lines: the first of several may well be what is right."""
    return words.shortened(" ".join(message.split()), _GIST_MOST)


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
    yield "Graded" if grade.graded else "Taken in" if grade.pending else "Tried", words.moment(grade.graded_at)
    if grade.attempts > 1:
        yield "Attempts on record", str(grade.attempts)
    if lab_version:
        yield "Version of the lab", lab_version
    if grade.run.sandbox:
        yield "Ran in", _place(grade.run.sandbox)
        yield "Computing time", f"{grade.run.cpu_seconds:.1f} s"


def _place(facts: SandboxFacts) -> str:
    return f"{facts.launcher} sandbox ({facts.isolation}), on {'the CPU' if facts.device == 'cpu' else facts.device}"
