"""Grading what arrives in a folder, round after round.

A round looks at the folder, grades what has arrived whole and was not graded as it is, and writes the pages. What was
handed in is in the store before it is graded, so what goes wrong on our side is tried again from there, also where the
folder has lost it meanwhile. All that a round remembers is which files it has read; whoever begins anew reads them once
more, and grades nothing twice.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from grader import intake
from grader.errors import GraderError, NoSubmissions, SetupError
from grader.intake import arriving
from grader.intake.arriving import Listing, Mark
from grader.intake.choose import some
from grader.intake.names import is_housekeeping, shown
from grader.labs import Course, Lab
from grader.model import Refusal, Run, Student, Submission
from grader.pipeline import grading, publishing
from grader.pipeline.grading import Graders, Summary, Watcher
from grader.store import Store

AGAIN_FIRST: Final = 30.0
AGAIN_MOST: Final = 3600.0
"""Seconds until a submission that our side failed is tried again: after the first time, and at most."""
TROUBLE_FIRST: Final = 2.0
TROUBLE_MOST: Final = 60.0
"""The same where nothing can be graded, as without the database."""
_BESIDE: Final = "/"
"""Where a listing has what belongs to the lab; no file is called so."""

_WAITS: Final = "Until that is over nothing is graded; it is tried again and again."
_AGAIN: Final = "It is tried again, at longer and longer intervals."
_NAMED: Final = 20
"""Students who are named for one fault."""


class Onlooker(Watcher, Protocol):
    """Somebody who looks on while a folder is watched."""

    def told(self, sentence: str) -> None:
        """Something happened that needs nobody."""

    def refused(self, refusal: Refusal) -> None:
        """Something cannot be taken in."""

    def graded(self, summary: Summary, page: Path | None) -> None:
        """A round is over; the class page, if there is one."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A folder that submissions for a lab arrive in.

    Attributes:
        pages: where the pages go.
        roster: the file that says who is in the class; it is read again when it changes.
    """

    folder: Path
    course: Course
    lab: str
    pages: Path
    roster: Path | None = None

    def check(self) -> None:
        """Find out before one begins to watch what would go wrong later.

        Raises:
            SetupError: the folder cannot be read, or the pages cannot be written, or would arrive themselves.
        """
        arriving.listed(self.folder)
        publishing.check_place(self.pages)
        if self.pages.resolve().is_relative_to(self.folder.resolve()):
            raise SetupError(
                f"The pages in {self.pages} would be taken for submissions. Choose another place with --out."
            )


@dataclass(slots=True)
class Delay:
    """When something that failed is tried again: after a time that doubles with each failure, up to a most."""

    first: float
    most: float
    failures: int = 0
    until: float = field(default=float("-inf"))

    def failed(self, now: float) -> float:
        """It did, once more; in how many seconds it is tried again."""
        seconds = min(self.most, self.first * 2.0 ** min(self.failures, 30))
        self.failures += 1
        self.until = now + seconds
        return seconds

    def is_over(self, now: float) -> bool:
        """Whether it is to be tried now."""
        return now >= self.until


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


def _is_left_alone(name: str) -> bool:
    return arriving.is_unfinished(name) and not is_housekeeping(name)


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


class _Once:
    """Passes on what it is told, but the same sentence once only."""

    def __init__(self, onlooker: Onlooker) -> None:
        self.onlooker = onlooker
        self._said: set[str] = set()

    def collected(self, found: int, refused: int) -> None:
        self.onlooker.collected(found, refused)

    def planned(self, todo: int, gradings: int, kept: int) -> None:
        self.onlooker.planned(todo, gradings, kept)

    def warned(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.onlooker.warned(sentence)

    def started(self, content: str, name: str, submissions: int) -> None:
        self.onlooker.started(content, name, submissions)

    def finished(self, content: str, run: Run, submissions: int) -> None:
        self.onlooker.finished(content, run, submissions)

    def refused(self, refusal: Refusal) -> None:
        sentence = f"{refusal.student.key}\n{refusal.source}\n{refusal.reason}"
        if sentence not in self._said:
            self._said.add(sentence)
            self.onlooker.refused(refusal)


@dataclass(slots=True)
class _Failed:
    """A submission that our side failed."""

    name: str
    fault: str = ""
    delay: Delay = field(default_factory=lambda: Delay(AGAIN_FIRST, AGAIN_MOST))


@dataclass(frozen=True, slots=True)
class _Basis:
    """By what is graded; where it is another than before, everybody is graded anew, as a batch would."""

    suite: str
    sandbox: str


class Watch:
    """Watches a folder.

    Args:
        graders: who grades, by what the lab is now; asked each time that there is something to grade.
        settle: seconds for which something has to stay as it is before it counts as arrived.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        drop: Drop,
        graders: Callable[[Lab], Graders],
        store: Store,
        onlooker: Onlooker,
        settle: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._drop = drop
        self._graders = graders
        self._store = store
        self._tell = _Once(onlooker)
        self._clock = clock
        self._settling = arriving.Settling(settle)
        self._beside = self._listed_beside()
        self._lab, self._roster = self._read_beside()
        self._basis: _Basis | None = None
        self._done: set[Arrival] = set()
        self._shut: list[Arrival] = []
        self._left: Delay | None = None
        self._seen: tuple[Listing, frozenset[str]] | None = None
        self._again: dict[int, _Failed] = {}
        self._renewed = False
        self._unwritten: Summary | None = None
        self._trouble = Delay(TROUBLE_FIRST, TROUBLE_MOST)
        self._said = ""

    @property
    def ungraded(self) -> int:
        """How many submissions have no result because of our side."""
        return len(self._again)

    def look(self) -> tuple[Listing, frozenset[str]]:
        """What is there, and what of it has arrived.

        Raises:
            NoSubmissions: the folder cannot be read.
        """
        listing = arriving.listed(self._drop.folder)
        settled = self._settling.settled({**listing, _BESIDE: self._listed_beside()}, self._clock())
        return listing, settled

    def round(self) -> None:
        """Grade what has arrived; what goes wrong is told once, and tried again later and later."""
        try:
            listing, settled = self.look()
            if _BESIDE not in settled or not self._trouble.is_over(self._clock()):
                return  # somebody writes the lab, or it is too soon
            self.grade(listing, settled)
        except BrokenPipeError:  # of who reads what is told
            raise
        except (GraderError, OSError) as error:
            self._trouble.failed(self._clock())
            if str(error) != self._said:
                self._said = str(error)
                self._tell.onlooker.warned(f"{error} {_WAITS}")
        else:
            if self._said:
                self._tell.onlooker.told("That is over: what has arrived is graded again.")
            self._said, self._trouble = "", Delay(TROUBLE_FIRST, TROUBLE_MOST)

    def grade(self, listing: Listing, settled: frozenset[str]) -> None:
        """Grade what has arrived and is not graded as it is, and what is to be tried again; write the pages.

        Raises:
            GraderError: something is not ready; what is graded is kept, and the rest is taken up the next time.
            OSError: likewise.
        """
        self._renew()
        again = {id_: one.name for id_, one in self._again.items() if one.delay.is_over(self._clock())}
        if self._renewed or self._seen != (listing, settled) or self._may_be_read():
            self._grade_arrivals(listing, settled)
        if again:
            self._try_again(again)
        if self._unwritten:
            self._publish(self._unwritten)

    def unarrived(self, listing: Listing, settled: Collection[str]) -> list[str]:
        """What is there and has not arrived, by its names."""
        return sorted(name for name in listing if name not in settled and not is_housekeeping(name))

    # ------------------------------------------------------------ what belongs to the lab

    def _listed_beside(self) -> dict[str, Mark]:
        folders = self._drop.course.root / "assignments", self._drop.course.root / "reference"
        files = [folders[0] / self._drop.lab / "lab.toml", folders[1] / self._drop.lab / "test_hidden.py"]
        files += [self._drop.roster] if self._drop.roster else []
        return {str(file): arriving.mark(file) for file in files}

    def _read_beside(self) -> tuple[Lab, intake.Roster | None]:
        roster = grading.read_roster(self._drop.roster) if self._drop.roster else None
        return self._drop.course.lab(self._drop.lab), roster

    def _renew(self) -> None:
        """Read the lab and the roster again where they have changed."""
        beside = self._listed_beside()
        if beside != self._beside:
            self._lab, self._roster = self._read_beside()
            self._beside, self._renewed = beside, True
            self._tell.onlooker.told(f"{self._drop.lab} or its roster changed, and is read again.")

    def _rebase(self, graders: Graders) -> None:
        """Forget what was graded by another suite or sandbox than there are now."""
        terms = graders.terms
        basis = _Basis(self._lab.suite_digest(terms.dataset), terms.identity())
        if self._basis and basis != self._basis:
            self._done.clear()
            self._tell.onlooker.told("The suite or the sandbox is another now, so all that is there is graded by it.")
        self._basis = basis

    # ------------------------------------------------------------ what arrives

    def _grade_arrivals(self, listing: Listing, settled: frozenset[str]) -> None:
        known = grading.known(self._lab, self._store)
        survey = intake.survey_filling(self._drop.folder, self._lab.name, self._roster, known)
        arrived = arrivals(survey, listing, settled)
        self._note(survey, settled)
        self._shut = []
        if self._renewed or any(arrival not in self._done for _, arrival in arrived):
            graders = self._graders(self._lab)
            self._rebase(graders)
            due = [one for one in arrived if one[1] not in self._done]
            self._shut = [arrival for _, arrival in due if self._why_closed(arrival)]
            reading = Reading(self._drop.folder, survey, [one for one in due if one[1] not in self._shut])
            summary = grading.grade_class(self._lab, reading, self._store, graders, self._tell)
            self._done.update(reading.done)
            self._renewed = False
            self._leave(reading.unread)
            self._finish(summary, changed=bool(reading.done))
        self._seen = listing, settled

    def _may_be_read(self) -> bool:
        """Whether it is time to try what could not be read, or something can be opened now that could not."""
        return (self._left is not None and self._left.is_over(self._clock())) or not all(
            map(self._why_closed, self._shut)
        )

    def _leave(self, unread: Sequence[str]) -> None:
        """Tell what could not be read, and try it again later and later."""
        for why in unread:
            self._tell.warned(f"{why} It is tried again.")
        if unread:
            self._left = self._left or Delay(TROUBLE_FIRST, TROUBLE_MOST)
            self._left.failed(self._clock())
        else:
            self._left = None

    def _why_closed(self, arrival: Arrival) -> str:
        """Why one of its files cannot be opened yet; "" where all can."""
        why = arriving.closed(self._drop.folder / path for path, _ in arrival.marks)
        if why:
            what = shown(arrival.marks[0][0], 200)
            self._tell.warned(f"{what} cannot be opened ({why}), so it has not arrived. It is tried again.")
        return why

    def _note(self, survey: intake.Survey, settled: Collection[str]) -> None:
        """Tell what a person should know of what is there."""
        for note in (*(note for place in survey.places for note in place.notes), *survey.notes):
            self._tell.warned(note)
        for who, why in survey.matching.unknown if survey.matching else ():
            self._tell.warned(f"{shown(who.name)}: {why}, so graded under a key of their own.")
        for name in filter(_is_left_alone, settled):
            self._tell.warned(f"{shown(name)} is called like something unfinished, so it is left alone.")

    # ------------------------------------------------------------ what came of it

    def _try_again(self, names: Mapping[int, str]) -> None:
        """Grade what our side failed, by the submissions' ids."""
        summary = grading.grade_known(self._lab, names, self._store, self._graders(self._lab), self._tell)
        for id_ in names.keys() - set(summary.ungraded_ids):
            del self._again[id_]
        self._finish(summary)

    def _finish(self, summary: Summary, *, changed: bool = False) -> None:
        """Remember what is to be tried again, and write the pages if anything is new in them."""
        new: dict[str, list[str]] = {}
        for id_, (name, fault) in zip(summary.ungraded_ids, summary.ungraded, strict=True):
            failed = self._again.setdefault(id_, _Failed(name))
            failed.delay.failed(self._clock())
            if fault != failed.fault:
                failed.fault = fault
                new.setdefault(fault, []).append(name)
        for fault, names in new.items():
            self._tell.onlooker.warned(f"Not graded: {some(names, _NAMED)}: {fault} {_AGAIN}")
        for refusal in summary.refusals:
            self._tell.refused(refusal)
        if changed or summary.graded or summary.recounts:
            self._publish(summary)

    def _publish(self, summary: Summary) -> None:
        self._unwritten = summary
        page = None
        with suppress(NoSubmissions):
            results = publishing.class_results(self._lab, self._store)
            page = publishing.write_pages(results, self._store, self._drop.pages, lambda _done, _total: None)
        self._unwritten = None
        self._tell.onlooker.graded(summary, page)
