"""What was found when submissions were compared, on record."""

from dataclasses import replace
from datetime import UTC, datetime

from grader.model import Comparison, Likeness, Passage
from grader.store import Store

LAB = "lab1_tensors"
THEN = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def compared(store, submission, *, many=3):
    """A comparison of submissions that are all on record."""
    made = [submission(f"student{number:03d}", b"x = %d\n" % number) for number in range(many)]
    ids = frozenset(store.add(one) for one in made)
    passages = (Passage((1, 4), (7, 11)), Passage((6, 6), (2, 2)))
    alike = Likeness(made[0].digest, made[1].digest, 0.75, 0.5, 120, passages)
    return Comparison(THEN, 0.5, ids, 3, (alike, Likeness(made[2].digest, made[2].digest, 1.0, 1.0, 200, ())))


def test_before_the_first_there_is_none(store, submission):
    assert store.comparison(LAB) is None
    store.add(submission())
    assert store.comparison(LAB) is None


def test_a_comparison_is_read_as_it_was_written(store, submission):
    made = compared(store, submission)
    store.record_comparison(LAB, made)
    assert store.comparison(LAB) == made
    assert store.comparison("lab2") is None


def test_one_takes_the_place_of_the_one_before_of_the_same_lab(store, submission):
    made = compared(store, submission)
    other = store.add(replace(submission("zoe"), lab="lab2"))
    for lab in (LAB, "lab2"):
        store.record_comparison(lab, replace(made, submissions=made.submissions | {other}))
    later = replace(made, at=datetime(2026, 11, 21, tzinfo=UTC), threshold=1.0, found=0, likenesses=())
    store.record_comparison(LAB, later)
    assert store.comparison(LAB) == later
    assert len(store.comparison("lab2").likenesses) == 2


def test_a_large_class_is_written_and_read(store, submission):
    made = compared(store, submission, many=250)
    made = replace(made, likenesses=made.likenesses * 150)
    store.record_comparison(LAB, made)
    assert store.comparison(LAB) == made


def test_a_database_with_a_comparison_is_sound_and_its_backup_has_it(store, submission, tmp_path):
    made = compared(store, submission)
    store.record_comparison(LAB, made)
    assert store.check().troubles == ()
    with Store.open(tmp_path / "backup.db") as backup:
        backup.fill(store.rows())
        assert backup.comparison(LAB) == made


def test_what_counts_of_each_student_is_told_by_the_rules_in_effect(store, submission):
    first = store.add(submission("ana", b"x = 1\n"))
    second = store.add(submission("ana", b"x = 2\n"))
    other = store.add(submission("ben", b"x = 1\n"))
    assert [(one.student.key, one.id) for one in store.counted(LAB)] == [("ana", second), ("ben", other)]
    assert store.add(submission("ana", b"x = 1\n")) == first
    assert [one.id for one in store.counted(LAB)] == [first, other]
    assert store.counted("lab2") == []
