"""Scores that a person sets, and the log of what changed grades."""

import contextlib
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from grader.errors import ExtensionImpossible, OverrideImpossible, StoreError, UnknownStudent
from grader.model import Change, Decision, Extension, GradeChange, HandedIn, Refusal, Refused, Student
from grader.scoring import Policy

LAB = "lab1_tensors"
ROW = "INTO audit (id, student_id, lab_id, at, change, actor, new_score, max_score, reason) VALUES"
NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


def by_hand(score, reason="Explained it.", who="kim"):
    return Decision(score, 15.0, reason, who)


def said(grade):
    """What a person decided, without the time."""
    given = grade.override
    return Decision(given.score, given.max_score, given.reason, given.set_by)


def only(store, lab=LAB):
    (grade,) = store.grades(lab)
    return grade


def log(store, student="ana"):
    """(what changed, old score, new score) of each row about a student."""
    return [(row.change, row.old_score, row.new_score) for row in rows(store, student)]


def rows(store, student="ana"):
    """The log about a student, in the order of writing."""
    query = "SELECT audit.* FROM audit JOIN students ON students.id = student_id WHERE key = :key ORDER BY audit.id"
    with store._reading() as connection:
        return connection.execute(text(query), {"key": student}).all()


@pytest.fixture
def graded(store, submission, key, run):
    """Ana has 10.5 points of 15."""
    id_ = store.add(submission())
    store.save([id_], key(submission()), run())
    return id_


def test_a_score_that_a_person_set_counts_and_the_run_still_says_how_the_code_did(store, graded, run):
    store.override(LAB, "ana", by_hand(14.0))
    grade = only(store)
    assert (grade.score, grade.max_score, grade.graded, said(grade)) == (14.0, 15.0, True, by_hand(14.0))
    assert (grade.run, grade.earned) == (run(), 10.5)


def test_a_zero_by_hand_is_a_score(store, submission, key, broken):
    store.save([store.add(submission())], key(submission()), broken)
    store.override(LAB, "ana", by_hand(0.0))
    assert (only(store).graded, only(store).score) == (True, 0.0)


def test_neither_a_later_run_nor_a_later_attempt_nor_an_earlier_one_again_changes_it(
    store, graded, submission, key, run
):
    store.override(LAB, "ana", by_hand(14.0))
    store.save([graded], key(submission()), run(points=5.0))
    assert only(store).score == 14.0
    assert store.adopt({graded: key(submission(), suite="suite-2")}) == set()
    assert (only(store).score, only(store).graded) == (14.0, True)
    store.save([store.add(submission(content=b"new"))], key(submission(content=b"new")), run(points=1.0))
    assert (only(store).score, only(store).earned) == (14.0, 3.0)
    store.add(submission())
    store.refuse(Refusal(Student("ana", "Ana"), LAB, "a.zip", "It is damaged."))
    assert only(store).score == 14.0
    assert {(change, new) for change, _, new in log(store)[2:]} == {("run", 14.0), ("submission", 14.0)}


def test_taken_back_the_run_that_is_in_effect_now_counts(store, graded, submission, key, run):
    store.override(LAB, "ana", by_hand(14.0))
    store.save([graded], key(submission()), run(points=1.0))
    done = store.clear_override(LAB, "ana", "Meant for another Ana.", "lee")
    assert (done.old_score, done.new_score, done.actor) == (14.0, 3.0, "lee")
    assert (only(store).score, only(store).override) == (3.0, None)


def test_a_second_override_takes_the_place_of_the_first(store, graded):
    store.override(LAB, "ana", by_hand(14.0))
    done = store.override(LAB, "ana", by_hand(2.0, "Copied.", "lee"))
    assert (done.change, done.old_score, done.new_score) == (Change.CHANGED, 14.0, 2.0)
    assert said(only(store)) == by_hand(2.0, "Copied.", "lee")
    assert log(store) == [("run", None, 10.5), ("set", 10.5, 14.0), ("changed", 14.0, 2.0)]


def test_who_was_refused_may_be_given_a_score(store):
    store.refuse(Refusal(Student("ana", "Ana"), LAB, "a.rar", "RAR is not read."))
    store.override(LAB, "ana", by_hand(7.0))
    grade = only(store)
    assert (grade.score, grade.max_score, grade.graded) == (7.0, 15.0, True)
    assert (grade.run.ending, grade.earned) == ("rejected", None)


def test_who_handed_in_nothing_for_a_lab_and_is_known_may_be_given_a_score_and_leaves_with_it(store, graded):
    store.override("lab2_regression", "ana", by_hand(7.0))
    grade = only(store, "lab2_regression")
    assert (grade.score, grade.graded, grade.attempts, grade.source) == (7.0, True, 0, "")
    assert grade.graded_at == grade.override.set_at
    store.clear_override("lab2_regression", "ana", "", "kim")
    assert len(store.grades("lab2_regression")) == 0
    assert only(store).score == 10.5


def test_who_is_not_known_is_given_nothing(store, graded):
    with pytest.raises(UnknownStudent):
        store.override(LAB, "zoe", by_hand(7.0))
    assert len(store.grades(LAB)) == 1


def test_what_nobody_set_cannot_be_taken_back(store, graded):
    with pytest.raises(OverrideImpossible):
        store.clear_override(LAB, "ana", "", "kim")
    assert log(store) == [("run", None, 10.5)]


def test_every_known_student_is_named_whatever_the_lab(store, graded, submission):
    store.add(submission("bo", lab="lab2_regression"))
    store.refuse(Refusal(Student("al", "Al"), LAB, "a.rar", "RAR is not read."))
    assert store.students() == [Student("al", "Al"), Student("ana", "Ana"), Student("bo", "Bo")]


def test_a_run_that_came_into_effect_later_supersedes_it_however_old_it_is(store, graded, submission, key, run):
    theirs = submission("bo", b"new")
    store.save([store.add(theirs)], key(theirs), run(points=1.0))
    store.override(LAB, "ana", by_hand(14.0))
    assert [grade.superseded for grade in store.grades(LAB)] == [False, False]
    store.adopt({store.add(submission(content=b"new")): key(theirs)})
    ana, bo = store.grades(LAB)
    assert (ana.earned, ana.superseded, bo.superseded) == (3.0, True, False)


def test_the_same_run_made_again_supersedes_it_and_one_that_broke_does_not(store, graded, submission, key, run, broken):
    new = key(submission(), suite="suite-2")
    store.save([graded], new, broken)
    store.override(LAB, "ana", by_hand(14.0))
    store.save([graded], new, broken)
    assert not only(store).superseded
    store.save([graded], new, run())
    assert only(store).superseded


def test_the_log_says_what_each_score_is_out_of(store, graded, submission, key, run, broken):
    store.save([graded], key(submission(), suite="suite-2"), run(checks=2))
    store.override(LAB, "ana", by_hand(14.0))
    store.clear_override(LAB, "ana", "", "kim")
    store.save([graded], key(submission(), suite="suite-3"), broken)
    told = [event.max_score for event in store.history(LAB, "ana") if isinstance(event, GradeChange)]
    assert told == [15.0, 10.0, 15.0, 10.0, None]


# ---------------------------------------------------------------- the log


def test_another_run_is_written_down_and_the_same_one_again_is_not(store, graded, submission, key, run):
    store.save([graded], key(submission()), run())
    store.save([graded], key(submission(), sandbox="image-2"), run())
    store.save([graded], key(submission(), sandbox="image-2"), run(points=1.0))
    assert log(store) == [("run", None, 10.5), ("run", 10.5, 10.5), ("run", 10.5, 3.0)]


def test_a_run_under_a_score_that_a_person_set_is_written_down_with_what_it_earned(store, graded, submission, key, run):
    store.override(LAB, "ana", by_hand(14.0))
    store.save([graded], key(submission()), run(points=1.0))
    assert log(store)[-1] == ("run", 14.0, 14.0)
    assert (rows(store)[-1].earned, rows(store)[-1].attempt) == (3.0, 1)


def test_a_run_that_is_replaced_changes_the_grades_of_all_who_share_it(store, graded, submission, key, run):
    assert store.adopt({store.add(submission("bo")): key(submission())})
    store.save([graded], key(submission()), run(points=1.0))
    assert [grade.score for grade in store.grades(LAB)] == [3.0, 3.0]
    assert log(store, "bo") == [("run", None, 10.5), ("run", 10.5, 3.0)]


def test_a_grade_that_is_put_out_of_effect_is_written_down(store, graded, submission, key, run, broken):
    new = key(submission(), suite="suite-2")
    store.adopt({graded: new})
    store.save([graded], new, broken)
    store.save([graded], new, run(points=2.0))
    assert log(store) == [("run", None, 10.5), ("run", 10.5, None), ("run", None, None), ("run", None, 6.0)]


def test_another_attempt_that_counts_is_written_down_and_an_older_one_is_not(store, graded, submission, key, run):
    new = submission(content=b"new", received_at=NOW)
    id_ = store.add(new)
    store.save([id_], key(new), run(points=2.0))
    old = submission(content=b"old", received_at=NOW - timedelta(days=1))
    store.save([store.add(old)], key(old), run(points=5.0))
    store.add(submission())
    assert log(store) == [
        ("run", None, 10.5),
        ("submission", 10.5, None),
        ("run", None, 6.0),
        ("submission", 6.0, 10.5),
    ]


def any_rules(draw):
    due = draw.choice([None, NOW, NOW + timedelta(hours=40)])
    return Policy(draw.choice(["latest", "best"]), due, "Europe/Berlin", 0.0, 30.0, 20.0)


def somebody_decides(draw, store, name):
    """A person sets or takes back something."""
    match draw.randrange(5):
        case 0:
            store.override(LAB, name, by_hand(draw.randrange(31) / 2))
        case 1:
            with contextlib.suppress(OverrideImpossible):
                store.clear_override(LAB, name, "", "kim")
        case 2:
            until = NOW + timedelta(hours=12 * draw.randrange(9))
            store.extend(LAB, Student(name, name), Extension(until, "Was ill.", "kim"))
        case 3:
            with contextlib.suppress(ExtensionImpossible):
                store.shorten(LAB, name, "", "kim")
        case _:
            store.set_policy(LAB, any_rules(draw))


def test_the_log_of_any_history_leads_from_no_score_to_the_grade_without_a_gap(store, submission, key, run, broken):
    draw = random.Random(20261122)
    contents = [b"x = %d\n" % number for number in range(6)]
    who = ("ana", "bo")

    def hand_in(name):
        received = draw.choice([None, NOW + timedelta(hours=12 * draw.randrange(9))])
        told = draw.choice([None, None, received])
        return store.add(submission(name, draw.choice(contents), received_at=received, told_at=told))

    ids = [hand_in(name) for name in who]
    for _ in range(250):
        name, suite = draw.choice(who), draw.choice(["suite-1", "suite-2"])
        match draw.randrange(7):
            case 0 | 1:
                ids.append(hand_in(name))
            case 2 | 3:
                somebody_decides(draw, store, name)
            case 4:
                store.adopt({id_: key(store.submission(id_), suite=suite) for id_ in draw.sample(ids, 2)})
            case _:
                id_ = draw.choice(ids)
                made = draw.choice([broken, *(run(points=points) for points in (0.0, 1.0, 2.0))])
                store.save([id_], key(store.submission(id_), suite=suite), made)
        for grade in store.grades(LAB):
            told = rows(store, grade.student.key)
            assert [row.old_score for row in told] == [None, *(row.new_score for row in told)][: len(told)]
            assert (told[-1].new_score if told else None) == (grade.score if grade.graded else None)
            assert (told[-1].earned if told else None) == grade.earned
            assert (told[-1].max_score if told else None) == (grade.max_score if grade.graded else None)
    assert {change for name in who for change, _, _ in log(store, name)} == set(Change) - {Change.BEFORE}
    assert not store.check().troubles


def test_a_change_that_cannot_be_written_down_is_not_made(store, graded, submission, key, run):
    new = submission(content=b"new")

    def rename(old, name):
        with store._writing() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {name}")

    rename("audit", "elsewhere")
    for change in (
        lambda: store.save([graded], key(submission()), run(points=1.0)),
        lambda: store.adopt({graded: key(submission(), suite="suite-2")}),
        lambda: store.add(new),
        lambda: store.override(LAB, "ana", by_hand(14.0)),
    ):
        with pytest.raises((DatabaseError, StoreError)):
            change()
    rename("elsewhere", "audit")
    grade = only(store)
    assert (grade.score, grade.earned, grade.attempts, grade.override) == (10.5, 10.5, 1, None)
    assert log(store) == [("run", None, 10.5)]


def test_the_history_is_in_the_order_of_time_and_holds_what_was_handed_in_and_refused(store, submission, key, run):
    def hours(number):
        return NOW + timedelta(hours=number)

    late = submission(content=b"new", received_at=hours(-1), source="late.py")
    for made in (late, submission(received_at=hours(-3))):
        store.save([store.add(made)], key(made), run())
    store.override(LAB, "ana", by_hand(14.0))
    store.refuse(Refusal(Student("ana", "Ana"), LAB, "a.zip", "It is damaged."))
    ahead = datetime.now(UTC) + timedelta(days=1)
    store.add(submission(content=b"from a clock that is ahead", received_at=ahead))
    first, second, run_, set_, refused, latest, last = store.history(LAB, "ana")
    assert first == HandedIn(hours(-3), known=True, attempt=2, source="a.py")
    assert second == HandedIn(hours(-1), known=True, attempt=1, source="late.py")
    assert [change.change for change in (run_, set_, latest)] == [Change.RUN, Change.SET, Change.SUBMISSION]
    assert (set_.actor, set_.reason, set_.at) == ("kim", "Explained it.", only(store).override.set_at)
    assert (type(refused), refused.source, refused.reason) == (Refused, "a.zip", "It is damaged.")
    assert last == HandedIn(ahead, known=True, attempt=3, source="a.py")


def test_the_history_ends_with_what_counts_though_a_clock_was_set_back(store, graded):
    columns = "student_id, lab_id, at, change, actor, new_score, max_score, reason"
    row = "1, 1, '2999-01-01 00:00:00.000000', 'set', 'lee', 1, 15, 'x'"
    with store._writing() as connection:
        connection.exec_driver_sql(f"INSERT INTO audit ({columns}) VALUES ({row})")
    store.override(LAB, "ana", by_hand(14.0))
    changes = [event for event in store.history(LAB, "ana") if isinstance(event, GradeChange)]
    assert [change.new_score for change in changes] == [10.5, 1.0, 14.0]
    assert changes[-1].at < changes[-2].at


def test_the_same_file_taken_in_again_is_no_event(store, submission):
    store.add(submission())
    before = store.history(LAB, "ana")
    store.add(submission())
    assert store.history(LAB, "ana") == before
    assert [(event.known, event.attempt) for event in before] == [(False, 1)]


def test_a_lab_that_nobody_handed_in_for_has_no_history(store, graded):
    assert store.history("lab9", "ana") == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET new_score = 15",
        "DELETE FROM audit",
        "UPDATE overrides SET score = 15.5",
        "UPDATE overrides SET score = -1",
        "UPDATE overrides SET reason = ''",
        "UPDATE overrides SET reason = '  '",
        "UPDATE overrides SET set_by = ''",
        "UPDATE overrides SET set_by = NULL",
        "UPDATE overrides SET lab_id = 99",
        "INSERT INTO overrides SELECT * FROM overrides",
        f"INSERT {ROW} (1, 1, 1, '2026-11-22', 'run', 'x', 1, 15, '')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'magic', 'x', 1, 15, '')",
        f"INSERT {ROW} (9, 9, 1, '2026-11-22', 'run', 'x', 1, 15, '')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'run', ' ', 1, 15, '')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'run', 'x', -1, 15, '')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'set', 'x', 1, 15, '')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'changed', 'x', NULL, NULL, 'why')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'run', 'x', 16, 15, '')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'run', 'x', 1, NULL, '')",
        f"INSERT {ROW} (9, 1, 1, '2026-11-22', 'run', 'x', NULL, 15, '')",
        "UPDATE overrides SET run_id = 99",
    ],
)
def test_the_database_itself_keeps_overrides_and_the_log(store, graded, sql):
    store.override(LAB, "ana", by_hand(14.0))
    keeps(store, sql)


ONLY_THERE = {
    "sqlite": [f"INSERT OR REPLACE {ROW} (1, 1, 1, '2026-11-22', 'run', 'x', 1, 15, '')"],
    "postgresql": ["TRUNCATE audit", "TRUNCATE students CASCADE"],
}


def test_the_log_is_kept_from_what_only_one_database_can_do(store, graded):
    store.override(LAB, "ana", by_hand(14.0))
    for sql in ONLY_THERE[store._engine.dialect.name]:
        keeps(store, sql)


def keeps(store, sql):
    with pytest.raises(IntegrityError), store._writing() as connection:
        connection.exec_driver_sql(sql)
    assert only(store).score == 14.0
    assert log(store) == [("run", None, 10.5), ("set", 10.5, 14.0)]
