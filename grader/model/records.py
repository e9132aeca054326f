"""What persons decide, and the rows of the log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Decision:
    """A score that a person sets: it counts, whatever runs earn before or after.

    Attributes:
        max_score: what it is out of.
        reason: a sentence that the student reads, too.
        set_by: who sets it.
    """

    score: float
    max_score: float
    reason: str
    set_by: str


@dataclass(frozen=True, slots=True)
class Override(Decision):
    """A score that a person set, as it is on record.

    Attributes:
        set_at: when it was written down.
    """

    set_at: datetime


@dataclass(frozen=True, slots=True)
class Extension:
    """More time for a student.

    Attributes:
        until: the student's own due date, aware.
        reason: a sentence for those who teach.
        set_by: who gives it.
    """

    until: datetime
    reason: str
    set_by: str


class Change(StrEnum):
    """What changed a grade."""

    BEFORE = "before"
    """It was so when the log began."""
    RUN = "run"
    """Another run is in effect, or none."""
    SUBMISSION = "submission"
    """Another attempt counts."""
    SET = "set"
    """A person set a score."""
    CHANGED = "changed"
    """A person set another score or reason."""
    CLEARED = "cleared"
    """A person took the score back that one had set."""
    POLICY = "policy"
    """Other rules say which attempt counts, or what lateness costs."""
    TOLD = "told"
    """A platform told when an attempt was handed in."""
    EXTENDED = "extended"
    """A person gave more time."""
    SHORTENED = "shortened"
    """A person took that time back."""


@dataclass(frozen=True, slots=True)
class GradeChange:
    """A row of the audit log: what a student's grade was and is.

    Attributes:
        actor: the person who changed it; "grader" where grading did.
        old_score: None where there was none.
        new_score: None where there is none from then on.
        max_score: what the new score is out of.
        reason: what the person said; of other rules, what they are.
        attempt: which attempt counts from then on; None where nothing was handed in.
        examined: whether that attempt has a run in effect from then on.
        earned: what that run earned, whoever set another score, and before lateness costs; None where there is none, or
            it broke.
        late_days: how late that attempt came; 0 where it was in time, or nobody knows when.
        until: the time that a person gave.
    """

    at: datetime
    change: Change
    actor: str
    old_score: float | None
    new_score: float | None
    max_score: float | None
    reason: str
    attempt: int | None
    examined: bool
    earned: float | None
    late_days: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """An attempt of a student.

    Attributes:
        at: the earliest time that a platform told; else the date of the file that was seen last, where that is `known`;
            else when it was taken in.
    """

    at: datetime
    known: bool
    attempt: int
    source: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of a student that could not be taken in."""

    at: datetime
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A student's score in a file that was written for a gradebook, for people or for programs.

    Attributes:
        score: as it stands there, to two decimals; None where it stands there that there is none.
        max_score: what it is out of there; None where there is no score.
        in_file: False where the gradebook had this score already, so that the file leaves the student out.
    """

    score: float | None
    max_score: float | None
    in_file: bool


@dataclass(frozen=True, slots=True)
class HandedOut(Exported):
    """The same, as it is on record.

    Attributes:
        at: when it was written down; the file was delivered by then.
        form: the format.
        by: who exported it.
    """

    at: datetime
    form: str
    by: str


Event: TypeAlias = HandedIn | Refused | GradeChange | HandedOut
"""What a student's history in a lab is made of."""
