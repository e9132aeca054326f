"""Text on its way into somebody's spreadsheet or parser."""

import re
from typing import Final

_SIGN: Final = r"[=+\-@＝＋－＠]"
_FORMULA: Final = re.compile(rf"\s*{_SIGN}|[\t\r\n\0]")
_BEFORE_SIGN: Final = re.compile(rf"(?<![\s\";])[\s\";]+(?={_SIGN})")
_ENDS_CELL: Final = re.compile(r"[;\t\r\n]")
"""What ends a cell for a program that does not take the comma."""
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?")
_RUN_OF_BACKSLASHES: Final = re.compile(r'(?<!\\)\\+(?="|\Z)')
# Texts are long: each pattern begins at the first sign of a run alone, or it would look at the rest from every sign.


def unescaping(cell: str) -> str:
    """`cell` for readers to whom a backslash makes the next quote part of the text, so that rows are swallowed."""
    return _RUN_OF_BACKSLASHES.sub(r"\g<0> ", cell)


def inert(cell: str) -> str:
    """`cell` for people who open the file in a spreadsheet: nothing in it runs as a formula, and numbers stay numbers.

    Not for files that a learning platform reads back: to those the apostrophe is part of the name.
    """
    clean = _BEFORE_SIGN.sub(_apart, encodable(cell).replace("\0", "\ufffd"))
    return "'" + clean if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else clean


def _apart(gap: re.Match[str]) -> str:
    """What stands before a formula's sign, with an apostrophe wherever that sign would be the first of a cell."""
    before, semicolon, blank = gap[0].rpartition(";")
    return before + _ENDS_CELL.sub(r"\g<0>'", semicolon + blank)


def encodable(text: str) -> str:
    """`text` with lone surrogates replaced, which UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode()
