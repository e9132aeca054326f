"""What the names in a learning platform's download tell. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from grader.intake.names import is_work
from grader.model import Student

_STRANGERS: Final = 5
"""One entry in so many may be there that the platform did not name: what a teacher put beside."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Whose a file of a download is.

    Attributes:
        file: its path in what the student handed in, as the student called it.
        attempt: tells the attempts of one student in one download apart.
        received_at: when, where names tell: local time, without its zone.
        beside: it is the platform's own, or was typed into a form: a receipt, a comment, a text. No lab's file, and no
            reason to refuse one; where there is nothing else, it is what is refused, so that nobody is forgotten.
        late: the platform marked it so.
        is_receipt: its content is the time of receipt.
    """

    student: Student
    file: str
    attempt: str = ""
    received_at: datetime | None = None
    beside: bool = False
    is_receipt: bool = False
    late: bool = False


Uploads: TypeAlias = Mapping[str, Upload]
"""Paths in a download -> what they tell; paths that the platform did not make are missing."""


def if_sure(uploads: Uploads, paths: Iterable[str]) -> Uploads:
    """`uploads`, if they are nearly all of what is at the top of `paths`; else none: names may be alike by chance.

    A paper beside them, as a sheet with the task, tells nothing.
    """
    if not uploads:
        return {}
    named = {_top(path) for path in uploads}
    strangers = {_top(path) for path in paths if "/" in path or is_work(path)} - named
    return uploads if len(strangers) * _STRANGERS <= len(named | strangers) else {}


def _top(path: str) -> str:
    return path.partition("/")[0]
