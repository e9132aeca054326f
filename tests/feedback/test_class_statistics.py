"""What the class page says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.feedback.classroom import ANSWERS_MOST, REASONS_MOST, Tally
from grader.model import CheckResult, Ending, Flag, Grade, Outcome, Override, Run, Student
from grader.scoring import Late

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def grade(name, score, *, ending=Ending.COMPLETED, checks=(), **run):
    return Grade(Student(name, name), "lab", "f" * 64, "a.py", Run(ending, checks, **run), score, 100.0, NOW)


def check(outcome, points, name="a", message=""):
    return CheckResult(name, name.upper(), "", outcome, points, 10.0, message=message)


def by_hand(made, reason="On paper."):
    return replace(made, override=Override(made.score, 100.0, reason, "kim", NOW))


def page(*grades, most=100.0, **pages):
    tally = Tally(most)
    for one in grades:
        tally.add(one, pages.get(one.student.key, ""))
    return tally.summary()


def remarks(one):
    (row,) = page(one).rows
    return [f"{remark.sign} {remark.word}: {remark.text}".strip(" :") for remark in row.remarks]


def test_mean_median_quartiles_and_full_marks_are_over_those_with_a_score():
    summary = page(
        grade("a", 100.0),
        grade("b", 50.0),
        grade("c", 0.0, ending=Ending.TIMEOUT),
        grade("d", 70.0),
        grade("e", 0.0, ending=Ending.BROKEN),
        grade("f", 0.0, ending=Ending.REJECTED),
    )
    assert (summary.students, summary.graded) == (6, 4)
    assert dict(summary.scores) == {"Median": "60", "Mean": "55", "Middle half": "37.5–77.5"}
    assert (summary.full_marks, summary.timeouts) == (1, 1)


def test_the_hardest_checks_are_named_but_for_those_that_everybody_passes():
    passed = {"a": "WXYZ", "b": "WXY", "c": "WX", "d": "W"}
    made = [
        grade(
            who, 50.0, checks=[check(Outcome.PASSED if one in theirs else Outcome.FAILED, 0.0, one) for one in "WXYZ"]
        )
        for who, theirs in passed.items()
    ]
    assert [(row.title, row.percent) for row in page(*made).hardest] == [("Z", "25%"), ("Y", "50%"), ("X", "75%")]


def test_an_empty_class_and_one_without_scores_have_no_statistics():
    for summary in (page(), page(grade("e", 0.0, ending=Ending.BROKEN))):
        assert (summary.scores, summary.distribution, summary.checks) == ((), None, ())


def test_whom_the_table_can_show_is_counted_and_nobody_is_offered_in_vain():
    summary = page(
        grade("a", 100.0, flags=(Flag.TAMPERING,)),
        grade("b", 40.0),
        replace(by_hand(grade("c", 70.0)), superseded=True),
        grade("e", 0.0, ending=Ending.BROKEN),
    )
    assert [(one.count, one.label) for one in summary.choices] == [
        (4, "everyone"),
        (2, "need a look"),
        (1, "flagged"),
        (1, "ungraded"),
        (1, "set by hand"),
        (1, "set by hand, newer run"),
        (1, "below half"),
        (1, "full marks"),
    ]
    assert [(one.name, one.count) for one in page().choices] == [("everyone", 0)]


def test_what_to_do_stands_with_the_commonest_reasons_and_the_meaning_of_flags():
    crowd = [grade(f"s{at}", 0.0, ending=Ending.BROKEN, fault=f"Slot {at} went away.") for at in range(20)]
    summary = page(
        *crowd,
        grade("x", 0.0, ending=Ending.BROKEN, fault="the suite is wrong"),
        grade("f", 0.0, ending=Ending.REJECTED, message="The zip is encrypted."),
        grade("g", 90.0, flags=(Flag.TAMPERING, Flag.MEMORISED)),
        s0="students/s0.html",
    )
    told = {one.choice: one for one in summary.advice}
    assert [(one.count, one.text, one.more) for one in told["ungraded"].reasons] == [
        (20, "Slot 0 went away.", 15),
        (1, "the suite is wrong", 0),
    ]
    assert [(one.name, one.page) for one in told["ungraded"].reasons[0].people[:2]] == [
        ("s0", "students/s0.html"),
        ("s1", ""),
    ]
    assert [one.text for one in told["refused"].reasons] == ["The zip is encrypted."]
    assert [(count, meaning.split(":")[0]) for count, meaning in told["flagged"].flags] == [
        (1, "tampering"),
        (1, "memorised"),
    ]
    assert "superseded" not in told


def test_reasons_without_end_are_not_all_shown_and_long_ones_are_cut():
    own = [grade(f"s{at}", 0.0, ending=Ending.BROKEN, fault=f"reason {'x' * at}") for at in range(1000)]
    (advice,) = page(*own).advice
    assert len(advice.reasons) == REASONS_MOST
    (said,) = remarks(grade("e", 0.0, ending=Ending.BROKEN, fault="ana, ben, " * 5000))
    assert said.startswith("⚠ ungraded: ana, ben, ")
    assert said.endswith("…")
    assert len(said) < 350


def test_a_row_says_what_is_to_be_known_of_its_student():
    assert remarks(grade("a", 90.0)) == []
    assert remarks(grade("a", 90.0, ending=Ending.TIMEOUT, message="More than 120 s.")) == ["⚠ ran out of time"]
    assert remarks(grade("a", 0.0, ending=Ending.BROKEN, fault="The engine went.")) == ["⚠ ungraded: The engine went."]
    assert remarks(grade("a", 0.0, ending=Ending.REJECTED, message="Encrypted.")) == ["⚠ not taken in: Encrypted."]
    flagged = grade("a", 90.0, flags=(Flag.NOT_JUDGED, Flag.REPLAYED), fault="In check “a”: KeyError")
    assert remarks(flagged) == ["⚑ not-judged, replayed: In check “a”: KeyError"]
    late = replace(grade("a", 0.0, checks=(check(Outcome.PASSED, 10.0),)), late=Late(NOW, 2, 50.0), attempts=3)
    assert remarks(late) == ["◷ 2 days late: earned 10", "3 attempts"]


def test_who_handed_in_nothing_and_has_a_score_did_not_fail_to_run():
    made = by_hand(replace(grade("e", 60.0, ending=Ending.BROKEN), attempts=0))
    assert remarks(made) == ["⚠ nothing handed in", "✎ set by kim: On paper."]
    assert [one.name for one in page(made).choices] == ["everyone", "by-hand"]


def test_a_score_set_by_hand_says_what_a_run_earned_since():
    run = grade("e", 40.0, checks=(check(Outcome.PASSED, 10.0),))
    assert remarks(replace(by_hand(run), superseded=True)) == [
        "✎ set by kim: On paper. A run since then earned 10, which does not count."
    ]


def test_a_score_out_of_another_worth_of_the_lab_counts_for_its_share_and_says_what_it_is_out_of():
    then = replace(by_hand(grade("ana", 85.0)), max_score=100.0)
    now = replace(grade("bo", 40.0), max_score=50.0)
    summary = page(then, now, most=50.0)
    assert (dict(summary.scores)["Mean"], summary.most, summary.full_marks) == ("41.25", "50", 0)
    assert [(row.score, row.order, row.percent) for row in summary.rows] == [
        ("85/100", "42.5", "85%"),
        ("40", "40", "80%"),
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
        ("Cy", "50", "attention timeout"),
        ("dee", "", "attention ungraded"),
    ]


def test_a_check_shows_who_passed_its_discrimination_with_a_word_and_what_is_odd_about_it():
    def pupil(at):
        rest = tuple(
            check(Outcome.PASSED if at > border else Outcome.FAILED, 10.0 * (at > border), f"r{border}")
            for border in (3, 6, 9)
        )
        good = check(Outcome.PASSED, 10.0, "good") if at > 5 else check(Outcome.FAILED, 0.0, "good", "No.")
        odd = check(Outcome.PASSED, 10.0, "odd") if at < 6 else check(Outcome.FAILED, 0.0, "odd", "No.")
        return grade(f"s{at}", 0.0, checks=(good, odd, check(Outcome.SKIPPED, 0.0, "never"), *rest))

    summary = page(*map(pupil, range(12)))
    shown = {one.title: one for one in summary.checks}
    assert (shown["GOOD"].percent, shown["GOOD"].passed, shown["GOOD"].scored, shown["GOOD"].mean) == (
        "50%",
        6,
        12,
        "5",
    )
    assert (shown["GOOD"].discrimination, shown["GOOD"].word, shown["GOOD"].doubts) == ("0.58", "good", ())
    assert (shown["ODD"].discrimination, shown["ODD"].word) == ("−0.92", "negative")
    assert (shown["NEVER"].discrimination, shown["NEVER"].word) == ("", "fewer than 10 were asked")
    assert [(one.title, [word for word, _ in one.doubts]) for one in summary.doubtful] == [
        ("ODD", ["negative discrimination"]),
        ("NEVER", ["nobody passes"]),
    ]


def test_wrong_answers_lead_to_those_who_gave_them_and_rare_ones_are_counted():
    messages = ["It is 3." for _ in range(7)] + [f"It is {'very ' * at}odd." for at in range(ANSWERS_MOST + 2)]
    grades = [
        grade(f"s{at}", 0.0, checks=(check(Outcome.FAILED, 0.0, message=text),)) for at, text in enumerate(messages)
    ]
    (shown,) = page(*grades, s0="students/s0.html").checks
    first = shown.wrong[0]
    assert (first.count, first.text, first.more) == (7, "It is 3.", 2)
    assert [one.page for one in first.people] == ["students/s0.html", "", "", "", ""]
    assert (len(shown.wrong), shown.others) == (ANSWERS_MOST, 3)


def test_the_distribution_in_words_agrees_with_its_bars_and_marks_the_median():
    drawn = page(grade("a", 100.0), grade("b", 95.0), grade("c", 12.0)).distribution
    assert drawn.alt == (
        "Distribution of scores: 1 student from 10 to under 20, 2 students from 90 to 100 points. The median is 95."
    )
    assert [bar.count for bar in drawn.bars] == [0, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert max(float(bar.height) for bar in drawn.bars) == pytest.approx(140)
    assert drawn.median == ("93.20%", "95", "end")


@pytest.mark.parametrize(
    ("score", "median"),
    [(0.0, ("2.00%", "0", "start")), (50.0, ("50.00%", "50", "middle")), (130.0, ("98.00%", "130", "end"))],
)
def test_the_median_stands_within_the_picture(score, median):
    assert page(grade("a", score)).distribution.median == median
