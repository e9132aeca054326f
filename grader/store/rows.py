"""Records of the model as rows, and back. Pure."""

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Row

from grader import model
from grader.model import Ending, Flag, SandboxFacts

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
CHECK: Final = tuple(field.name for field in fields(model.CheckResult))
FIGURE: Final = tuple(field.name for field in fields(model.Figure))
"""The columns that are the fields of a record, in the record's order."""
_SANDBOX: Final = tuple(field.name for field in fields(SandboxFacts))


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as `contents.files` holds them."""
    return zlib.compress(msgspec.msgpack.encode(files))


def unpacked(data: bytes) -> dict[str, bytes]:
    """The inverse of `packed`."""
    return msgspec.msgpack.decode(zlib.decompress(data), type=dict[str, bytes])


def told(row: AnyRow) -> datetime | None:
    """When a submission was handed in, as a platform told; naive where that is local time."""
    when: datetime | None = row.told_at
    return when.replace(tzinfo=None) if when and row.told_local else when


def handed_in(row: AnyRow, zone: str) -> datetime | None:
    """When a submission was handed in, as far as that is known.

    Args:
        zone: whose clocks a platform goes by that told local time; "" where nobody knows.
    """
    when = told(row)
    if when is not None and when.tzinfo is None and zone:
        return when.replace(tzinfo=ZoneInfo(zone))
    found: datetime | None = row.told_at or row.received_at
    return found


def run_values(run: model.Run) -> dict[str, Any]:
    """The columns of `runs` that the run itself fills."""
    return {name: getattr(run.sandbox, name, None) for name in _SANDBOX} | {
        "ending": run.ending,
        "score": run.score,
        "max_score": run.max_score,
        "message": run.message,
        "fault": run.fault,
        "notes": run.notes,
        "flags": run.flags,
        "output": run.output,
        "cpu_seconds": run.cpu_seconds,
        "wall_seconds": run.wall_seconds,
    }


def checks(run_id: int, records: Sequence[model.CheckResult]) -> list[dict[str, Any]]:
    """The rows of a run's checks."""
    found = _ordered(run_id, records, CHECK)
    for row in found:
        row["metrics"] = [asdict(metric) for metric in row["metrics"]]
    return found


def figures(run_id: int, records: Sequence[model.Figure]) -> list[dict[str, Any]]:
    """The rows of a run's figures."""
    return _ordered(run_id, records, FIGURE)


def _ordered(
    run_id: int, records: Sequence[model.CheckResult | model.Figure], names: Sequence[str]
) -> list[dict[str, Any]]:
    return [
        {"run_id": run_id, "position": position, **{name: getattr(record, name) for name in names}}
        for position, record in enumerate(records)
    ]


def _metric(stored: Mapping[str, Any]) -> model.Metric:
    value = stored["value"]
    return model.Metric(**{**stored, "value": math.nan if value is None else value})


def check(values: Sequence[Any]) -> model.CheckResult:
    """A row of `check_results`: the values of the columns `CHECK`."""
    row = dict(zip(CHECK, values, strict=True))
    row["depends"], row["metrics"] = tuple(row["depends"]), tuple(map(_metric, row["metrics"]))
    return model.CheckResult(**row)


def figure(values: Sequence[Any]) -> model.Figure:
    """A row of `figures`: the values of the columns `FIGURE`."""
    return model.Figure(*values)


def run(row: AnyRow, checks: tuple[model.CheckResult, ...], figures: tuple[model.Figure, ...]) -> model.Run:
    """A run with all that belongs to it."""
    facts = None
    if row.launcher is not None:
        facts = SandboxFacts(row.launcher, row.isolation or "", row.image or "", row.device or "")
    return model.Run(
        ending=row.ending,
        checks=checks,
        message=row.message,
        fault=row.fault,
        notes=tuple(row.notes),
        flags=tuple(map(Flag, row.flags)),
        figures=figures,
        output=row.output,
        sandbox=facts,
        cpu_seconds=row.cpu_seconds,
        wall_seconds=row.wall_seconds,
    )


def ungraded() -> model.Run:
    """What stands for the run of a submission that has none yet."""
    return model.Run(Ending.BROKEN, fault="It has not been graded yet. Run the same command again.")


def overridden(grade: model.Grade, override: model.Override, *, same_run: bool) -> model.Grade:
    """The grade as a person set it; its run still says how the code did.

    Args:
        same_run: the run in effect has the id of the one that was in effect then, which may have been made again since,
            or is of an earlier attempt.
    """
    since = grade.earned is not None and not (same_run and grade.graded_at <= override.set_at)
    return replace(grade, score=override.score, max_score=override.max_score, override=override, superseded=since)


def noted(run: model.Run, counts: AnyRow, attempts: Sequence[AnyRow], refusal: AnyRow | None) -> model.Run:
    """The run of the attempt that counts, with a word about what came later.

    Args:
        counts: the attempt.
        attempts: all of the student's, in the order of turns.
        refusal: what could not be taken in last.
    """
    last = counts.turn == attempts[-1].turn
    notes = [] if last else [f"Your best attempt counts: number {attempts.index(counts) + 1} of {len(attempts)}."]
    if refusal is not None and refusal.turn > attempts[-1].turn:
        name = PurePosixPath(refusal.source).name
        then = "so the one before it counts" if last else "so it does not count"
        notes.append(f"A later submission ({name}) could not be taken in, {then}. {refusal.reason}")
    return replace(run, notes=(*run.notes, *notes)) if notes else run
