"""Text on its way into somebody's spreadsheet or parser."""

import re
from typing import Final

_SIGN: Final = r"[=+\-@＝＋－＠]"
_FORMULA: Final = re.compile(rf"\s*{_SIGN}|[\t\r\n\0]")
_FORMULA_INSIDE: Final = re.compile(rf"(?<=[;\t\r\n])(?=[\s\"]*{_SIGN})")
"""Where a cell begins for a program that takes another sign than the comma for the end of one."""
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?")


_RUN_OF_BACKSLASHES: Final = re.compile(r'\\+(?="|\Z)')


def unescaping(cell: str) -> str:
    """`cell` for readers to whom a backslash makes the next quote part of the text, so that rows are swallowed."""
    return _RUN_OF_BACKSLASHES.sub(r"\g<0> ", cell)


def inert(cell: str) -> str:
    """`cell` for people who open the file in a spreadsheet: nothing in it runs as a formula, and numbers stay numbers.

    Not for files that a learning platform reads back: to those the apostrophe is part of the name.
    """
    clean = _FORMULA_INSIDE.sub("'", encodable(cell).replace("\0", "\ufffd"))
    return "'" + clean if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else clean


def encodable(text: str) -> str:
    """`text` with lone surrogates replaced, which UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode()
