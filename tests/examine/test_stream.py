"""The host waits for a parent as long as it says, whatever comes meanwhile."""

import time
from itertools import count

import pytest

from grader.errors import SandboxLost
from grader.examine.child import PATIENCE, Child
from grader.examine.engine.output import Output
from grader.examine.stream import Stream
from sandbox.protocol import messages
from sandbox.protocol.messages import Printed, Reply


class Clock:
    """Time as a test makes it pass."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


class Dribble:
    """A connection that brings these bytes for ever, one a second."""

    def __init__(self, data, clock):
        self._data, self._clock = data, clock
        self.taken = 0

    def settimeout(self, seconds):
        assert seconds > 0

    def sendall(self, data):
        pass

    def recv_into(self, view):
        assert self.taken < 10_000, "the wait has no end"
        view[:1] = self._data[(place := self.taken % len(self._data)) : place + 1]
        self.taken += 1
        self._clock.now += 1
        return 1


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def test_bytes_that_dribble_in_buy_no_time(clock):
    connection = Dribble(bytes(messages.frame(Printed(1), b"x" * 100)), clock)
    with pytest.raises(SandboxLost, match="said nothing for 30 s"):
        Stream(connection, lambda: "").receive(30)
    assert connection.taken == 30


@pytest.mark.parametrize("chunk", [b"\1\0\0\0\0\0\0\1x", b"\2\0\0\0\0\0\0\1x"], ids=["stdout", "stderr"])
def test_nor_do_they_in_the_stream_of_a_container(clock, chunk):
    connection = Dribble(chunk, clock)
    output = Output(connection)
    with pytest.raises(SandboxLost, match="said nothing for 30 s"):
        Stream(connection, output.last_words, output.fill).receive(30)
    assert connection.taken == 30


class Talkative:
    """A slot whose parent says one thing again and again, each time after a second."""

    def __init__(self, message, clock):
        self._message, self._clock = message, clock
        self._said = count()

    def send(self, message, *body):
        pass

    def receive(self, timeout):
        assert next(self._said) < 10_000, "the wait has no end"
        if timeout <= 0:
            raise SandboxLost("late")
        self._clock.now += 1
        return self._message, b""


@pytest.mark.parametrize("session", [1, 2])
def test_a_parent_that_never_says_that_a_child_has_ended_is_given_up(clock, session):
    before = clock.now
    with pytest.raises(SandboxLost, match="late"):
        Child(Talkative(Reply(session, 0.0, 0.0), clock), 1).stop()
    assert clock.now == before + PATIENCE
