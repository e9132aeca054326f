"""The Canvas gradebook goes back as it came, with one column filled in."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from exporting import page

from grader.errors import GradebookUnusable, SetupError
from grader.export import FORMATS, RETURNS, Export, Request
from grader.intake.names import apart
from grader.model import CheckResult, ClassResults, Ending, Grade, Outcome, Override, Run, Student

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)

PLAIN = """\
Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (90210),Tensors (90311),Current Score,Final Grade
    Points Possible,,,,,10,100,(read only),(read only)
"O'Brien, Ana",1001,s0001,aobrien,Sec A,8.5,,85.0,B
"Doe, Jane",1002,s0002,jdoe,Sec A and Sec B,EX,40.0,0.0,F
"Müller, Zoë",1003,000777,zmueller,Sec A,,EX,,
"Student, Test",1099,,3b1f,Sec A,,,,
"""


def grade(key, score=80.0, *, name=None, ending=Ending.COMPLETED, maximum=100.0):
    earned = score if ending is Ending.COMPLETED else 0.0
    check = CheckResult("all", "Everything", "", Outcome.PARTIAL, earned, maximum)
    run = Run(ending, checks=(check,) if ending is Ending.COMPLETED else ())
    return Grade(Student(key, name or key), "lab1_tensors", "ab12", f"{key}.py", run, earned, maximum, NOW)


def export(*grades, gradebook=PLAIN, assignment="", title="Tensors", **options):
    content = gradebook if isinstance(gradebook, bytes) else gradebook.encode()
    results = ClassResults("lab1_tensors", title, "1", 100.0, tuple(grades))
    return FORMATS["canvas"](results, Request(gradebook=content, assignment=assignment, **options))


def rows(exported: Export, delimiter=","):
    return list(csv.reader(io.StringIO(exported.content.decode(), newline=""), delimiter=delimiter, strict=True))


def why(exported: Export):
    return {left.student.key: left.why for left in exported.left_out}


def test_only_the_column_of_the_lab_changes_and_only_students_with_a_new_grade_are_in_the_file():
    exported = export(grade("1002", 72.5), grade("1001", 100))
    assert exported.content.decode() == (
        "Student,ID,SIS User ID,SIS Login ID,Section,HW 1 (90210),Tensors (90311),Current Score,Final Grade\n"
        "    Points Possible,,,,,10,100,(read only),(read only)\n"
        '"O\'Brien, Ana",1001,s0001,aobrien,Sec A,8.5,100,85.0,B\n'
        '"Doe, Jane",1002,s0002,jdoe,Sec A and Sec B,EX,72.5,0.0,F\n'
    )
    assert exported.file_name == "lab1_tensors-canvas.csv"


def test_the_manual_posting_row_and_custom_columns_stay_in_their_places():
    gradebook = (
        "Student,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section,Notes,Tensors (90311),Final Score\r\n"
        ",,,,,,,,Manual Posting,\r\n"
        "    Points Possible,,,,,,,,100.0,(read only)\r\n"
        '"Doe, Jane",1002,s0002,jdoe,,uni.example,Sec A,"likes ""quotes"", commas",,12.0\r\n'
    )
    exported = export(grade("1002", 50), gradebook=gradebook)
    filled = gradebook.replace('commas",,12.0', 'commas",50,12.0')
    assert exported.content.decode() == filled


def test_semicolons_and_a_byte_order_mark_are_read_and_no_mark_is_written():
    gradebook = (
        '"Student";"ID";"SIS Login ID";"Section";"Tensors, shapes; views (90311)"\n'
        '    Points Possible;;;;"50,00"\n'
        '"Doe, Jane";1002;jdoe;A;"12,5"\n'
    )
    exported = export(
        grade("1002", 75), gradebook=b"\xef\xbb\xbf" + gradebook.encode(), title="tensors,  SHAPES; views"
    )
    assert exported.content.startswith(b"Student;ID;")
    assert rows(exported, ";")[2] == ["Doe, Jane", "1002", "jdoe", "A", "37.5"]


def test_scores_are_scaled_to_what_canvas_says_the_assignment_is_worth_and_the_report_says_so():
    exported = export(grade("1001", 83.3), assignment="HW 1")
    assert rows(exported)[2][5] == "8.33"
    assert any("scaled to 10" in note for note in exported.notes)


def test_a_thousand_points_are_read_with_any_separators_and_written_with_none():
    gradebook = PLAIN.replace(",10,100,", ',10,"1,500.00",')
    assert rows(export(grade("1001", 90), gradebook=gradebook))[2][6] == "1350"


@pytest.mark.parametrize("points", ['"1,000"', "1.500", '"1,000,000"'])
def test_points_that_are_thousands_or_a_fraction_are_refused(points):
    gradebook = PLAIN.replace(",10,100,", f",10,{points},").replace(",40.0,", ",,")
    with pytest.raises(GradebookUnusable, match="thousands or a fraction"):
        export(grade("1001", 90), gradebook=gradebook)


@pytest.mark.parametrize("points", ["", "nan", "inf", "0"])
def test_scores_are_written_as_they_are_where_canvas_does_not_say_what_the_column_is_worth(points):
    exported = export(grade("1001", 83.333), gradebook=PLAIN.replace(",10,100,", f",10,{points},"))
    assert rows(exported)[2][6] == "83.33"
    assert any("does not say" in note for note in exported.notes)


def test_an_excused_student_stays_excused():
    exported = export(grade("1003", 90), grade("1001", 90))
    assert [row[1] for row in rows(exported)[2:]] == ["1001"]
    assert "excused" in why(exported)["1003"]


def test_a_cell_that_canvas_would_refuse_is_left_alone_with_the_reason():
    exported = export(grade("1002"), gradebook=PLAIN.replace("EX,40.0,", "EX,N/A,"))
    assert len(rows(exported)) == 2
    assert "N/A" in why(exported)["1002"]


@pytest.mark.parametrize(("ending", "word"), [(Ending.BROKEN, "“broken”"), (Ending.REJECTED, "not be taken in")])
def test_a_student_without_a_score_is_left_out_and_never_gets_a_zero(ending, word):
    exported = export(grade("1001", ending=ending), grade("1002", 10))
    assert [row[1] for row in rows(exported)[2:]] == ["1002"]
    assert word in why(exported)["1001"]


def test_a_score_that_a_person_gave_to_a_broken_run_counts():
    given = grade("1001", ending=Ending.BROKEN)
    given = replace(given, score=55.0, override=Override(55.0, 100.0, "On paper.", "kim", NOW))
    assert rows(export(given))[2][6] == "55"


def test_a_run_that_timed_out_has_the_points_it_earned():
    run = Run(Ending.TIMEOUT, (CheckResult("a", "a", "", Outcome.PASSED, 7.0, 7.0),))
    late = Grade(Student("1001", "obrienana"), "lab1_tensors", "", "", run, 7.0, 100.0, NOW)
    assert rows(export(late))[2][6] == "7"


@pytest.mark.parametrize(
    ("key", "name", "by"),
    [
        ("1001", "?", "ID"),
        ("s0001", "?", "SIS User ID"),
        ("AObrien", "?", "SIS Login ID"),
        ("group 7", "O'Brien, Ana", "name"),
        ("group 7", "ana  o'BRIEN", "name"),
    ],
)
def test_a_student_is_found_by_id_by_login_or_by_name(key, name, by):
    (placed,) = export(grade(key, name=name)).placed
    assert (placed.row, placed.by) == ("O'Brien, Ana", by)


def test_an_id_under_which_somebody_of_quite_another_name_stands_is_not_believed():
    gradebook = PLAIN.replace("Doe, Jane", "Jones, Bob")
    exported = export(grade("1002", name="anasilva"), gradebook=gradebook)
    assert exported.placed == ()
    assert exported.report[-1] == (
        "anasilva (1002) is called “Jones, Bob” in the gradebook, where “1002” stands under ID: look whether both are "
        "the same person, and if they are, enter the score there by hand; of a group, for each member."
    )


@pytest.mark.parametrize("group", ["obrien", "ana", "group7", "anaandbo"])
def test_a_group_that_is_called_by_one_word_of_a_name_is_not_that_person(group):
    assert "is called “O'Brien, Ana”" in why(export(grade("1001", name=group)))["1001"]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("O'Brien, Ana María", "obrienanamaría"),
        ("O'Brien, Ana María", "obrienana"),
        ("O'Brien, Ana", "obrienanamaría"),
        ("de_la_Cruz, Jo", "de_la_cruzjo"),
        ("李, 小龙", "李小龙"),
        ("Dupont - Noël, Anne - Marie", "dupontnoëlannemarie"),
        ("Smith_12_7, John, Jr.", "smith_12_7johnjr"),
        ("O'Brien, Ana", "Anonymous 1001"),
        ("x" * 250, f"{'x' * 186}…~0123456789ab"),
    ],
)
def test_a_name_that_canvas_squeezed_together_is_still_the_same_name(row, name):
    (placed,) = export(grade("1001", name=name), gradebook=PLAIN.replace("O'Brien, Ana", row)).placed
    assert (placed.row, placed.by) == (row, "ID")


@pytest.mark.parametrize(
    ("called", "path"),
    [
        ("doejane_1002_55002_lab1_tensors.py", "student_1002_55002_feedback.html"),
        ("doejane_LATE_1002_55002_lab.py, doejane_LATE_1002_55003_x.py", "student_1002_55002_feedback.html"),
        ("smith_12_7john_1002_55002_lab.py", "student_1002_55002_feedback.html"),
        ("anon_1002_55002_lab.py", "student_1002_55002_feedback.html"),
        ("doejane_1002_text.html", ""),
        ("doejane_1003_55002_lab.py", ""),
        ("lab1_tensors.py", ""),
    ],
)
def test_a_page_bears_the_numbers_of_the_student_and_of_their_file_before_any_other(called, path):
    assert page("canvas", ("1002", "s2"), called) == path


def test_a_page_goes_by_the_gradebooks_number_whatever_the_rosters_key_is():
    made = export(grade("s0002", name="Doe, Jane"))
    assert RETURNS["canvas"](made.placed[0], "doejane_1002_55002_lab.py") == "student_1002_55002_feedback.html"


def test_who_was_kept_apart_from_another_lists_id_has_it_here_where_the_names_agree():
    key = apart("1002")
    (placed,) = export(grade(key, name="janedoe")).placed
    assert (placed.row, placed.by) == ("Doe, Jane", "ID")
    for name in ("Ana Silva", key):
        assert "neither by id nor by name" in why(export(grade(key, name=name)))[key]


def test_who_is_anonymous_has_no_page():
    assert not page("canvas", ("aB3x9",), "anon_aB3x9_55010_lab.py")


def test_leading_zeros_of_an_id_matter():
    assert export(grade("000777"), gradebook=PLAIN.replace(",EX,,\n", ",,,\n")).placed
    assert "not in the gradebook" in why(export(grade("777")))["777"]


def test_a_name_written_with_combining_accents_is_the_same_name():
    decomposed = "Zoe\u0308 Mu\u0308ller"
    assert export(grade("x", name=decomposed), gradebook=PLAIN.replace(",EX,,\n", ",,,\n")).placed[0].by == "name"


def test_a_name_that_two_students_have_finds_nobody():
    twice = PLAIN + '"Doe, Jane",1004,s0004,jdoe2,Sec B,,,,\n'
    exported = export(grade("Jane Doe"), gradebook=twice)
    assert exported.placed == ()
    assert "several students" in why(exported)["Jane Doe"]


def test_two_submissions_of_one_name_find_nobody_by_it():
    exported = export(grade("a", name="Jane Doe"), grade("b", name="Doe, Jane"))
    assert exported.placed == ()
    assert set(why(exported)) == {"a", "b"}


def test_an_id_is_believed_before_a_name_that_claims_the_same_student():
    exported = export(grade("old folder", name="Jane Doe"), grade("1002", 33, name="janedoe"))
    assert [(placed.student.key, placed.by) for placed in exported.placed] == [("1002", "ID")]
    assert "same student" in why(exported)["old folder"]


def test_two_ids_of_one_student_are_reported_and_neither_score_is_written():
    exported = export(grade("1002", 10), grade("jdoe", 90))
    assert len(rows(exported)) == 2
    assert set(why(exported)) == {"1002", "jdoe"}


def test_a_number_that_is_one_students_id_and_anothers_login_needs_the_name_to_decide():
    gradebook = PLAIN.replace(",s0001,", ",1002,")
    assert "could be several students" in why(export(grade("1002", name="?"), gradebook=gradebook))["1002"]
    (placed,) = export(grade("1002", name="Ana O'Brien"), gradebook=gradebook).placed
    assert (placed.row, placed.by) == ("O'Brien, Ana", "SIS User ID")


def test_a_name_that_canvas_wrote_as_a_formula_is_understood_and_goes_back_as_it_came():
    gradebook = PLAIN + '"=""=HYPERLINK(1), Eve""",1005,s5,eve,Sec A,,,,\n'
    exported = export(grade("Eve =HYPERLINK(1)", 5), gradebook=gradebook)
    assert exported.placed[0].by == "name"
    assert '"=""=HYPERLINK(1), Eve""",1005,s5,eve,Sec A,,5,,' in exported.content.decode()


def test_first_and_last_names_may_have_columns_of_their_own():
    gradebook = "LastName,FirstName,ID,Section,Tensors (1)\nPoints Possible,,,,100\nDoe,Jane,1002,A,\n"
    exported = export(grade("Jane Doe", 9), gradebook=gradebook)
    assert rows(exported)[-1] == ["Doe", "Jane", "1002", "A", "9"]


@pytest.mark.parametrize("assignment", ["90210", "HW 1", "hw 1 (90210)", " HW  1 "])
def test_the_column_is_named_by_its_number_its_title_or_both(assignment):
    assert rows(export(grade("1001", 50), assignment=assignment))[2][5] == "5"


def test_the_labs_own_name_finds_the_column_too():
    gradebook = PLAIN.replace("Tensors (90311)", "LAB1_tensors (90311)")
    assert rows(export(grade("1001", 50), gradebook=gradebook))[2][6] == "50"


def test_a_column_that_is_not_there_names_those_that_are():
    with pytest.raises(GradebookUnusable, match=r"“Gans”.*--assignment.*“HW 1 \(90210\)”, “Tensors \(90311\)”\."):
        export(grade("1001"), assignment="Gans")


def test_two_columns_of_one_title_ask_for_the_number():
    gradebook = PLAIN.replace("HW 1 (90210)", "Tensors (90210)")
    with pytest.raises(GradebookUnusable, match=r"2 columns called “Tensors”"):
        export(grade("1001"), gradebook=gradebook)
    assert rows(export(grade("1001", 50), gradebook=gradebook, assignment="90210"))[2][5] == "5"


def test_totals_are_no_assignments():
    with pytest.raises(GradebookUnusable, match="no assignment"):
        export(grade("1001"), gradebook=PLAIN.replace("Current Score", "Current Score (5)"), assignment="5")


def test_a_read_only_column_is_refused():
    with pytest.raises(GradebookUnusable, match="read only"):
        export(grade("1001"), gradebook=PLAIN.replace(",10,100,", ",10,(read only),"))


@pytest.mark.parametrize(
    ("gradebook", "says"),
    [
        ("", "empty"),
        ("\ufeff\n;;\n", "empty"),
        ("name,score\nx,1\n", "not a Canvas gradebook"),
        ("Student,ID,Tensors (1)\nx,1,\n", "not a Canvas gradebook"),
        ("Student,Email,ID,Section,Tensors (1)\n", "not a Canvas gradebook"),
        ('Student,ID,Section,"Tensors (1)\n', "cannot be read as a table"),
        ("x" * 200_000, "not a Canvas gradebook"),
        ("Student,ID,Section\nJosé,1,A\n".encode("latin-1"), "UTF-8"),
        (b"\xff\xfeS\x00t\x00", "UTF-8"),
        (b"PK\x03\x04\xff", "UTF-8"),
    ],
)
def test_a_file_that_is_no_canvas_gradebook_is_refused_in_a_sentence(gradebook, says):
    with pytest.raises(GradebookUnusable, match=says) as raised:
        export(grade("1001"), gradebook=gradebook)
    assert isinstance(raised.value, SetupError)
    assert len(str(raised.value)) < 400


def test_without_a_gradebook_it_says_where_to_get_one():
    with pytest.raises(GradebookUnusable, match="--gradebook"):
        FORMATS["canvas"](ClassResults("lab", "Lab", "1", 100.0), Request())


def test_every_grade_is_either_placed_or_left_out_with_a_reason():
    grades = [grade("1001"), grade("nobody"), grade("1003"), grade("1002", ending=Ending.BROKEN)]
    exported = export(*grades)
    told = [placed.student.key for placed in exported.placed] + list(why(exported))
    assert sorted(told) == sorted(g.student.key for g in grades)
    assert all(reason for reason in why(exported).values())


def test_the_report_names_guesses_and_omissions_in_sentences():
    exported = export(grade("folder", 10, name="Jane Doe"), grade("nobody", name="No Body"), grade("1001", 5))
    assert exported.report == (
        "2 of 4 students in the gradebook get a new score in “Tensors (90311)”.",
        "Jane Doe was found by name only, as “Doe, Jane”.",
        "No Body (nobody) is not in the gradebook, neither by id nor by name.",
    )
