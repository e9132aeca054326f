"""Whether all that a database holds is there, can be read and fits together."""

import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import msgspec
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, bindparam, exists, func, or_, select

from grader.model import Change
from grader.store import attempts, changes
from grader.store.blocks import BLOCK, in_blocks
from grader.store.rows import unpacked
from grader.store.tables import (
    APPEND_ONLY,
    Audit,
    Base,
    CheckResult,
    Content,
    Extension,
    Lab,
    Run,
    Student,
    Submission,
)

_RESTORE: Final = (
    "Put a backup in its place: grader db restore FILE --replace. The database as it is now is kept beside."
)
_GUARD: Final = (
    "Compare with an earlier backup what may have been changed. A backup of this database has what is missing again "
    "when it is restored: grader db backup FILE, then grader db restore FILE --replace."
)
_UNLOGGED: Final = (
    "Something else than the grader changed it, or an earlier version of the grader wrote at the same time. "
    "“grader history STUDENT {lab}” shows what is on record; set what shall count with "
    "“grader override STUDENT {lab} SCORE --why …”."
)
_NAMED: Final = 10
"""How many students are named in a sentence, at most."""
_HALF_A_HUNDREDTH: Final = 0.00501
"""Scores are rounded to two decimals, the points of checks are not."""
_MISSING: Final = {
    "add_table": "table",
    "add_column": "column",
    "add_index": "index",
    "add_constraint": "constraint",
    "add_fk": "foreign key",
}
"""What to add to a schema that lacks something, in Alembic's words and in ours."""
_MAKES_TRIGGER: Final = re.compile(r"CREATE TRIGGER (\w+)")
_TRIGGERS: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND tgenabled IN ('O', 'A')",
}
"""By dialect: the triggers of the audit log that are at work."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not as it should be.

    Attributes:
        sentence: what is wrong.
        advice: what to do about it.
        bars: whether the rows cannot be put into another database, so that a backup is of no use.
    """

    sentence: str
    advice: str
    bars: bool = False


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was found in a database.

    Attributes:
        place: what to call it in a sentence.
        version: of its schema, the newest that this grader knows.
        rows: how many there are, by table; empty where they could not be counted.
    """

    place: str
    version: str
    rows: Mapping[str, int]
    troubles: tuple[Trouble, ...]

    @property
    def bar(self) -> Trouble | None:
        """What keeps the rows from being put into another database; None where they can be."""
        return next((trouble for trouble in self.troubles if trouble.bars), None)


_HANDED_IN: Final = (
    select(Student.key).join(Submission).where(Submission.content.in_(bindparam("contents", expanding=True)))
)
_KEYS: Final = select(Student.key).where(Student.id.in_(bindparam("ids", expanding=True)))


def examine(connection: Connection, place: str) -> Soundness:
    """Look at everything, as it is at one moment."""
    version = MigrationContext.configure(connection).get_current_revision() or ""
    broken = (*_damage(connection), *_gaps(connection))
    if broken:  # nothing else could be asked
        return Soundness(place, version, {}, broken)
    rows = {table.name: _count(connection, table) for table in Base.metadata.sorted_tables}
    lost = tuple(_references(connection))
    found = (*_guards(connection), *_results(connection), *_contents(connection))
    log = () if lost else tuple(_log(connection))  # what counts cannot be told where something is lost
    return Soundness(place, version, rows, (*lost, *found, *log))


def _count(connection: Connection, table: Any) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _damage(connection: Connection) -> Iterator[Trouble]:
    """What SQLite says of its file; a server looks after its own."""
    if connection.dialect.name == "sqlite":
        said = " ".join(str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()).split())
        if said != "ok":
            yield Trouble(f"The file is damaged ({said}).", _RESTORE, bars=True)


def _gaps(connection: Connection) -> Iterator[Trouble]:
    """What somebody took out of the schema by hand."""
    for difference in compare_metadata(MigrationContext.configure(connection), Base.metadata):
        if isinstance(difference, tuple) and difference[0] in _MISSING:
            yield Trouble(f"The {_MISSING[difference[0]]} “{difference[-1].name}” is missing.", _RESTORE, bars=True)


def _references(connection: Connection) -> Iterator[Trouble]:
    """Rows that point to rows which are not there."""
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
            other = key.referred_table.alias()
            here = [element.parent for element in key.elements]
            same = [other.c[element.column.name] == element.parent for element in key.elements]
            lost = select(func.count()).where(*(column.is_not(None) for column in here), ~exists().where(*same))
            if many := connection.scalar(lost):
                lacks = f"{many} of {table.name} belong to {key.referred_table.name} that are not there."
                yield Trouble(lacks, _RESTORE, bars=True)


def _guards(connection: Connection) -> Iterator[Trouble]:
    """What keeps the audit log as it was written, and is not there."""
    dialect = connection.dialect.name
    there = set(connection.exec_driver_sql(_TRIGGERS[dialect]).scalars())
    wanted = (found[1] for statement in APPEND_ONLY[dialect] if (found := _MAKES_TRIGGER.match(statement)))
    if missing := [name for name in wanted if name not in there]:
        yield Trouble(f"The log of grades can be changed unseen: without {', '.join(missing)}.", _GUARD)


def _log(connection: Connection) -> Iterator[Trouble]:
    """Grades, and times that persons gave, that the audit log does not end with."""
    for id_, lab in connection.execute(select(Lab.id, Lab.name).order_by(Lab.name)).all():
        logs = (
            ("the grade that counts", _logged(connection, id_), _counts(connection, id_)),
            ("the time that was given", _logged_times(connection, id_), _times(connection, id_)),
        )
        for what, logged, counts in logs:
            others = [who for who in logged.keys() | counts.keys() if logged.get(who) != counts.get(who)]
            if others:
                keys = {key for ids in in_blocks(others) for key in connection.scalars(_KEYS, {"ids": ids})}
                yield Trouble(
                    f"The log of {lab} does not end with {what}: that of {_named(keys)}.", _UNLOGGED.format(lab=lab)
                )


def _logged(connection: Connection, lab: int) -> dict[int, float | None]:
    """The score of each student in a lab, by the student's id, as the last row of the log has it."""
    last = select(func.max(Audit.id)).where(Audit.lab_id == lab).group_by(Audit.student_id)
    logged = select(Audit.student_id, Audit.new_score).where(Audit.id.in_(last))
    return {student: score for student, score in connection.execute(logged)}  # noqa: C416 - mypy sees no pair in a row


def _counts(connection: Connection, lab: int) -> dict[int, float | None]:
    """The score that counts of each student in a lab, by the student's id."""
    everybody = {*attempts.all_students(connection, lab), *changes.given(connection, lab)}
    return {student: there.score for student, there in changes.standings(connection, lab, everybody).items()}


def _logged_times(connection: Connection, lab: int) -> dict[int, datetime | None]:
    """The time that was given to each student, by the student's id, as the log has it; None where it was taken back."""
    given = Audit.change.in_([Change.EXTENDED, Change.SHORTENED])
    last = select(func.max(Audit.id)).where(Audit.lab_id == lab, given).group_by(Audit.student_id)
    logged = select(Audit.student_id, Audit.until).where(Audit.id.in_(last))
    return {student: until for student, until in connection.execute(logged)}  # noqa: C416 - likewise


def _times(connection: Connection, lab: int) -> dict[int, datetime | None]:
    """The time that was given to each student, by the student's id."""
    given = select(Extension.student_id, Extension.until).where(Extension.lab_id == lab)
    return {student: until for student, until in connection.execute(given)}  # noqa: C416 - likewise


def _results(connection: Connection) -> Iterator[Trouble]:
    """Runs that do not have all their check results: some are missing in between, or they do not make the score."""
    checks = (
        select(
            CheckResult.run_id,
            func.count().label("many"),
            func.max(CheckResult.position).label("last"),
            func.sum(CheckResult.points).label("points"),
            func.sum(CheckResult.max_points).label("max_points"),
        )
        .group_by(CheckResult.run_id)
        .subquery()
    )
    differs = [
        func.abs(column - func.coalesce(total, 0.0)) > _HALF_A_HUNDREDTH
        for column, total in ((Run.score, checks.c.points), (Run.max_score, checks.c.max_points))
    ]
    partial = (
        select(Lab.name, Run.lab_id, Run.content)
        .join(Run, Run.lab_id == Lab.id)
        .outerjoin(checks, checks.c.run_id == Run.id)
        .where(or_(checks.c.many != checks.c.last + 1, *differs))
        .order_by(Lab.name)
    )
    for (lab, id_), found in groupby(connection.execute(partial).all(), key=lambda row: (row.name, row.lab_id)):
        contents = [row.content for row in found]
        what = f"{len(contents)} runs of {lab} lack check results. They grade"
        if len(contents) == 1:
            what = f"A run of {lab} lacks check results. It grades"
        whose = _named(_whose(connection, contents, _HANDED_IN.where(Submission.lab_id == id_)))
        yield Trouble(f"{what} {whose}.", f"Grade what is concerned again: grader batch {lab} … --regrade.")


def _contents(connection: Connection) -> Iterator[Trouble]:
    """Files of submissions that cannot be read any more."""
    wanted = select(Content.digest, Content.files).order_by(Content.digest)
    found = connection.execute(wanted, execution_options={"yield_per": BLOCK})
    lost = [digest for digest, files in found if not _can_be_unpacked(files)]
    if lost:
        whose = _named(_whose(connection, lost, _HANDED_IN))
        yield Trouble(f"Files cannot be read any more: those of {whose}.", _RESTORE)


def _can_be_unpacked(files: bytes) -> bool:
    try:
        unpacked(files)
    except (zlib.error, msgspec.DecodeError):
        return False
    return True


def _whose(connection: Connection, contents: Iterable[str], handed_in: Select[str]) -> set[str]:
    """The keys of those who handed in one of these contents."""
    return {key for block in in_blocks(contents) for key in connection.scalars(handed_in, {"contents": block})}


def _named(keys: Collection[str]) -> str:
    """Some of these students, and how many more there are."""
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(sorted(keys)[:_NAMED]) + more or "nobody"
