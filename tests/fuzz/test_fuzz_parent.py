"""The parent's reading of a driver: whatever arrives, in whatever pieces, the host hears the parent's words alone."""

import os
import socket
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import pipes, processes, setting
from sandbox.parent import Parent
from sandbox.pipes import Connection, Descriptor, Inbox
from sandbox.protocol import frames, messages
from sandbox.protocol.frames import HEAD_MOST, PREFIX, Frame, ProtocolError
from sandbox.protocol.messages import Answer, Ask, Ended, Limits, Printed, Reply, Stop
from sandbox.session import DriverLost, Session

FUZZ = settings.get_profile("fuzz")
MOST = 4096
"""Bytes of a frame, in place of half a gigabyte: more than a pipe holds could not be sent by a test that also reads."""
LIMITS = Limits(memory_bytes=2**30, processes=48, output_bytes=64, scratch_bytes=2**20, threads=1)

honest = st.builds(Frame, st.binary(max_size=40), st.binary(max_size=80))
over_a_cap = st.sampled_from(
    [(HEAD_MOST + 1, 0), (0, MOST), (2**32 - 1, 2**32 - 1), (MOST - PREFIX.size, 1), (MOST, 0)]
)
written = st.lists(
    honest.map(bytes)
    | over_a_cap.map(lambda sizes: PREFIX.pack(*sizes))
    | st.binary(max_size=20)
    | st.just(bytes(Frame(b"")))
    | st.builds(lambda number: bytes(messages.frame(Ended(number, "stopped"))), st.integers(0, 3)),
    max_size=6,
)


@pytest.fixture(scope="module")
def taken():
    """Sizes of memory that an inbox asked for."""
    sizes = []

    def unshared(size):
        sizes.append(size)
        return memoryview(bytearray(size))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipes, "unshared", unshared)
        yield sizes


def expected(data):
    """(whole frames at the front of `data`, what comes then: None to wait for more, or ProtocolError)."""
    found = []
    while len(data) >= PREFIX.size:
        head, body = PREFIX.unpack_from(data)
        if head > HEAD_MOST or PREFIX.size + head + body > MOST:
            return found, ProtocolError
        end = PREFIX.size + head + body
        if len(data) < end:
            break
        found.append((data[PREFIX.size : PREFIX.size + head], data[PREFIX.size + head : end]))
        data = data[end:]
    return found, None


@pytest.mark.generated(4000)
@given(written, st.integers(0, 2**32), st.booleans())
@settings(FUZZ, max_examples=4000)
def test_an_inbox_gives_the_frames_that_arrived_and_refuses_the_first_over_a_cap(
    inputs, mutant, taken, parts, seed, damaged
):
    inputs["streams into an inbox"] += 1
    random = Random(seed)
    data = b"".join(parts)
    data = mutant(random, data) if damaged else data
    taken.clear()
    reading, writing = os.pipe()
    try:
        inbox = Inbox(Descriptor(reading), MOST)
        wanted, then = expected(data)
        got, refused = [], None
        while refused is None:
            piece, data = data[: (size := random.choice((1, 7, 5000)))], data[size:]
            os.write(writing, piece)
            try:
                while frame := inbox.read():
                    got.append((bytes(frame.head), bytes(frame.body)))
            except ProtocolError:
                refused = ProtocolError
            if not data:
                break
        assert got == wanted
        assert refused is then
        assert max(taken, default=0) <= MOST
        if refused is None:
            os.close(writing)
            writing = -1
            with pytest.raises(EOFError):
                inbox.read()
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)


# ---------------------------------------------------------------- a whole parent


class Driver:
    """The child of a session, of which a test is the other side. It ends when it is asked for its status."""

    def __init__(self):
        ours, self.theirs = socket.socketpair()
        output, printing = os.pipe()
        self.connection, self.output = Connection(ours), Descriptor(output)
        self.printing = os.fdopen(printing, "wb", buffering=0)

    def status(self):
        return 0

    def kill(self, known, *, reaped):
        self.printing.close()

    def remove(self):
        self.connection.close()
        self.output.close()

    def close(self):
        self.theirs.close()
        self.printing.close()


@pytest.fixture(scope="module")
def _nobody_else():
    """No process is looked for: a driver is none here, and looking takes longer than all the rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "descendants", lambda root: [])
        yield


answers = st.builds(lambda number: messages.frame(Answer(number, number)), st.integers(0, 3)).map(bytes)
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["answer", "answer", "answer", "twice", "raw", "damaged", "print", "hang up", "stop", "stop another"]
        ),
        st.one_of(answers, written.map(b"".join)),
    ),
    max_size=6,
)


@pytest.mark.generated(2500)
@given(steps, st.booleans(), st.integers(0, 2**32))
@settings(FUZZ, max_examples=2500)
@pytest.mark.usefixtures("_nobody_else")
def test_the_host_hears_one_reply_for_each_question_and_one_end(inputs, mutant, steps, greets, seed):
    """Whatever the driver writes, its bytes arrive inside `Reply` alone."""
    inputs["conversations of a driver with its parent"] += 1
    random = Random(seed)
    driver = Driver()
    host, ours = socket.socketpair()
    parent = Parent(Connection(ours), Connection(ours), setting.Setting(None, "plain", [], warm=False, confined=False))
    try:
        parent._session = Session(5, driver, LIMITS, confined=False)
        parent._session.ask((b"start",), 100.0, 100.0)
        driver.theirs.settimeout(0)
        driver.theirs.sendall(bytes(Frame(b"")) if greets else bytes(Frame(b"no greeting")))
        if not greets:
            with pytest.raises(DriverLost):
                parent._hear_session()
            return
        parent._hear_session()
        asked = 1 + converse(parent, host, driver, steps, random, mutant)
        if parent._session:
            host.sendall(bytes(messages.frame(Stop(5))))
            parent._hear_host()
        assert parent._session is None
        check_heard(host, asked)
    finally:
        for end in (host, ours, driver):
            end.close()
        if parent._session:
            driver.remove()


def converse(parent, host, driver, steps, random, mutant):
    """Act out the script; how many questions were put after the first."""
    asked = 0
    for what, data in steps:
        if parent._session is None:
            break
        act(parent, host, driver, what, mutant(random, data) if what == "damaged" else data)
        parent._hear_session()
        if parent._session and parent._session._question is None:
            asked += 1
            host.sendall(bytes(messages.frame(Ask(5, 100.0, 100.0), b"ask")))
            parent._hear_host()
    return asked


def act(parent, host, driver, what, data):
    match what:
        case "answer" | "twice":
            driver.theirs.sendall(bytes(Frame(b"", data)) * (2 if what == "twice" else 1))
        case "raw" | "damaged":
            driver.theirs.sendall(data)
        case "print":
            driver.printing.write(data)
        case "hang up":
            driver.theirs.shutdown(socket.SHUT_WR)
        case "stop" | "stop another":
            host.sendall(bytes(messages.frame(Stop(5 if what == "stop" else 4))))
            parent._hear_host()


def check_heard(host, asked):
    host.settimeout(0)
    data = b""
    while True:
        try:
            data += host.recv(1 << 20)
        except BlockingIOError:
            break
    heard = []
    while data:
        end = PREFIX.size + sum(PREFIX.unpack_from(data))
        frame, data = frames.parse(data[:end]), data[end:]
        heard.append((messages.decode(messages.from_parent, frame.head), frame.body))
    kinds = [type(message) for message, _ in heard]
    assert kinds[-2:] == [Printed, Ended]
    assert kinds[:-2] == [Reply] * (len(kinds) - 2)
    assert len(kinds) - 2 <= asked
    assert all(message.session == 5 for message, _ in heard)
    assert all(len(frames.parse(body).head) <= HEAD_MOST for _, body in heard[:-2])
    assert len(heard[-2][1]) <= LIMITS.output_bytes
    assert heard[-1][0].cause in {"stopped", "protocol", "exited"}
