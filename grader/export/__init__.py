"""Files for gradebooks: pure functions from a lab's grades to a file's content.

A new format is one file with an `Exporter`, and one line in `FORMATS`.
"""

from collections.abc import Mapping
from typing import Final

from grader.export import blackboard, brightspace, canvas, gradescope, junit, moodle, plain, sakai
from grader.export.changes import CheckChange, ScoreChange, changes, changes_csv
from grader.export.shape import BY_NAME, Export, Exporter, LeftOut, Placed, Request

FORMATS: Final[Mapping[str, Exporter]] = {
    "blackboard": blackboard.export,
    "brightspace": brightspace.export,
    "canvas": canvas.export,
    "csv": plain.export_csv,
    "gradescope": gradescope.export,
    "json": plain.export_json,
    "junit": junit.export,
    "moodle": moodle.export,
    "sakai": sakai.export,
}
"""Name on the command line -> format."""

__all__ = [
    "BY_NAME",
    "FORMATS",
    "CheckChange",
    "Export",
    "Exporter",
    "LeftOut",
    "Placed",
    "Request",
    "ScoreChange",
    "changes",
    "changes_csv",
]
