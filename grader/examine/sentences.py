"""What happened in the sandbox, in words for the student. Pure."""

import builtins
import difflib
import re
import signal
from collections.abc import Collection, Iterable, Sequence
from typing import Final
from unicodedata import category

from grader.errors import CallEnded, CallRaised
from grader.examine.tracebacks import condensed
from grader.labs import LimitSpec
from grader.model import Ending
from sandbox.protocol.messages import Ended, Raised

NAME_MOST: Final = 80
TEXT_MOST: Final = 2_000
TRACEBACK_MOST: Final = 8_000
BASES_MOST: Final = 12
_INVISIBLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str, most: int = TEXT_MOST) -> str:
    """`text` as it may be stored and shown: at most `most` characters, none invisible or an order to a terminal."""
    cut = text if len(text) <= most else text[: most - 2] + " …"
    lines = cut.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char if char in "\n\t" or category(char) not in _INVISIBLE else "\N{REPLACEMENT CHARACTER}" for char in lines
    )


def ended(how: Ended, doing: str, cpu: float, wall: float, limits: LimitSpec) -> CallEnded:
    """Why a child ended, where it should have answered.

    Args:
        doing: what was asked, as the subject of the sentence.
        cpu, wall: the question's limits in seconds.
    """
    match how.cause:
        case "cpu" | "wall":
            return CallEnded(Ending.TIMEOUT, f"{doing} did not finish within {_limit(how.cause, cpu, wall)}")
        case "memory":
            return CallEnded(
                Ending.MEMORY,
                f"{doing} needed more memory than the {limits.memory_mb} MB that this lab allows."
                " Look for a list or tensor that keeps growing, or work on fewer images at a time.",
            )
        case "signal" if how.detail:  # the parent killed it, and says for what
            return CallEnded(
                Ending.CRASHED,
                f"{doing} started {how.detail}, the most that this lab allows, so it was stopped."
                " Look for a loop or a function that starts processes without end.",
            )
        case "signal":
            return CallEnded(Ending.CRASHED, f"{doing} crashed Python ({_signal(how.status)}). {_CRASHED}")
        case "exited":
            return CallEnded(
                Ending.CRASHED,
                f"{doing} ended Python (exit status {how.status}) instead of returning."
                f" Take exit(), quit() and os._exit() out of your file.{_REPLACED if how.status else ''}",
            )
    return CallEnded(Ending.CRASHED, forged(doing))


_CRASHED: Final = "Look for a function that calls itself without end, or for code that ends processes."
_REPLACED: Final = (
    " If there are none, an exception came up outside of your functions: in a thread, or because your file changes"
    " something of Python's (a built-in function, sys.path, the recursion limit)."
)


def _limit(cause: str, cpu: float, wall: float) -> str:
    if cause == "cpu":
        return f"{cpu:g} s of computing time. Look for a loop that never ends."
    return (
        f"{wall:g} s, though it computed for less than {cpu:g} s."
        " Look for code that waits: input(), time.sleep(), a lock, another process."
    )


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def forged(doing: str) -> str:
    """For a driver that sent what no driver sends."""
    return (
        f"{doing} sent the grader something that is not an answer, so it was stopped."
        " Your code either writes to a file descriptor that it did not open (os.write, os.close), or replaces something"
        " that the grader needs, too, such as a method of torch.Tensor or a built-in function. Take that out."
    )


def spent(doing: str, limits: LimitSpec, *, started: bool) -> CallEnded:
    """For a call that the whole run's budget leaves too little time for, or none."""
    return CallEnded(
        Ending.TIMEOUT,
        f"{doing} {'did not finish' if started else 'was not started'}: your code has used up the"
        f" {limits.run_seconds:g} s of computing time that this lab allows for everything together.",
    )


def left_out(note: str) -> str:
    """For what of a notebook was not run, as the driver describes it."""
    return f"Not run: {plain(note)}"


def waited(doing: str, wall: float) -> CallEnded:
    """For a call that comes when the answers have taken all the time on the clock that a whole run allows them."""
    return CallEnded(
        Ending.TIMEOUT,
        f"{doing} was not started: your code has already run for {wall:g} s, most of it spent waiting."
        " Look for input(), time.sleep() or a lock in your functions.",
    )


def unreadable(notes: Iterable[str]) -> tuple[str, str] | None:
    """The first cell that is no Python, and what Python says of it, where a note by `left_out` tells of one."""
    found = next(filter(None, map(_UNREADABLE.fullmatch, notes)), None)
    return (found[1], found[2]) if found else None


_UNREADABLE: Final = re.compile(r"Not run: (cell \d+): (not valid Python.*)", re.DOTALL)
"""As the driver has it."""


def raised(reply: Raised, name: str, known: Collection[str], notes: Collection[str] = ()) -> CallRaised:
    """What the student's code raised.

    Args:
        name: what was called, if it is a name of the student's file.
        known: the names that the file defines.
        notes: what of the file was not run, by `left_out`.
    """
    if reply.missing:
        return missing(name, known, notes)
    return CallRaised(
        plain(reply.kind, NAME_MOST),
        plain(reply.text),
        condensed(plain(reply.traceback, TRACEBACK_MOST).strip("\n")),
        bases=tuple(plain(base, NAME_MOST) for base in reply.bases[:BASES_MOST]),
    )


def raised_by_file(reply: Raised) -> CallRaised:
    """What the student's file raised when it was imported."""
    found = raised(reply, "", ())
    told = CallRaised(found.kind, found.text, found.traceback, bases=found.bases, importing=True)
    if found.kind == "SyntaxError" and _NOT_UTF_8.search(found.text):
        told.advice = "It is not UTF-8: save it in that encoding, which editors offer with “Save as”."
    return told


_NOT_UTF_8: Final = re.compile("'utf-8' codec can't decode|^Non-UTF-8 code")


DEFINES_NOTHING: Final = (
    "Your file defines nothing of what this lab asks for. Is it the file of another lab? If not, put the functions at"
    " the left margin, outside of classes and other functions, under the names that the handout gives them."
)


NOT_IMPORTED: Final = "Your file could not be imported. It raised "
"""Is followed by what it raised."""


def missing(name: str, known: Collection[str], notes: Collection[str] = ()) -> CallRaised:
    """For a name that the file does not define, with the nearest one that it does, or a cell that may define it."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    advice = f"Is {near[0]} meant to be it?" if near else _ADD_IT
    if not near and (cell := unreadable(notes)):
        advice = f"Nothing of {cell[0]} was run, which is {cell[1]}. Mend that cell first."
    return CallRaised("NameError", f"Your file does not define {name}. {advice}", missing=True)


_ADD_IT: Final = "Add it, under exactly this name."
_MISSING: Final = re.compile(r"Your file does not define (\S+)\. (.*)", re.DOTALL)


def advised(message: str) -> str:
    """A check's message; of one by `missing` what is the same for another name."""
    found = _MISSING.fullmatch(message)
    return found[2] if found else message


def together(messages: Sequence[str]) -> str:
    """Messages of checks that are `advised` alike, in one."""
    names = list(dict.fromkeys(found[1] for found in map(_MISSING.fullmatch, messages) if found))
    if len(names) < 2:
        return messages[0]
    advice = advised(messages[0])
    todo = "Add them, under exactly these names." if advice == _ADD_IT else advice
    return f"Your file does not define {', '.join(names)}. {todo}"


def told(error: CallRaised, *, whole: bool) -> str:
    """The message of a check whose call raised.

    Args:
        whole: False where nothing that student code wrote may be shown.
    """
    if error.missing:
        return error.text
    who = "Importing your file" if error.importing else "Your code"
    if whole and error.text:
        raised = f"{who} raised {error.kind}: {error.text}"
    else:
        raised = f"{who} raised {error.kind if whole or is_pythons(error.kind) else 'an exception'}."
    advice = error.advice or _ADVICE.get(error.kind, "" if error.text else _WITHOUT_A_WORD.get(error.kind, ""))
    return "\n".join(filter(None, (error.asked, raised, advice)))


_ADVICE: Final = {
    "SystemExit": "Take exit(), quit() and sys.exit() out of your file.",
    "EOFError": "Nobody can type an answer while your code is graded: take input() out of your file.",
    "PermissionError": (
        "While it is graded, your code may write to the folder that it begins in and to /tmp, and has no network."
        " Take out what needs more."
    ),
}
"""What to do, where Python's own words do not say it."""
_WITHOUT_A_WORD: Final = {
    "NotImplementedError": "This part is not written yet: put your code in the place of `raise NotImplementedError`.",
}
"""The same of what is raised without any words."""


def is_pythons(kind: str) -> bool:
    """Whether an exception class of that name comes with Python: of others, the name is the student's own text."""
    found = getattr(builtins, kind, None)
    return isinstance(found, type) and issubclass(found, BaseException)
