"""What a student's page says."""

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from grader.feedback import words
from grader.feedback.student import Link, summarise
from grader.model import (
    Attempt,
    CheckResult,
    Ending,
    Figure,
    FigureKind,
    Grade,
    Metric,
    Outcome,
    Override,
    Run,
    SandboxFacts,
    Student,
    Visibility,
)

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def check(name, outcome, points=0.0, most=10.0, *, group="", **more):
    return CheckResult(name, f"Title of {name}", group, outcome, points, most, **more)


def grade(*checks, ending=Ending.COMPLETED, score=None, most=100.0, **run):
    found = Run(ending, checks, **run)
    return Grade(
        Student("1", "Ana"), "lab", "f" * 64, "in/a.py", found, found.score if score is None else score, most, NOW
    )


def page(*checks, **more):
    return summarise(grade(*checks, **more), "1", {})


def test_what_loses_most_comes_first_together_with_what_waits_for_it():
    summary = page(
        check("small", Outcome.FAILED, most=3),
        check("train", Outcome.ERROR, most=4),
        check("quality", Outcome.SKIPPED, most=30, depends=("sample",)),
        check("sample", Outcome.SKIPPED, most=5, depends=("train",)),
        check("half", Outcome.PARTIAL, 5, 20),
        check("tiny", Outcome.FAILED, most=1),
        check("fine", Outcome.PASSED, 10),
    )
    assert [(fix.row.title, fix.gain, fix.more) for fix in summary.fixes] == [
        ("Title of train", "4 points", "and 35 points more wait for it"),
        ("Title of half", "15 points", ""),
        ("Title of small", "3 points", ""),
    ]


def test_a_check_that_waits_for_two_others_and_for_itself_is_counted_once():
    summary = page(
        check("a", Outcome.FAILED, most=1),
        check("b", Outcome.SKIPPED, most=2, depends=("a", "c", "b")),
        check("c", Outcome.SKIPPED, most=4, depends=("a", "b")),
    )
    assert [(fix.gain, fix.more) for fix in summary.fixes] == [("1 point", "and 6 points more wait for it")]


def test_full_marks_have_nothing_to_put_right():
    summary = page(check("a", Outcome.PASSED, 10), check("b", Outcome.PASSED, 90, 90))
    assert summary.fixes == ()
    assert summary.headline == "Every check passed. Well done!"
    assert summary.percent == "100.0%"


def test_a_broken_run_shows_no_score_no_checks_and_nothing_of_the_fault():
    summary = page(
        check("a", Outcome.PASSED, 10), ending=Ending.BROKEN, fault="disk on fire", message="x", output="printed"
    )
    assert summary.score == ""
    assert summary.groups == summary.tally == summary.fixes == ()
    assert "not your fault" in summary.notice.heading
    assert "lost no points" in summary.notice.advice
    assert "disk on fire" not in repr(summary)


def test_a_refused_submission_says_why_and_that_an_earlier_grade_stands():
    summary = page(ending=Ending.REJECTED, message="The zip is encrypted.")
    assert summary.score == ""
    assert summary.notice.message == "The zip is encrypted."
    assert "before still stands" in summary.notice.advice


@pytest.mark.parametrize("ending", [Ending.TIMEOUT, Ending.MEMORY, Ending.CRASHED])
def test_a_run_that_ended_early_says_so_and_keeps_its_points(ending):
    summary = page(check("a", Outcome.PASSED, 10), ending=ending, message="After 180 s.")
    assert summary.score == "10"
    assert summary.notice.message == "After 180 s."


def test_a_completed_run_needs_no_notice():
    assert page(check("a", Outcome.PASSED, 10)).notice is None


def test_of_a_check_kept_by_staff_only_title_and_points_are_in_the_summary():
    secret = check(
        "s", Outcome.FAILED, asked="S-asked", message="S-message", hint="S-hint", traceback="S-trace",
        visibility=Visibility.STAFF,
    )  # fmt: skip
    summary = page(secret, check("a", Outcome.PASSED, 10))
    assert "S-" not in repr(summary)
    (row, _) = summary.groups[0].rows
    assert (row.title, row.points, row.most) == ("Title of s", "0", "10")
    assert summary.fixes == ()


def test_groups_keep_the_suites_order_and_add_up_their_points():
    summary = page(
        check("a", Outcome.PASSED, 10, group="One"),
        check("b", Outcome.PARTIAL, 2.5, group="Two"),
        check("c", Outcome.FAILED, group="One"),
    )
    assert [(group.name, group.points, group.most, len(group.rows)) for group in summary.groups] == [
        ("One", "10", "20", 2),
        ("Two", "2.5", "10", 1),
    ]


def test_a_skipped_check_leads_to_those_that_it_needs_and_that_did_not_pass():
    summary = page(
        check("a", Outcome.FAILED),
        check("fine", Outcome.PASSED, 10),
        check("half", Outcome.PARTIAL, 5),
        check("late", Outcome.ERROR),
        check("b", Outcome.SKIPPED, message="Needs “a”, which did not pass.", depends=("a", "fine", "half", "late")),
        check("c", Outcome.FAILED, depends=("fine",)),
    )
    assert [row.waits_for for row in summary.groups[0].rows[4:]] == [
        (Link("Title of a", "check-1"), Link("Title of late", "check-4")),
        (),
    ]


def test_a_hint_is_not_given_for_what_is_right_already():
    summary = page(check("a", Outcome.PASSED, 10, hint="psst"), check("b", Outcome.FAILED, hint="psst"))
    assert [row.hint for row in summary.groups[0].rows] == ["", "psst"]


def test_what_kept_every_check_from_running_is_said_once_with_its_traceback():
    kept = [
        check(name, Outcome.ERROR, message="It raised SyntaxError.", traceback="line 12", hint="psst") for name in "ab"
    ]
    summary = page(*kept, ending=Ending.CRASHED, message="Your file could not be imported.")
    assert summary.notice.message == "Your file could not be imported."
    assert summary.notice.traceback == "line 12"
    assert "first" in summary.notice.advice
    rows = summary.groups[0].rows
    assert {(row.happened, row.hint, row.traceback, row.open) for row in rows} == {
        ("The reason is at the top of this page.", "", "", False)
    }
    assert summary.fixes == ()


def test_a_run_that_died_half_way_tells_each_checks_own_story():
    summary = page(check("a", Outcome.PASSED, 10), check("b", Outcome.ERROR, message="died"), ending=Ending.CRASHED)
    assert summary.groups[0].rows[1].happened == "died"
    assert "still count" in summary.notice.advice


def by_hand(score, found):
    override = Override(score, 100.0, "Explained <b>it</b>.", "kim", NOW)
    return summarise(replace(found, score=score, override=override), "1", {})


def test_a_score_that_a_person_set_says_why_and_what_the_checks_gave():
    summary = by_hand(55.0, grade(check("a", Outcome.PASSED, 10)))
    assert (summary.score, summary.percent) == ("55", "55.0%")
    assert summary.adjusted == ("The checks add up to 10. This score was set by your instructor: Explained <b>it</b>.")
    assert page(check("a", Outcome.PASSED, 10)).adjusted == ""


@pytest.mark.parametrize("ending", [Ending.BROKEN, Ending.REJECTED])
def test_a_score_that_a_person_set_for_a_run_without_one_is_shown(ending):
    summary = by_hand(80.0, grade(ending=ending))
    assert (summary.score, summary.percent) == ("80", "80.0%")
    assert summary.adjusted == "This score was set by your instructor: Explained <b>it</b>."


def test_who_was_given_a_score_is_told_why_the_file_was_not_taken_in_and_nothing_of_our_faults():
    assert by_hand(80.0, grade(ending=Ending.BROKEN)).notice is None
    notice = by_hand(80.0, grade(ending=Ending.REJECTED, message="RAR is not read.")).notice
    assert (notice.heading, notice.message) == ("Your submission could not be taken in", "RAR is not read.")
    assert notice.advice == "It was not graded: your score is the one that your instructor set."


@pytest.mark.parametrize(("score", "percent"), [(-5, "0.0%"), (120, "100.0%")])
def test_the_bar_stays_in_its_bounds(score, percent):
    assert page(check("a", Outcome.FAILED), score=score).percent == percent


def test_where_nobody_knows_what_could_be_earned_nothing_is_said_of_it():
    summary = page(most=0.0, score=5)
    assert (summary.score, summary.most, summary.percent) == ("5", "", "0.0%")


def test_the_facts_name_the_file_and_not_the_folder_of_whoever_graded():
    place = SandboxFacts("docker", "warm", "sha256:1", "NVIDIA H100")
    for source in ("/home/teacher/marks/ana/lab1.py", r"C:\Users\teacher\ana\lab1.py"):
        graded = replace(grade(sandbox=place, cpu_seconds=2.04), source=source, received_at=NOW, attempts=2)
        facts = dict(summarise(graded, "1.2", {}).facts)
        assert facts == {
            "File": "lab1.py",
            "Fingerprint": "f" * 12,
            "Handed in": "20 November 2026, 14:05 UTC",
            "Graded": "20 November 2026, 14:05 UTC",
            "Attempts on record": "2",
            "Version of the lab": "1.2",
            "Ran in": "docker sandbox (warm), on NVIDIA H100",
            "Computing time": "2.0 s",
        }


@pytest.mark.parametrize("ending", [Ending.TIMEOUT, Ending.MEMORY, Ending.CRASHED])
def test_an_ending_promises_nothing_about_checks_that_were_not_started(ending):
    """They may have been left out because the time for the whole run was used up."""
    late = check("late", Outcome.ERROR, message="late was not started: your code has used up the 4 s.")
    summary = page(check("fine", Outcome.PASSED, 10), late, ending=ending, message="f did not finish.")
    assert summary.notice.advice == "The points that other checks earned still count."


@pytest.mark.parametrize(
    ("metric", "value", "asked"),
    [
        (Metric("accuracy", 0.9314, 0.85, 0.95), "0.931", "0.85 or less is too low, 0.95 or more is high enough"),
        (Metric("distance", 12.0, 90.0, 45.0), "12", "90 or more is too high, 45 or less is low enough"),
        (Metric("recall", 0.9, math.nextafter(0.85, 0), 0.85), "0.9", "0.85 or more is high enough"),
        (Metric("noise", 0.1, math.nextafter(0.05, 1), 0.05), "0.1", "0.05 or less is low enough"),
        (
            Metric("R²", float("nan"), 0.8, 0.97),
            "not measurable",
            "0.8 or less is too low, 0.97 or more is high enough",
        ),
    ],
)
def test_what_was_measured_is_shown_with_its_thresholds(metric, value, asked):
    (group,) = page(check("train", Outcome.PARTIAL, 5, metrics=(metric,))).groups
    (reading,) = group.rows[0].measured
    assert (reading.name, reading.value, reading.asked) == (metric.name, value, asked)


def test_what_a_staff_check_measured_is_not_shown():
    hidden = check("x", Outcome.FAILED, visibility=Visibility.STAFF, metrics=(Metric("accuracy", 0.9, 0.85, 0.95),))
    assert page(hidden).groups[0].rows[0].measured == ()


SHAPES = Figure(FigureKind.SHAPES, "Shapes", "in words", {"expected": [2], "actual": [3]}, "a")
CURVE = Figure(FigureKind.PLOT, "Loss", "in words", {}, "a")


def test_why_a_check_matters_is_told_whatever_its_outcome():
    summary = page(check("a", Outcome.PASSED, 10, why="it counts"), check("b", Outcome.FAILED, why="it counts, too"))
    assert [row.why for row in summary.groups[0].rows] == ["it counts", "it counts, too"]


def test_a_wrong_shape_is_drawn_in_its_row_once_and_other_pictures_below_with_links_both_ways():
    summary = page(
        check("b", Outcome.PASSED, 10),
        check("a", Outcome.FAILED),
        figures=(SHAPES, SHAPES, CURVE, replace(CURVE, about="")),
    )
    (other, row) = summary.groups[0].rows
    assert row.shapes.actual.name == "(3,)"
    assert row.pictures == (Link("Loss", "figure-1"),)
    assert (other.shapes, other.pictures) == (None, ())
    assert [(one.anchor, one.about) for one in summary.exhibits] == [
        ("figure-1", Link("Title of a", "check-2")),
        ("figure-2", None),
    ]


def test_a_picture_about_a_check_that_is_not_there_stands_below_and_belongs_to_none():
    summary = page(check("b", Outcome.FAILED), figures=(replace(CURVE, about="gone"), replace(SHAPES, about="gone")))
    assert [one.about for one in summary.exhibits] == [None]
    assert summary.groups[0].rows[0].shapes is None


def test_no_picture_about_a_check_that_staff_keep_is_shown():
    secret = check("a", Outcome.FAILED, visibility=Visibility.STAFF)
    summary = page(secret, figures=(SHAPES, replace(CURVE, title="S-title")))
    assert summary.exhibits == ()
    assert "S-title" not in repr(summary)
    assert summary.groups[0].rows[0].shapes is None


def told(*checks, **run):
    found = summarise(grade(*checks, **run), "1", {"one": Markup("<p>one</p>"), "two": Markup("<p>two</p>")})
    return [(group.anchor, str(group.handout)) for group in found.groups]


def test_the_handout_is_quoted_only_for_groups_in_which_points_were_lost():
    assert told(
        check("a", Outcome.PASSED, 10, group="One"),
        check("b", Outcome.FAILED, group=" TWO "),
        check("c", Outcome.FAILED, group="Three"),
        check("d", Outcome.FAILED),
    ) == [("handout-1", ""), ("handout-2", "<p>two</p>"), ("handout-3", ""), ("handout-4", "")]


def test_the_handout_is_not_quoted_for_what_staff_keep_nor_where_nothing_could_run():
    assert told(check("a", Outcome.FAILED, group="One", visibility=Visibility.STAFF)) == [("handout-1", "")]
    kept = [check(name, Outcome.ERROR, message="It raised SyntaxError.", group="One") for name in "ab"]
    assert told(*kept, ending=Ending.CRASHED) == [("handout-1", "")]


def test_what_to_put_right_first_says_in_a_line_what_happened():
    long = check("b", Outcome.FAILED, most=1, message="x" * 500)
    summary = page(check("a", Outcome.FAILED, message="\nWrong shape.\nMore of it."), long)
    assert summary.fixes[0].gist == "Wrong shape. More of it."
    assert len(summary.fixes[1].gist) == 200


def test_where_all_was_skipped_nothing_is_said_to_be_put_right():
    summary = page(check("a", Outcome.SKIPPED, message="needs a GPU"), check("b", Outcome.SKIPPED, depends=("a",)))
    assert summary.fixes == ()
    assert summary.headline == "0 of 2 checks passed."


def test_several_attempts_are_told_by_the_titles_of_the_checks():
    found = grade(check("a", Outcome.PASSED, 10), check("b", Outcome.FAILED))
    attempts = tuple(
        Attempt(NOW, Ending.COMPLETED, 0.0, 100.0, frozenset(passed), bool(passed)) for passed in ("", "a")
    )
    summary = summarise(replace(found, trail=attempts), "1", {})
    assert summary.trail.gained == ("Title of a",)
    assert page(check("a", Outcome.PASSED, 10)).trail is None


def test_a_submission_that_waits_for_its_turn_is_not_said_to_have_been_tried():
    summary = summarise(replace(grade(ending=Ending.BROKEN), pending=True), "1", {})
    assert summary.notice.heading == "Not graded yet"
    assert "waits for its turn" in summary.notice.advice
    assert dict(summary.facts)["Taken in"] == "20 November 2026, 14:05 UTC"
    assert "Tried" not in dict(summary.facts)


@pytest.mark.parametrize(
    ("ending", "step"), [(Ending.TIMEOUT, "loop"), (Ending.MEMORY, ".item()"), (Ending.CRASHED, "")]
)
def test_a_limit_that_was_hit_comes_with_what_to_look_for(ending, step):
    found = page(check("a", Outcome.PASSED, 10), ending=ending, message="After 180 s.").notice.step
    assert step in found
    assert bool(found) == bool(step)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it misses too many", "it misses too many"),
        ("it misses too many of them", "it misses too…"),
        ("it misses too far of all", "it misses too far…"),
        ("x" * 30, "x" * 17 + "…"),
    ],
)
def test_what_is_too_long_is_cut_between_words_where_it_has_any(text, shown):
    assert words.shortened(text, 18) == shown
