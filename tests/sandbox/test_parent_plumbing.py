"""The parts of the parent that need no session: frames over descriptors, processes, settings."""

import os
import subprocess
import sys
import time
import warnings
from dataclasses import replace

import pytest

from sandbox import confinement, container, isolation, parent, processes
from sandbox.pipes import Descriptor, Inbox, Outbox
from sandbox.processes import elsewhere, of_linux
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
    inbox = Inbox(Descriptor(reading), BODY_MOST)
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
    inbox = Inbox(Descriptor(reading), BODY_MOST)
    assert [bytes(inbox.read().head), bytes(inbox.read().head)] == [b"1", b"2"]
    with pytest.raises(EOFError):
        inbox.read()


@pytest.mark.parametrize(("head", "body"), [(2**32 - 1, 0), (0, 2**32 - 1), (0, BODY_MOST)])
def test_a_frame_over_the_cap_is_refused_at_its_prefix(pipe, head, body):
    reading, writing = pipe
    os.write(writing, PREFIX.pack(head, body))
    with pytest.raises(ProtocolError):
        Inbox(Descriptor(reading), BODY_MOST).read()


def test_an_outbox_keeps_what_nobody_reads_yet(pipe):
    reading, writing = pipe
    outbox = Outbox(Descriptor(writing))
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


@pytest.mark.parametrize("source", [of_linux, elsewhere])
def test_children_and_grandchildren_are_found_by_either_source(source):
    program = "import subprocess, sys; subprocess.run(['cat'])"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as child:
        deadline = time.monotonic() + 60
        while len(found := source.descendants(child.pid)) < 1:
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

    assert confinement.trial(lambda: None) == ""
    assert confinement.trial(refuse) == "this system does not permit it (mount: Operation not permitted)"
    assert confinement.trial(lambda: os._exit(3)) == "the process that tried it died"


def test_the_uids_of_sessions_are_never_those_of_people():
    found = isolation.possible_uids()
    assert len(found) == 0 or found.start >= 10_000


def test_frames_that_came_keep_their_bytes_while_others_come(pipe):
    reading, writing = pipe
    inbox = Inbox(Descriptor(reading), BODY_MOST)
    sizes = [*range(2000, 2100), 200_000, *range(100)]
    got = []
    for number, size in enumerate(sizes):
        data = memoryview(bytes(Frame(b"head", bytes([number % 256]) * size)))
        while data:
            data = data[os.write(writing, data[:60_000]) :]
            if frame := inbox.read():
                got.append(frame)
    assert [bytes(frame.body) for frame in got] == [bytes([at % 256]) * size for at, size in enumerate(sizes)]


@pytest.mark.parametrize("source", [of_linux, elsewhere])
def test_known_processes_are_seen_again_without_those_that_ended(source):
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        known = [process for process in source.descendants(os.getpid()) if process.pid == child.pid]
        assert [process.pid for process in source.again(known)] == [child.pid]
        assert source.again([replace(process, parent=1) for process in known]) == [], "another one's number"
        child.stdin.close()
        child.wait()
        assert source.again(known) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [(b"usage_usec 12500000\nuser_usec 9000000\n", 12.5), (b"12500000000\n", 12.5)],
    ids=["version 2", "version 1"],
)
def test_a_containers_cpu_time_is_read_from_either_version_of_control_groups(tmp_path, monkeypatch, text, seconds):
    (tmp_path / "there").write_bytes(text)
    monkeypatch.setattr(container, "_CPU_FILES", (tmp_path / "absent", tmp_path / "there"))
    monkeypatch.setattr(container.time, "process_time", lambda: 2.0)
    assert container.cpu_seconds() == seconds - 2.0


@pytest.mark.parametrize(
    "text",
    ["anon 5000\nfile 1\nshmem 300\n", "rss 1\nshmem 2\ntotal_rss 5000\ntotal_shmem 300\n"],
    ids=["version 2", "version 1"],
)
def test_a_containers_memory_is_read_from_either_version_of_control_groups(tmp_path, monkeypatch, text):
    file = tmp_path / "memory.stat"
    file.write_text(text)
    monkeypatch.setattr(container, "_MEMORY_FILES", (file,))
    assert container.memory() == container.Memory(5000, 300)
    file.write_text(text.replace("5000", "6000"))
    assert container.memory() == container.Memory(6000, 300), "it is looked at anew"


def test_where_no_file_tells_nothing_is_counted(tmp_path, monkeypatch):
    for name in ("_CPU_FILES", "_MEMORY_FILES", "_OOM_FILES"):
        monkeypatch.setattr(container, name, (tmp_path / name,))
    assert (container.cpu_seconds(), container.memory(), container.oom_kills()) == (0.0, None, 0)


def test_a_library_that_cannot_be_imported_is_left_to_those_who_need_it(tmp_path, monkeypatch, capsys):
    (tmp_path / "built_for_another_numpy.py").write_text("raise ValueError('numpy.dtype size changed')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(parent.gc, "freeze", lambda: None)  # it is for a process that is about to be forked
    parent.preload(["built_for_another_numpy", "no_such_library"])
    said = capsys.readouterr().err
    assert "built_for_another_numpy cannot be preloaded: ValueError: numpy.dtype size changed" in said
    assert "no_such_library cannot be preloaded: ModuleNotFoundError" in said


def test_what_a_library_sets_as_it_is_imported_does_not_stay(monkeypatch):
    monkeypatch.setenv("GRADER_A", "before")
    filters = list(warnings.filters)
    with parent.settings_kept():
        os.environ |= {"GRADER_A": "after", "GRADER_B": "new"}
        warnings.filterwarnings("ignore", "the matrix subclass")
        assert warnings.filters != filters
    assert (os.environ["GRADER_A"], os.environ.get("GRADER_B")) == ("before", None)
    assert warnings.filters == filters


def test_words_are_found_wherever_files_mention_them():
    files = memoryview(b"import torch\nfrom sklearn import datasets\n" + bytes(range(256)))
    assert parent.mentioned(files, [b"sklearn", b"matplotlib"]) == {b"sklearn"}
    assert parent.mentioned(files, []) == set()
