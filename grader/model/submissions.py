"""What is handed in, and by whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Student:
    """A person in a class.

    Attributes:
        key: identifies the student within the course: an LMS id, a user name, or the folder's name.
        name: for people to read; need not be unique.
    """

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in for one lab.

    Attributes:
        files: POSIX path within the submission -> content.
        entry: the path in `files` of the lab's file, a `.py` or an `.ipynb`.
        digest: SHA-256 in hex over entry, names and contents (see `intake.digest`).
        source: where it was found, for people to read; it ends in what a platform's download calls it.
        received_at: when it was handed in (UTC), as far as that is known; tells the order of attempts. A time without a
            zone, a platform's or a file's, is taken as if it were UTC.
        told_at: the same, where a platform told it; tells who is late. Naive where it told local time.
    """

    student: Student
    lab: str
    files: Mapping[str, bytes]
    entry: str
    digest: str
    source: str
    received_at: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A submission that could not be taken in, and why, in a sentence for its author.

    Attributes:
        unread: it could not be read, so that another time it may be taken in.
    """

    student: Student
    lab: str
    source: str
    reason: str
    unread: bool = False
