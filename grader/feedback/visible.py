"""Text of unknown origin, made so that a page shows what is there and nothing acts."""

import re
from typing import Final

_LINE_ENDS: Final = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")
_ODD: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_ACCENT: Final = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILE: Final = re.compile(f"({_ACCENT}{{8}}){_ACCENT}+")


def visible(text: str) -> str:
    """`text` with control characters, direction overrides and lone surrogates replaced by signs that one can see.

    Every kind of line end becomes a newline, so that a progress bar shows its steps below each other; accents piled up
    to cover other lines are cut.
    """
    return _PILE.sub(r"\1", _ODD.sub(_sign, _LINE_ENDS.sub("\n", text)))


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)  # the Unicode picture of the control character
    if code == 0x7F:
        return "\u2421"
    return f"⟨U+{code:04X}⟩" if not 0xD800 <= code <= 0xDFFF else "\ufffd"
