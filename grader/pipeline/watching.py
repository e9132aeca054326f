"""Grading what arrives in a folder, round after round.

A round looks at the folder, grades what has arrived whole and was not graded as it is, and writes the pages. What was
handed in is in the store before it is graded, so what goes wrong on our side is tried again from there, at the next
start, too, and also where the folder has lost it meanwhile. All that a round remembers is which files it has read;
whoever begins anew reads them once more, and grades nothing twice.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from grader import intake
from grader.errors import GraderError, NoSubmissions, SetupError
from grader.intake import arriving
from grader.intake.arriving import Listing, Mark
from grader.intake.choose import some
from grader.intake.names import is_housekeeping, shown
from grader.labs import Course, Lab
from grader.model import Counting, Refusal, Run
from grader.pipeline import grading, publishing
from grader.pipeline.again import TRIES, Again, Delay
from grader.pipeline.arrived import Arrival, Reading, arrivals
from grader.pipeline.grading import Graders, Summary, Watcher
from grader.store import Store

TROUBLE_FIRST: Final = 2.0
TROUBLE_MOST: Final = 60.0
"""Seconds until it is tried again where nothing can be graded, as without the database: at first, and at most."""
_BESIDE: Final = "/"
"""Where a listing has what belongs to the lab; no file is called so."""

_WAITS: Final = "Until that is over nothing is graded; it is tried again and again."
_AGAIN: Final = "It is tried again, at longer and longer intervals."
_LAST: Final = (
    "Not graded, {} times: {}. They are not tried any more. Look at why, then grade them with grader regrade {}."
)
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


def _is_left_alone(name: str) -> bool:
    return arriving.is_unfinished(name) and not is_housekeeping(name)


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
        self._again = Again()
        self._owing = True
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

    @staticmethod
    def is_ready(settled: Collection[str]) -> bool:
        """Whether what belongs to the lab is whole, rather than being written by somebody."""
        return _BESIDE in settled

    def round(self) -> None:
        """Grade what has arrived; what goes wrong is told once, and tried again later and later."""
        try:
            listing, settled = self.look()
            if not self.is_ready(settled) or not self._trouble.is_over(self._clock()):
                return
            self.grade(listing, settled)
        except BrokenPipeError:  # of who reads what is told
            raise
        except (GraderError, OSError) as error:
            self._trouble.failed(self._clock())
            self._owing = True  # what was taken in, and not graded
            if str(error) != self._said:
                self._said = str(error)
                self._tell.onlooker.warned(f"{error} {_WAITS}")
        else:
            if self._said:
                self._tell.onlooker.told("It goes on: nothing is in the way of grading any more.")
            self._said, self._trouble = "", Delay(TROUBLE_FIRST, TROUBLE_MOST)

    def grade(self, listing: Listing, settled: frozenset[str]) -> None:
        """Grade what has arrived and is not graded as it is, and what is to be tried again; write the pages.

        Raises:
            GraderError: something is not ready; what is graded is kept, and the rest is taken up the next time.
            OSError: likewise.
        """
        self._renew()
        if self._renewed or self._seen != (listing, settled) or self._may_be_read():
            self._grade_arrivals(listing, settled)
        self._take_up()
        if again := self._due():
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
        known, starter = grading.known(self._lab, self._store), intake.read_starter(self._lab.starter)
        survey = intake.survey_filling(self._drop.folder, self._lab.name, self._roster, known, starter)
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

    def _take_up(self) -> None:
        """See what of the lab is in the store without a result: at the start, and after what went wrong."""
        if self._owing:
            may = self._may_count()
            finished = self._store.finished(one.key for one in may if one.key)
            self._again.owe({one.id: one.student.name for one in may if one.key not in finished})
            self._owing = False

    def _due(self) -> dict[int, str]:
        """Whose are to be tried again now, by the submissions' ids; what cannot count any more is forgotten."""
        if self._again.due(self._clock()):
            self._again.forget_all_but([one.id for one in self._may_count()])
        return self._again.due(self._clock())

    def _may_count(self) -> list[Counting]:
        return self._store.counting(self._lab.name, self._lab.policy.attempt)

    def _try_again(self, names: Mapping[int, str]) -> None:
        """Grade what our side failed, by the submissions' ids."""
        summary = grading.grade_known(self._lab, names, self._store, self._graders(self._lab), self._tell)
        self._again.forget(names.keys() - set(summary.ungraded_ids))
        self._finish(summary)

    def _finish(self, summary: Summary, *, changed: bool = False) -> None:
        """Remember what is to be tried again, and write the pages if anything is new in them."""
        self._remember(summary)
        for refusal in summary.refusals:
            self._tell.refused(refusal)
        if changed or summary.graded or summary.recounts:
            self._publish(summary)

    def _remember(self, summary: Summary) -> None:
        """Remember what our side failed, and tell whose, unless it was told."""
        broken = {one.id for one in self._may_count() if one.key} if summary.ungraded else set()
        new: dict[str, list[str]] = {}
        last: list[str] = []
        for id_, (name, fault) in zip(summary.ungraded_ids, summary.ungraded, strict=True):
            is_new, is_last = self._again.failed(id_, name, fault, self._clock(), broke=id_ in broken)
            if is_new:
                new.setdefault(fault, []).append(name)
            if is_last:
                last.append(name)
        for fault, names in new.items():
            self._tell.onlooker.warned(f"Not graded: {some(names, _NAMED)}: {fault} {_AGAIN}")
        if last:
            self._tell.onlooker.warned(_LAST.format(TRIES, some(last, _NAMED), self._lab.name))

    def _publish(self, summary: Summary) -> None:
        self._unwritten = summary
        page = None
        with suppress(NoSubmissions):
            results = publishing.class_results(self._lab, self._store)
            page = publishing.write_pages(results, self._store, self._drop.pages, lambda _done, _total: None)
        self._unwritten = None
        self._tell.onlooker.graded(summary, page)
