"""Gradescope: a `results.json` for each student, as an autograder there writes one, in one archive.

Gradescope takes no grades in bulk. The archive is for the `run_autograder` of an assignment there, which puts the
student's file to `/autograder/results/results.json`.
"""

import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from typing import Final

from grader.export.shape import Export, LeftOut, Placed, Request
from grader.export.text import encodable
from grader.model import CheckResult, ClassResults, Grade, Json, Outcome, Visibility
from grader.scoring import written

_UNFIT: Final = re.compile(
    r'[\x00-\x1f\x7f<>:"/\\|?*~]|^\.|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)', re.IGNORECASE
)
"""What some file system does not take in the name of a folder, and the sign of a name that was altered."""
_NAME_MOST: Final = 80


def export(results: ClassResults, request: Request) -> Export:  # noqa: ARG001 - an Exporter's signature
    """An archive with `{student}/results.json`; who has no score is not in it."""
    archive = io.BytesIO()
    placed: list[Placed] = []
    left_out: list[LeftOut] = []
    taken: set[str] = set()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for grade in results.grades:
            if not grade.graded:
                left_out.append(LeftOut(grade.student, f"has no score: the run ended “{grade.status}”"))
                continue
            folder = _folder(grade.student.key, taken)
            files.writestr(zipfile.ZipInfo(f"{folder}/results.json"), _encoded(_results(grade)), zipfile.ZIP_DEFLATED)
            placed.append(Placed(grade.student, folder, "results", now=written(grade.score), out_of=grade.max_score))
    return Export(archive.getvalue(), f"{results.lab}-gradescope.zip", tuple(placed), tuple(left_out))


def _folder(key: str, taken: set[str]) -> str:
    """A name of its own for each key on any file system, which is the key itself where that will do."""
    name = unicodedata.normalize("NFC", encodable(key))
    if not name or _UNFIT.search(name) or len(name.encode()) > _NAME_MOST or name.casefold() in taken:
        readable = _UNFIT.sub("_", name)[: _NAME_MOST // 4]
        name = f"{readable}~{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    taken.add(name.casefold())
    return name


def _encoded(found: Json) -> bytes:
    return encodable(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1)).encode()


def _results(grade: Grade) -> Json:
    """Gradescope's fields. `score` is given as a whole, so that points that a person gave count."""
    return {
        "score": grade.score,
        "execution_time": round(grade.run.wall_seconds, 3),
        "output": "\n".join(_whole(grade)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "tests": [_test(check, number) for number, check in enumerate(grade.run.checks, 1)],
        "extra_data": {
            "student": grade.student.key,
            "lab": grade.lab,
            "submission": grade.submission,
            "max_score": grade.max_score,
            "ending": grade.status,
        },
    }


def _whole(grade: Grade) -> Iterator[str]:
    """What is said of the submission as a whole."""
    if grade.override:
        yield f"This score was set by your instructor: {grade.override.reason}"
    elif grade.late and grade.earned is not None:
        yield grade.late.cost(grade.earned)
    yield from (text for text in (grade.run.message, *grade.run.notes) if text)


def _test(check: CheckResult, number: int) -> Json:
    """A check. One for staff shows its title and points alone: a hidden test would hide the score as a whole."""
    return {
        "name": check.title,
        "number": str(number),
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.outcome is Outcome.PASSED else "failed",
        "output": "\n".join(_told(check)),
        "output_format": "text",
        "tags": [check.group] if check.group else [],
        "visibility": "visible",
        "extra_data": {"id": check.id, "outcome": check.outcome.value},
    }


def _told(check: CheckResult) -> Iterator[str]:
    if check.visibility is Visibility.STAFF:
        return
    hint = f"Hint: {check.hint}" if check.hint and check.outcome is not Outcome.PASSED else ""
    yield from (text for text in (check.asked, check.message, check.traceback, hint) if text)
