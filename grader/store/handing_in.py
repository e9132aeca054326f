"""What students handed in, as it is put on record: whether it is new, which attempt it is, and which comes last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from grader import model
from grader.model import Change
from grader.store import changes, numbers, rows, statements
from grader.store.tables import Refusal


def add(connection: Connection, submission: model.Submission) -> int:
    """Record a submission; its id. See `Store.add`."""
    who, lab = numbers.student(connection, submission.student), numbers.lab(connection, submission.lab)
    _keep(connection, submission)
    earlier = connection.execute(statements.SUBMISSIONS, {"student": who, "lab": lab}).all()
    before = changes.standings(connection, lab, [who]) if earlier else {}
    latest = max(earlier, key=lambda row: row.turn, default=None)
    id_ = _take_in(connection, submission, who, lab, earlier, latest)
    if latest is not None:
        same = latest.content == submission.digest or _is_older(submission, latest)
        change = Change.TOLD if same else Change.SUBMISSION
        changes.record(connection, lab, before, changes.standings(connection, lab, [who]), change)
    return id_


def refuse(connection: Connection, refusal: model.Refusal) -> None:
    """Record what could not be taken in. See `Store.refuse`."""
    who, lab = numbers.student(connection, refusal.student), numbers.lab(connection, refusal.lab)
    last = _last_turn(connection, who, lab)
    what = {"student_id": who, "lab_id": lab, "source": refusal.source, "reason": refusal.reason}
    row = connection.execute(select(Refusal.id, Refusal.turn).filter_by(**what)).first()
    if row is None:
        connection.execute(insert(Refusal).values(turn=last + 1, refused_at=_now(), **what))
    else:
        turn = row.turn if row.turn == last else last + 1
        connection.execute(update(Refusal).where(Refusal.id == row.id).values(turn=turn, refused_at=_now()))


def _keep(connection: Connection, submission: model.Submission) -> None:
    if connection.scalar(statements.CONTENT, {"content": submission.digest}) is None:
        files = rows.packed(submission.files)
        values = {"digest": submission.digest, "entry": submission.entry, "files": files}
        connection.execute(statements.NEW_CONTENT, values)


def _last_turn(connection: Connection, student: int, lab: int) -> int:
    """The turn of what this student handed in last for this lab, taken in or refused; 0 before the first."""
    return int(connection.scalar(statements.LAST_TURN, {"student": student, "lab": lab}) or 0)


def _take_in(
    connection: Connection,
    submission: model.Submission,
    student: int,
    lab: int,
    earlier: Sequence[rows.AnyRow],
    latest: rows.AnyRow | None,
) -> int:
    """Put a submission beside the student's `earlier` ones, of which one is the latest; its id.

    When a content was received is as it was seen last: by that it is told whether what comes next is older. Of the
    times that a platform told, by which somebody is late, the earliest stays.
    """
    last, older = _last_turn(connection, student, lab), _is_older(submission, latest)
    row = next((row for row in earlier if row.content == submission.digest), None)
    told_at, told_local = _first_told(submission, row)
    seen: dict[str, Any] = {
        "source": submission.source,
        "received_at": submission.received_at,
        "told_at": told_at,
        "told_local": told_local,
        "collected_at": _now(),
    }
    if row is None:
        seen["turn"] = min(row.turn for row in earlier) - 1 if older else last + 1
        theirs = {"student_id": student, "lab_id": lab, "content": submission.digest, "attempt": len(earlier) + 1}
        return numbers.inserted(connection, statements.NEW_SUBMISSION, theirs | seen)
    seen["turn"] = row.turn if row.turn == last or older else last + 1
    if seen["turn"] == row.turn:
        seen["collected_at"] = row.collected_at  # seen again, which is nothing new
    changed = {f"new_{name}": value for name, value in seen.items()}
    connection.execute(statements.SEE_SUBMISSION, {"submission": row.id} | changed)
    return int(row.id)


def _first_told(submission: model.Submission, row: rows.AnyRow | None) -> tuple[datetime | None, bool]:
    """The earliest time that a platform told of a content, and whether it is local; as columns hold it."""
    told = [] if row is None or row.told_at is None else [(row.told_at, row.told_local)]
    if submission.told_at is not None:
        local = submission.told_at.tzinfo is None
        told.append((submission.told_at.replace(tzinfo=UTC) if local else submission.told_at, local))
    return min(told, default=(None, False))


def _is_older(submission: model.Submission, latest: rows.AnyRow | None) -> bool:
    """Whether a submission is known to have been received before the latest one."""
    received, other = submission.received_at, latest.received_at if latest else None
    return received is not None and other is not None and received < other


def _now() -> datetime:
    return datetime.now(UTC)
