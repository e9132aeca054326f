"""What flows through the grader: plain, frozen records and the vocabularies they use.

Nothing here does anything. Every other room speaks in these words.
"""

from typing import TypeAlias

from grader.model.figures import Figure, FigureKind
from grader.model.grades import Attempt, ClassResults, Counting, Grade, Grades, Recount, Regraded
from grader.model.likeness import Alike, Comparison, Likeness, Passage, Similar, SimilarPair
from grader.model.queue import Asked, Claim, Need, Standing, TicketState, Worker
from grader.model.records import (
    Change,
    Decision,
    Event,
    Exported,
    Extension,
    GradeChange,
    HandedIn,
    HandedOut,
    Override,
    Refused,
)
from grader.model.runs import CheckResult, Ending, Flag, Metric, Outcome, Run, RunKey, SandboxFacts, Visibility
from grader.model.submissions import Refusal, Student, Submission

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

__all__ = [
    "Alike",
    "Asked",
    "Attempt",
    "Change",
    "CheckResult",
    "Claim",
    "ClassResults",
    "Comparison",
    "Counting",
    "Decision",
    "Ending",
    "Event",
    "Exported",
    "Extension",
    "Figure",
    "FigureKind",
    "Flag",
    "Grade",
    "GradeChange",
    "Grades",
    "HandedIn",
    "HandedOut",
    "Json",
    "Likeness",
    "Metric",
    "Need",
    "Outcome",
    "Override",
    "Passage",
    "Recount",
    "Refusal",
    "Refused",
    "Regraded",
    "Run",
    "RunKey",
    "SandboxFacts",
    "Similar",
    "SimilarPair",
    "Standing",
    "Student",
    "Submission",
    "TicketState",
    "Visibility",
    "Worker",
]
