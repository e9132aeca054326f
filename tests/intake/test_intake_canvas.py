import unicodedata

import pytest
from downloads import CLASS, FILE, LAB, WAYS, canvas, canvas_name, placed
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import collect
from grader.intake.canvas import recognise
from grader.model import Student


@pytest.mark.parametrize(
    ("name", "student", "file"),
    [
        ("obriena_1001_55001_hw1.py", Student("1001", "obriena"), "hw1.py"),
        ("obriena_LATE_1001_55009_hw1-1.py", Student("1001", "obriena"), "hw1-1.py"),
        ("de_la_cruzjo_1003_55010_my_lab_2.ipynb", Student("1003", "de_la_cruzjo"), "my_lab_2.ipynb"),
        ("李小龙_1004_55011_lab.zip", Student("1004", "李小龙"), "lab.zip"),
        ("anon_aB3x9_55010_hw1.py", Student("aB3x9", "Anonymous aB3x9"), "hw1.py"),
        ("LATE_anon_aB3x9_55010_hw1.py", Student("aB3x9", "Anonymous aB3x9"), "hw1.py"),
        ("doejane_1002_text.html", Student("1002", "doejane"), "text.html"),
        ("doejane_LATE_1002_link.html", Student("1002", "doejane"), "link.html"),
    ],
)
def test_a_canvas_name_tells_the_student_and_the_file(name, student, file):
    upload = recognise([name])[name]
    assert (upload.student, upload.file) == (student, file)


@pytest.mark.parametrize("name", ["alice.py", "lab1_tensors.py", "hw_1.py", "a_1_2.py", "1_2", "lab_1_x_2.py", ""])
def test_other_names_are_not_canvas_s(name):
    assert recognise([name]) == {}


def test_names_that_share_an_attachment_are_not_canvas_s():
    assert recognise(["week_1_2_ana.py", "week_1_2_bo.py"]) == {}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("late", [False, True])
def test_a_class_of_difficult_names_is_taken_in_under_the_users_ids(tmp_path, late, way):
    items = list(collect([placed(tmp_path, "ml1-lab-1_submissions", canvas(late=late), way)], LAB))
    assert [(item.student, dict(item.files)) for item in items] == [
        (Student(who.id, unicodedata.normalize("NFC", canvas_name(who))), {FILE: who.work}) for who in CLASS
    ]


names = st.text(st.characters(codec="utf-8", categories=["L", "M", "Nd"]), min_size=1, max_size=30)
files = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=30)


@given(st.dictionaries(st.integers(1, 10**9), names, min_size=1), files, st.sampled_from(["", "_LATE"]))
def test_whatever_a_student_and_a_file_are_called_the_id_is_found_again(people, file, late):
    made = {f"{name}{late}_{id_}_55{id_}_{file}": str(id_) for id_, name in people.items()}
    found = recognise(made)
    assert {path: upload.student.key for path, upload in found.items()} == made
    assert {upload.file for upload in found.values()} == {file}
