"""What Brightspace imports: its ids, one column of points, and the sign that ends each line."""

import csv
import io

import pytest
from exporting import export, grade, page, why

from grader.errors import GradebookUnusable
from grader.model import Ending, Student

TITLE = "Tensors Points Grade <Numeric MaxPoints:10 Weight:16.67 Category:Labs CategoryWeight:10>"
OTHER = "HW 2 Points Grade <Numeric MaxPoints:20>"
HEADER = f"OrgDefinedId,Username,Last Name,First Name,Email,{TITLE},{OTHER},Calculated,End-of-Line Indicator\n"
PLAIN = (
    HEADER
    + "#0001,#asilva,Silva,Ana,a@x,,3,3,#\n"
    + '#0002,#jdoe,"Doe, Jr",Jane,j@x,4.5,,4,#\n'
    + "#0003,#li,小龙,李,l@x,,,,#\n"
)


def brightspace(content, students):
    """OrgDefinedId -> points, as Brightspace's import takes them; what it warns of is an error."""
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    assert header[:2] == ["OrgDefinedId", "Username"]
    assert header[-1] == "End-of-Line Indicator"
    (title,) = header[2:-1]
    assert title.partition(" <")[0].endswith(" Points Grade")
    found = {}
    for row in rows:
        assert len(row) == len(header)
        assert row[-1] == "#"
        assert students[row[0].lstrip("#")] == row[1].lstrip("#")
        found[row[0].lstrip("#")] = float(row[2])
    return found


@pytest.mark.parametrize("key", ["4711", "4711-90210"])
def test_a_page_lies_in_the_folder_of_the_download(key):
    folder = "4711-90210 - Doe - Jr, Jane - Mar 1, 2026 912 AM"
    assert page("brightspace", ("0007",), folder, Student(key, key)) == f"{folder}/feedback.html"


def test_after_a_roster_the_folder_bears_the_students_name_and_no_number_of_theirs():
    folder = "4711-90210 - Jane Doe - Mar 1, 2026 912 AM"
    assert page("brightspace", ("0007",), folder, Student("0007", "Doe, Jane")) == f"{folder}/feedback.html"
    assert not page("brightspace", ("0007",), folder, Student("0007", "Ana Silva"))
    assert not page("brightspace", ("0007",), folder, Student("0007", "0007"))


@pytest.mark.parametrize(
    "called",
    [
        "4712-90210 - Jane Doe - Mar 1, 2026 912 AM",
        "4711-90210 - Jane Doe - Mar 1, 2026 912 AM - lab1_tensors.py",
        "4711-90210 - Jane\ufffd Doe - Mar 1, 2026 912 AM",
        "4711_Jane Doe_Mar 1, 2026 912 AM_lab1_tensors.py",
        "4711.py",
    ],
)
def test_without_such_a_folder_there_is_no_page(called):
    assert not page("brightspace", ("4711",), called)


STUDENTS = {"0001": "asilva", "0002": "jdoe", "0003": "li"}


def test_the_class_arrives_in_brightspace():
    made = export("brightspace", grade("asilva", 85), grade("0002", 100), grade("#0003", 5), gradebook=PLAIN)
    assert brightspace(made.content, STUDENTS) == {"0001": 8.5, "0002": 10.0, "0003": 0.5}
    assert [(at.row, at.by) for at in made.placed] == [
        ("Silva, Ana", "Username"),
        ("Doe, Jr, Jane", "OrgDefinedId"),
        ("小龙, 李", "OrgDefinedId with its sign"),
    ]


def test_ids_and_the_title_are_written_as_they_came_and_nothing_else_is():
    made = export("brightspace", grade("jdoe", 50), gradebook=b"\xef\xbb\xbf" + PLAIN.encode())
    assert made.content.decode() == f"OrgDefinedId,Username,{TITLE},End-of-Line Indicator\n#0002,#jdoe,5,#\n"
    assert made.file_name == "lab1_tensors-brightspace.csv"


def test_an_export_without_the_sign_at_the_end_of_lines_gets_one():
    bare = PLAIN.replace(",End-of-Line Indicator", "").replace(",#\n", "\n")
    made = export("brightspace", grade("jdoe", 50), gradebook=bare)
    assert brightspace(made.content, STUDENTS) == {"0002": 5.0}


def test_who_has_the_same_score_or_none_is_left_out_and_no_cell_is_emptied():
    made = export("brightspace", grade("jdoe", 45), grade("asilva", ending=Ending.BROKEN), grade("x"), gradebook=PLAIN)
    assert brightspace(made.content, STUDENTS) == {}
    assert [at.student.key for at in made.unchanged] == ["jdoe"]
    assert set(why(made)) == {"asilva", "x"}


def test_a_student_is_found_by_name_where_there_are_names():
    assert export("brightspace", grade("201-77", name="Ana Silva"), gradebook=PLAIN).placed[0].by == "name"
    bare = f"OrgDefinedId,Username,{TITLE}\n#0001,#asilva,\n"
    assert "not in the gradebook" in why(export("brightspace", grade("7", name="Ana Silva"), gradebook=bare))["7"]


def test_the_number_of_a_folder_that_is_somebody_elses_id_is_not_believed():
    book = HEADER + "#1001,#bob,Jones,Bob,b@x,,,,#\n#1002,#ana,Silva,Ana,a@x,,,,#\n#1003,#cy,Silva,Cy,c@x,,,,#\n"
    named = [grade("1001", name="Ana Silva"), grade("1003", name="Bo Silva"), grade("2001", name="Bob Jones")]
    made = export("brightspace", *named, gradebook=book)
    assert [(at.student.name, at.row) for at in made.placed] == [("Bob Jones", "Jones, Bob")]
    assert "“Jones, Bob”" in why(made)["1001"]
    assert "“Silva, Cy”" in why(made)["1003"]


def test_two_whose_folders_bear_each_others_ids_are_both_left_out():
    book = HEADER + "#1001,#bob,Jones,Bob,b@x,,,,#\n#1002,#ana,Silva,Ana,a@x,,,,#\n"
    made = export("brightspace", grade("1001", name="Ana Silva"), grade("1002", name="Bob Jones"), gradebook=book)
    assert set(why(made)) == {"1001", "1002"}


@pytest.mark.parametrize("assignment", ["HW 2", "hw 2 points grade", OTHER])
def test_the_column_is_named_by_its_title(assignment):
    made = export("brightspace", grade("jdoe", 50), gradebook=PLAIN, assignment=assignment)
    assert brightspace(made.content, STUDENTS) == {"0002": 10.0}


def test_a_title_that_does_not_say_what_it_is_worth_takes_the_score_as_it_is():
    made = export("brightspace", grade("jdoe", 50), gradebook=PLAIN.replace(TITLE, "Tensors Points Grade"))
    assert brightspace(made.content, STUDENTS) == {"0002": 50.0}
    assert any("does not say" in note for note in made.notes)


def test_a_title_with_points_that_are_thousands_or_a_fraction_is_refused():
    title = TITLE.replace("MaxPoints:10", "MaxPoints:1.000")
    book = PLAIN.replace(TITLE, title).replace("4.5", "")
    with pytest.raises(GradebookUnusable, match=r"worth “1.000”"):
        export("brightspace", grade("jdoe", 50), gradebook=book)


@pytest.mark.parametrize("gradebook", ["OrgDefinedId,Tensors Text Grade\n#1,\n", "Student,Tensors Points Grade\n1,\n"])
def test_a_file_that_is_no_export_of_points_is_refused_in_a_sentence(gradebook):
    with pytest.raises(GradebookUnusable, match="not a Brightspace export"):
        export("brightspace", grade("1"), gradebook=gradebook)
