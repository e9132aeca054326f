"""Processes of the grader that are killed in the middle, or that can start no others."""

import os
import resource
import signal
from pathlib import Path


def kill_worker(batch):
    (worker,) = batch.workers()
    os.kill(worker, signal.SIGKILL)


def test_a_worker_that_is_killed_twice_over_one_submission_costs_nobody_anything(scene):
    batch = scene.begins_and_stops_at("cleo")
    for turn in (2, 3):
        kill_worker(batch)
        scene.reached(batch, "cleo", turn)
    scene.open("cleo")
    assert "Graded 7, already graded 0, not taken in 0." in batch.ends(0)
    assert scene.ungraded() == set()
    assert {student: times for student, times in scene.visits().items() if times > 1} == {"cleo": 3}


def test_a_submission_over_which_every_worker_is_killed_is_named_and_the_others_are_graded(scene):
    batch = scene.begins_and_stops_at("cleo")
    for turn in (2, 3):
        kill_worker(batch)
        scene.reached(batch, "cleo", turn)
    kill_worker(batch)
    scene.open("cleo")
    said = batch.ends(3)
    assert "Graded 6, already graded 0, not taken in 0." in said
    assert (
        "Not graded: cleo: Tried 3 times. The worker process ended with signal 9 while it examined this submission."
    ) in said
    assert "Run the same command again to grade them." in said
    assert scene.ungraded() == {"cleo"}
    scene.is_resumed()


def test_a_submission_whose_process_is_killed_from_outside_loses_no_point(scene):
    """As by a machine that is short of memory, which takes student code first."""
    batch = scene.begins_and_stops_at("cleo")
    os.kill(batch.drivers()[0], signal.SIGKILL)
    scene.open("cleo")
    assert "Graded 7, already graded 0, not taken in 0." in batch.ends(0)
    assert scene.ungraded() == set()
    assert {student: times for student, times in scene.visits().items() if times > 1} == {"cleo": 2}


def test_a_grader_that_is_killed_loses_only_what_it_was_at(scene):
    batch = scene.begins_and_stops_at("cleo")
    batch.kill()
    scene.open("cleo")
    assert scene.ungraded() == {"cleo", "dan", "eli", "fay", "gus"}
    scene.is_resumed()


def test_a_grader_that_may_open_no_more_files_leaves_the_rest_ungraded_and_named(scene):
    batch = scene.begins_and_stops_at("cleo")
    most = max(int(opened.name) for opened in Path(f"/proc/{batch.pid}/fd").iterdir()) + 1
    resource.prlimit(batch.pid, resource.RLIMIT_NOFILE, (most, most))
    kill_worker(batch)  # another one needs more pipes than this one leaves
    scene.open("cleo")
    said = batch.ends(3)
    assert "Graded 2, already graded 0, not taken in 0." in said
    assert (
        "Not graded: cleo, dan, eli, fay, gus: No process could be started to grade in (Too many open files)." in said
    )
    assert scene.ungraded() == {"cleo", "dan", "eli", "fay", "gus"}
    scene.is_resumed()
