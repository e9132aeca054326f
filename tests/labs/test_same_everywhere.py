"""The same file gets the same result wherever it runs, and whoever else keeps the machine busy."""

import hashlib
import multiprocessing
import os
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.examine.pool import Pool, Task, WorkerSetup
from grader.labs import find_course
from grader.model import Ending, Student, Submission

COURSE = find_course(Path(__file__).parent)
PARTLY_RIGHT = {"lab1_tensors": "standardise_sample_deviation.py", "lab3_classifier": "noise_is_the_digit.py"}
"""A lab and a solution of it with a mistake; one lab without and one with a training."""

WAYS = {"this machine": ("local", "warm"), "warm": ("docker", "warm"), "a container each": ("docker", "container")}


def spin():
    while True:
        pass


@contextmanager
def neighbour():
    """Somebody who keeps as many cores busy as there are."""
    hogs = [multiprocessing.get_context("spawn").Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for hog in hogs:
        hog.start()
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.join()


def tasks(lab):
    sources = lab.solution.read_bytes(), lab.mutant_source(lab.mutants / PARTLY_RIGHT[lab.name])
    entry = f"{lab.name}.py"
    for source in sources:
        digest = hashlib.sha256(source).hexdigest()
        yield Task(Submission(Student("ada", "Ada"), lab.name, {entry: source}, entry, digest, "a test"))


def results(lab, way, image):
    launcher, isolation = WAYS[way]
    setup = WorkerSetup(COURSE.root, lab.name, "hidden", launcher, isolation, image, "digits", own=True)
    with Pool(setup, 2) as pool:
        runs = {task.submission.digest: run for task, run in pool.run(tasks(lab))}
    assert {run.ending for run in runs.values()} == {Ending.COMPLETED}
    assert sorted(run.score == 100 for run in runs.values()) == [False, True]
    return {digest: (run.checks, run.flags, run.figures) for digest, run in runs.items()}


@pytest.mark.docker
@pytest.mark.parametrize("name", PARTLY_RIGHT)
def test_every_sandbox_gives_the_same_result_and_so_does_a_busy_machine(docker_image, name):
    lab = COURSE.lab(name)
    first, *others = (results(lab, way, docker_image) for way in WAYS)
    assert all(other == first for other in others)
    with neighbour():
        assert results(lab, "warm", docker_image) == first
