"""Scores that a person sets."""

from grader.errors import OverrideImpossible
from grader.labs import Lab
from grader.model import Decision, GradeChange, Student
from grader.scoring import written
from grader.store import Store


def override(lab: Lab, store: Store, student: Student, score: float, reason: str, by: str) -> GradeChange:
    """Make a score count for a student, who may not be known yet, whatever runs earn before or after.

    Raises:
        OverrideImpossible: it is no score of the lab, or nobody says why.
    """
    most = lab.spec.points
    if not 0 <= score <= most:  # NaN is not, either
        raise OverrideImpossible(f"A score for {lab.name} is from 0 to {written(most)}. Nothing was changed.")
    if not reason.strip():
        raise OverrideImpossible("An override needs a reason: say it with --why. Nothing was changed.")
    decision = Decision(min(round(score, 2), most), most, reason.strip(), by)
    store.meet(student)
    return store.override(lab.name, student.key, decision)
