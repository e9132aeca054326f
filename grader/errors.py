"""Every exception of the grader, drawn once.

GraderError                     somebody other than the student has to act; str() is a sentence that says how
├── SetupError                  wrong usage or set-up: exit status 2
│   ├── CourseNotFound
│   ├── UnknownLab
│   ├── InvalidLab              lab.toml or a suite breaks the rules; the instructor's mistake
│   ├── AlreadyThere            what would be written stands in the place of what somebody wrote
│   ├── HandoutRefused          something that students must not get lies in what they would get
│   ├── NoSubmissions
│   ├── UnknownStudent
│   ├── OverrideImpossible      a score that a person cannot set so, or take back
│   ├── RosterUnusable          the list of who is in the class is unreadable, or contradicts itself
│   ├── GradebookUnusable       the learning platform's own export is missing, unreadable or lacks the column
│   ├── ImportImpossible        an assignment of another tool cannot be taken over as it is
│   ├── DatasetMissing
│   ├── JudgeUnfit              the judge of generated images cannot tell the dataset's digits apart
│   ├── EngineUnreachable
│   ├── BrokerUnreachable       what carries messages to workers does not answer, or its address is none
│   ├── ImageMissing
│   ├── IsolationUnavailable    a limit or a namespace did not take
│   ├── GpuUnavailable          a GPU that a lab or the operator asks for is not there, or cannot be lent
│   └── StoreError
│       ├── BackupRefused       it would overwrite something, or is not whole
│       ├── DatabaseLocked
│       ├── DatabaseUnreachable
│       ├── DiskFull
│       ├── QueueUnavailable    the database is none that workers on other machines could reach
│       ├── SubmissionsUnknown  what is asked for is not, or no longer, on record
│       └── WorkerForgotten     a worker is not, or no longer, on record
└── SandboxLost                 a slot stopped answering: the run is retried, then reported as ungraded
    └── GpuLost                 a worker program's GPU fails: it lends that one no more, and others go on

Interrupted                     an examination was stopped because its process is to end

Refused                         intake: this submission cannot be taken in; str() is for its author
├── BothForms                   the lab's file is there as a source and as a notebook
└── Unreadable                  the disk or the rights on it are why: another time it may be taken in

NotANotebook                    a file cannot be read as a notebook; whoever reads it says whose it is, and what to do

Finding                         examination: what a student's code did; caught by the suite's runner, never a crash
├── CheckFailed                 the answer is wrong
├── PartialCredit               the answer earns some of the points
├── CallRaised                  the student's code raised
└── CallEnded                   the call hit a limit or its process died
"""

from collections.abc import Collection

from grader.model import Ending


class GraderError(Exception):
    """Base of everything that the operator or the instructor has to put right."""


class SetupError(GraderError):
    """Wrong usage or set-up."""


class CourseNotFound(SetupError):
    """No folder with labs in `assignments/` here or above."""


class UnknownLab(SetupError):
    """The course has no lab of that name."""


class InvalidLab(SetupError):
    """A lab's files contradict each other or their schema."""


class AlreadyThere(SetupError):
    """Writing would replace what a person wrote."""


class HandoutRefused(SetupError):
    """What would be handed out holds something of the reference."""


class NoSubmissions(SetupError):
    """Nothing that could be graded was found."""


class UnknownStudent(SetupError):
    """Nobody is called so, or several are."""


class ExtensionImpossible(SetupError):
    """Somebody cannot be given more time as it was asked, or there is none to take back."""


class OverrideImpossible(SetupError):
    """A score cannot be set as it was asked, or there is none to take back."""


class RosterUnusable(SetupError):
    """The roster is missing, no table with ids, or says two things of one id."""


class GradebookUnusable(SetupError):
    """The gradebook to be filled in is missing, not recognised, or has no column for the lab."""


class ImportImpossible(SetupError):
    """An assignment of another tool cannot be taken over as it is."""


class DatasetMissing(SetupError):
    """The images that a lab asks for are not on this machine."""


class JudgeUnfit(SetupError):
    """What was trained on a dataset to judge images does not recognise enough of its held-out part."""


class EngineUnreachable(SetupError):
    """No container engine answers."""


class BrokerUnreachable(SetupError):
    """No broker answers that would carry messages to workers."""


class ImageMissing(SetupError):
    """The sandbox image has not been built."""


class IsolationUnavailable(SetupError):
    """This machine cannot give the isolation or the limits that were asked for."""


class GpuUnavailable(SetupError):
    """A GPU that a lab or the operator asks for is not there, or the engine cannot lend it."""


class StoreError(SetupError):
    """The database did not do what it was asked."""


class BackupRefused(StoreError):
    """A backup cannot be written or restored as it was asked."""


class DatabaseLocked(StoreError):
    """Another process holds the database."""


class DatabaseUnreachable(StoreError):
    """The database cannot be opened."""


class DiskFull(StoreError):
    """No space is left where the database or the pages go."""


class QueueUnavailable(StoreError):
    """The database cannot hold what workers on other machines are asked."""


class SubmissionsUnknown(StoreError):
    """What workers are asked to grade is not, or no longer, on record.

    Attributes:
        ids: of the submissions.
    """

    def __init__(self, ids: Collection[int]) -> None:
        super().__init__(
            "The database does not know what was handed in: a backup took its place that was made before. Run the same "
            "command again, which takes it in."
        )
        self.ids = frozenset(ids)


class WorkerForgotten(StoreError):
    """A worker has left, or was never on record in this database."""


class SandboxLost(GraderError):
    """A slot stopped answering or broke the protocol in a way no student can.

    Attributes:
        begun: whether a submission had begun there, so that the failing may be its doing.
    """

    def __init__(self, text: str, *, begun: bool = False) -> None:
        super().__init__(text)
        self.begun = begun


class GpuLost(SandboxLost):
    """A GPU of a worker program's failed, and is lent no more; its others go on."""


class Interrupted(Exception):
    """An examination was stopped: its process is to end. Nothing is known of the submission."""


class Refused(Exception):
    """A submission cannot be taken in; the text is a sentence for its author."""


class BothForms(Refused):
    """The lab's file is there as a source and as a notebook, and no name tells which is meant."""


class Unreadable(Refused):
    """A file could not be read, which is not its author's doing."""


class NotANotebook(Exception):
    """A file cannot be read as a notebook; the text goes on with its name."""


class Finding(Exception):
    """What a student's code did, on its way from a check's body to its result."""


class CheckFailed(Finding):
    """The answer is wrong. The text says what came back and what the contract asks for.

    Attributes:
        shapes: the shape asked for and the one that came back, where they are what differs.
    """

    def __init__(self, text: str, shapes: tuple[tuple[int | None, ...], tuple[int, ...]] | None = None) -> None:
        super().__init__(text)
        self.shapes = shapes


class PartialCredit(Finding):
    """The answer earns `fraction` of the check's points, 0 < fraction < 1. The text says why not all."""

    def __init__(self, fraction: float, text: str) -> None:
        super().__init__(text)
        self.fraction = fraction


class CallRaised(Finding):
    """The student's code raised.

    Attributes:
        kind: the exception's class name.
        text: its message.
        traceback: the student's own lines, "" if none.
        missing: the name that was called does not exist in the submission.
        bases: names of the classes that the exception's class derives from.
        importing: it was raised by the file itself, before any call.
        asked: what was asked, in a sentence, where the name that was called does not say it.
        advice: what to look for, where the exception does not say it.
    """

    def __init__(
        self,
        kind: str,
        text: str,
        traceback: str = "",
        *,
        missing: bool = False,
        bases: tuple[str, ...] = (),
        importing: bool = False,
    ) -> None:
        super().__init__(f"{kind}: {text}")
        self.importing = importing
        self.asked = ""
        self.advice = ""
        self.bases = bases
        self.kind = kind
        self.text = text
        self.traceback = traceback
        self.missing = missing


class CallEnded(Finding):
    """A call hit a limit, or its process died. The text is a sentence for the student."""

    def __init__(self, ending: Ending, text: str) -> None:
        super().__init__(text)
        self.ending = ending
