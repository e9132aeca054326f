"""A learning platform's own table, read so that it can be written back as it came."""

import csv
import io
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from grader.errors import GradebookUnusable

Row: TypeAlias = tuple[str, ...]

_LINES_LOOKED_AT: Final = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the way it was written.

    Attributes:
        rows: as many cells in each as in `header`.
    """

    header: Row
    rows: tuple[Row, ...]
    delimiter: str
    newline: str

    def keep(self, rows: list[Row]) -> "Table":
        """The same table with other rows."""
        return replace(self, rows=tuple(rows))

    def content(self) -> bytes:
        """UTF-8 without a byte order mark, in front of which a quoted header would be refused."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerows([self.header, *self.rows])
        return text.getvalue().encode()


def read(content: bytes) -> Table:
    """The table in `content`: UTF-8, a byte order mark or none, commas or semicolons.

    Raises:
        GradebookUnusable: not text in UTF-8, or no table.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GradebookUnusable(
            "The gradebook is not a CSV file in UTF-8; a spreadsheet program may have saved it anew. "
            "Download it once more and give that file as it is."
        ) from error
    try:
        delimiter = _delimiter(text)
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise GradebookUnusable(
            f"The gradebook cannot be read as a table ({error}). Download it once more and give that file as it is."
        ) from error
    filled = [line for line in lines if any(cell.strip() for cell in line)]
    if not filled:
        raise GradebookUnusable("The gradebook is empty. Download it once more and give that file as it is.")
    width = len(filled[0])
    rows = tuple(tuple(line[:width] + [""] * (width - len(line))) for line in filled[1:])
    return Table(tuple(filled[0]), rows, delimiter, "\r\n" if "\r" in text else "\n")


def _delimiter(text: str) -> str:
    """`;` where the first lines agree on more cells with it, as the platforms guess themselves."""
    return max(",", ";", key=lambda mark: _cells(text, mark))


def _cells(text: str, mark: str) -> int:
    lines = text.split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT]
    widths = {len(row) for row in csv.reader(lines, delimiter=mark) if row}
    return widths.pop() if len(widths) == 1 else 0
