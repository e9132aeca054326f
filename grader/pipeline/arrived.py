"""What of a folder that is watched has arrived, and reading it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader import intake
from grader.intake import arriving
from grader.intake.arriving import Listing, Mark
from grader.model import Refusal, Student, Submission


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a student handed in, as it lay there.

    Attributes:
        told: when it was received, where a platform tells.
        marks: of its files, by their paths below the folder.
    """

    student: Student
    told: datetime | None
    marks: tuple[tuple[str, Mark], ...]

    @property
    def tops(self) -> frozenset[str]:
        """What at the top of the folder they are in."""
        return frozenset(_top(path) for path, _ in self.marks)


def arrivals(survey: intake.Survey, listing: Listing, settled: frozenset[str]) -> list[tuple[intake.Found, Arrival]]:
    """What of a survey has arrived whole; nothing while that is still arriving which says whose the others are."""
    metadata = [place.apart.metadata for place in survey.places if place.apart and place.apart.metadata]
    if any(_top(member.path) not in settled for member in metadata):
        return []
    found = ((item, _arrival(item, listing)) for item in survey.found)
    return [(item, arrival) for item, arrival in found if arrival and arrival.tops <= settled]


def _arrival(found: intake.Found, listing: Listing) -> Arrival | None:
    """None where one of the files has come since the folder was listed."""
    handed_in = found.hand_in
    members = [*handed_in.files.values(), *([handed_in.receipt] if handed_in.receipt else [])]
    paths = sorted({member.path for member in members})
    marks = [(path, mark) for path in paths if (mark := listing.get(_top(path), {}).get(path))]
    return Arrival(found.student, handed_in.told, tuple(marks)) if len(marks) == len(paths) else None


def _top(path: str) -> str:
    return path.partition("/")[0]


class Reading:
    """Reads what has arrived; what changes while it is read, or cannot be read, is left for later.

    Attributes:
        done: what was read as it was listed.
        unread: why something could not be read, in sentences.
    """

    def __init__(self, folder: Path, survey: intake.Survey, due: Sequence[tuple[intake.Found, Arrival]]) -> None:
        self.done: list[Arrival] = []
        self.unread: list[str] = []
        self._folder = folder
        self._survey = replace(survey, found=tuple(found for found, _ in due))
        self._arrivals = [arrival for _, arrival in due]

    def take(self) -> Iterator[Submission | Refusal]:
        """See `grading.Unread`."""
        for arrival, taken in zip(self._arrivals, self._survey.take(), strict=True):
            if not all(arriving.mark(self._folder / path) == mark for path, mark in arrival.marks):
                continue
            if isinstance(taken, Refusal) and taken.unread:
                self.unread.append(taken.reason)
                continue
            self.done.append(arrival)
            yield taken
