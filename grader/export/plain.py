"""The grader's own formats: a table for people, and JSON for programs."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Final

from grader.export.shape import Export, Placed, Request
from grader.export.text import encodable, inert
from grader.model import CheckResult, ClassResults, Grade, Json, Override
from grader.scoring import Late, written

COLUMNS: Final = (
    "student_id", "name", "email", "assignment", "score", "max_score", "status", "late", "submitted_at",
    "feedback_file",
)  # fmt: skip


def export_csv(results: ClassResults, request: Request) -> Export:
    """One row per student, for people and their spreadsheets.

    `score` is empty where there is none; `status` is how the run ended, or that a person set the score; `email` is
    filled where students are known by their address; `late` is in days, empty where it was in time or nobody knows.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)  # some readers split at ; or a tab, too
    table.writerow(COLUMNS)
    placed = []
    for grade in results.grades:
        table.writerow(_row(grade, results, inert(request.page(grade.student.key))))
        placed.append(_placed(grade, results))
    return Export(text.getvalue().encode(), f"{results.lab}.csv", tuple(placed))


def _row(grade: Grade, results: ClassResults, page: str) -> list[str]:
    key = grade.student.key
    cells = (inert(text) for text in (key, grade.student.name, key if "@" in key else "", grade.lab))
    most = written(_most(grade, results))
    status = "overridden" if grade.override else grade.status
    late = str(grade.late.days) if grade.late else ""
    return [*cells, _score(grade), most, status, late, _iso(grade.received_at), page]


def _score(grade: Grade) -> str:
    return written(grade.score) if grade.graded else ""


def _most(grade: Grade, results: ClassResults) -> float:
    """What could be earned, also where nothing ran."""
    return grade.max_score or results.max_score


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else ""


def export_json(results: ClassResults, request: Request) -> Export:  # noqa: ARG001 - an Exporter's signature
    """A list of one object per student; UTF-8, no BOM, no NaN.

    `score` is null where there is none: an ungraded or refused submission is not a zero. `override` is there where
    a person set the score, `late` where it was handed in late.
    """
    content = io.BytesIO()
    placed: list[Placed] = []
    for grade in results.grades:
        content.write(b",\n  " if placed else b"[\n  ")
        content.write(_element(_student(grade, results)))
        placed.append(_placed(grade, results))
    content.write(b"\n]\n" if placed else b"[]\n")
    return Export(content.getvalue(), f"{results.lab}.json", tuple(placed))


def _element(student: Json) -> bytes:
    """A student as `json` writes one in a list; all of a class at once would take ten times the memory of the file."""
    text = json.dumps(student, ensure_ascii=False, allow_nan=False, indent=2)
    return encodable(text.replace("\n", "\n  ")).encode()


def _student(grade: Grade, results: ClassResults) -> Json:
    return {
        "student": grade.student.key,
        "name": grade.student.name,
        "submission": grade.submission,
        "lab": grade.lab,
        "score": grade.score if grade.graded else None,
        "max_score": _most(grade, results),
        "ending": grade.status,
        **({"late": _late(grade, grade.late)} if grade.late else {}),
        **({"override": _override(grade, grade.override)} if grade.override else {}),
        "flags": [flag.value for flag in grade.run.flags],
        "checks": [_check(check) for check in grade.run.checks],
    }


def _late(grade: Grade, late: Late) -> Json:
    """How late it came, the percentage of the points that is left, and what the run earned without that."""
    return {"days": late.days, "due": _iso(late.due), "percent": late.percent, "earned": grade.earned}


def _override(grade: Grade, override: Override) -> Json:
    """Who set the score, and what the run earned without that."""
    return {"by": override.set_by, "at": _iso(override.set_at), "reason": override.reason, "earned": grade.earned}


def _check(check: CheckResult) -> Json:
    return {
        "id": check.id,
        "title": check.title,
        "outcome": check.outcome.value,
        "points": check.points,
        "max_points": check.max_points,
        "message": check.message,
    }


def _placed(grade: Grade, results: ClassResults) -> Placed:
    return Placed(grade.student, grade.student.name, "results", now=_score(grade), out_of=_most(grade, results))
