"""A learning platform's own table, read so that it can be written back as it came."""

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from grader.errors import GradebookUnusable

Row: TypeAlias = tuple[str, ...]

_LINES_LOOKED_AT: Final = 3
_DELIMITERS: Final = (",", ";", "\t")
_WIDE: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the way it was written.

    Attributes:
        above: the lines above the header, as they came.
        rows: as many cells in each as in `header`.
        quoted: every cell stands in quotes; otherwise those that need them.
        mark: the byte order mark at the beginning of the file, or nothing.
    """

    header: Row
    rows: tuple[Row, ...]
    delimiter: str
    newline: str
    quoted: bool = False
    encoding: str = "utf-8"
    mark: bytes = b""
    above: str = ""

    def keep(self, rows: Iterable[Row]) -> "Table":
        """The same table with other rows."""
        return replace(self, rows=tuple(rows))

    def only(self, header: Row, rows: Iterable[Row]) -> "Table":
        """Other columns, written in the same way, without a byte order mark."""
        return replace(self, header=header, rows=tuple(rows), mark=b"")

    def bare(self) -> "Table":
        """The same table without a byte order mark and without quotes that it can do without."""
        return replace(self, quoted=False, mark=b"")

    def content(self) -> bytes:
        """The table as it came: its encoding, byte order mark, delimiter, ends of lines, and quotes."""
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=self.delimiter,
            lineterminator=self.newline,
            quoting=csv.QUOTE_ALL if self.quoted else csv.QUOTE_MINIMAL,
        )
        writer.writerows([self.header, *self.rows])
        return self.mark + (self.above + text.getvalue()).encode(self.encoding)


def read(content: bytes, *, wide: bool = False, above: int = 0) -> Table:
    """The table in `content`: UTF-8, a byte order mark or none, and commas, semicolons or tabs.

    Args:
        wide: UTF-16 with a byte order mark is read, too.
        above: how many lines stand above the header.

    Raises:
        GradebookUnusable: not text in such an encoding, or no table.
    """
    mark, encoding, text = _decoded(content, wide=wide)
    over, text = _split(text, above)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # students type long texts into forms of Moodle's
    try:
        delimiter = _delimiter(text)
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise GradebookUnusable(
            f"The gradebook cannot be read as a table ({error}). Download it once more and give that file as it is."
        ) from error
    filled = [line for line in found if any(cell.strip() for cell in line)]
    if not filled:
        raise GradebookUnusable("The gradebook is empty. Download it once more and give that file as it is.")
    width = len(filled[0])
    rows = tuple(tuple(line[:width] + [""] * (width - len(line))) for line in filled[1:])
    newline = "\r\n" if "\r" in text else "\n"
    return Table(
        tuple(filled[0]), rows, delimiter, newline, _all_quoted(text, filled[0], delimiter), encoding, mark, over
    )


def _decoded(content: bytes, *, wide: bool) -> tuple[bytes, str, str]:
    """(byte order mark, encoding, text)."""
    mark, encoding = b"", "utf-8"
    if content.startswith(codecs.BOM_UTF8):
        mark = codecs.BOM_UTF8
    elif wide and content[:2] in _WIDE:
        mark, encoding = content[:2], _WIDE[content[:2]]
    try:
        return mark, encoding, content[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise GradebookUnusable(
            "The gradebook is not a CSV file in UTF-8; a spreadsheet program may have saved it anew. "
            "Download it once more and give that file as it is."
        ) from error


def _split(text: str, above: int) -> tuple[str, str]:
    """The first lines, and the rest."""
    lines = text.split("\n", above)
    rest = lines[above] if len(lines) > above else ""
    return text[: len(text) - len(rest)], rest


def _delimiter(text: str) -> str:
    """The one with which the first lines agree on most cells; where none makes them agree, the first line decides."""
    lines = text.split("\n", _LINES_LOOKED_AT)[:_LINES_LOOKED_AT]
    return max(_DELIMITERS, key=lambda mark: (_cells(lines, mark), _cells(lines[:1], mark)))


def _cells(lines: Sequence[str], mark: str) -> int:
    widths = {len(row) for row in csv.reader(lines, delimiter=mark) if row}
    return max(widths) if len(widths) == 1 and widths != {1} else 0


def _all_quoted(text: str, header: Sequence[str], delimiter: str) -> bool:
    """Whether each cell of the header stands in quotes."""
    quoted = io.StringIO()
    csv.writer(quoted, delimiter=delimiter, lineterminator="", quoting=csv.QUOTE_ALL).writerow(header)
    return text.lstrip().startswith(quoted.getvalue())
