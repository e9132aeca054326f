"""Text of unknown origin, made so that a page shows what is there and nothing acts."""

import re
from typing import Final
from unicodedata import category

_LINE_ENDS: Final = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")
_ODD: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
PILED_MOST: Final = 8
"""Marks on one letter; Vietnamese, Thai and Tibetan need two or three."""
_MAY_PILE: Final = re.compile(f"[\u00ad\u0300-\U0010ffff]{{{PILED_MOST + 1},}}")
"""What marks may be in; a search that spares most texts the look at every character."""


def visible(text: str) -> str:
    """`text` with control characters, direction overrides and lone surrogates replaced by signs that one can see.

    Every kind of line end becomes a newline, so that a progress bar shows its steps below each other; marks piled up to
    cover other lines are cut, whatever their script.
    """
    if text.isascii() and text.isprintable():
        return text  # almost every one
    return _MAY_PILE.sub(_unpiled, _ODD.sub(_sign, _LINE_ENDS.sub("\n", text)))


def _unpiled(found: re.Match[str]) -> str:
    kept, height = [], 0
    for char in found[0]:
        sort = category(char)
        if sort != "Cf":  # what is invisible between two marks does not part them
            height = height + 1 if sort in {"Mn", "Me"} else 0
        if height <= PILED_MOST:
            kept.append(char)
    return "".join(kept)


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the Unicode picture of the control character
    if code == 0x7F:
        return "\u2421"
    return f"⟨U+{code:04X}⟩" if not 0xD800 <= code <= 0xDFFF else "\ufffd"
