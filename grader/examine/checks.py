"""A check: what its author declares, and the row of feedback that comes of it."""

import inspect
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast

import pytest

from grader.errors import CallEnded, CallRaised, Finding, InvalidLab, PartialCredit
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

    Raises:
        InvalidLab: something is of another type, or has no such value.
    """
    _check_texts({"id": id, "title": title, "group": group, "hint": hint, "why": why})
    _check_rest(id, points, depends, visibility)
    declared = Check(id, title, points, group, tuple(depends), hint, Visibility(visibility), reveals, why=why)
    return pytest.mark.check.with_args(declared)


def _check_texts(texts: Mapping[str, object]) -> None:
    for name, text in texts.items():
        if not isinstance(text, str):
            raise InvalidLab(f"{name} of a check is {text!r}; write text in quotation marks.")
        if not text.strip() and name in {"id", "title"}:
            raise InvalidLab(f"{name} of a check is empty; give it one.")


def _check_rest(id_: str, points: object, depends: object, visibility: object) -> None:
    if isinstance(points, bool) or not isinstance(points, int | float):
        raise InvalidLab(f"points of check “{id_}” are {points!r}; write a number, as in points=4.")
    if not 0 <= points < math.inf:
        raise InvalidLab(f"check “{id_}” has {points:g} points. Give it 0 or more.")
    if isinstance(depends, str) or not all(isinstance(each, str) for each in cast("Iterable[object]", depends)):
        example = depends if isinstance(depends, str) else "first-row"
        raise InvalidLab(
            f'depends of check “{id_}” is {depends!r}; write ids in a tuple, as in depends=("{example}",).'
        )
    if visibility not in set(Visibility):
        known = " or ".join(f'"{each}"' for each in Visibility)
        raise InvalidLab(f"visibility of check “{id_}” is {visibility!r}; it is {known}.")


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
