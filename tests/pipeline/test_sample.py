"""The bundled sample class is graded anywhere, with or without an engine."""

from pathlib import Path

import pytest

from grader.labs import Course
from grader.pipeline import grading, sample

COURSE = Course(Path(__file__).parents[2])


def test_every_lab_with_a_sample_class_is_in_the_demo():
    assert [lab.name for lab in sample.sample_labs(COURSE)] == ["lab1_tensors", "lab3_classifier"]


def test_only_the_sample_class_is_our_own_code():
    lab = COURSE.lab("lab1_tensors")
    assert sample.sample_setup(COURSE, lab, "local").own
    assert not grading.worker_setup(COURSE, lab, "local", "warm", "digits", None).own


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_without_an_engine_the_demo_runs_here_and_says_so(no_engine):
    said: list[str] = []
    assert sample.sample_launcher(said.append) == "local"
    assert said == ["No container engine answers: the sample class runs on this machine, without a container."]
