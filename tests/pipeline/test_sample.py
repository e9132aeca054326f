"""The bundled sample class is graded anywhere, with or without an engine."""

from pathlib import Path

import pytest

import grader
from grader.errors import NoSubmissions
from grader.labs import Course, bundled_course
from grader.pipeline import grading, sample

ROOT = Path(__file__).parents[2]
COURSE = Course(ROOT)
TINY = ROOT / "tests" / "courses" / "tiny"


def test_every_lab_with_a_sample_class_is_in_the_demo():
    assert [lab.name for lab in sample.sample_labs(COURSE)] == ["lab1_tensors", "lab3_classifier"]


def test_a_course_without_a_sample_class_is_told_how_to_see_the_bundled_one():
    with pytest.raises(NoSubmissions, match="Add one; or run `grader demo` outside of any course"):
        sample.sample_labs(Course(TINY))


def test_a_checkout_is_the_bundled_course():
    assert bundled_course() == COURSE


def test_pages_go_into_the_course_but_never_into_the_installed_package(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    installed = Course(Path(grader.__file__).parent / "example")
    assert sample.pages(COURSE) == ROOT / "out" / "demo"
    assert sample.pages(installed) == tmp_path / "out" / "demo"


def test_only_the_sample_class_is_our_own_code():
    lab = COURSE.lab("lab1_tensors")
    assert sample.sample_setup(COURSE, lab, "local").own
    assert not grading.worker_setup(COURSE, lab, "local", "warm", "digits", None).own


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_without_an_engine_the_demo_runs_here_and_says_so(no_engine):
    said: list[str] = []
    assert sample.sample_launcher(said.append) == "local"
    assert said == ["No container engine answers: the sample class runs on this machine, without a container."]
