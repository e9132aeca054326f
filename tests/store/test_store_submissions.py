from datetime import UTC, datetime, timedelta, timezone

import pytest

from grader.model import Refusal, Student
from grader.store import Store

LAB = "lab1_tensors"


def refusal(student="ana", reason="The zip archive is damaged.", source="/home/teacher/class/a.zip"):
    return Refusal(Student(student, student.title()), LAB, source, reason)


def test_a_submission_comes_back_as_it_was(store, submission):
    given = submission(
        files={"lab1_tensors.py": b"import helper\n", "net/helper.py": bytes(range(256)), "empty.txt": b""},
        received_at=datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
    )
    assert store.submission(store.add(given)) == given


def test_a_moment_in_another_zone_is_the_same_moment(store, submission):
    given = submission(received_at=datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    found = store.submission(store.add(given)).received_at
    assert found == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


def test_the_same_submission_again_is_the_same_attempt(store, submission):
    ids = {store.add(submission()) for _ in range(3)}
    assert len(ids) == 1
    assert next(iter(store.grades(LAB))).attempts == 1


def test_the_names_of_those_who_handed_in_are_known_without_what_they_handed_in(store, submission):
    one, other = (store.add(submission(student)) for student in ("ana", "ben"))
    assert store.names([one, other, 10**6]) == {id_: store.submission(id_).student.name for id_ in (one, other)}


def test_the_digests_tell_what_submissions_hold(store, submission):
    given = {store.add(one): one.digest for one in (submission(), submission("bo", b"y = 2\n"))}
    assert store.digests(given) == given


def test_two_students_may_hand_in_the_same_content(store, submission):
    one, other = store.add(submission("ana")), store.add(submission("bo"))
    assert one != other
    assert len(set(store.digests([one, other]).values())) == 1
    assert store.submission(other).student == Student("bo", "Bo")


def test_another_content_is_another_attempt_and_the_latest_counts(store, submission):
    store.add(submission(content=b"old"))
    store.add(submission(content=b"new"))
    (grade,) = store.grades(LAB)
    assert (grade.submission, grade.attempts) == (submission(content=b"new").digest, 2)


def test_an_earlier_attempt_handed_in_again_is_the_latest_again(store, submission):
    first = store.add(submission(content=b"old"))
    store.add(submission(content=b"new"))
    assert store.add(submission(content=b"old")) == first
    (grade,) = store.grades(LAB)
    assert (grade.submission, grade.attempts) == (submission(content=b"old").digest, 2)


JANUARY = [None, *(datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 32))]


@pytest.mark.parametrize(
    ("old_again", "latest", "counts"),
    [(1, 9, b"new"), (9, 9, b"old"), (10, 9, b"old"), (0, 9, b"old"), (1, 0, b"old")],
)
def test_an_earlier_attempt_added_again_counts_unless_it_is_known_to_be_older(
    store, submission, old_again, latest, counts
):
    store.add(submission(content=b"old", received_at=JANUARY[1]))
    store.add(submission(content=b"new", received_at=JANUARY[latest]))
    store.add(submission(content=b"old", received_at=JANUARY[old_again]))
    (grade,) = store.grades(LAB)
    assert (grade.submission, grade.attempts) == (submission(content=counts).digest, 2)


def test_an_older_attempt_that_comes_to_light_later_does_not_count(store, submission):
    store.add(submission(content=b"new", received_at=JANUARY[9]))
    store.add(submission(content=b"first", received_at=JANUARY[1]))
    store.add(submission(content=b"second", received_at=JANUARY[2]))
    (grade,) = store.grades(LAB)
    assert (grade.submission, grade.attempts) == (submission(content=b"new").digest, 3)


def test_the_source_and_the_name_are_those_seen_last(store, submission):
    store.add(submission(source="one.py", student=Student("ana", "Ana")))
    found = store.submission(store.add(submission(source="two.py", student=Student("ana", "Ana Silva"))))
    assert (found.source, found.student.name) == ("two.py", "Ana Silva")


def test_who_only_handed_in_what_was_refused_is_rejected(store):
    store.refuse(refusal())
    (grade,) = store.grades(LAB)
    assert grade.run.ending == "rejected"
    assert grade.run.message == "The zip archive is damaged."
    assert (grade.submission, grade.source, grade.student) == ("", "/home/teacher/class/a.zip", Student("ana", "Ana"))


def test_the_same_refusal_again_is_counted_once_and_the_latest_reason_shows(store):
    for reason in ("one.", "two.", "one.", "one."):
        store.refuse(refusal(reason=reason))
    (grade,) = store.grades(LAB)
    assert (grade.run.message, grade.attempts) == ("one.", 2)


def test_a_refusal_keeps_the_earlier_grade_and_is_noted(store, submission, key, run):
    store.save([store.add(submission())], key(submission()), run())
    store.refuse(refusal())
    (grade,) = store.grades(LAB)
    assert grade.score == 10.5
    assert grade.run.ending == "completed"
    assert grade.run.notes == (
        "Cell 3 was not run.",
        "A later submission (a.zip) could not be taken in, so the one before it counts. The zip archive is damaged.",
    )


def test_a_submission_after_a_refusal_makes_it_forgotten(store, submission, key, run):
    store.save([store.add(submission())], key(submission()), run())
    store.refuse(refusal())
    store.add(submission())
    assert next(iter(store.grades(LAB))).run.notes == ("Cell 3 was not run.",)


def test_text_that_no_database_takes_is_made_storable(store, submission, key, run):
    nasty = "a\0b\ud800c"
    plain = "a\ufffdb\ufffdc"
    given = submission(student=Student(nasty, nasty), source=nasty)
    store.save([store.add(given)], key(given), run(output=nasty, message=nasty, notes=(nasty,)))
    store.refuse(refusal("bo", nasty, nasty))
    ana, bo = store.grades(LAB)
    assert (ana.student, ana.source) == (Student(plain, plain), plain)
    assert (ana.run.output, ana.run.message, ana.run.notes) == (plain, plain, (plain,))
    assert (bo.run.message, bo.source) == (plain, plain)


def test_what_is_stored_survives_reopening(address, submission, key, run):
    with Store.open(address) as store:
        store.save([store.add(submission())], key(submission()), run())
    with Store.open(address) as store:
        assert next(iter(store.grades(LAB))).score == 10.5


def test_a_path_with_signs_that_mean_something_in_an_address_is_a_path(tmp_path):
    for place in (tmp_path / "a 50% #1?timeout=0.db", tmp_path / "odd?x=1 [b].db"):
        Store.open(place).close()
        assert place.exists()


def test_an_unknown_lab_has_no_grades(store):
    assert list(store.grades("lab9_unheard_of")) == []


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_contents_of_any_size_come_back(store, submission, size):
    content = b"\xff\0" * (size // 2) + b"x" * (size % 2)
    assert store.submission(store.add(submission(content=content))).files == {"lab1_tensors.py": content}
