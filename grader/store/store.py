"""What the rest of the grader sees of the database. Each method is one transaction."""

import contextlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from grader import model
from grader.model import Ending, Grade, RunKey
from grader.store import rows
from grader.store.database import check_there, connect, identity, writing
from grader.store.grades import grades_of
from grader.store.tables import CheckResult, Content, Figure, Lab, Refusal, Run, Student, Submission
from grader.store.trouble import translated


class Store:
    """A database of submissions, runs and grades; close it, or use it as a context manager.

    Every method raises `StoreError` (`DatabaseLocked`, `DatabaseUnreachable`, `DiskFull`) when the database does not do
    what it is asked; nothing is written then.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._writer = writing(engine)
        self._place = place
        self._opened = identity(engine)

    @classmethod
    def open(cls, address: str | Path, *, must_exist: bool = False) -> Self:
        """The store at `address`, made or brought up to date if need be.

        Args:
            address: "sqlite:///FILE", "postgresql://…", or the path of an SQLite file.
            must_exist: do not make an SQLite file that is not there; for those who only read.

        Raises:
            StoreError: it cannot be opened, is another program's, or was written by a newer grader.
        """
        return cls(*connect(address, must_exist=must_exist))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ what students handed in

    def add(self, submission: model.Submission) -> int:
        """Record a submission and return its id.

        The same content from the same student for the same lab is the same attempt however often it is added. What is
        added last counts as the latest, unless it is known to have been received before the one that counted so far.
        """
        with self._writing() as session:
            who, lab = _student(session, submission.student), _lab(session, submission.lab)
            _keep(session, submission)
            last = _last_turn(session, who, lab)
            earlier = session.scalars(
                select(Submission).where(Submission.student_id == who, Submission.lab_id == lab)
            ).all()
            row = next((row for row in earlier if row.content == submission.digest), None)
            older = _is_older(submission, max(earlier, key=lambda row: row.turn, default=None))
            if row is None:
                turn = min(row.turn for row in earlier) - 1 if older else last + 1
                attempt = len(earlier) + 1
                row = Submission(student_id=who, lab_id=lab, content=submission.digest, attempt=attempt, turn=turn)
                session.add(row)
            elif row.turn != last and not older:
                row.turn = last + 1
            row.source, row.received_at, row.collected_at = submission.source, submission.received_at, _now()
            session.flush()
            return row.id

    def refuse(self, refusal: model.Refusal) -> None:
        """Record what could not be taken in. An earlier submission keeps its grade, with a note about this."""
        with self._writing() as session:
            who, lab = _student(session, refusal.student), _lab(session, refusal.lab)
            last = _last_turn(session, who, lab)
            row = session.scalar(
                select(Refusal).where(
                    Refusal.student_id == who,
                    Refusal.lab_id == lab,
                    Refusal.source == refusal.source,
                    Refusal.reason == refusal.reason,
                )
            )
            if row is None:
                row = Refusal(student_id=who, lab_id=lab, source=refusal.source, reason=refusal.reason, turn=last + 1)
                session.add(row)
            elif row.turn != last:
                row.turn = last + 1
            row.refused_at = _now()

    def digest(self, submission_id: int) -> str:
        """The digest of a submission's content."""
        with self._reading() as session:
            return session.get_one(Submission, submission_id).content

    def submission(self, submission_id: int) -> model.Submission:
        """A submission with its files."""
        with self._reading() as session:
            row = session.get_one(Submission, submission_id)
            content = session.get_one(Content, row.content)
            return model.Submission(
                student=rows.student(session.get_one(Student, row.student_id)),
                lab=session.get_one(Lab, row.lab_id).name,
                files=rows.unpacked(content.files),
                entry=content.entry,
                digest=content.digest,
                source=row.source,
                received_at=row.received_at,
            )

    # ------------------------------------------------------------ runs

    def adopt(self, submission_id: int, key: RunKey) -> bool:
        """Put the finished run with this key into effect, if there is one."""
        with self._writing() as session:
            run = session.scalar(_with_key(key))
            if run is None or run.ending is Ending.BROKEN:
                return False
            session.get_one(Submission, submission_id).run_id = run.id
            return True

    def withdraw(self, submission_ids: Iterable[int]) -> None:
        """Put the runs of these submissions out of effect: they are not graded yet. The runs stay on record."""
        changes = [{"id": id_, "run_id": None} for id_ in submission_ids]
        if changes:
            with self._writing() as session:
                session.execute(update(Submission), changes)

    def save(self, submission_id: int, key: RunKey, run: model.Run) -> None:
        """Record a run and put it into effect.

        It replaces an earlier run with the same key, but a broken run never replaces a finished one, which then stays
        in effect. Saving twice is harmless.
        """
        with self._writing() as session:
            row = session.scalar(_with_key(key))
            if row is None:
                row = Run(
                    content=key.submission,
                    lab_id=_lab(session, key.lab),
                    lab_version=key.lab_version,
                    suite=key.suite,
                    sandbox=key.sandbox,
                )
                session.add(row)
                _write(session, row, run)
            elif run.ending is not Ending.BROKEN or row.ending is Ending.BROKEN:
                _write(session, row, run)
            session.get_one(Submission, submission_id).run_id = row.id

    # ------------------------------------------------------------ grades

    def grades(self, lab: str) -> list[Grade]:
        """The grade of each student who handed in something for the lab, sorted by the student's key.

        The latest attempt counts, by its run in effect. While that is broken or missing the student is ungraded (the
        run says `broken`), whatever an earlier attempt earned. Who only handed in what was refused is `rejected`.
        """
        with self._reading() as session:
            return grades_of(session, lab)

    # ------------------------------------------------------------ transactions

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Session]:
        check_there(self._engine, self._opened)
        with translated(self._place), Session(self._engine) as session, session.begin():
            yield session

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Session]:
        check_there(self._engine, self._opened)
        with translated(self._place), Session(self._writer) as session, session.begin():
            yield session


def _student(session: Session, student: model.Student) -> int:
    row = session.scalar(select(Student).where(Student.key == student.key))
    if row is None:
        row = Student(key=student.key)
        session.add(row)
    row.name = student.name
    session.flush()
    return row.id


def _lab(session: Session, name: str) -> int:
    row = session.scalar(select(Lab).where(Lab.name == name))
    if row is None:
        row = Lab(name=name)
        session.add(row)
        session.flush()
    return row.id


def _keep(session: Session, submission: model.Submission) -> None:
    if session.scalar(select(Content.digest).where(Content.digest == submission.digest)) is None:
        files = rows.packed(submission.files)
        session.add(Content(digest=submission.digest, entry=submission.entry, files=files))


def _last_turn(session: Session, student: int, lab: int) -> int:
    """The turn of what this student handed in last for this lab, taken in or refused; 0 before the first."""
    turns = [
        session.scalar(select(func.max(kind.turn)).where(kind.student_id == student, kind.lab_id == lab))
        for kind in (Submission, Refusal)
    ]
    return max(turn or 0 for turn in turns)


def _is_older(submission: model.Submission, latest: Submission | None) -> bool:
    """Whether a submission is known to have been received before the latest one."""
    received, other = submission.received_at, latest.received_at if latest else None
    return received is not None and other is not None and received < other


def _with_key(key: RunKey) -> Select[Run]:
    return (
        select(Run)
        .join(Lab, Lab.id == Run.lab_id)
        .where(
            Lab.name == key.lab,
            Run.content == key.submission,
            Run.lab_version == key.lab_version,
            Run.suite == key.suite,
            Run.sandbox == key.sandbox,
        )
    )


def _write(session: Session, row: Run, run: model.Run) -> None:
    for column, value in rows.run_values(run).items():
        setattr(row, column, value)
    row.graded_at = _now()
    session.flush()
    for table, records in ((CheckResult, run.checks), (Figure, run.figures)):
        session.execute(delete(table).where(table.run_id == row.id))
        if records:
            session.execute(insert(table), rows.ordered(row.id, records))


def _now() -> datetime:
    return datetime.now(UTC)
