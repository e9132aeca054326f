"""What Moodle's "Download all submissions" gives."""

import unicodedata

import pytest
from downloads import CLASS, FILE, LAB, WAYS, moodle, moodle_name, placed
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import collect
from grader.intake.moodle import recognise
from grader.model import Refusal, Student

LAYOUTS = ["folders", "folders of old", "flat"]


def shown(name):
    return unicodedata.normalize("NFC", moodle_name(name))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_class_of_difficult_names_is_taken_in_under_the_participants_ids(tmp_path, layout, way):
    path = placed(tmp_path, "ML1-Lab 1-88", moodle(layout=layout), way)
    items = list(collect([path], LAB))
    assert [(item.student, dict(item.files)) for item in items] == [
        (Student(who.id, shown(who.full)), {FILE: who.work}) for who in CLASS
    ]


@pytest.mark.parametrize("way", ["folder", "zip"])
def test_a_folder_around_a_download_is_looked_through(tmp_path, way):
    files = {f"ML1-Lab 1-88/{name}": content for name, content in moodle().items()}
    items = list(collect([placed(tmp_path, "unpacked", files, way)], LAB))
    assert [item.student.key for item in items] == [who.id for who in CLASS]


@pytest.mark.parametrize("way", ["folder", "zip"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_download_of_one_student_is_that_students(tmp_path, layout, way):
    path = placed(tmp_path, "ML1-Lab 1-88", moodle(CLASS[:1], layout=layout), way)
    (item,) = collect([path], LAB)
    assert item.student == Student("4701", "Ana María OBrien")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_under_blind_marking_a_student_is_the_participant_of_the_worksheet(layout):
    uploads = recognise(moodle(layout=layout, blind=True))
    assert [upload.student for upload in uploads.values()] == [
        Student(who.id, f"Participant {who.id}") for who in CLASS
    ]


def test_a_students_folders_are_kept():
    (upload,) = recognise(["Ana Silva_4706_assignsubmission_file/net/blocks.py"]).values()
    assert (upload.student, upload.file) == (Student("4706", "Ana Silva"), "net/blocks.py")


def test_a_team_hands_in_once_under_the_groups_id_and_name():
    uploads = recognise(["Team A_12_assignsubmission_file/lab.py", "Default group_assignsubmission_file/lab.py"])
    assert [upload.student for upload in uploads.values()] == [
        Student("12", "Team A"),
        Student("Default group", "Default group"),
    ]


def test_a_typed_text_is_left_out_beside_a_file_and_refused_where_it_is_all(tmp_path):
    files = {name.replace(FILE, f"my/work/{FILE}"): content for name, content in moodle().items()} | {
        "Ana Silva_4706_assignsubmission_onlinetext/onlinetext.html": b"<p>see file</p>",
        "Bo_4799_assignsubmission_onlinetext/onlinetext.html": b"<p>x = 1</p>",
    }
    items = {item.student.key: item for item in collect([placed(tmp_path, "class", files, "folder")], LAB)}
    assert dict(items["4706"].files) == {FILE: b"by = 4706\n"}
    assert items["4799"] == Refusal(
        Student("4799", "Bo"),
        LAB,
        str(tmp_path / "class/Bo_4799_assignsubmission_onlinetext"),
        "No Python file or notebook to grade is at its top or in one folder; it holds onlinetext.html. "
        f"Hand in {FILE} or {LAB}.ipynb.",
    )


def test_what_moodle_did_not_name_is_taken_in_under_its_own_name(tmp_path):
    files = moodle() | {"bo_by_mail.py": b"by = 'mail'\n", "cy.pdf": b"%PDF", "Grades-ML1-Lab 1-88.csv": b""}
    items = {item.student.key: item for item in collect([placed(tmp_path, "class", files, "folder")], LAB)}
    assert set(items) == {who.id for who in CLASS} | {"bo_by_mail", "cy"}
    assert dict(items["bo_by_mail"].files) == {FILE: b"by = 'mail'\n"}
    assert "it holds cy.pdf" in items["cy"].reason


@pytest.mark.parametrize(
    "names",
    [
        ["ana.py", "bo.py"],
        ["ana_4711.py", "bo_4712.py"],
        ["ana_1_assignsubmission_file_lab.py", "bo.py", "cy.py", "di.py", "ed.py"],
        ["Ana_1_assignsubmission_file_a.py", "Bo_1_assignsubmission_file_b.py"],
        ["_assignsubmission_file_lab.py"],
    ],
    ids=["plain", "with numbers", "one of five", "one id of two", "nobody"],
)
def test_names_that_only_look_alike_are_not_moodle_s(names):
    assert recognise(names) == {}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_called_as_moodle_or_canvas_would_makes_nobody_somebody_else(tmp_path, layout):
    mallory = f"Mallory_4799_assignsubmission_file{'_' if layout == 'flat' else '/'}"
    names = [f"{mallory}x_4701_assignsubmission_file_{FILE}", f"{mallory}_1001_55_{FILE}"]
    for name in names:
        path = placed(tmp_path / name.replace("/", "|")[-60:], "class", {name: b"x = 1\n"}, "folder")
        (item,) = collect([path], LAB)
        assert item.student.key == "4799"


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).map(moodle_name).filter(str.strip)
files = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=40)


@given(st.dictionaries(st.integers(1, 10**9), names, min_size=1), files, st.sampled_from(["/", "_/", "_"]))
def test_whatever_a_student_and_a_file_are_called_the_id_is_found_again(people, file, between):
    paths = {f"{name}_{id_}_assignsubmission_file{between}{file}": id_ for id_, name in people.items()}
    assert {path: (found.student.key, found.file) for path, found in recognise(paths).items()} == {
        path: (str(id_), file) for path, id_ in paths.items()
    }
