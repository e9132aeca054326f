"""What flows through the grader: plain, frozen records and the vocabularies they use.

Nothing here does anything. Every other room speaks in these words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

from grader.scoring import Late, linear

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    ERROR = "error"
    """The student's code raised, or was stopped at a limit."""
    SKIPPED = "skipped"
    """It needs a check that did not pass."""


class Ending(StrEnum):
    """How a whole run ended."""

    COMPLETED = "completed"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    """The file could not be imported, or its process died."""
    REJECTED = "rejected"
    """The submission could not be taken in."""
    BROKEN = "broken"
    """Our fault: the submission is ungraded, never zero."""


class Flag(StrEnum):
    """Something for a person to look at. A flag withholds no points by itself."""

    TAMPERING = "tampering"
    MEMORISED = "memorised"
    REPLAYED = "replayed"
    PUBLIC_LABELS = "public-labels"
    CONTROL_FAILED = "control-failed"
    DEFINES_NOTHING = "defines-nothing"
    NOT_JUDGED = "not-judged"


class Visibility(StrEnum):
    """Who sees what a check found."""

    STUDENT = "student"
    """The message, hint and traceback are on the student's page."""
    STAFF = "staff"
    """The student sees the title and the points only."""


class FigureKind(StrEnum):
    """The pictures that a suite may ask for; `feedback` draws each kind."""

    CONFUSION = "confusion"
    """data: {"tp": int, "fp": int, "tn": int, "fn": int, "positive": str}"""
    IMAGES = "images"
    """data: {"shape": [h, w], "images": [[0..255, ...], ...], "captions": [str, ...]}"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture for the student's page, as data.

    Attributes:
        data: what `kind` says; numbers, strings, lists and dicts only.
        alt: the text that stands for the picture.
    """

    kind: FigureKind
    title: str
    alt: str
    data: dict[str, Any]


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
    """A submission that could not be taken in, and why, in a sentence for its author."""

    student: Student
    lab: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A measured figure that earns points between two thresholds.

    Attributes:
        name: for people to read, e.g. "accuracy".
        value: NaN where it could not be measured.
        low: nothing is earned at or below it.
        high: everything is earned from it on. Where less is better, low > high.
    """

    name: str
    value: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share of its points, in 0..1."""
        return linear(self.value, self.low, self.high)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One row of a student's feedback.

    Attributes:
        asked: what the check asked for, in a sentence; shown whatever the outcome.
        points: earned, 0 <= points <= max_points.
        message: what happened, for the student; "" when passed.
        traceback: the student's own lines of the exception raised, oldest first; "" if none.
        depends: ids of the checks that this one needs.
        metrics: what was measured, in the trial that counts.
    """

    id: str
    title: str
    group: str
    outcome: Outcome
    points: float
    max_points: float
    asked: str = ""
    message: str = ""
    hint: str = ""
    traceback: str = ""
    depends: tuple[str, ...] = ()
    visibility: Visibility = Visibility.STUDENT
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True)
class SandboxFacts:
    """Where a submission ran.

    Attributes:
        launcher: "docker" or "local".
        isolation: what separated it from the machine and from other submissions, e.g. "warm", "container", "plain".
        image: identity of the software inside: an image id, or the versions of a local environment.
        device: "cpu", or the GPU's name and UUID.
    """

    launcher: str
    isolation: str
    image: str
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Run:
    """The examination of one submission.

    Attributes:
        message: a sentence for the student about an ending other than `completed`; "" otherwise.
        fault: for the operator, never on a student's page: what went wrong on our side when `broken`, else where a
            check failed over an answer.
        notes: other things the student should know, e.g. which notebook cells were not run.
        output: what the student's code printed, bounded.
        cpu_seconds: CPU time of the submission's processes.
        wall_seconds: time on the host's clock, start of the sandbox's child included.
    """

    ending: Ending
    checks: tuple[CheckResult, ...] = ()
    message: str = ""
    fault: str = ""
    notes: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    figures: tuple[Figure, ...] = ()
    output: str = ""
    sandbox: SandboxFacts | None = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0

    @property
    def score(self) -> float:
        """Points earned, rounded to two decimals as every gradebook does."""
        return round(sum(check.points for check in self.checks), 2)

    @property
    def max_score(self) -> float:
        """Points that could be earned."""
        return round(sum(check.max_points for check in self.checks), 2)


@dataclass(frozen=True, slots=True)
class RunKey:
    """What makes two gradings the same: equal keys, equal result.

    Attributes:
        submission: digest of the submission's content.
        suite: digest of the lab's hidden suite, limits and dataset.
        sandbox: identity of the software that student code ran with.
    """

    submission: str
    lab: str
    lab_version: str
    suite: str
    sandbox: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A score that a person sets: it counts, whatever runs earn before or after.

    Attributes:
        max_score: what it is out of.
        reason: a sentence that the student reads, too.
        set_by: who sets it.
    """

    score: float
    max_score: float
    reason: str
    set_by: str


@dataclass(frozen=True, slots=True)
class Override(Decision):
    """A score that a person set, as it is on record.

    Attributes:
        set_at: when it was written down.
    """

    set_at: datetime


@dataclass(frozen=True, slots=True)
class Extension:
    """More time for a student.

    Attributes:
        until: the student's own due date, aware.
        reason: a sentence for those who teach.
        set_by: who gives it.
    """

    until: datetime
    reason: str
    set_by: str


class Change(StrEnum):
    """What changed a grade."""

    BEFORE = "before"
    """It was so when the log began."""
    RUN = "run"
    """Another run is in effect, or none."""
    SUBMISSION = "submission"
    """Another attempt counts."""
    SET = "set"
    """A person set a score."""
    CHANGED = "changed"
    """A person set another score or reason."""
    CLEARED = "cleared"
    """A person took the score back that one had set."""
    POLICY = "policy"
    """Other rules say which attempt counts, or what lateness costs."""
    TOLD = "told"
    """A platform told when an attempt was handed in."""
    EXTENDED = "extended"
    """A person gave more time."""
    SHORTENED = "shortened"
    """A person took that time back."""


@dataclass(frozen=True, slots=True)
class GradeChange:
    """A row of the audit log: what a student's grade was and is.

    Attributes:
        actor: the person who changed it; "grader" where grading did.
        old_score: None where there was none.
        new_score: None where there is none from then on.
        max_score: what the new score is out of.
        reason: what the person said; of other rules, what they are.
        attempt: which attempt counts from then on; None where nothing was handed in.
        examined: whether that attempt has a run in effect from then on.
        earned: what that run earned, whoever set another score, and before lateness costs; None where there is none, or
            it broke.
        late_days: how late that attempt came; 0 where it was in time, or nobody knows when.
        until: the time that a person gave.
    """

    at: datetime
    change: Change
    actor: str
    old_score: float | None
    new_score: float | None
    max_score: float | None
    reason: str
    attempt: int | None
    examined: bool
    earned: float | None
    late_days: int = 0
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """An attempt of a student.

    Attributes:
        at: when it was received, where that is `known`, else when it was taken in.
    """

    at: datetime
    known: bool
    attempt: int
    source: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of a student that could not be taken in."""

    at: datetime
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A student's score in a file that was written for a gradebook, for people or for programs.

    Attributes:
        score: as it stands there, to two decimals; None where it stands there that there is none.
        max_score: what it is out of there; None where there is no score.
        in_file: False where the gradebook had this score already, so that the file leaves the student out.
    """

    score: float | None
    max_score: float | None
    in_file: bool


@dataclass(frozen=True, slots=True)
class HandedOut(Exported):
    """The same, as it is on record.

    Attributes:
        at: when it was written down; the file was delivered by then.
        form: the format.
        by: who exported it.
    """

    at: datetime
    form: str
    by: str


Event: TypeAlias = HandedIn | Refused | GradeChange | HandedOut
"""What a student's history in a lab is made of."""


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
    """All that a class page, a table or an export needs to know about a lab."""

    lab: str
    lab_title: str
    lab_version: str
    max_score: float
    grades: Grades = ()
