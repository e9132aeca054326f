"""What is wrong with a suite, for the instructor who wrote it: the line, what is there, and what to do. Pure."""

import ast
import difflib
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from traceback import walk_tb
from types import ModuleType
from typing import Final

from grader.errors import InvalidLab
from grader.examine import answers
from grader.examine.submission import Handle

SUITE: Final = "grader.examine.suite"
"""The module that suites import from."""
_EXAMPLE: Final = '@check("first-row", title="first_row", points=4)'


def unreadable(suite: Path, error: BaseException, names: Collection[str]) -> str:
    """Why a suite could not be imported.

    Args:
        names: what `grader.examine.suite` has for suites.
    """
    if isinstance(error, SyntaxError) and error.filename == str(suite.resolve()):
        return f"{suite}:{error.lineno} is not Python: {error.msg}. {_shown(error.text or '')}"
    number = line_of(suite, error)
    where = f"{suite}:{number}" if number else str(suite)
    line = _shown(_source(suite, number))
    if isinstance(error, InvalidLab):
        return f"{where}: {error} {line}"
    if isinstance(error, TypeError) and str(error).startswith("check()"):
        return f"{where}: the mark is not complete: {error}. {line} A whole one is {_EXAMPLE}."
    return " ".join(filter(None, (f"{where} cannot be imported: {told(error)}.", line, _import_advice(error, names))))


def fault(suite: Path, name: str, error: BaseException) -> str:
    """Where and how a check of the suite itself failed.

    Args:
        name: the test's.
    """
    number = line_of(suite, error)
    place = f"{suite.name}:{number}" if number else suite.name
    if isinstance(error, AssertionError):
        advice = 'Say expect.that(condition, "a sentence for the student"): it fails the check, and an assert does not.'
        return f"{name} ({place}): AssertionError. {_shown(_source(suite, number))} {advice}"
    if mixed := _SCOPES.match(str(error)):
        return (
            f'{name} ({place}): a fixture of scope "{mixed[2]}" asks for {mixed[1]}, which each check has of its own.'
            f" Take the scope away, or ask for {mixed[1]} in the check."
        )
    advice = _suggestion(error) or _ADVICE.get(type(error).__name__, "")
    return f"{name} ({place}): {told(error)}{f'. {advice}' if advice else ''}"


_SCOPES: Final = re.compile(r"ScopeMismatch: .*function scoped fixture (\w+) with a (\w+) scoped")
_ADVICE: Final = {"Skipped": "A check is not skipped: depends=(…) names the checks that it needs."}


def told(error: BaseException) -> str:
    """The exception's class and the first line of what it says."""
    first = re.sub(r" \(\S+\.py\)$", "", next(iter(str(error).splitlines()), "")).rstrip(".")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def line_of(suite: Path, error: BaseException) -> int:
    """The suite's innermost line that an exception went through; 0 for none."""
    path = str(suite.resolve())
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code.co_filename == path]
    return lines[-1] if lines else 0


def near(name: str, names: Iterable[str]) -> str:
    """The name that may be meant, as a question with a space before it; "" for none."""
    found = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean “{found[0]}”?" if found else ""


def lost(suite: Path, module: ModuleType) -> str:
    """What of a suite pytest never sees, though it was meant to be a check; "" for nothing."""
    for name, found in vars(module).items():
        marks = getattr(found, "pytestmark", None) if not name.startswith(("test", "Test")) else None
        if isinstance(marks, list) and any(mark.name == "check" for mark in marks) and hasattr(found, "__code__"):
            return (
                f"{suite}:{found.__code__.co_firstlineno}: {name} is marked as a check, but its name does not begin"
                f" with test_, so it would never run. Call it test_{name}."
            )
    return _twice(suite)


def _twice(suite: Path) -> str:
    """A function that another of the same name further down replaces."""
    seen: dict[str, int] = {}
    for node in ast.parse(suite.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            if node.name in seen:
                return (
                    f"{suite}:{node.lineno}: there are two functions called {node.name}, and only this one would run;"
                    f" the other one is at line {seen[node.name]}. Give each its own name."
                )
            seen[node.name] = node.lineno
    return ""


# ---------------------------------------------------------------- what a check gave


def must(holds: bool, sentence: str) -> None:  # noqa: FBT001  reads like `expect.that`
    """Something of the author's holds, which no answer decides.

    Raises:
        TypeError: it does not.
    """
    if not holds:
        raise TypeError(sentence)


def check_share(where: str, share: float, message: str) -> None:
    """A share of a check's points is one, and what goes with it is text.

    Raises:
        TypeError, ValueError: they are not.
    """
    number = isinstance(share, int | float) and not isinstance(share, bool)
    must(number, f"{where}: the share of the points is {said(share)}, and must be a number in 0..1")
    must(isinstance(message, str), f"{where}: the message is {said(message)}, and must be text")
    if share > 1 + 1e-6:
        raise ValueError(f"{where}: the share of the points is {share:g}, and must be in 0..1; it is no percentage")


def said(value: object) -> str:
    """A small value as Python writes it, any other by its kind."""
    return repr(value) if isinstance(value, str | bool | float | int) or value is None else answers.kind(value)


# ---------------------------------------------------------------- what may be meant


def _import_advice(error: BaseException, names: Collection[str]) -> str:
    missing = re.match(rf"cannot import name '(\w+)' from '{re.escape(SUITE)}'", str(error))
    if missing:
        return near(missing[1], names).strip() or "The page “Writing a suite” of the documentation lists what there is."
    if isinstance(error, NameError) and error.name in names:
        return f"Add it: from {SUITE} import {error.name}."
    return _suggestion(error)


def _suggestion(error: BaseException) -> str:
    """For a name that is not there, the one that may be meant."""
    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        if isinstance(error.obj, Handle):
            return f'handle.method("{error.name}") calls a method of it, handle.attribute("{error.name}") reads one.'
        return near(error.name, [name for name in dir(error.obj) if not name.startswith("_")]).strip()
    if isinstance(error, NameError) and error.name:
        frames = list(walk_tb(error.__traceback__))
        known = [*frames[-1][0].f_locals, *frames[-1][0].f_globals] if frames else []
        return near(error.name, known).strip()
    return ""


def _source(suite: Path, number: int) -> str:
    lines = suite.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _shown(line: str) -> str:
    return f"The line is “{line.strip()}”." if line.strip() else ""
