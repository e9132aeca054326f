"""Whose grade is another than was exported last."""

from dataclasses import replace
from datetime import timedelta

import pytest
from exporting import NOW, grade

from grader.export import outdated
from grader.model import Ending, HandedOut, Override, Student

BROKEN = grade("ana", ending=Ending.BROKEN)
LATER = NOW + timedelta(days=1)


def given(score, most=100.0, *, form="canvas", at=NOW):
    return HandedOut(score, None if score is None else most, in_file=True, at=at, form=form, by="kim")


def differing(now, was):
    """(score, what it is out of) now of somebody of whom the last export says `was`; None if that is the same."""
    found = outdated([now], {"canvas": {"ana": was}})
    if not found:
        return None
    ((one,),) = [each.differing for each in found]
    assert (one.student, one.was) == (now.student, was)
    return one.score, one.max_score


@pytest.mark.parametrize(
    ("now", "was"),
    [
        (grade("ana", 80.0), given(80.0)),
        (grade("ana", 80.0), given(8.0, 10.0)),
        (grade("ana", 1.0, maximum=3.0), given(33.33)),
        (grade("ana", 2.0, maximum=3.0), given(22.22, 33.335)),
        (grade("ana", 0.0), given(0.0)),
        (grade("ana", 0.0, maximum=0.0), given(0.0, 0.0)),
        (grade("ana", 0.0, maximum=0.0), given(0.0)),
        (grade("ana", 3.0, maximum=10.0), given(3.0, 10.0)),
        (BROKEN, given(None)),
    ],
)
def test_the_same_grade_is_no_other_whatever_it_is_out_of_there(now, was):
    assert differing(now, was) is None


@pytest.mark.parametrize(
    ("now", "was", "score"),
    [
        (grade("ana", 80.01), given(80.0), 80.01),
        (grade("ana", 81.0), given(8.0, 10.0), 81.0),
        (grade("ana", 0.0), given(None), 0.0),
        (grade("ana", 5.0), given(0.0, 0.0), 5.0),
        (BROKEN, given(0.0), None),
    ],
)
def test_another_grade_is_told_with_what_was_exported(now, was, score):
    assert differing(now, was) == (score, now.max_score)


def test_a_score_that_a_person_set_since_is_another():
    by_hand = Override(7.0, 10.0, "Copied.", "kim", NOW)
    assert differing(replace(BROKEN, override=by_hand, score=7.0, max_score=10.0), given(80.0)) == (7.0, 10.0)


def test_who_has_a_score_and_was_in_no_export_is_told_and_who_has_none_is_not():
    grades = [grade("ana"), grade("bo"), grade("cem", ending=Ending.BROKEN)]
    (found,) = outdated(grades, {"canvas": {"ana": given(80.0)}})
    assert (found.differing, found.missing) == ((), (Student("bo", "bo"),))


def test_who_had_a_score_by_hand_alone_that_was_taken_back_is_told_by_key():
    (found,) = outdated([grade("bo")], {"canvas": {"bo": given(80.0), "ana": given(8.0), "cem": given(None)}})
    ((one,), missing) = found.differing, found.missing
    assert (one.student.key, one.was, one.score, missing) == ("ana", given(8.0), None, ())


def test_each_format_is_told_by_itself_and_of_what_it_knows_nothing_is():
    canvas = {"ana": given(70.0), "bo": given(80.0, at=LATER)}
    formats = {"moodle": {"ana": given(60.0)}, "json": {"ana": given(80.0), "bo": given(80.0)}, "canvas": canvas}
    one, other = outdated(iter([grade("ana"), grade("bo")]), formats)
    assert (one.form, one.at, [each.was.score for each in one.differing], one.missing) == ("canvas", LATER, [70.0], ())
    assert (other.form, other.at, [each.was.score for each in other.differing]) == ("moodle", NOW, [60.0])
    assert [student.key for student in other.missing] == ["bo"]


def test_where_nothing_was_exported_nothing_is_outdated():
    assert outdated([grade("ana")], {}) == []
