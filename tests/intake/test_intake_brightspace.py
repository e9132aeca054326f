"""What Brightspace gives for download."""

import unicodedata
from datetime import UTC, datetime

import pytest
from downloads import CLASS, FILE, LAB, WAYS, brightspace, placed
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import collect
from grader.intake.brightspace import recognise
from grader.model import Student

LAYOUTS = ["folders", "flat", "flat by OrgDefinedId"]
DATE = "Mar 1, 2026 912 AM"


def owners(names):
    return {(upload.student.key, upload.student.name) for upload in recognise(names).values()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_class_of_difficult_names_is_taken_in_under_its_ids(tmp_path, layout, way):
    items = list(collect([placed(tmp_path, "Lab 1 Download", brightspace(layout=layout), way)], LAB))
    start = "#0" if "Org" in layout else ""
    assert [(item.student, dict(item.files)) for item in items] == [
        (Student(start + who.id, unicodedata.normalize("NFC", who.full)), {FILE: who.work}) for who in CLASS
    ]
    assert {item.received_at for item in items} == {datetime(2026, 3, 1, 9, 12, tzinfo=UTC)}


def test_times_are_told_as_clocks_there_show_them(tmp_path):
    (item,) = collect([placed(tmp_path, "Lab 1 Download", brightspace(CLASS[:1]), "zip")], LAB)
    assert item.told_at.isoformat() == "2026-03-01T09:12:00"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_of_several_uploads_of_a_student_the_latest_comes_last(tmp_path, layout):
    dates = ["Mar 9, 2026 1159 PM", "Mar 10, 2026 1203 AM", "Mar 9, 2026 1203 PM", "Dec 31, 2025 1000 AM"]
    files = {"index.html": b""}
    for date in dates:
        files |= {name: date.encode() for name in brightspace(CLASS[:2], layout=layout, when=date) if FILE in name}
    items = list(collect([placed(tmp_path, "download", files, "zip")], LAB))
    in_order = [dates[place].encode() for place in (3, 2, 0, 1)]
    assert [item.files[FILE] for item in items] == in_order * 2


@pytest.mark.parametrize("between", ["/", " - "])
def test_files_of_one_upload_go_together(tmp_path, between):
    start = f"4706-90210 - Ana Silva - {DATE}{between}"
    files = {f"{start}{FILE}": b"x = 1\n", f"{start}helper.py": b"", "index.html": b""}
    (item,) = collect([placed(tmp_path, "download", files, "zip")], LAB)
    assert set(item.files) == {FILE, "helper.py"}


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Mar 1, 2026 1200 AM", "2026-03-01T00:00"),
        ("Mar 1, 2026 1200 PM", "2026-03-01T12:00"),
        ("Mar 1, 2026 105 pm", "2026-03-01T13:05"),
        ("Sept. 21, 2026 2305", "2026-09-21T23:05"),
        ("December 1, 2026 0912", "2026-12-01T09:12"),
        ("Mar 1, 2026 912\u202fPM", "2026-03-01T21:12"),
    ],
)
def test_dates_are_understood_as_local_ones(date, moment):
    (upload,) = recognise([f"1-2 - Ana - {date}/{FILE}"]).values()
    assert upload.received_at.isoformat(timespec="minutes") == moment


def test_a_number_that_all_have_in_common_is_nobodys():
    assert owners([f"90210-1 - Ana - {DATE}/a.py", f"90210-2 - Bo - {DATE}/a.py"]) == {
        ("90210-1", "Ana"),
        ("90210-2", "Bo"),
    }


def test_a_second_number_of_each_upload_leaves_the_student_one():
    assert owners([f"7-1 - Ana - {DATE}/a.py", f"7-2 - Ana - {DATE}/a.py", f"8-3 - Bo - {DATE}/a.py"]) == {
        ("7", "Ana"),
        ("8", "Bo"),
    }


@pytest.mark.parametrize(
    "names",
    [
        ["ana.py", "bo.py"],
        ["12-34 - Ana/lab.py"],
        [f"Ana - {DATE}/lab.py"],
        ["1-2 - Ana - Foo 1, 2026 912 AM/lab.py"],
        ["1-2 - Ana - Mar 32, 2026 912 AM/lab.py"],
        ["1-2 - Ana - Mar 1, 2026 2512/lab.py"],
        [f"1-2 - Ana - {DATE}/lab.py", f"1-2 - Bo - {DATE}/lab.py"],
        [f"1_Ana_{DATE}_lab.py", f"1_Bo_{DATE}_lab.py"],
        [f"1-2 - Ana - {DATE}/lab.py", "bo.py", "cy.py"],
    ],
    ids=["plain", "no date", "no ids", "no month", "no day", "no hour", "ids shared", "org shared", "one of three"],
)
def test_names_that_only_look_alike_are_not_brightspace_s(names):
    assert recognise(names) == {}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_called_as_another_upload_makes_nobody_somebody_else(tmp_path, layout):
    (made,) = (name for name in brightspace(CLASS[5:6], layout=layout) if FILE in name)
    for other in (f" - {DATE} - {FILE}", f"_{DATE}_{FILE}", f"_4701_assignsubmission_file_{FILE}"):
        path = placed(tmp_path / other[-9:], "class", {made.replace(FILE, other): b"x = 1\n"}, "folder")
        (item,) = collect([path], LAB)
        assert item.student.name == "Ana Silva"


names = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=30).filter(str.strip)
moments = st.integers(0, 2**32).map(lambda seconds: datetime.fromtimestamp(seconds, UTC).replace(second=0, tzinfo=None))
uploads = st.dictionaries(st.integers(1, 10**6), st.tuples(names, moments), min_size=1)
files = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=30)


@given(uploads, files, st.sampled_from(["/", " - "]))
def test_whatever_a_student_is_called_id_name_and_time_are_found_again(made, file, between):
    paths = {
        f"{id_}-90210 - {name} - {moment:%b} {moment.day}, {moment:%Y %I%M %p}{between}{file}": (str(id_), moment)
        for id_, (name, moment) in made.items()
    }
    found = recognise(paths)
    assert {path: (upload.student.key, upload.received_at) for path, upload in found.items()} == paths
    assert {upload.file for upload in found.values()} == {file}
