"""Files for gradebooks: pure functions from a lab's grades to a file's content.

A new format is one file with an `Exporter`, and one line in `FORMATS`; if the platform hands out feedback pages, a
`Returner` and a line in `RETURNS`, too.
"""

from collections.abc import Mapping
from typing import Final

from grader.export import blackboard, brightspace, canvas, gradescope, junit, moodle, plain, sakai
from grader.export.outdated import Differing, Outdated, outdated
from grader.export.regraded import CheckChange, ScoreChange, changes, changes_csv
from grader.export.shape import BY_NAME, Export, Exporter, LeftOut, Placed, Request, Returner

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

RETURNS: Final[Mapping[str, Returner]] = {
    "brightspace": brightspace.returned,
    "canvas": canvas.returned,
    "moodle": moodle.returned,
    "sakai": sakai.returned,
}
"""Name on the command line -> where in an archive the platform looks for feedback pages."""

__all__ = [
    "BY_NAME",
    "FORMATS",
    "RETURNS",
    "CheckChange",
    "Differing",
    "Export",
    "Exporter",
    "LeftOut",
    "Outdated",
    "Placed",
    "Request",
    "Returner",
    "ScoreChange",
    "changes",
    "changes_csv",
    "outdated",
]
