"""What the class page says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.feedback.classroom import BINS, NAMED_MOST, Tally, bin_counts
from grader.model import CheckResult, Ending, Flag, Grade, Outcome, Override, Run, Student

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def grade(name, score, *, ending=Ending.COMPLETED, checks=(), **run):
    return Grade(Student(name, name), "lab", "f" * 64, "a.py", Run(ending, checks, **run), score, 100.0, NOW)


def check(outcome, points, name="a"):
    return CheckResult(name, name.upper(), "", outcome, points, 10.0)


def by_hand(made):
    return replace(made, override=Override(made.score, 100.0, "On paper.", "kim", NOW))


def page(*grades, most=100.0, **pages):
    tally = Tally(most)
    for one in grades:
        tally.add(one, pages.get(one.student.key, ""))
    return tally.summary()


def test_mean_median_and_full_marks_are_over_those_with_a_score():
    summary = page(
        grade("a", 100.0),
        grade("b", 50.0),
        grade("c", 0.0, ending=Ending.CRASHED),
        grade("d", 70.0),
        grade("e", 0.0, ending=Ending.BROKEN),
        grade("f", 0.0, ending=Ending.REJECTED),
    )
    assert (summary.students, summary.graded) == (6, 4)
    assert (summary.mean, summary.median, summary.full_marks) == ("55", "60", 1)
    assert summary.incomplete == "1 crashed, 1 not taken in, 1 ungraded"


def test_an_empty_class_and_one_without_scores_have_no_statistics():
    for summary in (page(), page(grade("e", 0.0, ending=Ending.BROKEN))):
        assert (summary.mean, summary.median, summary.distribution, summary.checks) == ("", "", None, ())


def test_ungraded_refused_and_flagged_students_are_named_with_the_reason():
    summary = page(
        grade("e", 0.0, ending=Ending.BROKEN, fault="the suite is wrong"),
        grade("f", 0.0, ending=Ending.REJECTED, message="The zip is encrypted."),
        grade("g", 90.0, flags=(Flag.TAMPERING, Flag.MEMORISED)),
        e="students/e.html",
    )
    assert [(one.name, one.why, one.page) for one in summary.ungraded.named] == [
        ("e", "the suite is wrong", "students/e.html")
    ]
    assert [(one.name, one.why, one.page) for one in summary.refused.named] == [("f", "The zip is encrypted.", "")]
    (flagged,) = summary.flagged.named
    assert "tampering" in flagged.why
    assert "memorised" in flagged.why


def test_of_very_many_some_are_named_and_who_has_a_reason_of_their_own_is_among_them():
    crowd = [grade(f"s{at:04}", 0.0, ending=Ending.BROKEN, fault="The engine went away.") for at in range(1000)]
    crowd[700] = grade("s0700", 0.0, ending=Ending.BROKEN, fault="the suite is wrong")
    ungraded = page(*crowd).ungraded
    assert ungraded.count == 1000
    assert [one.name for one in ungraded.named] == [f"s{at:04}" for at in (*range(NAMED_MOST - 1), 700)]
    own = [grade(f"s{at:04}", 0.0, ending=Ending.BROKEN, fault=f"reason {at}") for at in range(1000)]
    assert [one.name for one in page(*own).ungraded.named] == [f"s{at:04}" for at in range(NAMED_MOST)]


def test_a_reason_that_is_as_long_as_a_class_is_cut():
    (one,) = page(grade("e", 0.0, ending=Ending.BROKEN, fault="ana, ben, " * 5000)).ungraded.named
    assert one.why.startswith("ana, ben, ")
    assert one.why.endswith("…")
    assert len(one.why) <= 500


def test_who_handed_in_nothing_and_has_a_score_did_not_fail_to_run():
    summary = page(by_hand(replace(grade("e", 40.0, ending=Ending.BROKEN), attempts=0)))
    assert (summary.incomplete, summary.ungraded.count) == ("", 0)
    assert (summary.rows[0].ending, summary.rows[0].given) == ("nothing handed in", "set by kim: On paper.")


def test_a_broken_run_that_a_person_scored_needs_nobody():
    summary = page(by_hand(grade("e", 40.0, ending=Ending.BROKEN)))
    assert (summary.graded, summary.ungraded.count, summary.rows[0].score) == (1, 0, "40")


def test_a_score_out_of_another_worth_of_the_lab_counts_for_its_share_and_says_what_it_is_out_of():
    then = replace(by_hand(grade("ana", 85.0)), max_score=100.0)
    now = replace(grade("bo", 40.0), max_score=50.0)
    summary = page(then, now, most=50.0)
    assert (summary.mean, summary.median, summary.most, summary.full_marks) == ("41.25", "41.25", "50", 0)
    assert [(row.score, row.order, row.percent) for row in summary.rows] == [
        ("85/100", "42.5", "85.0%"),
        ("40", "40", "80.0%"),
    ]
    assert [bar.count for bar in summary.distribution.bars] == [0] * 8 + [2, 0]


def test_rows_are_by_name_whatever_its_case_and_say_what_the_filter_looks_for():
    summary = page(
        grade("bo", 100.0),
        grade("Ana", 49.99),
        grade("Cy", 50.0, ending=Ending.TIMEOUT),
        grade("dee", 0.0, ending=Ending.BROKEN),
    )
    assert [(row.name, row.score, row.tags) for row in summary.rows] == [
        ("Ana", "49.99", "half"),
        ("bo", "100", "full"),
        ("Cy", "50", "attention"),
        ("dee", "", "attention"),
    ]


def test_a_check_knows_how_many_passed_and_its_mean_over_scored_submissions_that_have_it():
    grades = [
        grade("a", 10.0, checks=(check(Outcome.PASSED, 10.0), check(Outcome.FAILED, 0.0, "b"))),
        grade("b", 5.0, checks=(check(Outcome.PARTIAL, 5.0),)),
        grade("c", 0.0, checks=(check(Outcome.SKIPPED, 0.0),), ending=Ending.TIMEOUT),
        grade("d", 40.0, checks=(check(Outcome.PASSED, 10.0),), ending=Ending.BROKEN),
    ]
    statistics = page(*grades).checks
    assert [(one.title, one.passed, one.asked, one.percent, one.mean) for one in statistics] == [
        ("A", 1, 3, "33%", "5"),
        ("B", 0, 1, "0%", "0"),
    ]


@pytest.mark.parametrize(("score", "place"), [(0, 0), (9.99, 0), (10, 1), (99.9, 9), (100, 9), (-3, 0), (130, 9)])
def test_a_score_falls_into_its_tenth(score, place):
    assert bin_counts([score], 100.0).index(1) == place


@given(st.lists(st.floats(-10, 120, allow_nan=False)), st.floats(0.5, 1000))
def test_no_score_is_lost_from_the_distribution(scores, most):
    counts = bin_counts(scores, most)
    assert len(counts) == BINS
    assert sum(counts) == len(scores)


def test_the_distribution_in_words_agrees_with_its_bars():
    drawn = page(grade("a", 100.0), grade("b", 95.0), grade("c", 12.0)).distribution
    assert drawn.alt == "Distribution of scores: 1 student from 10 to under 20, 2 students from 90 to 100 points."
    assert [bar.count for bar in drawn.bars] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert max(float(bar.height) for bar in drawn.bars) == pytest.approx(140)
