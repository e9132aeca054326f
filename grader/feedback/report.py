"""The pages as files."""

import errno
import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from grader.drafts import draft
from grader.errors import DiskFull, SetupError
from grader.feedback import similar as alike
from grader.feedback.classroom import Tally
from grader.feedback.handout import sections
from grader.feedback.pages import MAKER, PAIR_MARK, STUDENT_MARK, class_page, pair_page, student_page
from grader.model import ClassResults, Similar

Progress = Callable[[int, int], None]
"""Called with (pages done, pages in all)."""

FOLDER: Final = "students"
_HEAD: Final = 2048
"""Bytes at a page's beginning that hold its mark."""
_SAFE: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9_-])?")
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_FULL: Final = {errno.ENOSPC, errno.EDQUOT}


def write_report(
    results: ClassResults, out: Path, progress: Progress | None = None, similar: Similar | None = None
) -> Path:
    """Write `index.html` and a page for each student and each similar pair below `out`; the path of the class page.

    A page appears whole or not at all, one that would not change is left alone, and pages of students who are no longer
    in `results`, or of pairs that are no longer in `similar`, are removed. A file that is not the grader's is neither
    removed nor written over.

    Raises:
        DiskFull: no space is left.
        SetupError: `out` cannot be written, or somebody else's file is in the way.
    """
    tally = Tally(results.max_score)
    current: set[str] = set()
    total = len(results.grades) + 1
    told = sections(results.handout)
    with _sentences(out):
        (out / FOLDER).mkdir(parents=True, exist_ok=True)
        for done, grade in enumerate(results.grades, start=1):
            page = page_name(grade.student.key)
            _write(out / page, student_page(grade, results.lab_title, results.lab_version, told))
            tally.add(grade, page)
            current.add(file_name(grade.student.key))
            if progress:
                progress(done, total)
        pairs = _write_pairs(results, out, similar)
        index = out / "index.html"  # after what it leads to, and before what it led to goes
        _write(index, class_page(results, tally, alike.section(similar, page_name) if similar else None))
        _remove_stale(out / FOLDER, current, STUDENT_MARK)
        _remove_stale(out / alike.FOLDER, pairs, PAIR_MARK)
    if progress:
        progress(total, total)
    return index


def _write_pairs(results: ClassResults, out: Path, similar: Similar | None) -> set[str]:
    """Write a page for each pair; the names of the files."""
    pages = {out / alike.page_name(pair): pair for pair in similar.pairs} if similar else {}
    if pages:
        (out / alike.FOLDER).mkdir(exist_ok=True)
    for path, pair in pages.items():
        _write(path, pair_page(results, alike.columns(pair, page_name)))
    return {path.name for path in pages}


def check_place(out: Path) -> None:
    """Look whether `write_report` could begin; nothing that is made for that stays.

    Raises:
        SetupError: `out` cannot be written, or its class page is somebody else's file.
    """
    with _sentences(out):
        for page in (out / "index.html", out / FOLDER / "any", out / alike.FOLDER / "any"):
            there = next(place for place in page.absolute().parents if place.exists())
            with TemporaryDirectory(dir=there):  # rights do not tell of all places where nothing can be made
                pass
        with suppress(FileNotFoundError):
            _check_ours(out / "index.html", (out / "index.html").read_bytes())


def page_name(key: str) -> str:
    """Where `write_report` puts the page of the student with this key, relative to the class page."""
    return f"{FOLDER}/{file_name(key)}"


def file_name(key: str) -> str:
    """A file name for any key on any file system: different keys, different names; the same key, always the same."""
    if _SAFE.fullmatch(key) and not _DEVICES.fullmatch(key):
        return f"{key}.html"
    readable = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:40] or "student"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{readable}~{digest}.html"  # no key that is safe by itself has a ~


def _write(path: Path, page: str) -> None:
    content = page.encode()
    with suppress(FileNotFoundError):
        there = path.read_bytes()
        if there == content:
            return
        _check_ours(path, there)
    with draft(path) as part:
        part.write_bytes(content)


def _check_ours(path: Path, there: bytes) -> None:
    if MAKER.encode() not in there[:_HEAD]:
        raise SetupError(f"{path} is not one of the grader's pages. Choose another place with --out, or move it away.")


def _remove_stale(folder: Path, current: Collection[str], mark: str) -> None:
    for path in folder.glob("*.html"):
        if path.name not in current and path.is_file() and _has(mark, path):
            path.unlink()


def _has(mark: str, path: Path) -> bool:
    with path.open("rb") as file:
        return mark.encode() in file.read(_HEAD)


@contextmanager
def _sentences(out: Path) -> Iterator[None]:
    """Says what an operating system's error means for the person who asked for a report."""
    try:
        yield
    except BrokenPipeError:  # of whoever reads how far it is: no page is written into a pipe
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                f"No space is left for the pages in {out}. Free some, or choose another place with --out; "
                "pages already written are whole."
            ) from error
        raise SetupError(
            f"The pages cannot be written to {out}: {error.strerror}. Choose another place with --out."
        ) from error
