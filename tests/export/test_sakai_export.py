"""Sakai's grades.csv goes back so that Sakai's reader takes the new grades, and clears none."""

import pytest
from exporting import export, grade, page, why

from grader.errors import GradebookUnusable
from grader.model import Ending

HEAD = '"Tensors","SCORE_GRADE_TYPE"\r\n""\r\n'
HEADER = '"Display ID","ID","Last Name","First Name","grade","Submission date","Late submission"\r\n'
PLAIN = (
    HEAD
    + HEADER
    + '"asilva","asilva","Silva","Ana","","2025-03-03T09:12:44Z","On time"\r\n'
    + '"jdoe","u-2","Doe, Jr","Jane ""JD""","4.5","2025-03-03T09:12:44Z","Late"\r\n'
    + '"li","li","小龙","李","7","",""\r\n'
)
GERMAN = PLAIN.replace('","', '";"').replace("4.5", "4,5")


def opencsv(text, separator):
    """Rows as opencsv reads them: in quotes, a backslash takes the quote or backslash behind it for text."""
    rows, row, cell, inside, at = [], [], "", False, 0
    while at < len(text):
        sign, after = text[at], text[at + 1 : at + 2]
        if sign == "\\":
            if inside and after in {'"', "\\"}:
                cell, at = cell + after, at + 1
        elif sign == '"':
            if inside and after == '"':
                cell, at = cell + '"', at + 1
            else:
                inside = not inside
        elif sign == separator and not inside:
            row, cell = [*row, cell], ""
        elif sign == "\n" and not inside:
            rows, row, cell = [*rows, [*row, cell]], [], ""
        elif sign != "\r" or inside:
            cell += sign
        at += 1
    assert not inside, "the file ends within a cell"
    return rows


def sakai(content, grades, separator=",", mark=".", place=4):
    """The grades after an upload of the file: three lines are skipped, an empty grade clears."""
    after = dict(grades)
    for row in opencsv(content.decode("utf-8-sig"), separator)[3:]:
        if row[1] in after:
            after[row[1]] = row[place].replace(mark, ".")
    return after


BEFORE = {"asilva": "", "u-2": "4.5", "li": "7"}


def test_the_class_arrives_in_sakai_and_nobody_loses_a_grade():
    made = export("sakai", grade("asilva", 8.5), grade("jdoe", ending=Ending.BROKEN), gradebook=PLAIN)
    assert sakai(made.content, BEFORE) == {"asilva": "8.5", "u-2": "4.5", "li": "7"}
    assert "broken" in why(made)["jdoe"]
    assert made.file_name == "grades.csv"


def test_the_lines_above_and_all_other_cells_are_written_as_they_came():
    made = export("sakai", grade("jdoe", 50), gradebook=b"\xef\xbb\xbf" + PLAIN.encode())
    row = PLAIN.splitlines(keepends=True)[4].replace("4.5", "50")
    assert made.content.decode() == "\ufeff" + HEAD + HEADER + row


def test_semicolons_and_a_decimal_comma():
    made = export("sakai", grade("asilva", 8.25), gradebook=GERMAN)
    assert sakai(made.content, BEFORE, ";", ",") == {**BEFORE, "asilva": "8.25"}
    assert b'"8,25"' in made.content
    ungraded = GERMAN.replace("4,5", "")
    assert b'"8,25"' in export("sakai", grade("asilva", 8.25), gradebook=ungraded).content
    assert b'"8.25"' in export("sakai", grade("asilva", 8.25), gradebook=PLAIN.replace("4.5", "")).content


@pytest.mark.parametrize(("there", "now"), [("1,234.5", "8.25"), ("1.234,5", "8,25")])
def test_a_sign_for_thousands_is_not_taken_for_the_decimal_mark(there, now):
    made = export("sakai", grade("asilva", 8.25), gradebook=PLAIN.replace("4.5", there))
    assert f'"{now}"' in made.content.decode()


def test_a_grade_that_is_there_already_is_left_out_as_unchanged():
    made = export("sakai", grade("li", 7), gradebook=PLAIN)
    assert made.content.decode() == HEAD + HEADER
    assert [(at.was, at.now) for at in made.unchanged] == [("7", "7")]


@pytest.mark.parametrize(
    ("key", "name", "by"), [("u-2", "?", "ID"), ("JDoe", "?", "Display ID"), ("x", "李 小龙", "name")]
)
def test_a_student_is_found_by_id_or_by_name(key, name, by):
    assert export("sakai", grade(key, name=name), gradebook=PLAIN).placed[0].by == by


def test_groups_have_their_grade_in_the_fourth_column():
    groups = HEAD + '"Group","ID","Users","grade","Submission date"\r\n"Team 1","g-1","a, b","",""\r\n'
    made = export("sakai", grade("g-1", 9), gradebook=groups)
    assert sakai(made.content, {"g-1": ""}, place=3) == {"g-1": "9"}
    assert made.placed[0].row == "Team 1"


DATE = "3 mar 2025, 09:12:44"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ('"Grupo","ID","Usuarios","calificación","Fecha de envío"', f'"","{DATE}"'),
        ('"Q1","ID","Q2","Q3","Q4"', f'"7,5","{DATE}"'),
        ('"Q1","ID","Q2","Q3","Q4","Q5"', f'"","{DATE}","1"'),
    ],
)
def test_groups_have_their_grade_in_the_fourth_column_in_any_language(header, cells):
    groups = HEAD + f'{header}\r\n"Team 1","g-1","a, b",{cells}\r\n'
    made = export("sakai", grade("g-1", 9), gradebook=groups)
    assert sakai(made.content, {"g-1": ""}, place=3) == {"g-1": "9"}


@pytest.mark.parametrize("header", ["Note", "Q5"])
def test_a_student_has_the_grade_in_the_fifth_column_in_any_language(header):
    strange = PLAIN.replace(HEADER, f'"Q1","Q2","Q3","Q4","{header}","Q6","Q7"\r\n')
    made = export("sakai", grade("asilva", 9), gradebook=strange)
    assert sakai(made.content, BEFORE) == {**BEFORE, "asilva": "9"}


@pytest.mark.parametrize(
    "rows",
    ['"Team 1","g-1","a, b","",""\r\n', '"Team 1","g-1","a, b","none","2025-03-03T09:12:44Z"\r\n', ""],
    ids=["no dates", "no grades", "nobody"],
)
def test_where_the_column_of_grades_cannot_be_told_the_file_is_refused(rows):
    with pytest.raises(GradebookUnusable, match=r"cannot be told: of groups.*“Q4”, “Q5”.*English"):
        export("sakai", grade("g-1"), gradebook=HEAD + '"Q1","Q2","Q3","Q4","Q5"\r\n' + rows)


def test_anonymous_students_are_found_by_what_stands_for_them():
    anonymous = PLAIN.replace('"li","li","小龙","李"', '"","17 Anonymous","",""')
    assert export("sakai", grade("17 Anonymous", 9), gradebook=anonymous).placed[0].row == "17 Anonymous"


@pytest.mark.parametrize("name", ["Doe\\", 'a\\"b', "\\\\", "\\"])
def test_no_backslash_swallows_the_rows_that_follow(name):
    odd = PLAIN.replace("Doe, Jr", name.replace('"', '""'))
    made = export("sakai", grade("jdoe", 50), grade("li", 60), gradebook=odd)
    assert sakai(made.content, BEFORE) == {**BEFORE, "u-2": "50", "li": "60"}


def test_the_parser_of_these_tests_loses_rows_where_opencsv_does():
    with pytest.raises(AssertionError, match="within a cell"):
        opencsv('"a","b\\"\n"c","d"\n', ",")


def test_a_file_for_another_assignment_is_pointed_out():
    made = export("sakai", grade("li"), gradebook=PLAIN.replace('"Tensors"', '"HW 2"'))
    assert "The file is for the assignment “HW 2” in Sakai: look whether it is the right one." in made.notes
    assert not any("HW 2" in note for note in export("sakai", grade("li"), gradebook=PLAIN).notes)


def test_an_assignment_that_takes_no_points_is_refused():
    with pytest.raises(GradebookUnusable, match="LETTER_GRADE_TYPE"):
        export("sakai", grade("li"), gradebook=PLAIN.replace("SCORE_GRADE_TYPE", "LETTER_GRADE_TYPE"))


@pytest.mark.parametrize(
    ("key", "called", "path"),
    [
        ("li", "李, 小龙(li)", "feedback/李, 小龙(li)/Feedback Attachment(s)/feedback.html"),
        (
            "li",
            "李, (a)(li)_Submission attachment(s)_x.py",
            "feedback/李, (a)(li)/Feedback Attachment(s)/feedback.html",
        ),
        ("li", "李, 小龙(jdoe)", ""),
        ("li", "lab1_tensors.py", ""),
        ("timestamp", "Doe, Jane(timestamp)", ""),
        ("jdoe", "comments, Jane(jdoe)", ""),
    ],
)
def test_a_page_lies_where_sakai_takes_it_for_nothing_but_the_students(key, called, path):
    assert page("sakai", (key,), called) == path


@pytest.mark.parametrize("gradebook", ["a,b\n", HEADER + "x\nid,b\n", HEAD + "id,grade\na,1\n", HEAD])
def test_a_file_that_is_no_grades_csv_is_refused_in_a_sentence(gradebook):
    with pytest.raises(GradebookUnusable, match=r"not Sakai's grades.csv|empty"):
        export("sakai", grade("li"), gradebook=gradebook)
