"""A folder that fills while one looks: what has arrived whole, and whose it is."""

import errno
import os
from pathlib import Path

import pytest

from grader.errors import NoSubmissions
from grader.intake import Known, survey_filling
from grader.intake.arriving import Settling, closed, is_unfinished, listed, mark

LAB = "lab1_tensors"
WORK = "x = 1\n"


def put(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(WORK)


def keys(folder: Path) -> list[str]:
    return [found.student.key for found in survey_filling(folder, LAB).found]


# ---------------------------------------------------------------- looking


def test_a_listing_has_everything_by_what_is_at_the_top(tmp_path):
    put(tmp_path, "ana.py", "bo/lab1_tensors.py", "bo/nets/model.py", ".git/objects/ab", "bo/__pycache__/x.pyc")
    found = listed(tmp_path)
    assert {top: sorted(marks) for top, marks in found.items()} == {
        "ana.py": ["ana.py"],
        "bo": ["bo/lab1_tensors.py", "bo/nets/model.py"],
    }
    assert found["ana.py"]["ana.py"] == mark(tmp_path / "ana.py")


def test_another_right_is_another_mark(tmp_path):
    put(tmp_path, "ana.py")
    before = listed(tmp_path)
    while listed(tmp_path) == before:  # clocks of file systems tick
        (tmp_path / "ana.py").chmod(0o600)
    assert mark(tmp_path / "ana.py")[:2] == before["ana.py"]["ana.py"][:2]


def test_a_link_is_marked_as_itself_and_a_missing_file_as_none(tmp_path):
    put(tmp_path, "ana.py")
    (tmp_path / "link.py").symlink_to(tmp_path / "ana.py")
    assert mark(tmp_path / "link.py") != mark(tmp_path / "ana.py")
    assert mark(tmp_path / "nobody.py") not in listed(tmp_path).values()


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(NoSubmissions, match="No such file or directory"):
        listed(tmp_path / "missing")


class Lost:
    """An entry that cannot be looked at."""

    def __init__(self, name, number):
        self.name, self.number = name, number

    def is_dir(self, *, follow_symlinks):
        return False

    def stat(self, *, follow_symlinks):
        raise OSError(self.number, os.strerror(self.number))


def test_what_goes_while_one_looks_is_left_out(tmp_path, monkeypatch):
    put(tmp_path, "ana.py", "bo.py")
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: [Lost("gone.py", errno.ENOENT), *scandir(folder)])
    assert sorted(listed(tmp_path)) == ["ana.py", "bo.py"]


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO, errno.EACCES])
def test_what_cannot_be_looked_at_at_the_moment_hides_nobody_else(tmp_path, monkeypatch, number):
    put(tmp_path, "ana.py")
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: [Lost("bo.py", number), *scandir(folder)])
    found = listed(tmp_path)
    assert sorted(found) == ["ana.py", "bo.py"]
    assert found["bo.py"]["bo.py"] == mark(tmp_path / "bo.py")


def test_only_ordinary_files_and_folders_are_opened_to_see_whether_they_can_be(tmp_path, monkeypatch):
    put(tmp_path, "ana.py")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "link.py").symlink_to(tmp_path / "nowhere")
    assert not closed(tmp_path / name for name in ("ana.py", "pipe.py", "link.py", "missing.py"))
    opened = []

    def deny(path, _flags):
        opened.append(path)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)
    assert closed(tmp_path / name for name in ("pipe.py", "link.py", "ana.py")) == "Permission denied"
    assert opened == [tmp_path / "ana.py"]


# ---------------------------------------------------------------- settling

OLD, NEW = (1, 0, 0), (2, 0, 0)


def test_what_does_not_change_for_long_enough_has_settled():
    settling = Settling(5)
    assert settling.settled({"ana": {"ana": OLD}}, 0) == set()
    assert settling.settled({"ana": {"ana": OLD}}, 4.9) == set()
    assert settling.settled({"ana": {"ana": OLD}}, 5) == {"ana"}


def test_a_change_begins_the_wait_again():
    settling = Settling(5)
    settling.settled({"ana": {"ana": OLD}}, 0)
    settling.settled({"ana": {"ana": NEW}}, 4)
    assert settling.settled({"ana": {"ana": NEW}}, 5) == set()
    assert settling.settled({"ana": {"ana": NEW}}, 9) == {"ana"}


def test_a_folder_settles_as_a_whole_and_others_do_not_wait_for_it():
    settling = Settling(5)
    first = {"ana": {"ana/lab.py": OLD}, "bo": {"bo": OLD}}
    settling.settled(first, 0)
    settling.settled({**first, "ana": {"ana/lab.py": OLD, "ana/.helper.py.Xy12": OLD}}, 4)
    assert settling.settled({**first, "ana": {"ana/lab.py": OLD, "ana/helper.py": OLD}}, 6) == {"bo"}


def test_what_goes_and_comes_back_waits_again():
    settling = Settling(5)
    settling.settled({"ana": {"ana": OLD}}, 0)
    settling.settled({}, 3)
    assert settling.settled({"ana": {"ana": OLD}}, 6) == set()


@pytest.mark.parametrize(
    "name",
    [
        *("ana.py.part", "ANA.PY.PART", "ana.py.filepart", "ana.zip.crdownload", "ana.zip.download", "ana.tmp"),
        *("ana.py~", "~$ana.py", "~syncthing~ana.py.tmp", "ana.sync-conflict-20261123-101500-ABCDEFG.py"),
    ],
)
def test_names_that_programs_give_to_what_they_have_not_finished_are_known(name):
    assert is_unfinished(name)


@pytest.mark.parametrize("name", ["ana.py", "partner.zip", "tmp", "ana.template.py", "download.tar.gz"])
def test_other_names_are_not(name):
    assert not is_unfinished(name)


# ---------------------------------------------------------------- whose it is


def test_an_empty_folder_is_no_mistake(tmp_path):
    assert keys(tmp_path) == []


def test_the_first_folder_is_a_students_and_not_around_everything(tmp_path):
    """A batch looks through it; but here the next student's folder is still to come."""
    put(tmp_path, "ana/main.py", "ana/helper.py")
    assert keys(tmp_path) == ["ana"]
    put(tmp_path, "bo/lab1_tensors.py")
    assert keys(tmp_path) == ["ana", "bo"]


def test_a_file_that_is_called_as_everybodys_does_not_make_the_class_one_students(tmp_path):
    put(tmp_path, "ana.py", "bo/lab1_tensors.py", "lab1_tensors.py", "Lab1_Tensors.ipynb")
    found = survey_filling(tmp_path, LAB)
    assert [one.student.key for one in found.found] == ["ana", "bo"]
    (note, other) = found.places[0].notes
    assert note.startswith("Lab1_Tensors.ipynb does not tell whose it is")
    assert other.startswith("lab1_tensors.py does not tell whose it is")


def test_what_is_unfinished_or_hidden_is_nobodys(tmp_path):
    put(tmp_path, "ana.py", "bo.zip.part", ".cem.py.Xy12ab", "~$dia.py", "eva.zip.download/data", ".stfolder/x.py")
    assert keys(tmp_path) == ["ana"]


def test_a_platforms_names_are_known_in_a_folder_that_fills(tmp_path):
    put(tmp_path, "silvaana_101_2001_lab1_tensors.py")
    assert keys(tmp_path) == ["101"]
    put(tmp_path, "chenbo_102_2002_lab1_tensors.py", "chenbo_LATE_102_2003_helper.py")
    assert keys(tmp_path) == ["101", "102"]


# ---------------------------------------------------------------- of which kind the folder is

ANA, BO, CEM = "silvaana_101_2001_lab.py", "chenbo_102_2002_lab.py", "demircem_103_2003_lab.py"


def known(*here: str) -> Known:
    return Known(dict.fromkeys(here, ""), frozenset(here))


def told(folder: Path, who: Known | None = None) -> tuple[list[str], tuple[str, ...]]:
    found = survey_filling(folder, LAB, known=who)
    return [one.student.key for one in found.found], found.places[0].notes


@pytest.mark.parametrize(
    "stray", ["my_test.py", "late.zip", "solution/lab1_tensors.py", "Al B_7_assignsubmission_file_/x.py"]
)
def test_a_stray_beside_a_platforms_files_changes_nobody_and_is_left_alone(tmp_path, stray):
    put(tmp_path, ANA, BO, stray)
    students, (note,) = told(tmp_path)
    assert students == ["101", "102"]
    assert note.startswith(f"{stray.partition('/')[0]} is not called as Canvas calls")


@pytest.mark.parametrize("strays", [["my_test.py"], ["my_test.py", "other.py", "late.zip", "more.py"]])
def test_once_the_database_has_a_platforms_students_strays_stay_strays(tmp_path, strays):
    put(tmp_path, ANA, *strays)
    students, notes = told(tmp_path, known("101"))
    assert students == ["101"]
    assert len(notes) == len(strays)


def test_a_stray_that_was_there_first_does_not_keep_a_platforms_students_out(tmp_path):
    put(tmp_path, "my_test.py")
    assert told(tmp_path) == (["my_test"], ())
    put(tmp_path, ANA)
    students, (note,) = told(tmp_path, known("my_test"))
    assert students == ["my_test"]
    assert note.startswith(f"{ANA} is called as Canvas calls")
    put(tmp_path, BO)
    assert told(tmp_path, known("my_test"))[0] == ["101", "102"]
    assert told(tmp_path, known("my_test", "101", "102"))[0] == ["101", "102"]


def test_a_file_that_is_called_as_a_platforms_does_not_make_a_class_the_platforms(tmp_path):
    put(tmp_path, "ana.py", "bo.py", CEM)
    students, (note,) = told(tmp_path, known("ana"))
    assert students == ["ana", "bo"]
    assert note.startswith(f"{CEM} is called as Canvas calls")


def test_a_copy_that_contradicts_makes_nobody_somebody_else(tmp_path):
    put(tmp_path, ANA, BO, "silvaana_101_2001_lab_old.py")
    students, (note,) = told(tmp_path, known("101", "102"))
    assert students == []
    assert "twice" in note
    assert note.startswith(f"From {BO} to silvaana_101_2001_lab_old.py")


def test_papers_beside_a_class_are_nothing_to_tell(tmp_path):
    put(tmp_path, ANA, "grades.csv", "README.md")
    assert told(tmp_path) == (["101"], ())


def test_what_a_platform_has_beside_work_is_its_own(tmp_path):
    put(tmp_path, "Silva, Ana(ana)_Submission attachment(s)_lab.py", "Silva, Ana(ana)_comments.txt")
    assert told(tmp_path) == (["ana"], ())
