"""Signs that not every terminal can show, and what stands for them there: a stream's encoding decides."""

import codecs
from typing import Final

SPELLED: Final = "grader.spelled"
"""The name under which streams and `str.encode` know `_spelled`."""
_INSTEAD: Final = {
    "✓": "ok",
    "✗": "x",
    "◐": "~",
    "–": "-",
    "—": "-",
    "…": "...",
    "→": "->",
    "×": "x",
    "·": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "━": "=",
    "─": "-",
    "≤": "<=",
    "≥": ">=",
    "²": "^2",
    "\N{FIRST STRONG ISOLATE}": "",
    "\N{POP DIRECTIONAL ISOLATE}": "",
}


def _spelled(error: UnicodeError) -> tuple[str, int]:
    """What an encoding cannot say, in signs that all of them have; ? for what has none."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    return "".join(_INSTEAD.get(sign, "?") for sign in unknown), error.end


codecs.register_error(SPELLED, _spelled)


def spelled(text: str, encoding: str) -> str:
    """`text` as a stream of that encoding shows it, so that it can be measured before it is laid out."""
    if text.isascii() or encoding.startswith("utf"):
        return text
    return text.encode(encoding, SPELLED).decode(encoding)
