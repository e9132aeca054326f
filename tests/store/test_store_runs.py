from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from grader.model import CheckResult, Ending, Figure, FigureKind, Outcome, Run
from grader.store import Store

LAB = "lab1_tensors"


def test_a_run_comes_back_as_it_was(store, submission, key, run):
    store.save([store.add(submission())], key(submission()), run())
    assert next(iter(store.grades(LAB))).run == run()


def test_a_run_without_checks_or_sandbox_comes_back_as_it_was(store, submission, key):
    crashed = Run(Ending.CRASHED, message="The file could not be imported.")
    store.save([store.add(submission())], key(submission()), crashed)
    assert next(iter(store.grades(LAB))).run == crashed


def test_numbers_that_are_none_are_stored_as_nothing(store, submission, key, run):
    figure = Figure(FigureKind.IMAGES, "Samples", "", {"images": [[float("nan"), float("inf"), 0.5]]})
    store.save([store.add(submission())], key(submission()), run(figures=(figure,)))
    assert next(iter(store.grades(LAB))).run.figures[0].data == {"images": [[None, None, 0.5]]}


def test_checks_keep_their_order(store, submission, key):
    names = ["zeta", "alpha", "10", "9"]
    checks = tuple(CheckResult(name, name, "", Outcome.PASSED, 1, 1) for name in names)
    store.save([store.add(submission())], key(submission()), Run(Ending.COMPLETED, checks))
    assert [check.id for check in next(iter(store.grades(LAB))).run.checks] == names


def test_saving_the_same_run_twice_is_harmless(store, submission, key, run):
    id_ = store.add(submission())
    for _ in range(2):
        store.save([id_], key(submission()), run())
    assert next(iter(store.grades(LAB))).run == run()
    assert rows(store, "runs") == 1
    assert rows(store, "check_results") == 3
    assert rows(store, "figures") == 2


def test_grading_again_under_the_same_key_replaces_the_result(store, submission, key, run):
    id_ = store.add(submission())
    store.save([id_], key(submission()), run(points=1.0, checks=5))
    store.save([id_], key(submission()), run(points=2.0, checks=2, figures=()))
    assert next(iter(store.grades(LAB))).run == run(points=2.0, checks=2, figures=())
    assert rows(store, "check_results") == 2


def test_a_broken_run_leaves_the_submission_ungraded_and_never_zero(store, submission, key, broken):
    store.save([store.add(submission())], key(submission()), broken)
    (grade,) = store.grades(LAB)
    assert (grade.run, grade.status) == (broken, "broken")


def test_a_broken_run_is_replaced_by_a_finished_one(store, submission, key, run, broken):
    id_ = store.add(submission())
    store.save([id_], key(submission()), broken)
    store.save([id_], key(submission()), run())
    assert next(iter(store.grades(LAB))).run == run()


def test_a_broken_run_never_replaces_a_finished_one(store, submission, key, run, broken):
    id_ = store.add(submission())
    store.save([id_], key(submission()), run())
    store.save([id_], key(submission()), broken)
    assert next(iter(store.grades(LAB))).run == run()


def test_a_broken_run_of_a_new_suite_leaves_the_submission_ungraded_until_it_is_graded(
    store, submission, key, run, broken
):
    id_, old, new = store.add(submission()), key(submission()), key(submission(), suite="suite-2")
    store.save([id_], old, run())
    store.save([id_], new, broken)
    assert next(iter(store.grades(LAB))).run == broken
    assert not store.adopt({id_: new})
    store.save([id_], new, run(points=1.0))
    assert next(iter(store.grades(LAB))).score == 3.0


def test_what_is_to_be_graded_under_a_new_key_shows_as_not_graded_yet_and_the_old_run_is_kept(
    store, submission, key, run
):
    ids = {name: store.add(submission(name)) for name in ("ana", "bo", "cy")}
    for id_ in ids.values():
        store.save([id_], key(submission()), run())
    assert store.adopt({ids[name]: key(submission(), suite="suite-2") for name in ("ana", "cy")}) == set()
    ana, bo, cy = (grade.run for grade in store.grades(LAB))
    assert ana == cy == Run(Ending.BROKEN, fault="It has not been graded yet. Run the same command again.")
    assert bo == run()
    assert [grade.status for grade in store.grades(LAB)] == ["pending", "completed", "pending"]
    assert store.adopt({ids["ana"]: key(submission())})
    assert next(iter(store.grades(LAB))).run == run()


def test_of_no_submissions_none_has_a_run_and_nothing_changes(store, submission, key, run):
    store.save([store.add(submission())], key(submission()), run())
    assert store.adopt({}) == set()
    assert next(iter(store.grades(LAB))).run == run()


def test_only_a_finished_run_is_adopted(store, submission, key, run, broken):
    id_ = store.add(submission())
    assert not store.adopt({id_: key(submission())})
    store.save([id_], key(submission()), broken)
    assert not store.adopt({id_: key(submission())})
    store.save([id_], key(submission()), run())
    assert store.adopt({id_: key(submission())})


def test_another_student_with_the_same_content_adopts_the_run(store, submission, key, run):
    store.save([store.add(submission("ana"))], key(submission()), run())
    assert store.adopt({store.add(submission("bo")): key(submission())})
    assert [grade.score for grade in store.grades(LAB)] == [10.5, 10.5]


def test_switching_the_sandbox_back_and_forth_shows_the_right_run(store, submission, key, run):
    id_ = store.add(submission())
    docker, local = key(submission(), sandbox="docker"), key(submission(), sandbox="local")
    store.save([id_], docker, run(points=1.0))
    store.save([id_], local, run(points=2.0))
    assert next(iter(store.grades(LAB))).score == 6.0
    assert store.adopt({id_: docker})
    assert next(iter(store.grades(LAB))).score == 3.0
    assert store.adopt({id_: local})
    assert next(iter(store.grades(LAB))).score == 6.0


@pytest.mark.parametrize("field", ["lab_version", "suite", "sandbox"])
def test_a_key_that_differs_anywhere_is_another_run(store, submission, key, run, field):
    id_ = store.add(submission())
    store.save([id_], key(submission()), run())
    assert not store.adopt({id_: replace(key(submission()), **{field: "other"})})


def test_the_latest_attempt_is_ungraded_until_it_has_a_run_though_an_earlier_one_has(store, submission, key, run):
    old, new = submission(content=b"old"), submission(content=b"new")
    store.save([store.add(old)], key(old), run())
    store.add(new)
    (grade,) = store.grades(LAB)
    assert grade.run == Run(Ending.BROKEN, fault="It has not been graded yet. Run the same command again.")


def test_a_late_result_of_an_old_attempt_does_not_count(store, submission, key, run):
    old, new = submission(content=b"old"), submission(content=b"new")
    late = store.add(old)
    store.save([store.add(new)], key(new), run(points=2.0))
    store.save([late], key(old), run(points=5.0))
    assert next(iter(store.grades(LAB))).score == 6.0


def test_a_run_of_another_content_cannot_be_put_into_effect(store, submission, key, run):
    other = submission("bo", b"other")
    store.add(other)
    with pytest.raises(IntegrityError):
        store.save([store.add(submission())], key(other), run())
    assert [grade.run.ending for grade in store.grades(LAB)] == ["broken", "broken"]


def test_grades_are_sorted_by_key_and_of_one_lab_only(store, submission, key, run):
    for name in ("cy", "ana", "bo"):
        store.save([store.add(submission(name))], key(submission()), run())
    store.add(submission("di", lab="lab2_regression"))
    assert [grade.student.key for grade in store.grades(LAB)] == ["ana", "bo", "cy"]
    assert [grade.student.key for grade in store.grades("lab2_regression")] == ["di"]


def test_a_grade_tells_where_when_and_how_much(store, submission, key, run):
    store.save([store.add(submission(source="class.zip/ana.py"))], key(submission()), run())
    (grade,) = store.grades(LAB)
    assert (grade.lab, grade.source, grade.score, grade.max_score) == (LAB, "class.zip/ana.py", 10.5, 15.0)
    assert grade.graded_at.tzinfo is not None


def test_results_of_an_earlier_session_are_kept_when_nothing_new_is_saved(address, submission, key, run):
    with Store.open(address) as store:
        store.save([store.add(submission())], key(submission()), run())
    with Store.open(address) as store:
        assert store.adopt({store.add(submission()): key(submission())})
        assert next(iter(store.grades(LAB))).run == run()


def rows(store, table):
    with store._reading() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
