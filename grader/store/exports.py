"""What was handed out: which grades stood in a file that was delivered, and when."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select

from grader.model import Exported, HandedOut
from grader.store.blocks import in_blocks
from grader.store.tables import Export, ExportedGrade, Lab, Student

_NEW_GRADES: Final = insert(ExportedGrade)
_STUDENTS: Final = select(Student.key, Student.id).where(Student.key.in_(bindparam("keys", expanding=True)))
_SAYS: Final = select(
    ExportedGrade.score, ExportedGrade.max_score, ExportedGrade.in_file, Export.made_at, Export.format, Export.made_by
).join_from(ExportedGrade, Export)
_OF_STUDENT: Final = _SAYS.where(
    ExportedGrade.student_id == bindparam("student"), Export.lab_id == bindparam("lab")
).order_by(Export.id)
_NEWEST: Final = (
    select(ExportedGrade.student_id, func.max(Export.id).label("export"))
    .join(Export)
    .join(Lab)
    .where(Lab.name == bindparam("lab"))
    .group_by(ExportedGrade.student_id, Export.format)
    .subquery()
)
_LAST: Final = (
    _SAYS.add_columns(Student.key)
    .join(Student)
    .join(_NEWEST, (_NEWEST.c.export == Export.id) & (_NEWEST.c.student_id == Student.id))
)


def record(connection: Connection, lab: int, form: str, by: str, grades: Mapping[str, Exported]) -> None:
    """Write down an export of the lab with this id; `grades` by the students' keys."""
    made = insert(Export).values(lab_id=lab, format=form, made_by=by, made_at=datetime.now(UTC)).returning(Export.id)
    export = connection.scalar(made)
    for keys in in_blocks(grades):
        found = connection.execute(_STUDENTS, {"keys": keys})
        rows = [{"export_id": export, "student_id": id_} | asdict(grades[key]) for key, id_ in found]
        connection.execute(_NEW_GRADES, rows)


def of_student(connection: Connection, student: int, lab: int) -> list[HandedOut]:
    """What was handed out of a student in a lab, both given by their ids, in the order of writing."""
    return [HandedOut(*row) for row in connection.execute(_OF_STUDENT, {"student": student, "lab": lab})]


def last(connection: Connection, lab: str) -> dict[str, dict[str, HandedOut]]:
    """By format and by the students' keys: what the last export says in which the student is."""
    found: dict[str, dict[str, HandedOut]] = {}
    for *values, key in connection.execute(_LAST, {"lab": lab}):
        told = HandedOut(*values)
        found.setdefault(told.form, {})[key] = told
    return found
