"""From the store to people: tables, pages, files for gradebooks."""

from pathlib import Path

from grader import export, feedback
from grader.errors import GradebookUnusable, NoSubmissions, SetupError
from grader.labs import Lab
from grader.model import ClassResults
from grader.store import Store


def class_results(lab: Lab, store: Store) -> ClassResults:
    """The grades of a lab, read from the store as one goes through them: while it is open.

    Raises:
        NoSubmissions: it has none.
    """
    grades = store.grades(lab.name)
    if not grades:
        raise NoSubmissions(f"Nothing is graded for {lab.name} yet. Run `grader batch {lab.name} …` first.")
    return ClassResults(lab.name, lab.spec.title, lab.spec.version, lab.spec.points, grades)


def write_pages(results: ClassResults, folder: Path, progress: feedback.Progress) -> Path:
    """Write the feedback pages; the class page's path."""
    return feedback.write_report(results, folder, progress)


def export_grades(
    results: ClassResults, form: str, *, gradebook: Path | None = None, assignment: str = "", comments: str = ""
) -> export.Export:
    """A file for a gradebook.

    Raises:
        GradebookUnusable: `gradebook` is missing, unreadable or has no column for the lab.
    """
    return export.FORMATS[form](results, export.Request(_read(gradebook), assignment, comments, feedback.page_name))


def _read(gradebook: Path | None) -> bytes | None:
    if gradebook is None:
        return None
    try:
        return gradebook.read_bytes()
    except OSError as error:
        raise GradebookUnusable(f"{gradebook} cannot be read: {error.strerror}.") from error


def write_file(path: Path, content: bytes) -> None:
    """Write an export, whole or not at all.

    Raises:
        SetupError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise SetupError(f"{path} cannot be written: {error.strerror}. Name another file with --output.") from error
