"""The parts of the parent that need no session: frames over descriptors, processes, settings."""

import os
import subprocess
import sys
import time

import pytest

from sandbox import isolation, processes, setting
from sandbox.pipes import Inbox, Outbox
from sandbox.protocol.frames import BODY_MOST, PREFIX, Frame, ProtocolError


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    for descriptor in (reading, writing):
        try:
            os.close(descriptor)
        except OSError:
            continue


def test_a_frame_that_dribbles_in_is_put_together(pipe):
    reading, writing = pipe
    inbox = Inbox(reading, BODY_MOST)
    sent = bytes(Frame(b"head", b"body" * 10)) + bytes(Frame(b"", b""))
    for at in range(len(sent)):
        assert inbox.read() is None
        os.write(writing, sent[at : at + 1])
        if at == len(sent) - 9:
            frame = inbox.read()
            assert (bytes(frame.head), bytes(frame.body)) == (b"head", b"body" * 10)
    last = inbox.read()
    assert (bytes(last.head), bytes(last.body)) == (b"", b"")


def test_several_frames_at_once_come_one_by_one_and_then_the_end(pipe):
    reading, writing = pipe
    os.write(writing, bytes(Frame(b"1")) + bytes(Frame(b"2")) + b"\x01")
    os.close(writing)
    inbox = Inbox(reading, BODY_MOST)
    assert [bytes(inbox.read().head), bytes(inbox.read().head)] == [b"1", b"2"]
    with pytest.raises(EOFError):
        inbox.read()


@pytest.mark.parametrize(("head", "body"), [(2**32 - 1, 0), (0, 2**32 - 1), (0, BODY_MOST)])
def test_a_frame_over_the_cap_is_refused_at_its_prefix(pipe, head, body):
    reading, writing = pipe
    os.write(writing, PREFIX.pack(head, body))
    with pytest.raises(ProtocolError):
        Inbox(reading, BODY_MOST).read()


def test_an_outbox_keeps_what_nobody_reads_yet(pipe):
    reading, writing = pipe
    outbox = Outbox(writing)
    outbox.put(b"a" * 100_000, b"", b"b" * 100_000)
    assert outbox
    read = b""
    while outbox:
        read += os.read(reading, 50_000)
        outbox.flush()
    read += os.read(reading, 200_000)
    while len(read) < 200_000:
        read += os.read(reading, 200_000)
    assert read == b"a" * 100_000 + b"b" * 100_000


@pytest.mark.parametrize(
    ("text", "seconds"), [("0:01", 1), ("12:34", 754), ("1:00:00", 3600), ("2-01:00:00", 176_400), ("0:07.25", 7.25)]
)
def test_times_of_ps_are_read(text, seconds):
    assert processes.clock(text) == seconds


@pytest.mark.parametrize("source", [processes._from_proc, processes._from_ps])
def test_children_and_grandchildren_are_found_by_either_source(source, monkeypatch):
    monkeypatch.setattr(processes, "_HAS_PROC", source is processes._from_proc)
    program = "import subprocess, sys; subprocess.run(['cat'])"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as child:
        deadline = time.monotonic() + 60
        while len(found := processes.descendants(child.pid)) < 1:
            assert time.monotonic() < deadline
        child.stdin.close()
    assert found[0].parent == child.pid
    assert found[0].memory_bytes > 0


def test_only_what_a_process_holds_beyond_the_shared_part_counts():
    one, two = processes.Process(1, 0, 1.5, 1000), processes.Process(2, 1, 0.25, 100)
    assert processes.memory_bytes([one, two], 400) == 600
    assert processes.cpu_seconds([one, two]) == 1.75


def test_a_trial_tells_why_something_failed():
    def refuse():
        raise PermissionError(1, "mount: Operation not permitted")

    assert setting.trial(lambda: None) == ""
    assert setting.trial(refuse) == "this system does not permit it (mount: Operation not permitted)"
    assert setting.trial(lambda: os._exit(3)) == "the process that tried it died"


def test_the_uids_of_sessions_are_never_those_of_people():
    found = isolation.possible_uids()
    assert len(found) == 0 or found.start >= 10_000
