"""What Blackboard's "Assignment File Download" gives."""

from datetime import UTC, datetime

import pytest
from downloads import CLASS, FILE, LAB, WAYS, blackboard, placed
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import collect
from grader.intake.blackboard import recognise
from grader.model import Refusal, Student

CALLED = "gradebook_ML1_HW1Tensors_2026-03-02-10-00-00"
TIME = "2026-03-01-09-12-44"


def keys(names, called=""):
    return {upload.student.key for upload in recognise(names, called).values()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("word", ["attempt", "poging", "尝试"])
@pytest.mark.parametrize("column", ["HW1", "HW_1 Tensors", "Übung_1"])
def test_a_class_is_taken_in_under_its_usernames(tmp_path, column, word, way):
    items = list(collect([placed(tmp_path, CALLED, blackboard(column=column, word=word), way)], LAB))
    expected = sorted((who.user, who.work) for who in CLASS)
    assert [(item.student.key, item.files[FILE]) for item in items] == expected
    assert {item.received_at for item in items} == {datetime(2026, 3, 1, 9, 12, 44, tzinfo=UTC)}


def test_times_are_told_as_clocks_there_show_them(tmp_path):
    (item,) = collect([placed(tmp_path, CALLED, blackboard(CLASS[:1]), "zip")], LAB)
    assert item.told_at.isoformat() == "2026-03-01T09:12:44"


def test_the_receipt_is_no_part_of_what_was_handed_in(tmp_path):
    (item,) = collect([placed(tmp_path, CALLED, blackboard(CLASS[:1]), "zip")], LAB)
    assert set(item.files) == {FILE}


def test_files_of_one_attempt_go_together_and_the_latest_attempt_comes_last(tmp_path):
    files = {
        f"HW1_ana_attempt_2026-03-01-09-12-44_{FILE}": b"try = 1\n",
        f"HW1_ana_attempt_2026-02-27-23-59-59_{FILE}": b"try = 0\n",
        "HW1_ana_attempt_2026-03-01-09-12-44_helper.py": b"",
        "HW1_ana_attempt_2026-03-01-09-12-44.txt": b"",
        "HW1_ana_attempt_2026-02-27-23-59-59.txt": b"",
        f"HW1_bo_attempt_2026-02-28-00-00-00_{FILE}": b"by = 'bo'\n",
    }
    items = list(collect([placed(tmp_path, "class", files, "folder")], LAB))
    assert [(item.student.key, dict(item.files)) for item in items] == [
        ("ana", {FILE: b"try = 0\n"}),
        ("ana", {FILE: b"try = 1\n", "helper.py": b""}),
        ("bo", {FILE: b"by = 'bo'\n"}),
    ]


def test_an_attempt_that_is_a_receipt_alone_is_refused_and_told(tmp_path):
    files = blackboard() | {f"HW_1 Tensors_zoe_attempt_{TIME}.txt": b"Name: Zoe (zoe)\r\n"}
    items = {item.student.key: item for item in collect([placed(tmp_path, "class", files, "folder")], LAB)}
    zoe = items["zoe"]
    assert isinstance(zoe, Refusal)
    assert "it holds receipt.txt" in zoe.reason


@pytest.mark.parametrize(
    ("called", "found"),
    [
        ("gradebook_ML_1_Lab_1_2026-03-02-10-00-00", {"s_001", "s_002"}),
        ("gradebook_ML1_Lab1_2026-03-02-10-00-00 (1)", {"s_001", "s_002"}),
        ("elsewhere", {"001", "002"}),
    ],
)
def test_where_all_usernames_begin_alike_the_archives_name_tells_the_column(called, found):
    assert keys([f"Lab_1_s_001_attempt_{TIME}_a.py", f"Lab_1_s_002_attempt_{TIME}_a.py"], called) == found


def test_of_one_student_the_archives_name_tells_a_username_with_underscores():
    names = [f"Résumé 1_de_la_cruz_attempt_{TIME}_a.py"]
    assert keys(names, "gradebook_ML1_Résumé 1_2026-03-02-10-00-00") == {"de_la_cruz"}


def test_a_group_hands_in_under_its_name():
    (one, _) = recognise([f"HW1_Team A_attempt_{TIME}_a.py", f"HW1_Team B_attempt_{TIME}_a.py"]).values()
    assert one.student == Student("Team A", "Team A")


@pytest.mark.parametrize(
    "names",
    [
        ["ana.py", "bo.py"],
        [f"ana_attempt_{TIME}_lab.py"],
        ["HW1_ana_attempt_2026-13-01-09-12-44_lab.py"],
        [f"HW1_ana_attempt_{TIME}_lab.py", f"HW1_bo_copy_{TIME}_lab.py"],
        [f"HW1_ana_attempt_{TIME}_lab.py", "bo.py"],
        [f"HW1_ana_attempt_{TIME}/lab.py"],
    ],
    ids=["plain", "no column", "no time", "two words", "one of two", "folder"],
)
def test_names_that_only_look_alike_are_not_blackboard_s(names):
    assert recognise(names) == {}


@pytest.mark.parametrize("file", [f"x_attempt_{TIME}_{FILE}", f"_4701_assignsubmission_file_{FILE}", f"_1_2_{FILE}"])
def test_a_file_called_as_another_attempt_makes_nobody_somebody_else(tmp_path, file):
    path = placed(tmp_path, "class", {f"HW1_mallory_attempt_{TIME}_{file}": b"x = 1\n"}, "folder")
    (item,) = collect([path], LAB)
    assert item.student.key == "HW1_mallory"


users = st.text("abc_.-1é李", min_size=1, max_size=12)
columns = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=20).filter(
    lambda column: "_attempt_" not in f"_{column}_"
)
files = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=40)


moments = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(st.sets(users, min_size=1), columns, moments, files)
def test_a_username_is_found_again_whatever_the_column_is_called(names, column, moment, file):
    made = {f"{column}_{start}{user}_attempt_{moment:%Y-%m-%d-%H-%M-%S}_{file}" for user in names for start in "xy"}
    uploads = recognise(made)
    assert {upload.student.key for upload in uploads.values()} == {start + user for user in names for start in "xy"}
    assert {upload.file for upload in uploads.values()} == {file}
