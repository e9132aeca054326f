"""What `grader batch` says of what was handed in, before it grades and in a dry run."""

import json
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
RIGHT = "def double(n): return 2 * n\n"
CLASS = {
    "silvaana_1001_55001_double.py": RIGHT,
    "hohensteinmaximilianetheodora_LATE_1002_55002_double.py": "def double(n): return n * n\n",
    "zed_1003_55003_double.py": RIGHT,
    "bo_1004_55004_essay.docx": "",
    "\x1b[2J.csv": "",
}
ROSTER = (
    "Student,ID,SIS Login ID,Section\n"
    '"Silva, Ana",1001,asilva,A\n'
    '"Maximiliane-Theodora Ñandú von Hohenstein-Wittgenstein und zu Oberkirchen",1002,mtn,A\n'
    '"Bo\x1b[2J, Bo",1004,bo,A\n'
    '"Doe, Jane",1005,jdoe,A\n'
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a download of Canvas, and a roster."""
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as made:
        for name, content in CLASS.items():
            made.writestr(name, content)
    (tmp_path / "class.csv").write_text(ROSTER)
    return tmp_path


def grader(place: Path, *words: object, expected: int = 0, course: Path = TINY) -> str:
    code = "from grader.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, words[0], "double", "--course", str(course), "--db", "grades.db", *words[1:]],
        cwd=place,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "LC_ALL": "C.UTF-8", "HOME": str(place)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_dry_run_shows_who_handed_in_what_in_80_columns_and_writes_nothing(place: Path) -> None:
    before = sorted(place.rglob("*"))
    told = grader(place, "batch", "download.zip", "--roster", "class.csv", "--dry-run")
    assert sorted(place.rglob("*")) == before
    assert max(map(width, told.splitlines())) <= 80
    assert "\x1b" not in told
    rows = {line.split()[0]: " ".join(line.split()) for line in told.splitlines() if line.strip()}
    assert rows["Silva,"].startswith("Silva, Ana 1001 double.py ")
    assert rows["Maximiliane-Theodora"].startswith("Maximiliane-Theodora 1002 double.py ")
    assert rows["Maximiliane-Theodora"].endswith("; late")
    assert rows["Doe,"] == "Doe, Jane 1005 handed in nothing"
    once = " ".join(told.split())
    assert "download.zip: a download of Canvas. Left out as nobody's: \N{REPLACEMENT CHARACTER}[2J.csv." in once
    assert "4 students, 4 submissions." in once
    assert "On the roster: 3 of 4 students." in once
    assert "Handed in nothing: Doe, Jane (1005)." in once
    assert "Not taken in: Bo\N{REPLACEMENT CHARACTER}[2J, Bo" in once
    assert "Marked late by the platform, which changes no score: Maximiliane-Theodora" in once
    assert "nothing is graded, and nothing is written." in once
    assert "has no effect" not in once


def width(line: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in line)


def test_a_dry_run_says_of_what_is_asked_for_besides_that_it_is_not_done(place: Path) -> None:
    told = grader(place, "batch", "download.zip", "--dry-run", "--out", "pages", "--regrade")
    assert told.splitlines()[-2:] == [
        "--out has no effect in a dry run: no page is written.",
        "--regrade has no effect in a dry run: nobody is graded again.",
    ]
    assert not (place / "pages").exists()


def test_a_batch_says_the_same_in_a_few_lines_and_grades_under_the_rosters_keys(place: Path) -> None:
    told = " ".join(
        grader(place, "batch", "download.zip", "--roster", "class.csv", "--sandbox", "local", "--out", "pages").split()
    )
    assert "4 students, 4 submissions. On the roster: 3 of 4 students. Not on the roster, graded under" in told
    found = {row["student"]: row for row in json.loads(grader(place, "results", "--format", "json"))}
    assert found.keys() == {"1001", "1002", "1003", "1004"}
    assert found["1003"]["score"] == 10.0
    assert found["1001"]["name"] == "Silva, Ana"


def test_a_roster_given_later_or_numbered_anew_splits_and_merges_nobody_and_says_so(place: Path) -> None:
    (place / "class").mkdir()
    for who, content in (("7", "# a"), ("asilva", "# b")):
        (place / "class" / f"{who}.py").write_text(f"{content}\n{RIGHT}")
    batch = ("batch", "class", "--sandbox", "local", "--out", "pages")
    (place / "old.csv").write_text("login,name\n7,Bo Larsen\n")
    (place / "new.csv").write_text("id,login,name\n7,jdoe,Jane Doe\n8,asilva,Ana Silva\n9,7x,Cy\n")
    grader(place, *batch, "--roster", "old.csv")
    (place / "class" / "7.py").unlink()
    (place / "class" / "jdoe.py").write_text(f"# c\n{RIGHT}")
    told = " ".join(grader(place, *batch, "--roster", "new.csv").split())
    assert "kept under the key there: Ana Silva (asilva, not 8)." in told
    assert "Jane Doe (7 is Bo Larsen there)" in told
    found = {row["student"]: row["name"] for row in json.loads(grader(place, "results", "--format", "json"))}
    assert found.pop("7") == "Bo Larsen"
    assert found.pop("asilva") == "Ana Silva"
    assert [*found.values()] == ["Jane Doe"]


def test_a_plain_class_and_several_submissions_of_a_student_are_told(place: Path) -> None:
    for week in ("week 1", "week 2"):
        (place / week / "ana").mkdir(parents=True)
        (place / week / "ana" / "double.py").write_text(RIGHT)
        (place / week / "bo.py").write_text(f"# {week}\n{RIGHT}")
        shutil.rmtree(place / week / "ana") if week == "week 2" else None
    told = " ".join(grader(place, "batch", "week 1", "week 2", "--dry-run").split())
    assert "week 1: a class; what a file or folder is called is the student's key." in told
    assert "2 students, 3 submissions. Several submissions, of which the latest counts: bo." in told
    assert "attempt 1 of 2" in told
    assert "attempt 2 of 2" in told


def test_the_starter_beside_a_notebook_is_not_graded_and_of_two_that_were_written_neither_is(place: Path) -> None:
    course = Path(shutil.copytree(TINY, place / "course"))
    starter = "def double(n): ...\n"
    (course / "assignments" / "double" / "double.py").write_text(starter)
    cell = {"cell_type": "code", "source": RIGHT, "metadata": {}, "outputs": [], "execution_count": None}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    for who, source in (("zed", starter), ("cy", "# to do\n" + starter)):
        (place / "class" / who).mkdir(parents=True)
        (place / "class" / who / "double.py").write_text(source)
        (place / "class" / who / "double.ipynb").write_text(notebook)
    batch = ("batch", "class", "--sandbox", "local", "--out", "pages")
    for told in (grader(place, *batch, "--dry-run", course=course), grader(place, *batch, course=course)):
        assert "double.py and double.ipynb are both there" in " ".join(told.split())
    found = {row["student"]: row["score"] for row in json.loads(grader(place, "results", "--format", "json"))}
    assert found == {"zed": 10.0, "cy": None}


def test_a_large_class_is_told_in_few_lines(place: Path) -> None:
    (place / "class").mkdir()
    for number in range(300):
        (place / "class" / f"student_{number:03}.py").write_text(RIGHT)
        (place / "class" / f"notes_{number:03}.md").write_text("")
    (place / "many.csv").write_text("id,name\n" + "".join(f"x{number},N {number}\n" for number in range(300)))
    told = grader(place, "batch", "class", "--roster", "many.csv", "--dry-run")
    above, _, _ = told.partition("remarks")
    assert len(above.splitlines()) < 30
    assert "and 295 more." in " ".join(above.split())
    assert "and 280 more. The table of --dry-run shows all of them." in " ".join(above.split())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"login,name\nana,Ana\nana,Anabel\n", "lines 2, 3 are different people's and have the same login"),
        (b"\xff\xfe\xfa", "The roster"),
        (None, "cannot be read: No such file or directory."),
    ],
    ids=["a contradiction", "no text", "no file"],
)
def test_a_roster_that_cannot_be_used_is_refused_before_anything_is_done(
    place: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (place / "bad.csv").write_bytes(content)
    told = grader(place, "batch", "download.zip", "--roster", "bad.csv", "--sandbox", "local", expected=2)
    assert said in " ".join(told.split())
    assert told.startswith("Error: ")
    assert not (place / "grades.db").exists()


def test_many_folders_of_classes_are_told_in_few_lines(place: Path) -> None:
    folders = [f"group {number}" for number in range(8)]
    for folder in folders:
        (place / folder).mkdir()
        (place / folder / f"{folder} a.py").write_text(RIGHT)
        (place / folder / f"{folder} b.py").write_text(RIGHT)
    told = grader(place, "batch", *folders, "--dry-run")
    assert told.count(": a class;") == 5
    assert "And 3 more folders or archives of classes." in told
    assert "16 students, 16 submissions." in told
