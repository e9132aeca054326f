"""One submission in a slot: questions put to the student's code, whatever that code does meanwhile.

A question that ends its child costs itself. The next one starts a fresh child, in which the calls that made the handles
in use are repeated first.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple

from grader.errors import CallEnded, Finding, SandboxLost
from grader.examine import gpus, sentences
from grader.examine.child import Child
from grader.examine.gpus import Lent
from grader.examine.journal import Asked, Entry, Journal
from grader.examine.slots import Slots
from grader.labs import LabSpec
from grader.model import Ending, Flag, SandboxFacts, Submission
from sandbox.protocol import frames, messages
from sandbox.protocol.frames import PREFIX, Buffer, Frame, ProtocolError
from sandbox.protocol.messages import (
    Answer,
    Call,
    Describe,
    Ended,
    Facts,
    Handle,
    Imported,
    Limits,
    Question,
    Raised,
    Write,
)
from sandbox.protocol.values import unpack

THREADS: Final = 1
"""Fixed, so that results do not depend on what else the machine does."""
NAMES_MOST: Final = 2000
NOTES_MOST: Final = 50
IMPORTING: Final = "Importing your file"
_KILLS: Final = {9, 15}
"""SIGKILL and SIGTERM, not all of which Windows has a name for."""


class Allowed(NamedTuple):
    """Seconds for one question; `last` if there would be more, were the whole run's time not used up."""

    cpu: float
    wall: float
    last: bool = False


class Session:
    """A submission that answers questions.

    Attributes:
        names: what the submission's file defines.
        notes: which cells of a notebook were not run.
        flags: what a person should look at.
        failure: why the file could not be imported; every question gets it.
        end: the first call that ended its child, or found the time for the whole run used up.
        killed: whether a child was ended by a signal that no limit explains: its own doing, or this machine's, which
            first kills what student code runs in when it is short of memory.
        doubtful: whether a child with a GPU ended, or something was raised there: a GPU that fails explains it, too.
        blames_gpu: whether the submission's code raised what CUDA raises where a GPU fails. It may lie.
        facts: where the submission runs.
    """

    def __init__(self, submission: Submission, spec: LabSpec, slots: Slots) -> None:
        self._submission = submission
        self._spec = spec
        self._slots = slots
        self._child: Child | None = None
        self._spent = self._waited = 0.0  # what ended children leave of CPU time and of time on the clock
        self._printed = b""
        self._unshown = 0
        self._journal = Journal()
        self._here: set[Entry] = set()  # what the present child has answered or repeated
        self._started = time.monotonic()
        self._sought: set[str] = set()
        self._lacking: set[str] = set()
        self._aside = False
        self.names: frozenset[str] = frozenset()
        self.notes: tuple[str, ...] = ()
        self.flags: set[Flag] = set()
        self.failure: Finding | None = None
        self.end: CallEnded | None = None
        self.killed = self.doubtful = self.blames_gpu = False
        self._lent: Lent | None = None
        self.facts: SandboxFacts | None = None

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the submission's processes so far."""
        return self._spent + (self._child.cpu_seconds if self._child else 0.0)

    @property
    def wall_seconds(self) -> float:
        """Time on this machine's clock since the session began."""
        return time.monotonic() - self._started

    @property
    def answering_seconds(self) -> float:
        """Time on this machine's clock that the submission took to answer: opening slots and judging take none."""
        return self._waited + (self._child.wall_seconds if self._child else 0.0)

    @property
    def defines_nothing(self) -> bool:
        """Whether none of the names that were asked for is in the submission's file."""
        return bool(self._lacking) and self._lacking == self._sought

    @property
    def output(self) -> str:
        """What the children printed, bounded; complete after `close`."""
        text = sentences.plain(self._printed.decode("utf-8", "replace"), len(self._printed) + 1)
        return f"{text}\n… and {self._unshown:,} bytes more" if self._unshown else text

    def open(self) -> None:
        """Import the file. What it did wrong is in `failure`.

        Raises:
            SandboxLost, SetupError: as `Slots.take`.
        """
        try:
            with self._losing():
                self._import()
        except Finding as finding:
            self.failure = finding

    def close(self) -> None:
        """End what still runs. All has been answered, so a slot that is lost now is merely replaced."""
        if self._child:
            with suppress(SandboxLost), self._losing():
                self._stop(self._child)

    def defines(self, name: str) -> bool:
        """Whether the submission's file defines `name`."""
        return name in self.names

    def ask(self, asked: Asked) -> Any:
        """The answer, with the protocol's `Handle` for what stays in the sandbox; `Facts` for a `Describe`.

        Raises:
            CallRaised: the student's code raised.
            CallEnded: it hit a limit or its process died.
            SandboxLost: our side failed; the whole run has to be repeated.
        """
        with self._losing():
            if self._aside:
                self._check_present(asked)
            child = self._ready(asked.doing)
            if len(self._here) < len(self._journal):  # it is not the first child
                for entry in self._journal.needed(asked.handles):
                    self._repeat(child, entry)
            value, made = self._put(child, asked)
        unrecorded = self._aside or isinstance(asked.question, Describe)
        known = None if unrecorded else self._journal.record(asked, made)
        if known:
            self._here.add(known)
        return value

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Ask what no result hangs on: a finding ends the block and nothing else, and no call is repeated for it.

        A child that is lost inside is lost all the same, and what it forged or what killed it is not forgotten.
        """
        end, self._aside = self.end, True
        try:
            with suppress(Finding):
                yield
        finally:
            self.end, self._aside = end, False

    def _check_present(self, asked: Asked) -> None:
        """Refuse what the child that is here could answer only after calls were repeated."""
        if self._child is None or not self._here.issuperset(self._journal.needed(asked.handles)):
            raise CallEnded(Ending.CRASHED, f"{asked.doing} could not be asked: what it needs was lost.")

    @contextmanager
    def _losing(self) -> Iterator[None]:
        """Give up a slot that was lost inside the block."""
        try:
            yield
        except SandboxLost:
            self._child = None
            self._slots.close()
            raise

    def _ready(self, doing: str) -> Child:
        self._check_budget(doing)
        if self._child is None and self.failure is None:
            self.open()
        if self._child is None or self.failure:
            raise self.failure or SandboxLost("The sandbox has no child to ask.")
        return self._child

    def _repeat(self, child: Child, entry: Entry) -> None:
        if entry in self._here:
            return
        if entry.failure is None:
            try:
                self._put(child, entry.asked)
            except Finding as finding:
                entry.failure = finding
        if entry.failure:
            raise entry.failure
        self._here.add(entry)

    def _import(self) -> None:
        slot, number = self._slots.take()
        self.facts, self._lent = slot.facts, slot.lent
        self._child, self._here = Child(slot, number), set()
        files, spec = self._submission.files, self._spec
        time_ = self._allowed(spec.limits.call_seconds)
        start = messages.Start(
            number,
            [(path, len(content)) for path, content in files.items()],
            self._submission.entry,
            spec.notebook.cells,
            _limits(spec, slot.lent),
            time_.cpu,
            time_.wall,
        )
        heard = self._child.start(start, b"".join(files.values()))
        reply = self._reply(heard, IMPORTING, time_)[0]
        if isinstance(reply, Raised):
            self._note(reply)
            self._stop(self._child)
            raise sentences.raised_by_file(reply)
        if not isinstance(reply, Imported):
            raise self._forged(IMPORTING)
        self.names = frozenset(reply.names[:NAMES_MOST])
        self.notes = tuple(sentences.left_out(note) for note in reply.skipped[:NOTES_MOST])

    def _put(self, child: Child, asked: Asked) -> tuple[Any, frozenset[str]]:
        """The answer, and the ids of the handles in it."""
        self._check_budget(asked.doing)
        time_ = self._allowed(asked.seconds)
        question = asked.question
        name = question.target if isinstance(question, Call) and isinstance(question.target, str) else ""
        if name and "." not in name:  # a dot is in a library's
            self._sought.add(name)
        heard = child.ask(_sendable(question, asked.body), time_.cpu, time_.wall)
        reply, body = self._reply(heard, asked.doing, time_)
        if isinstance(reply, Imported) or reply.id != question.id:
            raise self._forged(asked.doing)
        if isinstance(reply, Raised):
            if reply.missing:
                self._lacking.add(name)
            if self._note(reply):
                self._stop(child)  # the next question finds a GPU that works
            raise sentences.raised(reply, name, self.names, self.notes)
        if isinstance(reply, Facts) != isinstance(question, Describe):
            raise self._forged(asked.doing)
        if isinstance(reply, Facts):
            return reply, frozenset()
        value, made = self._value(reply, body, asked.doing)
        if must_stay(question) and not isinstance(value, Handle):
            raise self._forged(asked.doing)
        return value, made

    def _value(self, reply: Answer, body: Buffer, doing: str) -> tuple[Any, frozenset[str]]:
        try:
            value = unpack(reply.value, body)
        except ProtocolError:
            raise self._forged(doing) from None
        return value, frozenset(handles_in(value))

    def _reply(self, heard: Buffer | Ended, doing: str, time_: Allowed) -> tuple[messages.FromDriver, Buffer]:
        if isinstance(heard, Ended):
            raise self._over(heard, doing, time_)
        try:
            frame = frames.parse(heard)
            return messages.decode(messages.from_driver, frame.head), frame.body
        except ProtocolError:
            raise self._forged(doing) from None

    def _over(self, how: Ended, doing: str, time_: Allowed) -> CallEnded:
        if how.cause == "stopped":
            raise SandboxLost("The sandbox's parent process stopped a session that nobody asked it to stop.")
        self._let_go()
        if how.cause == "protocol":
            self.flags.add(Flag.TAMPERING)
        limits = self._spec.limits
        self.killed = self.killed or _unexplained(how, _limits(self._spec, self._lent))
        self.doubtful = self.doubtful or self._lent is not None
        if how.cause == "cpu" and time_.last:
            return self._ending(sentences.spent(doing, limits, started=True))
        return self._ending(sentences.ended(how, doing, time_.cpu, time_.wall, limits))

    def _note(self, raised: Raised) -> bool:
        """Remember what an exception says of the GPU, if one was lent; whether the child cannot go on using it."""
        if self._lent is None:
            return False
        self.blames_gpu = self.blames_gpu or gpus.may_be_ours(raised, self._lent)
        self.doubtful = self.doubtful or not raised.missing
        return gpus.is_spoilt(raised)

    def _forged(self, doing: str) -> CallEnded:
        """End a child whose driver broke the protocol."""
        self.flags.add(Flag.TAMPERING)
        if self._child:
            self._stop(self._child)
        return self._ending(CallEnded(Ending.CRASHED, sentences.forged(doing)))

    def _ending(self, ended: CallEnded) -> CallEnded:
        self.end = self.end or ended
        return ended

    def _check_budget(self, doing: str) -> None:
        limits = self._spec.limits
        if self.cpu_seconds >= limits.run_seconds:
            raise self._ending(sentences.spent(doing, limits, started=False))
        if self.answering_seconds >= patience(limits.run_seconds):
            raise self._ending(sentences.waited(doing, patience(limits.run_seconds)))

    def _allowed(self, seconds: float) -> Allowed:
        left = max(0.1, self._spec.limits.run_seconds - self.cpu_seconds)
        return Allowed(left, patience(left), last=True) if left < seconds else Allowed(seconds, patience(seconds))

    def _stop(self, child: Child) -> None:
        child.stop()
        self._let_go()

    def _let_go(self) -> None:
        """Keep what an ended child leaves: its time and what it printed."""
        child, self._child = self._child, None
        if child:
            self._spent += child.cpu_seconds
            self._waited += child.wall_seconds
            room = self._spec.limits.output_kb * 1024 - len(self._printed)
            shown = child.printed[: max(0, room)]
            self._printed += shown
            self._unshown += max(child.printed_bytes, len(child.printed)) - len(shown)


def patience(cpu: float) -> float:
    """Seconds of wall time for a question that may use `cpu` seconds: a busy machine fails nobody."""
    return max(4 * cpu, cpu + 15)


def _unexplained(how: Ended, limits: Limits) -> bool:
    """Whether the system may have killed a child that was within its limits."""
    if how.cause == "memory":
        return how.peak_bytes <= limits.memory_bytes
    return how.cause == "signal" and how.status in _KILLS and not how.detail


def _limits(spec: LabSpec, lent: Lent | None) -> Limits:
    limits = spec.limits
    return Limits(
        limits.memory_mb * 2**20 + (gpus.HOST_BYTES if lent else 0),
        limits.processes,
        limits.output_kb * 1024,
        limits.scratch_mb * 2**20,
        THREADS,
        lent.limit if lent else None,
    )


def _sendable(question: Question, body: bytes) -> Frame:
    """The frame of a question. Raises ValueError if its parts, which a student's answers may be, are too large."""
    frame = messages.frame(question, body)
    if len(frame.head) > frames.HEAD_MOST or PREFIX.size + len(frame.head) + len(frame.body) > frames.BODY_MOST:
        raise ValueError("a question is too large to be put to a submission")
    return frame


def must_stay(question: Question) -> bool:
    """Whether the answer to a question has to be a handle."""
    return isinstance(question, Write) or (isinstance(question, Call) and question.keep)


def handles_in(value: object) -> list[str]:
    """Ids of the handles anywhere in an answer."""
    match value:
        case Handle():
            return [value.id]
        case list() | tuple():
            return [id_ for item in value for id_ in handles_in(item)]
        case dict():
            return [id_ for item in value.values() for id_ in handles_in(item)]
    return []
