"""The pages as files."""

import errno
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import DiskFull, SetupError
from grader.feedback import check_place, page_name, write_report
from grader.feedback.report import file_name
from grader.model import ClassResults, Student


@pytest.fixture
def few(lab1):
    return replace(lab1, grades=lab1.grades[:3])


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_there_is_a_class_page_and_one_for_each_student_and_nothing_else(few, tmp_path):
    done = []
    index = write_report(few, tmp_path / "new" / "out", lambda *step: done.append(step))
    assert index == tmp_path / "new" / "out" / "index.html"
    assert names(index.parent) == ["index.html", "students/1000.html", "students/1001.html", "students/1002.html"]
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_every_link_of_the_class_page_leads_to_a_file(lab1, tmp_path):
    index = write_report(lab1, tmp_path)
    links = set(re.findall(r'href="(students/[^"]+)"', index.read_text()))
    assert (
        links
        == {name for name in names(tmp_path) if name.startswith("students/")}
        == {page_name(grade.student.key) for grade in lab1.grades}
    )
    assert len(links) == 30


def test_a_page_that_would_not_change_is_left_alone(few, tmp_path):
    write_report(few, tmp_path)
    for path in tmp_path.rglob("*.html"):
        os.utime(path, ns=(1, 1))
    changed = replace(few, grades=(*few.grades[:2], replace(few.grades[2], score=1.0)))
    write_report(changed, tmp_path)
    touched = {path.name for path in tmp_path.rglob("*.html") if path.stat().st_mtime_ns != 1}
    assert touched == {"index.html", "1002.html"}


def test_pages_of_students_who_left_go_and_files_of_others_stay(few, tmp_path):
    write_report(few, tmp_path)
    (tmp_path / "students" / "notes.html").write_text("<p>mine, about torch</p>")
    (tmp_path / "students" / "photo.png").write_bytes(b"x")
    write_report(replace(few, grades=few.grades[:1]), tmp_path)
    assert names(tmp_path) == ["index.html", "students/1000.html", "students/notes.html", "students/photo.png"]


def test_somebody_elses_index_is_not_written_over(few, tmp_path):
    (tmp_path / "index.html").write_text("my home page")
    with pytest.raises(SetupError, match="not one of the grader's pages"):
        write_report(few, tmp_path)
    assert (tmp_path / "index.html").read_text() == "my home page"


def test_before_anything_is_graded_one_learns_that_pages_could_not_be_written_and_nothing_is_made(tmp_path):
    check_place(tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SetupError, match=r"cannot be written to .*file/out: Not a directory"):
        check_place(tmp_path / "file" / "out")
    (tmp_path / "index.html").write_text("my home page")
    with pytest.raises(SetupError, match="not one of the grader's pages"):
        check_place(tmp_path)
    for folder in ("students", "similar"):
        place = tmp_path / f"beside {folder}"
        place.mkdir()
        (place / folder).write_text("mine")
        with pytest.raises(SetupError, match=f"beside {folder}: Not a directory"):
            check_place(place)
    with pytest.raises(SetupError, match=r"cannot be written to /proc/nope: "):  # which root may write to
        check_place(Path("/proc/nope"))


def test_a_link_in_a_pages_place_is_replaced_and_not_followed(few, tmp_path):
    write_report(few, tmp_path / "out")
    page = tmp_path / "out" / "students" / "1000.html"
    victim = tmp_path / "victim.html"
    page.replace(victim)
    old = victim.read_text()
    page.symlink_to(victim)
    write_report(replace(few, grades=(replace(few.grades[0], score=2.0), *few.grades[1:])), tmp_path / "out")
    assert victim.read_text() == old
    assert not page.is_symlink()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full to fill a disk")
def test_a_full_disk_is_a_sentence_and_leaves_the_old_page_whole(few, tmp_path, monkeypatch):
    write_report(few, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.html")}

    def write_to_a_full_disk(path, data):
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(data)

    monkeypatch.setattr(Path, "write_bytes", write_to_a_full_disk)
    with pytest.raises(DiskFull, match=re.escape(str(tmp_path))) as raised:
        write_report(replace(few, grades=(replace(few.grades[0], score=2.0),)), tmp_path)
    assert raised.value.__cause__.errno == errno.ENOSPC
    monkeypatch.undo()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.html")} == before
    assert names(tmp_path) == sorted(path.relative_to(tmp_path).as_posix() for path in before)


def test_a_place_that_is_no_folder_is_a_sentence(few, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="--out"):
        write_report(few, tmp_path / "file" / "out")


def test_an_empty_class_has_a_page(tmp_path):
    index = write_report(ClassResults("lab", "Lab", "1", 100.0), tmp_path)
    assert "Lab" in index.read_text()


def test_keys_of_any_kind_get_pages_of_their_own(few, tmp_path):
    keys = ["a", "A", "a.", "../a", "a/b", "a\\b", "", " ", "con", "nul.x", "é", "e\u0301", "\ud800", "x" * 2000, "a~b"]
    grades = tuple(replace(few.grades[0], student=Student(key, "Same Name")) for key in keys)
    write_report(replace(few, grades=grades), tmp_path / "out")
    written = names(tmp_path)
    assert len({name.casefold() for name in written}) == len(keys) + 1
    assert all(name.startswith("out/") for name in written)


@pytest.mark.parametrize("key", ["1001", "ana", "jane.doe", "a_b-c", "ab12"])
def test_an_ordinary_key_is_its_own_file_name(key):
    assert file_name(key) == f"{key}.html"


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_a_file_name_is_safe_everywhere_and_tells_keys_apart(one, other):
    name = file_name(one)
    assert re.fullmatch(r"[a-z0-9][a-z0-9._~-]*\.html", name)
    assert len(name) < 100
    assert (name == file_name(other)) == (one == other)
