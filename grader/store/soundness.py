"""Whether all that a database holds is there, can be read and fits together."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, exists, func, or_, select

from grader.store.blocks import BLOCK
from grader.store.rows import unpacked
from grader.store.tables import Base, CheckResult, Content, Lab, Run, Student, Submission

_RESTORE: Final = (
    "Put a backup in its place: grader db restore FILE --replace. The database as it is now is kept beside."
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


def examine(connection: Connection, place: str) -> Soundness:
    """Look at everything, as it is at one moment."""
    version = MigrationContext.configure(connection).get_current_revision() or ""
    broken = (*_damage(connection), *_gaps(connection))
    if broken:  # nothing else could be asked
        return Soundness(place, version, {}, broken)
    rows = {table.name: _count(connection, table) for table in Base.metadata.sorted_tables}
    troubles = (*_references(connection), *_results(connection), *_contents(connection))
    return Soundness(place, version, rows, troubles)


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
        select(Run.content, Run.lab_id, Lab.name)
        .join(Lab)
        .outerjoin(checks, checks.c.run_id == Run.id)
        .where(or_(checks.c.many != checks.c.last + 1, *differs))
        .order_by(Run.id)
    )
    for content, lab_id, lab in connection.execute(partial).all():
        yield Trouble(
            f"A run of {lab} lacks check results. It grades {_whose(connection, content, lab_id)}.",
            f"Grade what is concerned again: grader batch {lab} … --regrade.",
        )


def _contents(connection: Connection) -> Iterator[Trouble]:
    """Files of submissions that cannot be read any more."""
    wanted = select(Content.digest, Content.files).order_by(Content.digest)
    for digest, files in connection.execute(wanted, execution_options={"yield_per": BLOCK}):
        try:
            unpacked(files)
        except (zlib.error, msgspec.DecodeError):
            yield Trouble(f"Files cannot be read any more: those of {_whose(connection, digest)}.", _RESTORE)


def _whose(connection: Connection, content: str, lab: int | None = None) -> str:
    """Who handed in a content."""
    wanted = select(Student.key).join(Submission).where(Submission.content == content).distinct().order_by(Student.key)
    keys = list(connection.scalars(wanted if lab is None else wanted.where(Submission.lab_id == lab)))
    more = f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    return ", ".join(keys[:_NAMED]) + more or "nobody"
