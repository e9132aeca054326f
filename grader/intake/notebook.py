"""Whether a file is a notebook at all. What is in it is the sandbox's business."""

import re
from typing import Final

import msgspec

from grader.errors import Refused

_STRICT: Final = {b"NaN": b"0", b"Infinity": b"0", b"\\ud": b"\\u0", b"\\uD": b"\\u0"}
"""What Python reads in notebooks though it is no JSON (numbers that are none, halves of characters) -> what is JSON."""


_PYTHON: Final = re.compile(rb"^(?:def|class|import|from) ", re.MULTILINE)
"""What no line of a notebook begins with: its sources are strings, which hold no line ends."""


class _Notebook(msgspec.Struct):
    """The outermost structure of a notebook. Its cells are looked through, and no objects made of them."""

    cells: msgspec.Raw = msgspec.Raw()
    worksheets: msgspec.Raw = msgspec.Raw()


def check_readable(content: bytes) -> None:
    """Look at a notebook's outermost structure; nothing of it is run.

    Raises:
        Refused: it cannot be read as a notebook, so grading it could only give an undeserved zero.
    """
    if not is_readable(content):
        raise Refused(
            "The notebook cannot be read: the file is damaged or cut off. "
            "Open it in Jupyter; if that works, save it, download it once more and hand in again."
        )


def is_readable(content: bytes) -> bool:
    """Whether it can be read as a notebook, whatever it is called."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    for lax, strict in _STRICT.items():
        content = content.replace(lax, strict)
    try:
        content.decode()
        found = msgspec.json.decode(content, type=_Notebook)
    except (ValueError, RecursionError):
        return False
    return bytes(memoryview(found.cells or found.worksheets)[:1]) == b"["


def is_python(content: bytes) -> bool:
    """Whether it looks like a source, whatever it is called."""
    return _PYTHON.search(content) is not None
