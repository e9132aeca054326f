"""Who has another grade now than was exported last: what gradebooks do not know of yet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from grader.model import Grade, HandedOut, Student
from grader.scoring import written


@dataclass(frozen=True, slots=True)
class Differing:
    """A student who has another grade now.

    Attributes:
        was: what the last export says in which the student is.
        score: what counts now; None where there is no score any more.
        max_score: what that is out of.
    """

    student: Student
    was: HandedOut
    score: float | None
    max_score: float


@dataclass(frozen=True, slots=True)
class Outdated:
    """What exports in one format do not know of.

    Attributes:
        at: when the last of them was made.
        missing: students with a score who are in none of them.
    """

    form: str
    at: datetime
    differing: tuple[Differing, ...]
    missing: tuple[Student, ...]


def outdated(grades: Iterable[Grade], handed_out: Mapping[str, Mapping[str, HandedOut]]) -> list[Outdated]:
    """For each format that does not know all, what it does not know of.

    Args:
        handed_out: by format and by the students' keys: what the last export says in which the student is.
    """
    differing: dict[str, list[Differing]] = defaultdict(list)
    missing: dict[str, list[Student]] = defaultdict(list)
    seen = set()
    for grade in grades:
        seen.add(grade.student.key)
        for form, given in handed_out.items():
            was = given.get(grade.student.key)
            if was is None:
                missing[form] += [grade.student] if grade.graded else []
            elif _now(grade, was) != _then(was):
                score = grade.score if grade.graded else None
                differing[form].append(Differing(grade.student, was, score, grade.max_score))
    for form, given in handed_out.items():  # a score by hand that was taken back from who handed in nothing
        gone = sorted(key for key in given.keys() - seen if given[key].score is not None)
        differing[form] += [Differing(Student(key, key), given[key], None, 0.0) for key in gone]
    return [
        Outdated(form, max(told.at for told in given.values()), tuple(differing[form]), tuple(missing[form]))
        for form, given in sorted(handed_out.items())
        if differing[form] or missing[form]
    ]


def _then(was: HandedOut) -> str:
    return "" if was.score is None else written(was.score)


def _now(grade: Grade, was: HandedOut) -> str:
    """The score as an export would write it now, out of what it was out of then."""
    if not grade.graded:
        return ""
    scale = was.max_score / grade.max_score if was.max_score and grade.max_score else 1.0
    return written(grade.score * scale)
