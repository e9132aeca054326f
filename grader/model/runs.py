"""How a submission did: the run, and its checks."""

from dataclasses import dataclass
from enum import StrEnum

from grader.model.figures import Figure
from grader.scoring import linear


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
        why: why it matters, in a sentence or two; shown whatever the outcome.
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
    why: str = ""


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
