"""`grader batch --queue` and `grader worker`, with real brokers and a real PostgreSQL."""

import shutil
import signal

import pytest
from department import SHORT, eventually

STUDENTS = ["ana", "ben", "cem", "dan"]


def test_two_workers_grade_a_class_and_the_command_shows_it_as_if_it_had(department):
    department.hands_in(STUDENTS)
    workers = [department.worker(), department.worker()]
    said = department.batch().ends(0)
    assert "Graded 4, already graded 0, not taken in 0." in said
    assert department.scores() == dict.fromkeys(STUDENTS, 10.0)
    assert department.visits() == dict.fromkeys(STUDENTS, 1)
    assert "Graded 0, already graded 4" in department.batch().ends(0)
    for worker in workers:
        worker.signal(signal.SIGTERM)
        worker.ends(0)


def test_messages_that_come_twice_do_no_harm(department):
    """All of them twice, from two commands for the same class; the second one joins the first."""
    department.hands_in(STUDENTS)
    department.shut("ana")
    department.worker(jobs=2)
    first = department.batch()
    department.reached("ana")
    second = department.batch()
    second.has_said("Grading")
    department.open("ana")
    assert "not taken in 0." in first.ends(0)
    assert "not taken in 0." in second.ends(0)
    assert department.visits() == dict.fromkeys(STUDENTS, 1)
    assert department.scores() == dict.fromkeys(STUDENTS, 10.0)


def test_a_single_submission_is_graded_before_a_class_that_was_there_first(department):
    department.hands_in(["a0", *(f"b{number}" for number in range(11))])
    department.hands_in(["zoe"], folder="single")
    department.shut("a0")
    department.worker()
    class_ = department.batch()
    eventually(department.visits, "one is begun")
    (first,) = department.visits()
    department.shut(first)
    single = department.batch(folder="single")
    single.has_said("Grading 1 submission.")
    eventually(lambda: len(department.queued()) == 12, "the others wait, and word of them is sent")
    department.open(first)
    assert "Graded 1," in single.ends(0)
    assert "Graded 12," in class_.ends(0)
    assert department.order().index("zoe") <= 2


def test_a_worker_with_another_suite_refuses_and_one_with_the_right_one_grades(department, tmp_path):
    department.hands_in(STUDENTS)
    other = shutil.copytree(department.course, tmp_path / "other")
    suite = other / "reference" / "double" / "test_hidden.py"
    suite.write_text(f"{suite.read_text()}# of yesterday\n")
    wrong = department.worker(course=other)
    batch = department.batch()
    batch.has_said("All workers refuse. One of them, ")
    batch.has_said("it has another hidden suite, lab.toml or data of double than the command.")
    wrong.has_said("Refused double: it has another hidden suite")
    assert department.visits() == {}
    department.worker()
    assert "Graded 4, already graded 0" in batch.ends(0)
    assert department.scores() == dict.fromkeys(STUDENTS, 10.0)


def test_where_all_refuse_the_class_is_ungraded_and_nobody_has_a_zero(department, tmp_path):
    department.hands_in(["ana"])
    other = shutil.copytree(department.course, tmp_path / "other")
    (other / "reference" / "double" / "test_hidden.py").write_text("# nothing\n")
    department.worker(course=other)
    said = department.batch("--patience", "10s").ends(3)
    assert "Not graded: ana: All workers refuse. One of them, " in said
    assert department.scores() == {}


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_without_workers_the_command_says_how_to_start_one(department):
    department.hands_in(["ana"])
    said = department.batch("--patience", "10s").ends(2)
    assert "grader worker --queues cpu, with GRADER_DB and GRADER_BROKER. Nothing was graded." in said


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_what_is_graded_is_graded_again_where_that_is_asked_for(department):
    department.hands_in(STUDENTS)
    department.worker()
    department.batch().ends(0)
    assert "Graded 4, already graded 0" in department.batch("--regrade").ends(0)
    assert department.visits() == dict.fromkeys(STUDENTS, 2)


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_one_that_is_graded_again_in_vain_keeps_its_result_and_that_is_said(department):
    department.hands_in(["ana"])
    worker = department.worker()
    department.batch().ends(0)
    worker.signal(signal.SIGTERM)
    worker.ends(0)
    department.shut("ana")
    batch = None
    for time in (2, 3, 4):
        worker = department.worker(silence=SHORT)
        batch = batch or department.batch("--regrade", silence=SHORT)
        department.reached("ana", times=time)
        worker.kill()
    department.worker(silence=SHORT)
    assert "Not graded: ana: 3 workers were lost" in batch.ends(3)
    assert department.scores() == {"ana": 10.0}


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_a_lab_whose_suite_changed_is_graded_again_by_workers_too(department):
    department.hands_in(["ana"])
    department.worker()
    department.batch().ends(0)
    suite = department.course / "reference" / "double" / "test_hidden.py"
    suite.write_text(f"{suite.read_text()}# stricter\n")
    words = ["double", "--queue", "--patience", "60s", "--out", department.place / "out"]
    dry = department.command("regrade", *words, "--dry-run").ends(0)
    assert "Would grade 1: the hidden suite, lab.toml or the dataset changed." in dry
    assert "Graded 1, already graded 0" in department.command("regrade", *words).ends(0)
    assert department.visits() == {"ana": 2}
