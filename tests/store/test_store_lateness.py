"""Rules in effect, more time for a student, and the points that are left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from grader.errors import ExtensionImpossible, UnknownStudent
from grader.model import Change, Decision, Ending, Extension, GradeChange, Recount, Run, Student
from grader.scoring import Late, Policy
from grader.store import Store

LAB = "lab1_tensors"
DUE = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
POLICY = Policy("latest", DUE, "Europe/Berlin", grace_hours=0.0, per_day=10.0, floor=50.0)
LATER = DUE + timedelta(hours=30)
ANA = Student("ana", "Ana")


def only(store, key="ana"):
    return next(grade for grade in store.grades(LAB) if grade.student.key == key)


def changes(store):
    """What other than runs changed Ana's grade."""
    found = [event for event in store.history(LAB, "ana") if isinstance(event, GradeChange)]
    return [(row.change, row.old_score, row.new_score) for row in found if row.change is not Change.RUN]


def until(when, reason="Was ill."):
    return Extension(when, reason, "kim")


@pytest.fixture
def late(store, submission, key, run):
    """Ana handed in two days late what earns 10 points."""
    store.set_policy(LAB, POLICY)
    made = submission(received_at=LATER, told_at=LATER)
    store.save([store.add(made)], key(made), run(points=5.0, checks=2))
    return made


def test_what_came_late_keeps_a_part_of_its_points_and_the_run_says_what_it_earned(store, late):
    assert (only(store).score, only(store).earned, only(store).max_score) == (8.0, 10.0, 10.0)
    assert only(store).late == Late(DUE, 2, 80.0)
    graded = store.history(LAB, "ana")[-1]
    assert (graded.new_score, graded.earned, graded.late_days) == (8.0, 10.0, 2)


def test_when_a_file_was_written_makes_nobody_late(store, submission, key, run):
    store.set_policy(LAB, POLICY)
    made = submission(received_at=LATER)
    store.save([store.add(made)], key(made), run(points=5.0, checks=2))
    assert (only(store).score, only(store).late) == (10.0, None)


def test_rules_stay_in_effect_until_others_are(store, late, address):
    assert store.policy(LAB) == POLICY
    with Store.open(address) as other:
        assert other.policy(LAB) == POLICY
    assert store.policy("unknown") == Policy()


def test_other_rules_change_grades_and_that_is_written_down_with_them(store, late):
    kinder = replace(POLICY, due=LATER)
    assert store.recounts(LAB, kinder) == [Recount(ANA, 8.0, 10.0)]
    assert only(store).score == 8.0
    assert store.set_policy(LAB, kinder) == [Recount(ANA, 8.0, 10.0)]
    assert store.set_policy(LAB, kinder) == []
    assert store.set_policy(LAB, POLICY) == [Recount(ANA, 10.0, 8.0)]
    store.set_policy(LAB, Policy())
    assert (only(store).score, only(store).late) == (10.0, None)
    assert changes(store) == [(Change.POLICY, 8.0, 10.0), (Change.POLICY, 10.0, 8.0), (Change.POLICY, 8.0, 10.0)]
    reasons = [event.reason for event in store.history(LAB, "ana") if getattr(event, "change", "") is Change.POLICY]
    assert reasons == [str(kinder), str(POLICY), str(Policy())]


def test_the_rules_of_one_lab_say_nothing_about_another(store, late, submission, key, run):
    made = replace(submission(received_at=LATER, told_at=LATER), lab="lab2")
    store.save([store.add(made)], key(made), run(points=5.0, checks=2))
    assert [grade.score for grade in store.grades("lab2")] == [10.0]


def test_an_extension_is_for_one_student_and_can_be_taken_back(store, late, submission, key):
    other = submission("bo", received_at=LATER, told_at=LATER)
    store.adopt({store.add(other): key(other)})
    done = store.extend(LAB, ANA, until(LATER))
    assert (done.old_score, done.new_score, done.until, done.reason) == (8.0, 10.0, LATER, "Was ill.")
    assert [grade.score for grade in store.grades(LAB)] == [10.0, 8.0]
    store.extend(LAB, ANA, until(DUE + timedelta(hours=20), "Not so ill."))
    assert only(store).late == Late(DUE + timedelta(hours=20), 1, 90.0)
    done = store.shorten(LAB, "ana", "Was well.", "lee")
    assert (done.change, done.old_score, done.new_score) == (Change.SHORTENED, 9.0, 8.0)
    with pytest.raises(ExtensionImpossible, match="none to take back"):
        store.shorten(LAB, "ana", "", "lee")
    with pytest.raises(UnknownStudent):
        store.shorten(LAB, "cem", "", "lee")


def test_time_may_be_given_before_anything_is_handed_in_and_holds_then(store, submission, key, run):
    store.set_policy(LAB, POLICY)
    done = store.extend(LAB, ANA, until(LATER))
    assert (done.old_score, done.new_score, done.attempt) == (None, None, None)
    assert not list(store.grades(LAB))
    assert store.labs("ana") == [LAB]
    made = submission(received_at=LATER, told_at=LATER)
    store.save([store.add(made)], key(made), run(points=5.0, checks=2))
    assert (only(store).score, only(store).late) == (10.0, None)


def test_a_score_that_a_person_set_is_not_lessened_by_lateness(store, late):
    store.override(LAB, "ana", Decision(9.5, 10.0, "Explained it.", "kim"))
    store.set_policy(LAB, replace(POLICY, per_day=100.0, floor=0.0))
    assert only(store).score == 9.5
    done = store.clear_override(LAB, "ana", "", "kim")
    assert (done.new_score, only(store).score) == (0.0, 0.0)


def test_the_same_file_handed_in_again_keeps_the_earliest_time_that_was_told(store, late, submission):
    for again in (submission(received_at=LATER, told_at=LATER + timedelta(days=3)), submission(received_at=DUE)):
        store.add(again)
        assert (only(store).score, only(store).late) == (8.0, Late(DUE, 2, 80.0))
    store.add(submission(received_at=DUE, told_at=DUE))
    assert (only(store).score, only(store).late) == (10.0, None)
    assert changes(store) == [(Change.TOLD, 8.0, 10.0)]


def test_what_was_in_time_is_in_time_also_when_it_comes_again_after_something_else(store, submission, key, run):
    store.set_policy(LAB, POLICY)
    first, other = submission(received_at=DUE, told_at=DUE), submission(content=b"y", received_at=DUE, told_at=DUE)
    store.save([store.add(first)], key(first), run(points=5.0, checks=2))
    store.add(replace(other, told_at=LATER, received_at=LATER))
    store.add(replace(first, told_at=LATER + timedelta(days=1), received_at=LATER + timedelta(days=1)))
    assert (only(store).submission, only(store).score, only(store).late) == (first.digest, 10.0, None)


def test_local_time_is_by_the_clocks_of_the_zone_that_the_rules_have_now(store, submission, key, run):
    there = datetime(2026, 11, 21, 0, 30)  # noqa: DTZ001 - a platform tells no zone
    made = submission(received_at=there.replace(tzinfo=UTC), told_at=there)
    store.save([store.add(made)], key(made), run(points=5.0, checks=2))
    scores = []
    for zone in ("Europe/Berlin", "Asia/Tokyo", "America/New_York"):
        store.set_policy(LAB, replace(POLICY, zone=zone))
        scores.append(only(store).score)
    assert scores == [9.0, 10.0, 9.0]
    assert store.submission(1).told_at == there
    assert store.check().troubles == ()


def test_rules_that_come_after_a_class_was_taken_in_know_the_times_that_were_told(store, submission, key, run):
    made = submission(received_at=LATER, told_at=LATER)
    store.save([store.add(made)], key(made), run(points=5.0, checks=2))
    assert store.set_policy(LAB, POLICY) == [Recount(ANA, 10.0, 8.0)]


def test_a_time_that_becomes_known_later_counts(store, submission, key, run):
    store.set_policy(LAB, POLICY)
    made = submission(received_at=LATER)
    store.save([store.add(made)], key(made), run(points=5.0, checks=2))
    store.add(replace(made, told_at=LATER))
    assert (only(store).score, changes(store)) == (8.0, [(Change.TOLD, 10.0, 8.0)])


def test_what_is_not_graded_has_no_score_that_lateness_could_lessen(store, late, key):
    store.adopt({1: key(late, suite="suite-2")})
    assert (only(store).graded, only(store).score) == (False, 0.0)


def test_until_when_a_student_has_time_can_be_asked(store, late):
    assert store.extension(LAB, "ana") is None
    store.extend(LAB, ANA, until(LATER))
    assert store.extension(LAB, "ana") == LATER


@pytest.fixture
def twice(store, submission, key, run):
    """Ana handed in what earns 10 points, and then what earns 6."""
    made = [submission(content=b"first"), submission(content=b"second")]
    for each, points in zip(made, (5.0, 3.0), strict=True):
        store.save([store.add(each)], key(each), run(points=points, checks=2))
    return made


def test_the_best_attempt_counts_where_the_rules_say_so_and_the_page_says_which(store, twice):
    assert store.set_policy(LAB, Policy("best")) == [Recount(ANA, 6.0, 10.0)]
    best = only(store)
    assert (best.score, best.submission, best.attempts) == (10.0, twice[0].digest, 2)
    assert best.run.notes[-1] == "Your best attempt counts: number 1 of 2."
    store.set_policy(LAB, Policy("latest"))
    assert (only(store).score, only(store).run.notes) == (6.0, ("Cell 3 was not run.",))


def test_where_the_best_counts_nobody_has_less_than_that_because_a_run_broke(store, twice, submission, key, run):
    store.set_policy(LAB, Policy("best"))
    third = submission(content=b"third")
    id_ = store.add(third)
    store.save([id_], key(third), Run(Ending.BROKEN, fault="The engine went away."))
    assert (only(store).score, only(store).graded) == (10.0, True)  # of 10
    store.save([1], key(twice[0]), run(points=4.0, checks=2))
    assert (only(store).graded, only(store).submission, only(store).run.notes) == (False, third.digest, ())
    store.save([id_], key(third), run(points=0.0, checks=2))
    assert (only(store).score, only(store).submission) == (8.0, twice[0].digest)


def test_results_of_another_suite_than_the_latest_attempts_do_not_compete(store, twice, key, run):
    second, changed = twice[1], key(twice[1], suite="suite-2")
    store.adopt({2: changed})
    store.save([2], changed, run(points=3.0, checks=2))
    store.set_policy(LAB, Policy("best"))
    assert (only(store).graded, only(store).submission) == (False, twice[0].digest)
    store.save([1], key(twice[0], suite="suite-2"), run(points=1.0, checks=2))
    assert (only(store).score, only(store).submission) == (6.0, second.digest)


def test_other_rules_make_no_run_a_later_one_than_a_persons_score(store, twice):
    store.override(LAB, "ana", Decision(7.0, 10.0, "Explained it.", "kim"))
    store.set_policy(LAB, Policy("best"))
    assert (only(store).earned, only(store).superseded) == (10.0, False)


def test_of_whom_nobody_told_when_they_came_is_known_but_for_those_with_a_score_set_by_hand(store, submission):
    for name in ("ana", "bo"):
        store.add(submission(name))
    assert store.untold(LAB) == []
    store.set_policy(LAB, POLICY)
    store.override(LAB, "bo", Decision(7.0, 10.0, "Explained it.", "kim"))
    assert store.untold(LAB) == [ANA]


def test_all_attempts_may_come_to_count_where_the_best_does(store, twice):
    assert [one.content for one in store.counting(LAB, "best")] == [made.digest for made in twice]
    assert [one.content for one in store.counting(LAB, "latest")] == [twice[1].digest]


def test_the_time_given_and_the_one_in_the_log_are_compared(store, late):
    store.extend(LAB, ANA, until(LATER))
    assert store.check().troubles == ()
    with store._writing() as connection:
        connection.exec_driver_sql("UPDATE extensions SET until = '2027-01-01 00:00:00'")
    (trouble,) = store.check().troubles
    assert trouble.sentence == f"The log of {LAB} does not end with the time that was given: that of ana."


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE policies SET per_day = 101",
        "UPDATE policies SET per_day = -1",
        "UPDATE policies SET floor = 101",
        "UPDATE policies SET grace_hours = -1",
        "UPDATE policies SET grace_hours = 8761",
        "UPDATE policies SET attempt = 'first'",
        "UPDATE extensions SET reason = ' '",
        "UPDATE extensions SET set_by = ''",
        "UPDATE extensions SET until = NULL",
        "UPDATE extensions SET lab_id = 99",
    ],
)
def test_the_database_itself_keeps_the_rules_of_lateness(store, late, sql):
    store.extend(LAB, ANA, until(LATER))
    with pytest.raises(IntegrityError), store._writing() as connection:
        connection.exec_driver_sql(sql)
    assert only(store).score == 10.0
