"""How an import is shown: what was taken over, what was left and where to look, what to do next."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from grader.cli import screen
from grader.pipeline.importing import Imported
from grader.scoring import written

SHOWN_MOST: Final = 12
"""Files beside the notebook that are named."""


def show(imported: Imported) -> None:
    """Print a report."""
    _taken(imported)
    _left(imported)
    _faults(imported)
    _next(imported)


def _taken(imported: Imported) -> None:
    files, hidden = imported.files, imported.files.hidden
    screen.say(f"{files.title}: taken over from {files.tool} as the lab {imported.name}.", "bold")
    points = written(sum(check.points for check in hidden.checks))
    screen.say(f"Checks: {len(hidden.checks)}, worth {points} points.", indent=2)
    screen.say(f"Tests: {hidden.translated} of {hidden.tests} translated.", indent=2)
    public = "none; students see no test before they hand in"
    if files.public:
        public = f"{len(files.public.checks)}, with the tests that students saw"
    screen.say(f"Public checks: {public}.", indent=2)
    if hidden.variables:
        screen.say("Checks ask for variables, so all cells of a submission are run (lab.toml).", indent=2)
    if imported.copied:
        screen.say(f"Files that students get, too: {_named(imported.copied)}.", indent=2)
        screen.say(
            "The sandbox has none of them: where a function reads one, let the suite write it by submission.file.",
            indent=2,
        )


def _left(imported: Imported) -> None:
    hidden = imported.files.hidden
    sentences = [*imported.files.left, *(f"Not copied: {sentence}" for sentence in imported.astray)]
    if imported.beside:
        sentences.append(f"Beside the notebook, and not looked at: {_named(imported.beside)}.")
    if not hidden.left and not sentences:
        return
    screen.say("")
    screen.say("Left", "bold")
    for one in hidden.left:
        tests = "1 test, " if one.tests == 1 else f"{one.tests} tests, " if one.tests else ""
        screen.say(
            f"{_place(imported.suite)}:{one.line} {one.check}: {tests}{one.why} ({one.where}).", "yellow", indent=2
        )
    for sentence in sentences:
        screen.say(sentence, "yellow", indent=2)


def _faults(imported: Imported) -> None:
    sentences = list(imported.files.faults)
    if imported.lacking:
        sentences.append(
            f"The notebook imports {_named(imported.lacking)}, and the sandbox has no such module: where a cell"
            " imports it, the cell fails. The page “Importing an assignment of Otter-Grader or nbgrader” of the"
            " documentation says what to do."
        )
    if sentences:
        screen.say("")
        screen.say("To be put right", "bold")
    for sentence in sentences:
        screen.say(sentence, "red", indent=2)


def _next(imported: Imported) -> None:
    screen.say("")
    if imported.files.hidden.left:
        screen.say(f"Write what is left in {_place(imported.suite)}: while a check raises, nobody is graded.")
    screen.say(
        f"`grader validate {imported.name}` tries the lab; then write mutants, which show that each check can fail."
    )


def _place(path: Path) -> str:
    """A path as short as it can be."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _named(names: Sequence[str]) -> str:
    more = len(names) - SHOWN_MOST
    return ", ".join(names[:SHOWN_MOST]) + (f" and {more} more" if more > 0 else "")
