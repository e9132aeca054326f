"""What reaches the terminal, whatever the text is."""

import io
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.cli import class_table, progress, screen
from grader.model import CheckResult, ClassResults, Ending, Flag, Grade, Outcome, Run, Student
from grader.pace import Pace

LONG = "Maximiliane-Theodora von Hohenstein-Wittgenstein"
NAMED = (Flag.TAMPERING, Flag.PUBLIC_LABELS, Flag.DEFINES_NOTHING)


def grade(name, score, *outcomes, ending=Ending.COMPLETED, flags=()):
    checks = tuple(CheckResult(f"c{at}", "check", "", each, 0.0, 1.0) for at, each in enumerate(outcomes))
    now = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    run = Run(ending, checks, flags=flags)
    return Grade(Student(name, name), "lab", "ab12", "x.py", run, score, 100.0, now)


def show(*grades):
    class_table.show(ClassResults("lab", "Lab", "1", 100.0, grades), [each.student for each in grades])


def test_nothing_that_a_terminal_obeys_is_printed(capsys) -> None:
    screen.say("\x1b[2J\x07a\u202eb\rc")
    assert capsys.readouterr().out == "\ufffd[2J\ufffda\ufffdb\ufffdc\n"


def test_joiners_that_writing_needs_are_printed_and_others_are_not(capsys) -> None:
    screen.say("مریم\u200cنوری\na\u200cb")
    assert capsys.readouterr().out == "مریم\u200cنوری\na\ufffdb\n"


def test_markup_is_printed_and_not_obeyed(capsys) -> None:
    screen.say("[bold]SCORE 100[/] :smile:")
    assert capsys.readouterr().out == "[bold]SCORE 100[/] :smile:\n"


@pytest.mark.parametrize("width", [80, 50])
def test_long_names_and_remarks_leave_scores_whole_and_lose_nothing(capsys, monkeypatch, width) -> None:
    monkeypatch.setattr(screen, "WIDTH", width)
    odd = grade(LONG, 92.27, *[Outcome.PASSED] * 11, Outcome.FAILED, flags=NAMED)
    show(grade("ana", 100.0, Outcome.PASSED), odd)
    head, _, first, *rest = capsys.readouterr().out.strip("\n").splitlines()
    assert first.split() == ["ana", "100/100", "1/1"]
    assert "92.27/100    11/12" in rest[0]
    score, remarks = rest[0].index("92.27"), head.index("remarks")
    told = ["".join("".join(line[part] for line in rest).split()) for part in (slice(score), slice(remarks, width))]
    assert told == ["".join(text.split()) for text in (LONG, class_table.remarks(odd))]
    assert max(map(len, rest)) <= width


def test_two_students_of_one_name_are_told_apart_by_their_keys(capsys) -> None:
    students = [Student("1006", "John Smith"), Student("1007", "John Smith"), Student("1008", "Johnathan Smith")]
    show(*(replace(grade("x", 0.0), student=who) for who in students))
    shown = [line.partition("0/100")[0].strip() for line in capsys.readouterr().out.splitlines() if "0/100" in line]
    assert shown == ["John Smith (1006)", "John Smith (1007)", "Johnathan Smith"]


def test_nothing_is_read_any_more_when_the_first_row_is_printed_and_perhaps_waits_for_who_pages(monkeypatch) -> None:
    reading, while_reading = [], []

    def grades():
        reading.append(True)
        yield from (grade(f"s{number:03}", 0.0) for number in range(250))
        reading.clear()

    class Terminal(io.StringIO):
        def write(self, text):
            while_reading.append(bool(reading))
            return super().write(text)

    monkeypatch.setattr(sys, "stdout", Terminal())
    class_table.show(ClassResults("lab", "Lab", "1", 100.0, grades()), [])
    assert sys.stdout.getvalue().count("0/100") == 250
    assert set(while_reading) == {False}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "a few seconds left"),
        (2.5, "a few seconds left"),
        (7.0, "about 5 s left"),
        (43.0, "about 45 s left"),
        (89.0, "about 2 min left"),
        (1234.0, "about 21 min left"),
        (9000.0, "about 2.5 h left"),
    ],
)
def test_the_time_left_is_told_no_more_exactly_than_it_is_known(seconds, said) -> None:
    pace = Pace()
    pace.left = lambda: seconds
    assert progress.time_left(pace) == said


def test_of_the_time_left_nothing_is_told_before_anything_is_known() -> None:
    assert progress.time_left(Pace()) == ""


def test_how_far_an_interrupted_work_was_is_counted_in_submissions(capsys) -> None:
    with progress.working("Reading submissions", jobs=2) as work:
        work.counted(7)
        assert work.stopped() == "Nothing new was graded yet."
        watcher = progress.BatchProgress(work)
        watcher.planned(todo=7, gradings=3, kept=2)
        for content, submissions in (("a", 4), ("b", 1)):
            watcher.started(content, "ana", submissions)
            watcher.finished(content, Run(Ending.COMPLETED), submissions)
        assert work.stopped() == "Graded 5 of 7: what is graded is kept, 2 to go."
    assert capsys.readouterr().out == "Grading 7 submissions (2 already graded).\n"


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([Outcome.PASSED, Outcome.ERROR], "a call crashed"),
        ([Outcome.FAILED, Outcome.SKIPPED], "a call crashed"),
        ([Outcome.ERROR, Outcome.SKIPPED], "could not be run"),
        ([], "could not be run"),
    ],
)
def test_code_that_was_judged_is_not_said_to_be_impossible_to_run(outcomes, said) -> None:
    assert class_table.remarks(grade("ana", 0.0, *outcomes, ending=Ending.CRASHED)) == said


def test_what_is_to_be_looked_at_is_named_after_the_ending() -> None:
    flags = (Flag.TAMPERING, Flag.MEMORISED)
    assert class_table.remarks(grade("ana", 0.0, flags=flags)) == "look at it: tampering, memorised"
    assert class_table.remarks(grade("ana", 0.0, ending=Ending.MEMORY, flags=flags)) == (
        "ran out of memory; look at it: tampering, memorised"
    )
    assert class_table.remarks(grade("ana", 100.0, Outcome.PASSED)) == ""
