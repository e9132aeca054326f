"""What every format takes and gives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from grader.model import ClassResults, Exported, Student

BY_NAME: Final = "name"
"""`Placed.by` where nothing better than the name told."""


def _nowhere(_key: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a format may need besides the grades.

    Attributes:
        gradebook: the learning platform's own export, as it was downloaded.
        assignment: the gradebook's column to fill in, by title or by id; "" looks for the lab's title or name.
        comments: the gradebook's column for comments; "" looks for one.
        page: where the feedback page of the student with this key lies, for formats that name it; "" for nowhere.
    """

    gradebook: bytes | None = None
    assignment: str = ""
    comments: str = ""
    page: Callable[[str], str] = _nowhere


@dataclass(frozen=True, slots=True)
class Placed:
    """A grade that found its row.

    Attributes:
        row: the student as the gradebook calls them.
        by: what identified the student, e.g. "ID".
        was: what stands in the gradebook now, a score as `written`; "" where there is none.
        now: what the file says, likewise.
        out_of: what `now` is out of there.
        ids: the row's, the platform's own first.
    """

    student: Student
    row: str
    by: str
    was: str = ""
    now: str = ""
    out_of: float = 0.0
    ids: tuple[str, ...] = ()

    def exported(self, *, in_file: bool) -> Exported:
        """The score as it is put on record."""
        return Exported(float(self.now), self.out_of, in_file) if self.now else Exported(None, None, in_file)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A grade that is not in the file.

    Attributes:
        why: goes on with the sentence that the student's name begins.
    """

    student: Student
    why: str

    def __str__(self) -> str:
        return f"{self.student.name} ({self.student.key}) {self.why}."


@dataclass(frozen=True, slots=True)
class Export:
    """A finished file and what the person who uploads it should know.

    Attributes:
        content: the file, byte for byte.
        file_name: a name to suggest.
        unchanged: students who have the same score in the gradebook already, and are not in the file.
        notes: sentences about the file as a whole.
    """

    content: bytes
    file_name: str
    placed: tuple[Placed, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unchanged: tuple[Placed, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def grades(self) -> dict[str, Exported]:
        """What the file says, or leaves as it is in the gradebook, by the students' keys."""
        told = ((True, self.placed), (False, self.unchanged))
        return {at.student.key: at.exported(in_file=in_file) for in_file, places in told for at in places}

    @property
    def report(self) -> tuple[str, ...]:
        """What a person should read before uploading the file, one sentence a line: what is in doubt or missing."""
        guessed = (
            f"{at.student.name} was found by name only, as “{at.row}”." for at in self.placed if at.by == BY_NAME
        )
        return (*self.notes, *guessed, *self.missing)

    @property
    def missing(self) -> tuple[str, ...]:
        """Who is left out and why, one sentence a line."""
        return tuple(map(str, self.left_out))


PAGE: Final = "feedback.html"
"""A feedback page in a platform's archive. Sakai takes files called by some other words for its own."""
Returner: TypeAlias = Callable[[Placed, str], str]
"""(whose it is in the gradebook, what the platform's download called what they handed in) -> the path of their page in
an archive that the platform hands out; "" where the name does not tell."""
Exporter: TypeAlias = Callable[[ClassResults, Request], Export]
"""A format. Raises `SetupError` when the request lacks something or cannot be used."""
