"""Ctrl-C, once and again, and at moments when somebody else would hear it."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def has(pid, field, number):
    """Whether a process has a signal blocked (SigBlk), ignored (SigIgn) or caught (SigCgt)."""
    (line,) = [row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith(field)]
    return bool(int(line.split()[1], 16) >> (number - 1) & 1)


def test_a_second_interrupt_ends_a_batch_that_waits_for_a_worker_in_vain(scene):
    batch = scene.begins_and_stops_at("cleo")
    (worker,) = batch.workers()
    os.kill(worker, signal.SIGSTOP)
    os.kill(batch.pid, signal.SIGINT)
    time.sleep(0.5)  # it waits for a second and a half; whenever the other one comes, the end is the same
    with suppress(ProcessLookupError):
        os.kill(batch.pid, signal.SIGINT)
    assert "Stopped. What a batch had finished is kept" in batch.ends(130)
    assert scene.ungraded() == {"cleo", "dan", "eli", "fay", "gus"}
    scene.open("cleo")
    scene.is_resumed()


def test_a_worker_is_deaf_to_interrupts_from_its_beginning(scene, eventually):
    scene.shut("ana")
    batch = scene.begins()
    eventually(batch.workers, "a worker is started")
    (worker,) = batch.workers()
    assert has(worker, "SigBlk", signal.SIGINT) or has(worker, "SigIgn", signal.SIGINT)
    scene.reached(batch, "ana")
    assert has(worker, "SigIgn", signal.SIGINT)
    assert not has(worker, "SigBlk", signal.SIGINT)


def test_a_worker_that_imports_is_ended_and_not_asked_to_unwind(scene, eventually):
    """An exception in the middle of an import of torch comes out as another one, with a traceback."""
    batch = scene.begins()
    eventually(lambda: any(b"libtorch" in maps(worker) for worker in batch.workers()), "a worker imports torch")
    (worker,) = batch.workers()
    assert not has(worker, "SigCgt", signal.SIGTERM)
    os.kill(batch.pid, signal.SIGINT)
    batch.ends(130)


def maps(pid):
    return Path(f"/proc/{pid}/maps").read_bytes()
