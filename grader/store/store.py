"""What the rest of the grader sees of the database. Each method is one transaction, going through grades another."""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlalchemy import Connection, Engine, select

from grader import model
from grader.model import (
    Change,
    Comparison,
    Counting,
    Ending,
    Event,
    Exported,
    GradeChange,
    HandedOut,
    Recount,
    Regraded,
    RunKey,
)
from grader.scoring import Policy
from grader.store import (
    attempts,
    changes,
    exports,
    handing_in,
    likenesses,
    numbers,
    rows,
    runs,
    soundness,
    statements,
    ticketing,
    transfer,
)
from grader.store.blocks import in_blocks
from grader.store.database import check_shared, check_there, connect, identity, locking_rows, writing
from grader.store.grades import Grades, counting, regraded, that_count
from grader.store.queue import Queue
from grader.store.tables import Student
from grader.store.trouble import translated


class Store:
    """A database of submissions, runs and grades; close it, or use it as a context manager.

    Every method raises `StoreError` (`DatabaseLocked`, `DatabaseUnreachable`, `DiskFull`) when the database does not do
    what it is asked; nothing is written then.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._writer = writing(engine)
        self._locker = locking_rows(engine)
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
        with self._writing() as connection:
            return handing_in.add(connection, submission)

    def refuse(self, refusal: model.Refusal) -> None:
        """Record what could not be taken in. An earlier submission keeps its grade, with a note about this."""
        with self._writing() as connection:
            handing_in.refuse(connection, refusal)

    def digests(self, submission_ids: Iterable[int]) -> dict[int, str]:
        """The digests of submissions' contents, by the submissions' ids."""
        found: dict[int, str] = {}
        with self._reading() as connection:
            for ids in in_blocks(submission_ids):
                found.update((id_, content) for id_, content in connection.execute(statements.DIGESTS, {"ids": ids}))
        return found

    def names(self, submission_ids: Iterable[int]) -> dict[int, str]:
        """Who handed in, by name, by the submissions' ids."""
        found: dict[int, str] = {}
        with self._reading() as connection:
            for ids in in_blocks(submission_ids):
                found.update((id_, name) for id_, name in connection.execute(statements.NAMES, {"ids": ids}))
        return found

    def submission(self, submission_id: int) -> model.Submission:
        """A submission with its files."""
        with self._reading() as connection:
            row = connection.execute(statements.SUBMISSION, {"submission": submission_id}).one()
        return model.Submission(
            student=model.Student(row.key, row.name),
            lab=row.lab,
            files=rows.unpacked(row.files),
            entry=row.entry,
            digest=row.digest,
            source=row.source,
            received_at=row.received_at,
            told_at=rows.told(row),
        )

    # ------------------------------------------------------------ runs

    def adopt(self, keys: Mapping[int, RunKey]) -> set[int]:
        """Put into effect, for each submission, the finished run with its key; the ids of those that have one.

        The others are not graded from now on: what run they had is put out of effect, and stays on record. Nor does
        what workers are asked to grade by another key come into effect for any of them.

        Args:
            keys: by the submissions' ids; of one lab.
        """
        if not keys:
            return set()
        with self._writing() as connection:
            finished = runs.finished(connection, keys.values())
            lab = next(iter(keys.values())).lab
            runs.put_into_effect(connection, lab, {id_: finished.get(key) for id_, key in keys.items()})
            ticketing.supersede(connection, keys)
        return {id_ for id_, key in keys.items() if key in finished}

    def finished(self, keys: Iterable[RunKey]) -> set[RunKey]:
        """Those of the keys that a finished run is on record for, whether it is in effect or not."""
        with self._reading() as connection:
            return set(runs.finished(connection, keys))

    def save(self, submission_ids: Collection[int], key: RunKey, run: model.Run) -> None:
        """Record a run of one content, and put it into effect for submissions that have this content.

        It replaces an earlier run with the same key, but a broken run never replaces a finished one, which then stays
        in effect. Saving twice is harmless. If workers are asked for a run with this key, it is this one, unless it
        broke.
        """
        with self._writing() as connection:
            waiting = [] if run.ending is Ending.BROKEN else ticketing.overtake(connection, key)
            runs.save(connection, {*submission_ids, *waiting}, key, run)

    # ------------------------------------------------------------ other machines

    def queue(self, patience: float = 60.0) -> Queue:
        """What workers on other machines are asked to grade.

        Args:
            patience: how many seconds a worker may be silent before it counts as lost; the same for all who use it.

        Raises:
            QueueUnavailable: the database is a file.
        """
        check_shared(self._engine.url)
        return Queue(self._reading, self._writing, self._locking, patience)

    # ------------------------------------------------------------ grades

    def grades(self, lab: str) -> Grades:
        """The grade of each student who handed in something for the lab, sorted by the student's key.

        A score that a person set counts. Otherwise the attempt does that the rules in effect say, by its run in effect.
        While the run of the latest is broken or missing the student is ungraded (the run says `broken`), whatever an
        earlier attempt earned; where the best counts, while any attempt's is and none keeps everything. Who only handed
        in what was refused is `rejected`.
        """
        return Grades(self._reading, lab)

    def policy(self, lab: str) -> Policy:
        """The rules in effect: which attempt counts, and what lateness costs."""
        with self._reading() as connection:
            return attempts.policy(connection, numbers.known_lab(connection, lab))

    def set_policy(self, lab: str, rules: Policy) -> list[Recount]:
        """Put rules into effect; whose score they change, sorted by the student's key."""
        with self._writing() as connection:
            if rules == attempts.policy(connection, numbers.known_lab(connection, lab)):
                return []
            id_ = numbers.lab(connection, lab)
            before, after = _under(connection, id_, rules)
            attempts.put_policy(connection, id_, rules)
            changes.record(connection, id_, before, after, Change.POLICY, str(rules))
            return _recounts(connection, before, after)

    def recounts(self, lab: str, rules: Policy) -> list[Recount]:
        """Whose score other rules would change, sorted by the student's key."""
        with self._reading() as connection:
            return _recounts(connection, *_under(connection, numbers.known_lab(connection, lab), rules))

    def untold(self, lab: str) -> list[model.Student]:
        """Of whom nobody knows whether lateness should cost them points, where something is due; sorted by key."""
        with self._reading() as connection:
            found = numbers.known_lab(connection, lab)
            if attempts.policy(connection, found).due is None:
                return []
            counted = attempts.counted(connection, found, attempts.all_students(connection, found))
            by_hand = changes.given(connection, found)
            ids = [who for who, one in counted.items() if one.attempt.told_at is None and who not in by_hand]
            return [student for _, student in _people(connection, ids)]

    def scores(self, lab: str) -> dict[model.Student, float | None]:
        """What counts of each student who handed in something, sorted by key; None where there is no score."""
        with self._reading() as connection:
            found = numbers.known_lab(connection, lab)
            standings = changes.standings(connection, found, attempts.all_students(connection, found))
            return {student: standings[id_].score for id_, student in _people(connection, standings)}

    def counting(self, lab: str, attempt: Literal["latest", "best"]) -> list[Counting]:
        """The attempts that may count if the latest or the best does, sorted by the student's key."""
        with self._reading() as connection:
            return counting(connection, lab, attempt)

    def counted(self, lab: str) -> list[Counting]:
        """The attempt that counts of each student who handed in something, sorted by the student's key."""
        with self._reading() as connection:
            return that_count(connection, lab)

    def regraded(self, lab: str) -> Iterator[Regraded]:
        """Of each attempt that counts and has had several results, by several suites or sandboxes, the last two.

        Before is the finished run that was in effect for it last. Sorted by the student's key; all is read in one
        transaction, as one goes through it.
        """
        with self._reading() as connection:
            yield from regraded(connection, lab)

    # ------------------------------------------------------------ what a person decides

    def students(self) -> list[model.Student]:
        """All who are known, whatever lab they handed in for, sorted by key."""
        with self._reading() as connection:
            found = connection.execute(select(Student.key, Student.name)).all()
        return sorted((model.Student(*row) for row in found), key=lambda student: student.key)

    def labs(self, student: str) -> list[str]:
        """The names of the labs in which something of the student with this key is on record, sorted.

        Raises:
            UnknownStudent: nobody has this key.
        """
        with self._reading() as connection:
            return sorted(connection.scalars(statements.LABS, {"student": numbers.known_student(connection, student)}))

    def meet(self, student: model.Student) -> None:
        """Put a student on record who may have handed in nothing; who is there keeps the name."""
        with self._writing() as connection:
            numbers.met(connection, student)

    def override(self, lab: str, student: str, decision: model.Decision) -> GradeChange:
        """Make a score count for the student with this key, whatever runs earn before or after.

        Its time is that of the writing: who decides first may have to wait for others that write.

        Raises:
            UnknownStudent: nobody has this key.
        """
        with self._writing() as connection:
            whose = numbers.known_student(connection, student), numbers.lab(connection, lab)
            return changes.set_score(connection, *whose, decision)

    def clear_override(self, lab: str, student: str, reason: str, by: str) -> GradeChange:
        """Take back the score that a person set, so that the run counts again.

        Raises:
            UnknownStudent: nobody has this key.
            OverrideImpossible: nobody set a score.
        """
        with self._writing() as connection:
            whose = numbers.known_student(connection, student), numbers.lab(connection, lab)
            return changes.clear_score(connection, *whose, reason, by)

    def extension(self, lab: str, student: str) -> datetime | None:
        """Until when the student with this key has time; None where nobody gave any."""
        with self._reading() as connection:
            return connection.scalar(statements.EXTENSION, {"who": student, "lab": lab})

    def extend(self, lab: str, student: model.Student, extension: model.Extension) -> GradeChange:
        """Give a student more time, also one who is not known yet."""
        with self._writing() as connection:
            whose = numbers.met(connection, student), numbers.lab(connection, lab)
            return changes.extend(connection, *whose, extension)

    def shorten(self, lab: str, student: str, reason: str, by: str) -> GradeChange:
        """Take back the time that was given to the student with this key.

        Raises:
            UnknownStudent: nobody has this key.
            ExtensionImpossible: nobody gave any.
        """
        with self._writing() as connection:
            whose = numbers.known_student(connection, student), numbers.lab(connection, lab)
            return changes.shorten(connection, *whose, reason, by)

    def history(self, lab: str, student: str) -> list[Event]:
        """Attempts, refusals, exports and changes of the grade of a student, by their key, in a lab, in order of time.

        Raises:
            UnknownStudent: nobody has this key.
        """
        with self._reading() as connection:
            whose = numbers.known_student(connection, student), numbers.known_lab(connection, lab)
            return changes.history(connection, *whose)

    # ------------------------------------------------------------ what was handed out

    def record_export(self, lab: str, form: str, by: str, grades: Mapping[str, Exported]) -> None:
        """Put on record what a file says that was delivered.

        Args:
            form: its format.
            by: who made it.
            grades: what it says of whom, by the students' keys.
        """
        with self._writing() as connection:
            exports.record(connection, numbers.lab(connection, lab), form, by, grades)

    def handed_out(self, lab: str) -> dict[str, dict[str, HandedOut]]:
        """By format and by the students' keys: what the last export says in which the student is."""
        with self._reading() as connection:
            return exports.last(connection, lab)

    # ------------------------------------------------------------ what is alike

    def record_comparison(self, lab: str, made: Comparison) -> None:
        """Put on record what was found when submissions were compared, in place of what was found before."""
        with self._writing() as connection:
            likenesses.record(connection, numbers.lab(connection, lab), made)

    def comparison(self, lab: str) -> Comparison | None:
        """What was found when the submissions of a lab were compared last; None where they never were."""
        with self._reading() as connection:
            return likenesses.last(connection, numbers.known_lab(connection, lab))

    # ------------------------------------------------------------ the database as a whole

    def check(self) -> soundness.Soundness:
        """Whether all that is there can be read and fits together."""
        with self._reading() as connection:
            return soundness.examine(connection, self._place)

    def rows(self) -> transfer.Rows:
        """All that is there, as it is at the moment when somebody begins to go through it."""
        with self._reading() as connection:
            yield from transfer.rows(connection, self._place)

    def fill(self, found: transfer.Rows) -> None:
        """Take over the rows of another store.

        Raises:
            BackupRefused: there are some here already.
        """
        with self._writing() as connection:
            transfer.fill(connection, self._place, found)

    # ------------------------------------------------------------ transactions

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        check_there(self._engine, self._opened)
        with translated(self._place), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        check_there(self._engine, self._opened)
        with translated(self._place), self._writer.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _locking(self) -> Iterator[Connection]:
        with translated(self._place), self._locker.begin() as connection:
            yield connection


def _under(connection: Connection, lab: int, rules: Policy) -> tuple[changes.Standings, changes.Standings]:
    """Where everybody is in a lab, and where they would be by these rules."""
    everybody = attempts.all_students(connection, lab)
    return changes.standings(connection, lab, everybody), changes.standings(connection, lab, everybody, rules)


def _recounts(connection: Connection, before: changes.Standings, after: changes.Standings) -> list[Recount]:
    others = [who for who, there in after.items() if there.score != before[who].score]
    return [Recount(student, before[id_].score, after[id_].score) for id_, student in _people(connection, others)]


def _people(connection: Connection, ids: Collection[int]) -> list[tuple[int, model.Student]]:
    """Students with their ids, sorted by key."""
    found = [
        (id_, model.Student(key, name))
        for block in in_blocks(ids)
        for id_, key, name in connection.execute(statements.PEOPLE, {"ids": block})
    ]
    return sorted(found, key=lambda one: one[1].key)
