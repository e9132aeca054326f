"""Records of the model as rows, and back. Pure."""

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import PurePosixPath
from typing import Any

import msgspec

from grader import model
from grader.model import Ending, Flag, SandboxFacts
from grader.store import tables


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as `contents.files` holds them."""
    return zlib.compress(msgspec.msgpack.encode(files))


def unpacked(data: bytes) -> dict[str, bytes]:
    """The inverse of `packed`."""
    return msgspec.msgpack.decode(zlib.decompress(data), type=dict[str, bytes])


def run_values(run: model.Run) -> dict[str, Any]:
    """The columns of `runs` that the run itself fills."""
    facts = _columns(run.sandbox) if run.sandbox else dict.fromkeys(("launcher", "isolation", "image", "device"))
    return facts | {
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


def ordered(run_id: int, records: Sequence[model.CheckResult | model.Figure]) -> list[dict[str, Any]]:
    """The rows of a run's checks or figures."""
    return [{"run_id": run_id, "position": position, **_columns(record)} for position, record in enumerate(records)]


def _columns(record: model.CheckResult | model.Figure | SandboxFacts) -> dict[str, Any]:
    return {field.name: _plain(getattr(record, field.name)) for field in fields(record)}


def _plain(value: Any) -> Any:
    """Metrics as dicts; any other column as it is."""
    if isinstance(value, tuple):
        return [asdict(item) if isinstance(item, model.Metric) else item for item in value]
    return value


def _metric(stored: Mapping[str, Any]) -> model.Metric:
    value = stored["value"]
    return model.Metric(**{**stored, "value": math.nan if value is None else value})


def check(row: Mapping[str, Any]) -> model.CheckResult:
    """A row of `check_results`, its run's id and its position left out."""
    metrics = tuple(map(_metric, row["metrics"]))
    return model.CheckResult(**{**row, "depends": tuple(row["depends"]), "metrics": metrics})


def figure(row: Mapping[str, Any]) -> model.Figure:
    """A row of `figures`, its run's id and its position left out."""
    return model.Figure(**row)


def run(row: tables.Run, checks: Sequence[model.CheckResult], figures: Sequence[model.Figure]) -> model.Run:
    """A run with all that belongs to it."""
    facts = None
    if row.launcher is not None:
        facts = SandboxFacts(row.launcher, row.isolation or "", row.image or "", row.device or "")
    return model.Run(
        ending=row.ending,
        checks=tuple(checks),
        message=row.message,
        fault=row.fault,
        notes=tuple(row.notes),
        flags=tuple(map(Flag, row.flags)),
        figures=tuple(figures),
        output=row.output,
        sandbox=facts,
        cpu_seconds=row.cpu_seconds,
        wall_seconds=row.wall_seconds,
    )


def student(row: tables.Student) -> model.Student:
    """A student."""
    return model.Student(row.key, row.name)


def ungraded() -> model.Run:
    """What stands for the run of a submission that has none yet."""
    return model.Run(Ending.BROKEN, fault="It has not been graded yet. Run the same command again.")


def noted(run: model.Run, refusal: tables.Refusal | None) -> model.Run:
    """The run, with a word about what came later and could not be taken in."""
    if refusal is None:
        return run
    name = PurePosixPath(refusal.source).name
    note = f"A later submission ({name}) could not be taken in, so the one before it counts. {refusal.reason}"
    return replace(run, notes=(*run.notes, note))
