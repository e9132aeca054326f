"""What a store knows of results under several suites."""

from dataclasses import replace
from datetime import UTC, datetime

from grader.model import Ending, Override

LAB = "lab1_tensors"


def test_the_run_before_is_the_one_in_effect_last_under_another_suite(store, submission, key, run):
    id_ = store.add(submission())
    for suite, points in (("one", 1.0), ("two", 2.0), ("three", 3.0)):
        store.save([id_], key(submission(), suite=suite), run(points=points))
    [found] = store.regraded(LAB)
    assert (found.student.key, found.old, found.new) == ("ana", run(points=2.0), run(points=3.0))


def test_going_back_and_on_compares_with_what_was_in_effect_not_with_what_was_made_last(store, submission, key, run):
    id_ = store.add(submission())
    for suite, points in (("one", 1.0), ("two", 2.0), ("three", 3.0)):
        store.save([id_], key(submission(), suite=suite), run(points=points))
    for suite, scores in (("one", (9.0, 3.0)), ("two", (3.0, 6.0)), ("one", (6.0, 3.0))):
        store.adopt({id_: key(submission(), suite=suite)})
        [found] = store.regraded(LAB)
        assert (found.old.score, found.new.score) == scores


def test_who_had_no_result_before_has_none_to_compare_with_whatever_equal_work_earned(store, submission, key, run):
    first = store.add(submission("bo"))
    store.save([first], key(submission(), suite="one"), run())
    ids = [first, store.add(submission())]
    store.save(ids, key(submission(), suite="two"), run(points=0.0))
    assert [found.student.key for found in store.regraded(LAB)] == ["bo"]


def test_what_a_person_set_is_told_with_what_the_runs_earned(store, submission, key, run):
    id_ = store.add(submission())
    given = Override(12.0, 15.0, "Explained it.", "kim", datetime.now(UTC))
    store.save([id_], key(submission(), suite="one"), run())
    store.override(LAB, "ana", given)
    store.save([id_], key(submission(), suite="two"), run(points=1.0))
    [found] = store.regraded(LAB)
    assert (found.old, found.new, found.override.score) == (run(), run(points=1.0), 12.0)


def test_what_is_out_of_effect_is_compared_with_what_was_last(store, submission, key, run):
    id_ = store.add(submission())
    store.save([id_], key(submission(), suite="one"), run())
    store.adopt({id_: key(submission(), suite="two")})
    [found] = store.regraded(LAB)
    assert found.old == run()
    assert found.new.ending is Ending.BROKEN


def test_a_broken_run_is_nothing_to_compare_with(store, submission, key, run, broken):
    id_ = store.add(submission())
    store.save([id_], key(submission(), suite="one"), broken)
    store.save([id_], key(submission(), suite="two"), run())
    assert list(store.regraded(LAB)) == []


def test_only_latest_attempts_are_compared_each_with_its_own_earlier_results(store, submission, key, run):
    first = store.add(submission())
    for suite in ("one", "two"):
        store.save([first], key(submission(), suite=suite), run())
    second = submission(content=b"x = 2\n")
    store.save([store.add(second)], key(second, suite="two"), run(points=0.0))
    assert list(store.regraded(LAB)) == []


def test_equal_contents_of_two_students_share_their_results(store, submission, key, run):
    ids = [store.add(submission(name)) for name in ("bo", "ana")]
    for suite in ("one", "two"):
        store.save(ids, key(submission(), suite=suite), run())
    assert [found.student.key for found in store.regraded(LAB)] == ["ana", "bo"]


def test_those_count_who_handed_in_last_with_what_they_are_graded_by(store, submission, key, run):
    store.add(submission())
    later, other = submission(content=b"x = 2\n"), submission("bo")
    ids = [store.add(later), store.add(other)]
    store.save(ids[:1], key(later), run())
    found = store.counting(LAB, "latest")
    assert [(one.id, one.student.key, one.content, one.key) for one in found] == [
        (ids[0], "ana", later.digest, key(later)),
        (ids[1], "bo", other.digest, None),
    ]


def test_another_lab_has_its_own_results(store, submission, key, run):
    mine, other = submission(), submission(lab="lab2_regression")
    ids = [store.add(mine), store.add(other)]
    store.save(ids[:1], key(mine), run())
    store.save(ids[1:], replace(key(other), suite="two"), run())
    assert list(store.regraded(LAB)) == []
    assert [one.id for one in store.counting(LAB, "latest")] == ids[:1]


def test_finished_runs_are_known_whether_in_effect_or_not(store, submission, key, run, broken):
    id_ = store.add(submission())
    old, new, other = (key(submission(), suite=suite) for suite in ("one", "two", "three"))
    store.save([id_], old, run())
    store.save([id_], new, run())
    store.save([id_], other, broken)
    assert store.finished([old, new, other]) == {old, new}
    assert store.finished([]) == set()
