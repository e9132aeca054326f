"""How the attempts of a student went."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.feedback.trail import ROWS_MOST, trail
from grader.model import Attempt, Ending

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
TITLES = {"a": "Title of a", "b": "Title of b", "c": "Title of c"}


def attempt(passed="", *, earned=10.0, most=20.0, ending=Ending.COMPLETED, counts=False, day=0):
    return Attempt(NOW + timedelta(days=day), ending, earned, most, frozenset(passed), counts)


def test_one_attempt_is_no_trail():
    assert trail((), TITLES) is None
    assert trail((attempt("a", counts=True),), TITLES) is None


def test_the_newest_attempt_comes_first_with_its_points_and_what_passed():
    found = trail((attempt("a"), attempt("ab", earned=15.5, day=2, counts=True)), TITLES)
    last, first = found.rows
    assert (last.number, last.when, last.points, last.most, last.percent) == (
        2,
        "22 Nov 2026, 14:05",
        "15.5",
        "20",
        "77.5%",
    )
    assert (last.passed, last.counts, last.note) == ("2 checks", True, "")
    assert (first.number, first.passed, first.counts) == (1, "1 check", False)
    assert found.shown == ""


def test_what_changed_since_the_graded_attempt_before_is_told_by_titles():
    ungraded = attempt(earned=None, ending=Ending.BROKEN)
    found = trail((attempt("ab"), ungraded, attempt("bcx", counts=True), ungraded), TITLES)
    assert found.step == "From attempt 1 to attempt 3"
    assert (found.gained, found.lost, found.steady) == (("Title of c",), ("Title of a",), False)


@pytest.mark.parametrize("passed", [("ab", "abc"), ("abc", "ab")])
def test_where_no_change_has_a_name_nothing_is_compared(passed):
    """As where the attempt that counts waits to be graded, so that its checks are not known."""
    found = trail((*map(attempt, passed), attempt(earned=None, ending=Ending.BROKEN, counts=True)), {})
    assert (found.step, found.gained, found.lost, found.steady) == ("", (), (), False)


def test_two_attempts_that_passed_the_same_are_said_to_be_steady():
    found = trail((attempt("ab"), attempt("ab", counts=True)), TITLES)
    assert (found.gained, found.lost, found.steady) == ((), (), True)


def test_a_first_graded_attempt_is_compared_with_nothing():
    found = trail((attempt(earned=None, ending=Ending.BROKEN), attempt("a", counts=True)), TITLES)
    assert (found.step, found.gained, found.lost, found.steady) == ("", (), (), False)


def test_where_an_earlier_attempt_counts_the_page_says_which_it_is_about():
    found = trail((attempt("abc", earned=20.0, counts=True), attempt("a", earned=5.0)), TITLES)
    assert found.shown == "attempt 1"
    assert found.lost == ("Title of b", "Title of c")


@pytest.mark.parametrize(
    ("ending", "earned", "points", "note"),
    [
        (Ending.TIMEOUT, 3.0, "3", "ran out of time"),
        (Ending.BROKEN, None, "", "not graded yet, which is not your fault"),
        (Ending.REJECTED, None, "", "could not be taken in"),
    ],
)
def test_an_attempt_that_went_wrong_says_how(ending, earned, points, note):
    row = trail((attempt(), attempt(earned=earned, ending=ending)), TITLES).rows[0]
    assert (row.points, row.note) == (points, note)
    assert (row.passed == "") == (earned is None)


def test_of_many_attempts_the_newest_and_the_one_that_counts_are_shown():
    found = trail(tuple(attempt(counts=at == 2) for at in range(40)), TITLES)
    assert [row.number for row in found.rows] == [40, 39, 38, 37, 36, 35, 3]
    assert found.more == 40 - ROWS_MOST - 1


def test_of_many_changes_some_are_named_and_the_others_counted():
    titles = {str(n): f"Check {n}" for n in range(20)}
    found = trail((attempt(), attempt(titles)), titles)
    assert found.gained == (*(f"Check {n}" for n in range(8)), "12 more")


@pytest.mark.parametrize(
    ("earned", "most", "percent"), [(-5.0, 20.0, "0.0%"), (30.0, 20.0, "100.0%"), (1.0, 0.0, "0.0%")]
)
def test_the_bars_stay_in_their_bounds(earned, most, percent):
    assert trail((attempt(), attempt(earned=earned, most=most)), TITLES).rows[0].percent == percent


def test_attempts_by_another_version_of_the_checks_are_told_and_compared_with_nothing():
    old = replace(attempt("ab", earned=10.0, most=10.0), comparable=False)
    found = trail((old, attempt("c", counts=True)), TITLES)
    assert (found.step, found.gained, found.lost) == ("", (), ())
    assert [row.note for row in found.rows] == ["", "graded by another version of the checks"]


def test_an_attempt_of_which_nobody_knows_when_it_came_says_so():
    found = trail((replace(attempt("a"), at=None), attempt("a", counts=True)), TITLES)
    assert found.rows[1].when == "not known"
