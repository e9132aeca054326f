"""What students begin with, so that it is not taken for their work where it lies beside that."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader import notebooks
from grader.errors import NotANotebook


@dataclass(frozen=True, slots=True)
class Starter:
    """A lab's starter.

    Attributes:
        suffix: ".py" or ".ipynb".
        lines: of its code, see `_lines`.
    """

    suffix: str
    lines: tuple[str, ...]

    def is_of_its_form(self, name: str) -> bool:
        """Whether a file could be it, as far as its name tells."""
        return PurePosixPath(name).suffix.lower() == self.suffix

    def is_untouched(self, content: bytes) -> bool:
        """Whether a file of its form, in UTF-8, has its code and no other."""
        return _lines(content, self.suffix) == self.lines


def read(path: Path) -> Starter | None:
    """The starter at `path`; None where there is none, or none that can be read."""
    try:
        lines = _lines(path.read_bytes(), path.suffix)
    except OSError:
        return None
    return Starter(path.suffix, lines) if lines is not None else None


def _lines(content: bytes, suffix: str) -> tuple[str, ...] | None:
    """The lines of code but empty ones, without blanks at their ends, which editors change; None of what is no text."""
    try:
        text = _of_cells(content) if suffix == ".ipynb" else content.decode("utf-8-sig")
    except (UnicodeDecodeError, NotANotebook):
        return None
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())


def _of_cells(content: bytes) -> str:
    return "\n".join(cell.source for cell in notebooks.read(content).cells if cell.kind == "code")
