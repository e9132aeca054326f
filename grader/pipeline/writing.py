"""Writing a course: starters from solutions, zips for students, new courses and labs."""

from pathlib import Path

from grader.authoring import starters
from grader.drafts import draft
from grader.errors import AlreadyThere, InvalidLab
from grader.labs import Lab


def starter(lab: Lab) -> starters.Starter:
    """The starter that a lab's solution gives.

    Raises:
        InvalidLab: the solution is missing, has no markers, or such that are not right.
    """
    found = starters.from_solution(lab)
    if found is None:
        raise InvalidLab(
            f"{lab.solution} is missing, or no region of it is marked. Put # BEGIN SOLUTION before what students write "
            "and # END SOLUTION after it."
        )
    return found


def write_starter(lab: Lab, *, force: bool) -> tuple[Path, bool]:
    """Write the starter that a lab's solution gives.

    Args:
        force: replace also one that was not made so.

    Returns:
        Where it is, and whether it changed.

    Raises:
        InvalidLab: see `starter`.
        AlreadyThere: a starter is there that somebody wrote.
    """
    found = starter(lab)
    if found.is_there:
        return found.path, False
    if found.path.exists() and not force and not starters.is_generated(found.path):
        raise AlreadyThere(
            f"{found.path} was written by hand: it has no “{starters.HERE}”. What of it is worth keeping, put into "
            f"{lab.solution.name}; then replace it with --force."
        )
    put(found.path, found.text)
    return found.path, True


def put(path: Path, content: str | bytes) -> None:
    """Write a file, whole at every moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
