"""A session as the host sees it, whatever the other side sends.

A scripted parent answers each request over a connection that brings its bytes in pieces, on a clock of its own: frames
out of order, repeated, truncated, oversized, unsolicited, slow. Every question ends in a value or in one of three
exceptions, whoever broke the protocol in its driver is flagged, and no wait is without an end.
"""

import struct
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import CallEnded, CallRaised, SandboxLost
from grader.examine import child, session, stream
from grader.examine.journal import Asked
from grader.examine.session import Session
from grader.examine.slots import Slots
from grader.examine.stream import Stream
from grader.labs import LabSpec, LimitSpec
from grader.model import Flag, SandboxFacts, Student, Submission
from sandbox.protocol import frames, messages
from sandbox.protocol.frames import BODY_MOST, HEAD_MOST, PREFIX, Frame
from sandbox.protocol.messages import (
    Answer,
    Ask,
    Call,
    Describe,
    DictData,
    Ended,
    Facts,
    Handle,
    Imported,
    ListData,
    Printed,
    Raised,
    Ready,
    Reply,
    Start,
    Stop,
    TensorData,
)

FUZZ = settings.get_profile("fuzz")
SUBMISSION = Submission(Student("ada", "Ada"), "lab", {"lab.py": b"x = 1\n"}, "lab.py", "0" * 64, "lab.py")
SPEC = LabSpec(title="Lab", version="1", limits=LimitSpec(call_seconds=5.0), points=1.0)
LOSSES = ("unasked", "anew", "hangs_up", "silent", "slow", "garbage")
CAUSES = ("cpu", "wall", "memory", "exited", "signal")


class Clock:
    """Time that passes when somebody waits."""

    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture(scope="module")
def clock():
    made = Clock()
    with pytest.MonkeyPatch.context() as patch:
        for module in (stream, child, session):
            patch.setattr(module, "time", made)
        yield made


class Parent:
    """A connection to a parent that answers each request by the next step of its script, and honestly after that.

    Attributes:
        said: what its last answer comes to for the host: "value", "raised", "forged", "ended" or "lost".
        tampered: whether it sent anything that deserves a flag.
    """

    def __init__(self, steps, random, clock, damaged=lambda data: data):
        self._steps, self._random, self._clock, self._damaged = iter(steps), random, clock, damaged
        self._sent = b""
        self._bytes = b""
        self._slow = self._hung_up = self._stale = False
        self._takes = 0
        self.said = ""
        self.tampered = False

    # ------------------------------------------------------------ as a socket

    def settimeout(self, seconds):
        self._timeout = seconds

    def sendall(self, data):
        if self._hung_up:
            raise BrokenPipeError
        self._sent += data
        if len(self._sent) >= PREFIX.size and len(self._sent) == PREFIX.size + sum(PREFIX.unpack_from(self._sent)):
            frame, self._sent = frames.parse(self._sent), b""
            self._bytes += self._damaged(self._answer(messages.decode(messages.to_parent, frame.head), frame.body))

    def recv_into(self, view):
        self._takes += 1
        assert self._takes < 100_000, "a wait without an end"
        if not self._bytes and self._hung_up:
            return 0
        if not self._bytes:
            self._clock.now += self._timeout
            raise TimeoutError
        self._clock.now += 100.0 if self._slow else 0.001
        size = 1 if self._slow else min(len(view), len(self._bytes), self._random.choice((1, 3, 50, 10_000)))
        view[:size], self._bytes = self._bytes[:size], self._bytes[size:]
        return size

    def close(self):
        self._hung_up = True

    # ------------------------------------------------------------ as a parent

    def _answer(self, message, body):
        if isinstance(message, Stop):
            return self._stopped(message.session)
        question = 0 if isinstance(message, Start) else messages.decode(messages.question, frames.parse(body).head)
        what = next(self._steps, "value")
        if self._stale:
            what = "value"  # of anything else it could not be told which of the two the host goes by
        found = self._noise(message.session) + getattr(self, f"step_{what}")(message.session, question)
        if self._stale and isinstance(message, Ask):
            self.said = "forged"  # the host reads the repeated answer to the question before
        self._stale = what == "repeated"
        self.tampered |= self.said == "forged" or what == "protocol"
        return found

    def _stopped(self, number):
        how = next(self._steps, "value")
        if how in {"hangs_up", "silent", "garbage", "slow"}:
            return getattr(self, f"step_{how}")(number, 0)
        crossing = self._reply(number, Frame(b"late")) * self._random.choice((0, 0, 1, 3))
        return crossing + self._noise(number) + say(Printed(number), b"out") + say(Ended(number, "stopped"))

    def _noise(self, number):
        others = (
            (),
            (say(Reply(number + 7, 1.0, 1.0), b"of another"),),
            (say(Ended(number - 1, "stopped")), say(Printed(number - 1), b"x")),
            (say(Printed(number), b"unasked"),),
        )
        return b"".join(self._random.choice(others))

    def _reply(self, number, frame):
        return say(Reply(number, 0.001, 0.001), bytes(frame))

    def _honest(self, question):
        if not question:
            return messages.frame(Imported(["f"], []))
        if isinstance(question, Describe):
            return messages.frame(Facts(question.id, [], [], []))
        return messages.frame(Answer(question.id, ListData([question.id, TensorData("uint8", [2])])), b"\1\2")

    def step_value(self, number, question):
        self.said = "value"
        return self._reply(number, self._honest(question))

    def step_repeated(self, number, question):
        return self.step_value(number, question) * 2

    def step_raised(self, number, question):
        self.said = "raised"
        raised = Raised(question.id if question else 0, "Error", "why \0\x1b[31m", missing=self._random.random() < 0.3)
        return self._reply(number, messages.frame(raised))

    def step_forged(self, number, question):
        self.said = "forged"
        return self._reply(number, self._random.choice(forgeries(question, self._honest(question))))

    def step_handle(self, number, question):
        self.said = "value"
        if not question or isinstance(question, Describe):
            return self.step_value(number, question)
        lying = Handle(self._random.choice((f"{question.id}.0", "1.0", "2.0", "", "x" * 300)), "int", module=True)
        return self._reply(number, messages.frame(Answer(question.id, lying)))

    def step_ended(self, number, question):
        self.said = "ended"
        ended = Ended(number, self._random.choice(CAUSES), self._random.choice((-9, 0, 11, 2**40)), "detail\x1b")
        return say(Printed(number), b"last words \xff") + say(ended)

    def step_protocol(self, number, question):
        self.said = "ended"
        return say(Printed(number)) + say(Ended(number, "protocol"))

    def step_unasked(self, number, question):
        self.said = "lost"
        return say(Ended(number, "stopped"))

    def step_anew(self, number, question):
        self.said = "lost"
        return say(Ready(messages.VERSION, "namespaces", [], {}))

    def step_hangs_up(self, number, question):
        self.said, self._hung_up = "lost", True
        return self._random.choice((b"", self._reply(number, Frame(b"head"))[:-1], PREFIX.pack(3, 3) + b"abc"))

    def step_silent(self, number, question):
        self.said = "lost"
        return self._random.choice((b"", PREFIX.pack(20, 100), b"\0" * 7))

    def step_slow(self, number, question):
        self.said, self._slow = "lost", True
        return self._reply(number, self._honest(question))

    def step_garbage(self, number, question):
        self.said = "lost"
        heads = (b"", b"\xc1", b"\x90", bytes(messages.frame(Stop(number)).head), messages.frame(Answer(1, 1)).head)
        oversized = (PREFIX.pack(HEAD_MOST + 1, 0), PREFIX.pack(0, BODY_MOST + 1), PREFIX.pack(2**32 - 1, 2**32 - 1))
        return self._random.choice((*oversized, *(bytes(Frame(head)) for head in heads)))


def say(message, body=b""):
    return bytes(messages.frame(message, body))


def forgeries(question, honest):
    """What no driver answers to `question`."""
    id_ = question.id if question else 0
    nested = 1
    for _ in range(40):
        nested = ListData([nested])
    whole = bytes(honest)
    values = (
        (TensorData("float32", [10]), b""),
        (TensorData("float32", [2**40, 2**40]), b""),
        (TensorData("complex64", [1]), b"12345678"),
        (TensorData("uint8", [-1]), b""),
        (ListData([TensorData("uint8", [0])] * 5000), b""),
        (DictData([(ListData([]), 1)]), b""),
        (nested, b""),
        (1, b"left over"),
    )
    return (
        *(messages.frame(Answer(id_, value), body) for value, body in values),
        *(messages.frame(Answer(other, 1)) for other in (id_ + 1, -1, 2**64 - 1) if question),
        messages.frame(Imported([], []) if question else Answer(0, 1)),
        messages.frame(Answer(id_, 1) if isinstance(question, Describe) else Facts(id_, [], [], [])),
        *(messages.frame(mine) for mine in (Stop(1), Ended(1, "stopped"), Reply(1, 0.0, 0.0), Call(1, "f", [], []))),
        messages.frame(messages.Measured(0)),
        *(b"", b"\0" * 7, b"\0" * 8, whole + whole, whole + b"x", whole[:-1]),
        *(struct.pack("<II", 2**32 - 1, 0), struct.pack("<II", 5, 2**32 - 1) + b"abcde"),
        *(Frame(head) for head in (b"\xc1", b"\x91" * 5000, b"\xdd\xff\xff\xff\xff", b"\xa3\xed\xa0\x80")),
    )


class Slot:
    facts = SandboxFacts("fake", "none", "fake")
    missing = ()
    lent = None

    def __init__(self, parent):
        self._stream = Stream(parent, lambda: "")
        self.send, self.receive, self.close = self._stream.send, self._stream.receive, self._stream.close


class Launcher:
    def __init__(self, parent):
        self._parent = parent

    def open(self):
        return Slot(self._parent)


def opened(parent):
    return Session(SUBMISSION, SPEC, Slots(Launcher(parent)))


def asked(number, handles=frozenset(), *, describe=False):
    target = Handle(min(handles)) if handles else "f"
    question = Describe(number, target) if describe else Call(number, target, [], [])
    return Asked(question, b"", handles, "f", 5.0)


def heard(work):
    """How a question ended, and what it gave."""
    try:
        return "value", work()
    except CallRaised as raised:
        return "raised", raised
    except CallEnded as ended:
        return "ended", ended
    except SandboxLost as lost:
        return "lost", lost


# ---------------------------------------------------------------- what is generated

STEPS = ("value", "raised", "forged", "repeated", "ended", "protocol")
scripts = st.lists(st.sampled_from(STEPS) | st.sampled_from(STEPS + LOSSES), max_size=8)


@pytest.mark.generated(8000)
@given(scripts, st.integers(0, 2**32))
@settings(FUZZ, max_examples=3500)
def test_every_question_ends_as_what_was_sent_for_it(inputs, clock, script, seed):
    parent = Parent(script, Random(seed), clock)
    found = opened(parent)
    how, what = heard(found.open)
    if how == "value" and found.failure:
        how, what = heard(lambda: throw(found.failure))
    for number in range(1, 6):
        inputs["questions to a scripted parent"] += 1
        assert how == {"forged": "ended"}.get(parent.said, parent.said)
        assert found.flags == ({Flag.TAMPERING} if parent.tampered else set())
        if how == "lost":
            return
        if how == "value" and what:
            assert what[0] == number - 1
            assert what[1].tolist() == [1, 2]
        how, what = heard(lambda number=number: found.ask(asked(number)))
    found.close()


def throw(error):
    raise error


@pytest.mark.generated(3000)
@given(
    st.lists(st.sampled_from((*STEPS, "handle", "handle", "handle")), max_size=12),
    st.lists(st.tuples(st.frozensets(st.sampled_from(["1.0", "2.0", "", "7.0"]), max_size=2), st.booleans())),
    st.integers(0, 2**32),
)
@settings(FUZZ, max_examples=1200)
def test_handles_that_lie_lead_to_no_other_end(inputs, clock, script, questions, seed):
    found = opened(Parent(script, Random(seed), clock))
    found.open()
    for number, (handles, describe) in enumerate(questions, 1):
        inputs["questions about handles that lie"] += 1
        how, _ = heard(lambda: found.ask(asked(number, handles, describe=bool(handles) and describe)))  # noqa: B023 - called at once
        assert how != "lost"
    found.close()
    assert found.flags <= {Flag.TAMPERING}


@pytest.mark.generated(2500)
@given(scripts, st.integers(0, 2**32))
@settings(FUZZ, max_examples=2500)
def test_a_parent_whose_bytes_are_damaged_is_answered_or_given_up(inputs, clock, mutant, script, seed):
    random = Random(seed)

    def damaged(data):
        inputs["damaged answers of a parent"] += 1
        return mutant(random, data) if random.random() < 0.6 else data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "BODY_MOST", 2**20)  # a claim of half a gigabyte is granted, which takes time
        found = opened(Parent(script, random, clock, damaged))
        how, _ = heard(found.open)
        for number in range(1, 6):
            if how == "lost":
                break
            how, _ = heard(lambda number=number: found.ask(asked(number)))
        found.close()
    assert isinstance(found.output, str)
