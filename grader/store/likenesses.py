"""Which submissions of a lab were compared with each other, and which of them are alike: the last comparison."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from grader import model
from grader.model import Passage
from grader.store.blocks import in_blocks
from grader.store.tables import Compared, Comparison, Likeness

_OF_LAB: Final = {table: table.lab_id == bindparam("lab") for table in (Comparison, Compared, Likeness)}
_FORGET: Final = tuple(delete(table).where(_OF_LAB[table]) for table in (Likeness, Compared, Comparison))
_NEW: Final = insert(Comparison)
_NEW_COMPARED: Final = insert(Compared)
_NEW_LIKENESSES: Final = insert(Likeness)
_LAST: Final = select(Comparison.made_at, Comparison.threshold, Comparison.found).where(_OF_LAB[Comparison])
_COMPARED: Final = select(Compared.submission_id).where(_OF_LAB[Compared])
_LIKENESSES: Final = (
    select(
        Likeness.left_content,
        Likeness.right_content,
        Likeness.left_share,
        Likeness.right_share,
        Likeness.shared,
        Likeness.passages,
    )
    .where(_OF_LAB[Likeness])
    .order_by(Likeness.position)
)


def record(connection: Connection, lab: int, made: model.Comparison) -> None:
    """Write down a comparison of the lab with this id, in place of the one before."""
    for statement in _FORGET:
        connection.execute(statement, {"lab": lab})
    values = {"lab_id": lab, "made_at": made.at, "threshold": made.threshold, "found": made.found}
    connection.execute(_NEW, values)
    for block in in_blocks(sorted(made.submissions)):
        connection.execute(_NEW_COMPARED, [{"lab_id": lab, "submission_id": id_} for id_ in block])
    for alike in in_blocks(enumerate(made.likenesses)):
        connection.execute(_NEW_LIKENESSES, [_row(lab, position, one) for position, one in alike])


def _row(lab: int, position: int, one: model.Likeness) -> dict[str, Any]:
    return {
        "lab_id": lab,
        "position": position,
        "left_content": one.left,
        "right_content": one.right,
        "left_share": one.left_share,
        "right_share": one.right_share,
        "shared": one.shared,
        "passages": [[passage.left, passage.right] for passage in one.passages],
    }


def last(connection: Connection, lab: int) -> model.Comparison | None:
    """The last comparison of the lab with this id; None before the first."""
    row = connection.execute(_LAST, {"lab": lab}).one_or_none()
    if row is None:
        return None
    submissions = frozenset(connection.scalars(_COMPARED, {"lab": lab}))
    likenesses = tuple(
        model.Likeness(left, right, left_share, right_share, shared, _passages(passages))
        for left, right, left_share, right_share, shared, passages in connection.execute(_LIKENESSES, {"lab": lab})
    )
    return model.Comparison(row.made_at, row.threshold, submissions, row.found, likenesses)


def _passages(found: Sequence[Sequence[Sequence[int]]]) -> tuple[Passage, ...]:
    return tuple(
        Passage((mine_first, mine_last), (their_first, their_last))
        for (mine_first, mine_last), (their_first, their_last) in found
    )
