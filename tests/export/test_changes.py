"""What grading again changed, told check by check."""

import csv
import io
from datetime import UTC, datetime

from grader.export import CheckChange, changes, changes_csv
from grader.model import CheckResult, Ending, Outcome, Override, Regraded, Run, Student

ANA = Student("ana", "Ana")


def check(id_: str, points: float, max_points: float = 2.0) -> CheckResult:
    outcome = Outcome.PASSED if points == max_points else Outcome.FAILED
    return CheckResult(id_, id_.title(), "Group", outcome, points, max_points, message=f"{id_} earned {points}.")


def run(*checks: CheckResult) -> Run:
    return Run(Ending.COMPLETED, checks)


def regraded(old: Run, new: Run) -> Regraded:
    return Regraded(ANA, old, new)


def test_only_checks_that_earn_something_else_are_listed_in_the_new_suites_order() -> None:
    old = run(check("a", 0), check("b", 2), check("gone", 1), check("c", 1))
    new = run(check("c", 2), check("b", 2), check("new", 2), check("a", 1))
    [found] = changes([regraded(old, new)])
    assert [(one.title, one.old and one.old.points, one.new and one.new.points) for one in found.checks] == [
        ("C", 1, 2),
        ("New", None, 2),
        ("A", 0, 1),
        ("Gone", 1, None),
    ]


def test_a_check_worth_something_else_is_a_change_even_at_no_points() -> None:
    [found] = changes([regraded(run(check("a", 0, 2)), run(check("a", 0, 3)))])
    assert [one.id for one in found.checks] == ["a"]


def test_who_has_the_same_points_is_not_listed() -> None:
    assert list(changes([regraded(run(check("a", 1)), run(check("a", 1)))])) == []


def test_who_lost_a_result_by_our_fault_is_listed_and_loses_no_check() -> None:
    [found] = changes([regraded(run(check("a", 1)), Run(Ending.BROKEN, fault="The engine went away."))])
    assert found.checks == ()
    [_, row] = csv.reader(io.StringIO(changes_csv([found]).decode()))
    assert row == ["ana", "Ana", "1", "2", "", "", "broken", *[""] * 8]


def test_the_file_has_a_row_for_each_check_before_and_now() -> None:
    found = changes([regraded(run(check("a", 0), check("b", 1)), run(check("a", 2), check("c", 1.5)))])
    head, *rows = csv.reader(io.StringIO(changes_csv(found).decode()))
    assert [dict(zip(head, row, strict=True))["message"] for row in rows] == ["a earned 2.", "c earned 1.5.", ""]
    assert rows[0][:7] == ["ana", "Ana", "1", "4", "3.5", "4", "completed"]
    assert [row[8:14] for row in rows] == [
        ["a", "A", "0", "2", "failed", "passed"],
        ["c", "C", "", "1.5", "", "failed"],
        ["b", "B", "1", "", "failed", ""],
    ]


def test_what_a_person_set_stands_beside_what_the_runs_earned() -> None:
    given = Override(1.5, 2.0, "Explained it.", "kim", datetime(2026, 1, 2, tzinfo=UTC))
    [found] = changes([Regraded(ANA, run(check("a", 0)), run(check("a", 2)), given)])
    [row] = csv.DictReader(io.StringIO(changes_csv([found]).decode()))
    assert (row["score_before"], row["score"], row["override"]) == ("0", "2", "1.5")


def test_no_name_is_a_formula_in_the_file() -> None:
    one = Regraded(Student("=1+1", "@SUM(A1)"), run(check("a", 0)), run(check("a", 2)))
    [_, row] = csv.reader(io.StringIO(changes_csv(changes([one])).decode()))
    assert row[:2] == ["'=1+1", "'@SUM(A1)"]


def test_a_check_keeps_its_newer_title() -> None:
    old, new = check("a", 0), check("a", 1)
    [found] = changes([regraded(run(old), run(new))])
    assert found.checks == (CheckChange("a", "A", old, new),)
