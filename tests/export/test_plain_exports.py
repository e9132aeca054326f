"""The grader's own CSV and JSON."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.export import FORMATS, Request
from grader.export.text import inert
from grader.model import CheckResult, ClassResults, Ending, Flag, Grade, Outcome, Run, Student
from grader.scoring import written

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
CHECK = CheckResult("first-row", "first_row", "Indexing", Outcome.FAILED, 0.0, 4.0, message="the shape is wrong")


def grade(student, run=None, score=0.0, most=100.0, **more):
    run = run or Run(Ending.COMPLETED, (CHECK,))
    return Grade(student, "lab1_tensors", "ab12", "x.py", run, score, most, NOW, **more)


def export(name, *grades, pages=None):
    results = ClassResults("lab1_tensors", "Tensors", "1", 100.0, tuple(grades))
    return FORMATS[name](results, Request(page=lambda key: (pages or {}).get(key, "")))


def table(*grades, **options):
    text = export("csv", *grades, **options).content.decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_row_says_who_what_and_when():
    east = timezone(timedelta(hours=2))
    student = Student("ana@uni.example", "Ana")
    handed_in = datetime(2026, 11, 20, 1, 0, tzinfo=east)
    rows = table(grade(student, score=72.5, received_at=handed_in), pages={student.key: "students/ana.html"})
    assert rows == [
        {
            "student_id": "ana@uni.example",
            "name": "Ana",
            "email": "ana@uni.example",
            "assignment": "lab1_tensors",
            "score": "72.5",
            "max_score": "100",
            "status": "completed",
            "late": "",
            "submitted_at": "2026-11-19T23:00:00Z",
            "feedback_file": "students/ana.html",
        }
    ]


@pytest.mark.parametrize("ending", [Ending.BROKEN, Ending.REJECTED])
def test_no_score_is_an_empty_cell_and_a_null_but_never_a_zero(ending):
    ungraded = grade(Student("1", "Ana"), Run(ending))
    assert table(ungraded)[0]["score"] == ""
    assert json.loads(export("json", ungraded).content)[0]["score"] is None


def test_what_nothing_has_run_for_yet_is_pending_and_not_broken():
    pending = grade(Student("1", "Ana"), Run(Ending.BROKEN), most=0.0, pending=True)
    (row,) = json.loads(export("json", pending).content)
    assert (table(pending)[0]["status"], row["ending"], row["score"]) == ("pending", "pending", None)


def test_a_submission_that_never_ran_could_have_earned_what_the_lab_is_worth():
    refused = grade(Student("1", "Ana"), Run(Ending.REJECTED), most=0.0)
    assert table(refused)[0]["max_score"] == "100"
    assert json.loads(export("json", refused).content)[0]["max_score"] == 100


def test_a_zero_that_was_earned_is_a_zero():
    crashed = grade(Student("1", "Ana"), Run(Ending.CRASHED))
    assert table(crashed)[0]["score"] == "0"
    assert json.loads(export("json", crashed).content)[0]["score"] == 0


NAMES = [
    '=HYPERLINK("http://x","y")',
    " =1+1",
    "@SUM(A1)",
    "+1-800",
    "-cmd|' /C calc'!A0",
    "\t=1",
    "\rx",
    "\nx",
    "\x00x",
    'O"Brien, "Ana"',
    "two\nlines",
    "李小龙 🎓",
    "\ud800",
    "",
    "＝1+1",
    "＋1+A1",
    "－A1",
    "＠SUM(A1)",
    "a;=cmd|' -C calc'!A0",
    'a;"=cmd|1"',
    "a; \t＝1+1",
    "a\t@SUM(A1)",
    "a\n=1+1",
]
SIGNS = tuple("=+-@＝＋－＠")


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_the_table_or_runs_as_a_formula(name):
    rows = table(grade(Student(name, name)), grade(Student("2", "next")))
    assert [row["name"] for row in rows][1] == "next"
    assert not rows[0]["name"].lstrip().startswith(SIGNS)
    assert not rows[0]["student_id"].startswith(("\t", "\r", "\n", "\0"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("name", NAMES)
def test_no_formula_begins_where_a_spreadsheet_takes_another_sign_for_the_end_of_a_cell(name, separator):
    text = export("csv", grade(Student(name, name))).content.decode()
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]
    assert [cell for cell in cells if cell.lstrip(' \t\r\n"').startswith(SIGNS)] == []


def test_a_cell_with_a_semicolon_or_a_tab_is_quoted_for_programs_that_split_there():
    content = export("csv", grade(Student("1;2", "Ana\tSilva"), score=92.27)).content.decode()
    assert '"1;2","Ana\tSilva"' in content
    assert table(grade(Student("000777", "Ana;Silva"), score=92.27))[0]["score"] == "92.27"


@pytest.mark.parametrize("cell", ["-2", "+3.5", "1001", "-1,5", "000777", "plain", "a=b", "x@y.example", "a;b"])
def test_numbers_ids_and_addresses_stay_as_they_are(cell):
    assert inert(cell) == cell


@given(st.text())
def test_whatever_the_text_it_can_be_written_and_loses_nothing_but_what_utf8_lacks(text):
    kept = text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    assert inert(text).replace("'", "") == kept.replace("'", "")


def test_json_has_the_promised_keys_and_no_byte_order_mark():
    run = Run(Ending.COMPLETED, (CHECK,), flags=(Flag.TAMPERING,))
    content = export("json", grade(Student("1", "李\ud800\x1b"), run)).content
    (row,) = json.loads(content.decode("utf-8"))
    assert content.startswith(b"[")
    assert row == {
        "student": "1",
        "name": "李?\x1b",
        "submission": "ab12",
        "lab": "lab1_tensors",
        "score": 0.0,
        "max_score": 100.0,
        "ending": "completed",
        "flags": ["tampering"],
        "checks": [
            {
                "id": "first-row",
                "title": "first_row",
                "outcome": "failed",
                "points": 0.0,
                "max_points": 4.0,
                "message": "the shape is wrong",
            }
        ],
    }


@pytest.mark.parametrize("students", [0, 1, 3])
def test_json_is_laid_out_as_one_list_whatever_is_in_it(students):
    check = replace(CHECK, title="a\u2028b\x85c", message='line 1\n  "line 2"\r\n]')
    grades = [grade(Student(f"{at}", "\n李\ud800"), Run(Ending.COMPLETED, (check,))) for at in range(students)]
    content = export("json", *grades).content
    rows = json.loads(content)
    assert len(rows) == students
    assert content == json.dumps(rows, ensure_ascii=False, indent=2).encode() + b"\n"


def test_nan_never_gets_into_a_file():
    with pytest.raises(ValueError, match="JSON compliant"):
        export("json", grade(Student("1", "Ana"), score=float("nan")))
    with pytest.raises(ValueError, match="not a number of points"):
        export("csv", grade(Student("1", "Ana"), score=float("nan")))


@pytest.mark.parametrize(
    ("points", "text"),
    [(8.5, "8.5"), (10, "10"), (100.0, "100"), (0, "0"), (-0.001, "0"), (2.675, "2.68"), (1e16, "10000000000000000")],
)
def test_points_are_plain_decimals(points, text):
    assert written(points) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_points_lose_at_most_half_a_hundredth(points):
    assert abs(float(written(points)) - points) <= 0.005 + 1e-3 * (abs(points) > 1e9)
    assert "e" not in written(points).lower()


def test_an_empty_class_has_a_header_and_an_empty_list():
    assert export("csv").content.decode().count("\n") == 1
    assert json.loads(export("json").content) == []
