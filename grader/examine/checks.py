"""A check: what its author declares, and the row of feedback that comes of it."""

import inspect
from dataclasses import dataclass
from typing import Literal

import pytest

from grader.errors import CallEnded, CallRaised, Finding, PartialCredit
from grader.examine import sentences
from grader.model import CheckResult, Metric, Outcome, Visibility


@dataclass(frozen=True, slots=True)
class Check:
    """What the mark on a test says, and what its docstring asks; see `CheckResult`."""

    id: str
    title: str
    points: float
    group: str = ""
    depends: tuple[str, ...] = ()
    hint: str = ""
    visibility: Visibility = Visibility.STUDENT
    reveals: bool = False
    asked: str = ""
    why: str = ""


def check(  # noqa: PLR0913  a declaration: what is not said by name has a default
    id: str,  # noqa: A002  the suite's authors write it by position
    *,
    title: str,
    points: float,
    group: str = "",
    depends: tuple[str, ...] = (),
    hint: str = "",
    visibility: Literal["student", "staff"] = "student",
    reveals: bool = False,
    why: str = "",
) -> pytest.MarkDecorator:
    """Marks a test as a check, one row of feedback. The first paragraph of its docstring is what the check asks.

    Args:
        points: what passing earns.
        group: checks of a group stand together; where the handout has a section called so, the page links to it.
        depends: ids of checks above that must have earned something, else this one is skipped.
        hint: shown to a student who did not pass.
        visibility: "staff" keeps the message from the student.
        reveals: its messages may name right values; `grader validate` reports others that do.
        why: why it matters, shown whatever the outcome.
    """
    declared = Check(id, title, points, group, tuple(depends), hint, Visibility(visibility), reveals, why=why)
    return pytest.mark.check.with_args(declared)


def first_paragraph(docstring: str | None) -> str:
    """The docstring's first paragraph, on one line."""
    return " ".join(inspect.cleandoc(docstring or "").split("\n\n")[0].split())


class Needed(Exception):
    """Something that this check needs did not pass; the text says what. Not the student's finding, not a fault."""


class Unjudged(Exception):
    """The check itself failed over an answer; what the operator should know is elsewhere."""

    def __init__(self) -> None:
        super().__init__(
            "What your code answered is of a kind that this check cannot judge: a part may have another type or shape"
            " than the lab asks for. Compare it with the lab's text. Those who teach are asked to have a look."
        )


def result(
    check: Check, found: Finding | Needed | Unjudged | None, metrics: tuple[Metric, ...] = (), *, whole: bool = True
) -> CheckResult:
    """The row of a check in which `found` was raised.

    Args:
        metrics: what it measured.
        whole: False where nothing that student code wrote may be shown.
    """
    outcome, share, message, traceback = _outcome(found, whole=whole)
    return CheckResult(
        id=check.id,
        title=check.title,
        group=check.group,
        outcome=outcome,
        points=check.points * share,
        max_points=check.points,
        asked=check.asked,
        message=sentences.plain(message),
        hint=check.hint,
        traceback=traceback,
        depends=check.depends,
        visibility=check.visibility,
        metrics=metrics,
        why=check.why,
    )


def _outcome(found: Finding | Needed | Unjudged | None, *, whole: bool) -> tuple[Outcome, float, str, str]:
    match found:
        case None:
            return Outcome.PASSED, 1.0, "", ""
        case PartialCredit():
            return Outcome.PARTIAL, found.fraction, str(found), ""
        case CallRaised():
            return Outcome.ERROR, 0.0, sentences.told(found, whole=whole), found.traceback if whole else ""
        case CallEnded() | Unjudged():
            return Outcome.ERROR, 0.0, str(found), ""
        case Needed():
            return Outcome.SKIPPED, 0.0, str(found), ""
    return Outcome.FAILED, 0.0, str(found), ""
