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


@pytest.mark.parametrize("way", [*WAYS, "one by one"])
@pytest.mark.parametrize(
    "names",
    [["ana_2025_03", "bo_2025_04"], ["ana_101_1", "bo_101_2", "cy_101_3"], ["xy_2_1001_55001", "zed_2_1002_55002"]],
)
def test_an_id_with_two_names_is_none_and_makes_nobody_somebody_else(tmp_path, names, way):
    made = {f"{name}_{FILE}": name.encode() for name in names}
    place = placed(tmp_path, "class", made, "folder" if way == "one by one" else way)
    items = list(collect(sorted(place.iterdir()) if way == "one by one" else [place], LAB))
    assert {item.student.key: item.files[FILE] for item in items} == {
        f"{name}_{FILE.removesuffix('.py')}": name.encode() for name in names
    }


def test_who_takes_a_name_with_anothers_id_in_it_is_told_apart_from_that_one(tmp_path):
    made = canvas()
    victim = CLASS[0]
    forged = f"silva_{victim.id}_5_999_77777_{FILE}"
    items = list(collect([placed(tmp_path, "ml1_submissions", made | {forged: b"x = 1\n"}, "zip")], LAB))
    found = {item.student.key: item.files[FILE] for item in items}
    assert len(items) == len(found) == len(CLASS) + 1
    assert found[forged.removesuffix(".py")] == b"x = 1\n"
    assert victim.id not in found
    assert {who.id: who.work for who in CLASS[1:]}.items() <= found.items()


def test_a_file_that_is_named_by_an_id_is_that_students(tmp_path):
    first = placed(tmp_path, "ml1_submissions", canvas(), "folder")
    late = tmp_path / f"{CLASS[0].id}.py"
    late.write_bytes(b"late = 1\n")
    assert {item.student.key for item in collect([first, late], LAB)} == {who.id for who in CLASS}


@pytest.mark.parametrize("zipped", [False, True])
def test_one_students_folder_with_a_numbered_picture_stays_one(tmp_path, zipped):
    files = {FILE: b"x = 1\n", "plot_1_2_final.png": b"png"}
    (item,) = collect([placed(tmp_path, "ana", files, "zip" if zipped else "folder")], LAB)
    assert item.student == Student("ana", "ana")


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


def test_marks_of_lateness_are_seen_and_are_no_part_of_a_name():
    names = ["LATE_anon_aB3x9_55010_lab.py", "silvaana_LATE_1002_55002_lab.py", "late_1003_55003_LATE_lab.py"]
    found = recognise(names)
    assert [(found[name].student.key, found[name].late) for name in names] == [
        ("aB3x9", True),
        ("1002", True),
        ("1003", False),
    ]
