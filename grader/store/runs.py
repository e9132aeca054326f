"""Runs: put on record, put into effect for submissions with what that changes of grades, and read."""

import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from grader import model
from grader.model import Change, Ending, RunKey
from grader.store import attempts, changes, numbers, rows, statements
from grader.store.blocks import in_blocks
from grader.store.tables import CheckResult, Figure, Run


def finished(connection: Connection, keys: Iterable[RunKey]) -> dict[RunKey, int]:
    """The ids of those runs that are finished, by their keys."""
    wanted = set(keys)
    found: dict[RunKey, int] = {}
    for block in in_blocks({key.submission for key in wanted}):
        for id_, *values in connection.execute(statements.FINISHED_RUNS, {"contents": block}):
            if (key := RunKey(*values)) in wanted:
                found[key] = id_
    return found


def put_into_effect(connection: Connection, lab: str, runs: Mapping[int, int | None]) -> None:
    """Give submissions of a lab their runs, both by their ids; None puts out of effect what run one has."""
    with _logged(connection, numbers.lab(connection, lab), runs):
        _put(connection, runs)


def save(connection: Connection, submission_ids: Collection[int], key: RunKey, run: model.Run) -> None:
    """Record a run of one content, and put it into effect for submissions that have this content.

    A broken run never replaces a finished one.
    """
    row = connection.execute(statements.RUN, asdict(key)).one_or_none()
    lab = numbers.lab(connection, key.lab)
    with _logged(connection, lab, {*submission_ids, *(changes.with_run(connection, row.id) if row else ())}):
        if row is None:
            run_id = _insert(connection, lab, key, run)
        else:
            run_id = row.id
            if run.ending is not Ending.BROKEN or row.ending is Ending.BROKEN:
                _replace(connection, run_id, run)
        _put(connection, dict.fromkeys(submission_ids, run_id))


def read(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[rows.AnyRow, model.Run]]:
    """Runs with all that belongs to them, by their ids."""
    checks, figures = _by_run(connection, CheckResult, rows.CHECK, ids), _by_run(connection, Figure, rows.FIGURE, ids)
    found = connection.execute(select(*Run.__table__.columns).where(Run.id.in_(ids)))
    return {
        row.id: (row, rows.run(row, tuple(map(rows.check, checks[row.id])), tuple(map(rows.figure, figures[row.id]))))
        for row in found
    }


def _by_run(
    connection: Connection, table: type[CheckResult | Figure], columns: Sequence[str], ids: Sequence[int]
) -> defaultdict[int, list[list[Any]]]:
    """The rows that belong to runs, by the runs' ids: of each the values of `columns`."""
    chosen = (getattr(table, column) for column in columns)
    query = select(table.run_id, *chosen).where(table.run_id.in_(ids)).order_by(table.run_id, table.position)
    found: defaultdict[int, list[list[Any]]] = defaultdict(list)
    for run_id, *values in connection.execute(query):
        found[run_id].append(values)
    return found


@contextlib.contextmanager
def _logged(connection: Connection, lab: int, submissions: Collection[int]) -> Iterator[None]:
    """Write down what other runs, put into effect meanwhile, change of the grades of those who handed these in."""
    whose = attempts.students(connection, submissions)
    before = changes.standings(connection, lab, whose)
    yield
    changes.record(connection, lab, before, changes.standings(connection, lab, whose), Change.RUN)


def _put(connection: Connection, runs: Mapping[int, int | None]) -> None:
    if runs:
        connection.execute(statements.PUT_INTO_EFFECT, [{"submission": id_, "run": run} for id_, run in runs.items()])


def _insert(connection: Connection, lab: int, key: RunKey, run: model.Run) -> int:
    whose = {"content": key.submission, "lab_id": lab, "lab_version": key.lab_version}
    how = {"suite": key.suite, "sandbox": key.sandbox, "graded_at": datetime.now(UTC)}
    run_id = numbers.inserted(connection, statements.NEW_RUN, whose | how | rows.run_values(run))
    _insert_records(connection, run_id, run)
    return run_id


def _replace(connection: Connection, run_id: int, run: model.Run) -> None:
    values = rows.run_values(run) | {"graded_at": datetime.now(UTC)}
    connection.execute(update(Run).where(Run.id == run_id).values(values))
    for statement in statements.FORGET_RECORDS:
        connection.execute(statement, {"run": run_id})
    _insert_records(connection, run_id, run)


def _insert_records(connection: Connection, run_id: int, run: model.Run) -> None:
    if run.checks:
        connection.execute(statements.NEW_CHECKS, rows.checks(run_id, run.checks))
    if run.figures:
        connection.execute(statements.NEW_FIGURES, rows.figures(run_id, run.figures))
