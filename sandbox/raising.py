"""What a student sees of an exception: its class, its message and the student's own lines, oldest first.

Exceptions are written by students too: a `__str__` may raise, a name may hold lone surrogates, a stack may be a
thousand frames deep. Whatever happens, a `Raised` comes out.
"""

import traceback
from collections.abc import Callable
from typing import Final

from sandbox.protocol.messages import Raised

TEXT_MOST: Final = 2000
LINE_MOST: Final = 300
FRAMES_FIRST: Final = 5
BASES_MOST: Final = 12
FRAMES_LAST: Final = 15

Own = Callable[[str], str | None]
"""What the student calls the file of a frame, None for a file that is not the student's."""


def sendable(text: object, most: int = TEXT_MOST) -> str:
    """`text` as a plain string of at most `most` characters that every codec takes."""
    plain = str.__str__(text) if isinstance(text, str) else str(text)
    cut = plain if len(plain) <= most else plain[: most - 1] + "…"
    return cut.encode("utf-8", "replace").decode("utf-8")


def describe(question: int, error: BaseException, own: Own, *, missing: bool = False, besides: str = "") -> Raised:
    """`error`, raised while answering `question`, as it travels.

    Args:
        besides: a line that its message ends with, if it does not tell that itself.
    """
    try:
        kind, *bases = [sendable(each.__name__, 200) for each in type(error).__mro__[:BASES_MOST]]
    except BaseException:  # noqa: BLE001 - a student's metaclass may do anything
        kind, bases = "Exception", []
    try:
        text = _text(error)
    except BaseException:  # noqa: BLE001 - a student's __str__ may do anything
        text = "(this exception's message cannot be shown: turning it into text raised another one)"
    try:
        lines = _lines(error, own)
    except BaseException:  # noqa: BLE001 - linecache and traceback lie within the student's reach
        lines = ""
    return Raised(question, kind, _with(besides, text), lines, missing, bases)


def _with(besides: str, text: str) -> str:
    if besides in text:
        return text
    line = "\n" + sendable(besides, LINE_MOST)
    return sendable(text, TEXT_MOST - len(line)) + line


def _text(error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.msg:
        return sendable(error.msg)
    if isinstance(error, MemoryError) and not error.args:
        return "the code needed more memory than the lab allows"
    if isinstance(error, SystemExit):
        return sendable(f"the code called exit({'' if error.code is None else error.code})")
    return sendable(error)


def _lines(error: BaseException, own: Own) -> str:
    shown = []
    for frame in traceback.extract_tb(error.__traceback__):
        name = own(frame.filename)
        if name is not None:
            shown.append(_frame(name, frame.lineno, frame.name, frame.line))
    if isinstance(error, SyntaxError):
        shown += _syntax(error, own)
    return "\n".join(_shortened(shown))


def _frame(name: str, line: int | None, function: str, source: str | None) -> str:
    head = sendable(f'File "{name}", line {line}, in {function}', LINE_MOST)
    return f"{head}\n  {sendable(source, LINE_MOST)}" if source else head


def _syntax(error: SyntaxError, own: Own) -> list[str]:
    name = own(error.filename or "")
    if name is None:
        return []
    head = sendable(f'File "{name}", line {error.lineno}', LINE_MOST)
    source = (error.text or "").rstrip("\n")
    if not source.strip():
        return [head]
    indent = len(source) - len(source.lstrip())
    caret = max((error.offset or 1) - 1 - indent, 0)
    pointer = f"\n  {' ' * caret}^" if caret < LINE_MOST else ""
    return [f"{head}\n  {sendable(source.strip(), LINE_MOST)}{pointer}"]


def _shortened(frames: list[str]) -> list[str]:
    dropped = len(frames) - FRAMES_FIRST - FRAMES_LAST
    if dropped <= 1:
        return frames
    return [*frames[:FRAMES_FIRST], f"… {dropped} more lines of calls …", *frames[-FRAMES_LAST:]]
