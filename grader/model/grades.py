"""What counts of a student and of a class."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from grader.model.records import Override
from grader.model.runs import Ending, Run, RunKey
from grader.model.submissions import Student
from grader.scoring import Late


@dataclass(frozen=True, slots=True)
class Counting:
    """An attempt of a student for a lab, as a store knows it, that counts or may come to count.

    Attributes:
        id: the submission's, in the store.
        content: its digest.
        key: of the run in effect; None where there is none.
    """

    id: int
    student: Student
    content: str
    key: RunKey | None


@dataclass(frozen=True, slots=True)
class Recount:
    """A student's score before something changed that is no run, and after; None where there is none."""

    student: Student
    old_score: float | None
    new_score: float | None


@dataclass(frozen=True, slots=True)
class Regraded:
    """An attempt's run in effect, `new`, and the one before it, `old`, made under another suite or sandbox.

    Attributes:
        override: what a person set, which counts in place of either.
        late: how late the attempt came, which lessens what counts of either.
    """

    student: Student
    old: Run
    new: Run
    override: Override | None = None
    late: Late | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one of several attempts did, by its run in effect.

    Attributes:
        at: when it was handed in; None where nobody knows.
        earned: points, before lateness costs; None where it is not graded.
        max_score: what they are out of.
        passed: ids of the checks that passed.
        counts: it is the one that counts.
        comparable: its result is by the same suite and sandbox as the latest result.
    """

    at: datetime | None
    ending: Ending
    earned: float | None
    max_score: float
    passed: frozenset[str]
    counts: bool
    comparable: bool = True


@dataclass(frozen=True, slots=True)
class Grade:
    """The result that counts for a student in a lab: one row of the class.

    Attributes:
        run: how the submission did. A refused submission has a run that ended `rejected`.
        score: what counts of what the run earned, or what a person set.
        submission: digest of the content; "" for a refused one, and where nothing was handed in.
        attempts: how many submissions of this student for this lab are on record.
        late: how late the attempt came that counts, which lessens the score unless a person set it; None where it was
            in time, or nobody knows when it came.
        pending: nothing has run yet; `run` stands in for what is to come, and is `broken`, since nothing is graded.
        override: what a person set; `score` and `max_score` are its own then, and `run` still says how the code did.
        superseded: since a person set the score another run came into effect, and earned something that does not count.
        trail: all attempts in their order, where there are several; () otherwise.
    """

    student: Student
    lab: str
    submission: str
    source: str
    run: Run
    score: float
    max_score: float
    graded_at: datetime
    received_at: datetime | None = None
    attempts: int = 1
    late: Late | None = None
    pending: bool = False
    override: Override | None = None
    superseded: bool = False
    trail: tuple[Attempt, ...] = ()

    @property
    def status(self) -> str:
        """How the run ended, for files that programs read; "pending" where nothing has run yet."""
        return "pending" if self.pending else self.run.ending.value

    @property
    def graded(self) -> bool:
        """Whether `score` counts: not for a broken or refused run, unless a person set it."""
        return self.override is not None or self.earned is not None

    @property
    def earned(self) -> float | None:
        """What the run earned, whoever set another score; None for a broken or refused one."""
        return None if self.run.ending in {Ending.BROKEN, Ending.REJECTED} else self.run.score


class Grades(Protocol):
    """A class's grades, in the order of the students' keys: a tuple, or what a store reads while one goes through it.

    A class may be large: go through them once, and keep of each what is needed.
    """

    def __iter__(self) -> Iterator[Grade]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ClassResults:
    """All that a class page, a table or an export needs to know about a lab.

    Attributes:
        handout: what students were given to read, as Markdown; "" where there is none.
    """

    lab: str
    lab_title: str
    lab_version: str
    max_score: float
    grades: Grades = ()
    handout: str = ""
