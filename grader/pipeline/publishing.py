"""From the store to people: tables, pages, files for gradebooks."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Final

from grader import export, feedback
from grader.drafts import draft
from grader.errors import GradebookUnusable, NoSubmissions, SetupError
from grader.labs import Lab
from grader.model import ClassResults
from grader.pipeline.likening import similar
from grader.store import Store

_UNTOLD: Final = (
    "has no page in the archive: what they handed in does not bear the name that the platform's download gives"
)


def class_results(lab: Lab, store: Store) -> ClassResults:
    """The grades of a lab, read from the store as one goes through them: while it is open.

    Raises:
        NoSubmissions: it has none.
    """
    grades = store.grades(lab.name)
    if not grades:
        raise NoSubmissions(f"Nothing is graded for {lab.name} yet. Run `grader batch {lab.name} …` first.")
    return ClassResults(lab.name, lab.spec.title, lab.spec.version, lab.spec.points, grades, _handout(lab))


def _handout(lab: Lab) -> str:
    """What students were given to read; pages are written without it where it cannot be read."""
    try:
        return lab.handout.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def check_place(folder: Path) -> None:
    """Find out before a class is graded, not after, that its pages could not be written.

    Raises:
        SetupError: they could not.
    """
    feedback.check_place(folder)


def write_pages(results: ClassResults, store: Store, folder: Path, progress: feedback.Progress) -> Path:
    """Write the feedback pages, with the similar submissions that the last comparison found; the class page's path."""
    return feedback.write_report(results, folder, progress, similar(results.lab, store))


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
    with _whole(path) as part:
        part.write_bytes(content)


def write_feedback(path: Path, results: ClassResults, form: str, made: export.Export) -> tuple[export.LeftOut, ...]:
    """Write an archive of the pages of those whom `made` has found, as the platform hands them out.

    Returns:
        Those of them whose page is not in it.

    Raises:
        SetupError: it cannot be written.
    """
    found = {at.student.key: at for at in (*made.placed, *made.unchanged)}
    left_out: list[export.LeftOut] = []
    told = feedback.sections(results.handout)
    with _whole(path) as part, zipfile.ZipFile(part, "w") as archive:
        for grade in results.grades:
            if at := found.get(grade.student.key):
                place = export.RETURNS[form](at, PurePath(grade.source).name)
                if place:
                    page = feedback.student_page(grade, results.lab_title, results.lab_version, told)
                    archive.writestr(zipfile.ZipInfo(place), page, zipfile.ZIP_DEFLATED)
                else:
                    left_out.append(export.LeftOut(grade.student, _UNTOLD))
    return tuple(left_out)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file that takes the place of the one at `path` once it is written; a link there stays one."""
    try:
        with draft(path.resolve() if path.is_file() else path) as part:
            yield part
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error.strerror}. Name another file.") from error
