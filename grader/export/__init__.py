"""Files for gradebooks: pure functions from a lab's grades to a file's content.

A new format is one file with an `Exporter`, and one line in `FORMATS`.
"""

from collections.abc import Mapping
from typing import Final

from grader.export import canvas, plain
from grader.export.shape import Export, Exporter, LeftOut, Placed, Request

FORMATS: Final[Mapping[str, Exporter]] = {
    "canvas": canvas.export,
    "csv": plain.export_csv,
    "json": plain.export_json,
}
"""Name on the command line -> format."""

__all__ = ["FORMATS", "Export", "Exporter", "LeftOut", "Placed", "Request"]
