"""`grader import` as people call it: what it writes, what it prints, and what it refuses."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from samples import SQUARE, code, nbgrader, notebook, otter, raw

from grader.cli import main, program
from grader.errors import InvalidLab
from grader.labs import Course, find_course
from grader.pipeline import importing, writing
from grader.pipeline.importing import import_assignment

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "course"))


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    """An assignment with a file for students, one beside it, and two that lie elsewhere."""
    folder = tmp_path / "hw"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "points.csv").write_text("1,2\n")
    (folder / "notes.txt").write_text("mine")
    (tmp_path / "secret.txt").write_text("not to be copied")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    names = ["data/points.csv", '"a\\0b"', "../secret.txt", "link.txt", "lost.csv", "notes.txt/../../secret.txt"]
    wanted = json.dumps("".join(f"  - {name}\n" for name in names))[1:-1]
    (folder / "Home Work-1.ipynb").write_text(otter().replace("  - data/points.csv\\n", wanted))
    return folder


def run(*words: object):
    return CliRunner().invoke(program, ["import", *map(str, words)])


def test_a_lab_is_written_and_what_became_of_the_assignment_is_told(course: Path, homework: Path) -> None:
    done = run(homework, "--course", course)
    assert done.exit_code == 0, done.output
    told = " ".join(done.output.split())
    assert "Homework 1: taken over from Otter-Grader as the lab home_work_1." in told
    assert "Checks: 3, worth 7.5 points." in told
    assert "Tests: 6 of 6 translated." in told
    assert "q3 is judged by people; its points, 3, are not in the lab." in told
    assert "`grader validate home_work_1` tries the lab" in told
    lab = find_course(course).lab("home_work_1")
    assert (lab.spec.title, lab.spec.points) == ("Homework 1", 7.5)
    written = {path.relative_to(course).as_posix() for path in course.rglob("*home_work_1/**/*") if path.is_file()}
    assert written == {
        "assignments/home_work_1/README.md",
        "assignments/home_work_1/data/points.csv",
        "assignments/home_work_1/home_work_1.ipynb",
        "assignments/home_work_1/lab.toml",
        "assignments/home_work_1/test_public.py",
        "reference/home_work_1/solution.ipynb",
        "reference/home_work_1/starter.sha256",
        "reference/home_work_1/test_hidden.py",
    }
    assert "| q2 (2) | 1.5 |" in lab.handout.read_text()


ALL_SEEN = notebook(
    raw("# BEGIN QUESTION\nname: q1\npoints: 4"),
    raw("# BEGIN SOLUTION"),
    code(SQUARE),
    raw("# END SOLUTION"),
    raw("# BEGIN TESTS"),
    *(code(f"square({number}) == {number**2}", "True") for number in range(3, 9)),
    raw("# END TESTS"),
    raw("# END QUESTION"),
)


@pytest.mark.parametrize("assignment", [otter(), nbgrader(), ALL_SEEN], ids=["otter", "nbgrader", "all tests seen"])
def test_a_lab_as_it_was_imported_can_be_handed_out(course: Path, tmp_path: Path, assignment: str) -> None:
    (tmp_path / "hw1.ipynb").write_text(assignment)
    assert run(tmp_path / "hw1.ipynb", "--course", course).exit_code == 0
    done = CliRunner().invoke(program, ["handout", "hw1", "--course", str(course)])
    assert done.exit_code == 0, done.output
    assert find_course(course).lab("hw1").public_suite.is_file()


def test_the_tests_of_an_imported_lab_that_students_did_not_see_stay_hidden(course: Path, homework: Path) -> None:
    run(homework, "--course", course)
    lab = find_course(course).lab("home_work_1")
    lab.public_suite.write_text(lab.hidden_suite.read_text().replace("Hidden checks", "Checks"))
    done = CliRunner().invoke(program, ["handout", "home_work_1", "--course", str(course)])
    assert "test_public.py has most of the hidden suite. Take it out." in str(done.exception)


def test_files_outside_of_the_assignment_are_not_copied(course: Path, homework: Path) -> None:
    told = " ".join(run(homework, "--course", course).output.split())
    assert "Files that students get, too: data/points.csv." in told
    assert told.count("it lies outside of the assignment's folder") == 3
    assert "lost.csv: it is not there." in told
    assert "b: it is no name of a file." in told
    assert "Beside the notebook, and not looked at: link.txt, notes.txt." in told
    assert not any("not to be copied" in path.read_text() for path in course.rglob("*.txt"))


def test_what_pythons_parser_warns_of_is_not_said(course: Path, tmp_path: Path) -> None:
    tests = [raw("# BEGIN TESTS"), code("assert square(2) == 4, '\\d'"), raw("# END TESTS")]
    path = tmp_path / "lab.ipynb"
    path.write_text(
        notebook(raw("# BEGIN QUESTION"), code(f"LATEX = '\\sum'\n{SQUARE}"), *tests, raw("# END QUESTION"))
    )
    done = run(path, "--course", course)
    assert done.exit_code == 0, done.exception
    assert "Tests: 1 of 1 translated." in " ".join(done.output.split())


def test_neither_the_master_nor_its_tests_are_copied_for_students(course: Path, homework: Path) -> None:
    (homework / "tests").mkdir()
    (homework / "tests" / "q1.py").write_text("test = {'name': 'q1', 'suites': []}\n")
    path = homework / "Home Work-1.ipynb"
    path.write_text(path.read_text().replace("  - lost.csv", f"  - {path.name}\\n  - tests"))
    told = " ".join(run(homework, "--course", course, "--name", "other").output.split())
    assert f"{path.name}: solutions or tests are in it." in told
    assert "tests/q1.py: solutions or tests are in it." in told
    assert not (course / "assignments" / "other" / path.name).exists()
    assert not (course / "assignments" / "other" / "tests").exists()


def test_modules_that_the_sandbox_lacks_are_told(course: Path, homework: Path) -> None:
    path = homework / "Home Work-1.ipynb"
    path.write_text(path.read_text().replace("import numpy as np", "import pandas as pd, data, os, sklearn"))
    told = " ".join(run(homework, "--course", course).output.split())
    assert "The notebook imports pandas, and the sandbox has no such module" in told


def test_a_link_to_the_master_is_not_followed(course: Path, homework: Path) -> None:
    path = homework / "Home Work-1.ipynb"
    (homework / "data" / "copy.ipynb").symlink_to(path)
    path.write_text(path.read_text().replace("  - lost.csv", "  - data"))
    told = " ".join(run(homework, "--course", course).output.split())
    assert "data/copy.ipynb: solutions or tests are in it." in told
    assert not (course / "assignments" / "home_work_1" / "data" / "copy.ipynb").exists()


def test_files_beyond_what_is_copied_are_counted(course: Path, homework: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "FILES_MOST", 3)
    for number in range(5):
        (homework / "data" / f"{number}.csv").write_text("1")
    path = homework / "Home Work-1.ipynb"
    path.write_text(path.read_text().replace("  - lost.csv", "  - data"))
    told = " ".join(run(homework, "--course", course).output.split())
    assert "Not copied: data: 3 of its 6 files, from data/3.csv on." in told
    assert "data/2.csv" in told
    assert not (course / "assignments" / "home_work_1" / "data" / "3.csv").exists()


def test_more_test_files_than_are_read_are_refused(
    course: Path, homework: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TESTS_MOST", 2)
    (homework / "tests").mkdir()
    for number in range(3):
        (homework / "tests" / f"q{number}.py").write_text("test = {}\n")
    told = str(run(homework, "--course", course).exception)
    assert "tests has 3 Python files, and no more than 2 are read" in told
    assert not (course / "assignments" / "home_work_1").exists()


def test_a_lab_that_is_there_is_left_alone(course: Path, homework: Path) -> None:
    (course / "reference" / "mine").mkdir()
    before = sorted(course.rglob("*"))
    for name in ("double", "mine"):
        done = run(homework, "--course", course, "--name", name)
        assert f"/{name} already, and nothing is written over" in str(done.exception)
    assert "There is double already" in str(run(homework, "--course", course, "--name", "Double").exception)
    assert sorted(course.rglob("*")) == before


def test_what_is_left_is_told_with_its_line(course: Path, tmp_path: Path) -> None:
    tests = [raw("# BEGIN TESTS"), code("assert square(2) == pd.Series([1])"), raw("# END TESTS")]
    path = tmp_path / "lab.ipynb"
    path.write_text(notebook(raw("# BEGIN QUESTION\nname: q1"), code(SQUARE), *tests, raw("# END QUESTION")))
    done = run(path, "--course", course)
    told = " ".join(done.output.split())
    assert done.exit_code == 0
    assert "Tests: 0 of 1 translated." in told
    assert "Public checks: none" in told
    suite = course / "reference" / "lab" / "test_hidden.py"
    line = next(n for n, line in enumerate(suite.read_text().split("\n"), start=1) if "# TODO" in line)
    assert f"test_hidden.py:{line} q1: 1 test" in told
    assert "while a check raises, nobody is graded" in told
    assert not (course / "assignments" / "lab" / "test_public.py").exists()


@pytest.mark.parametrize("name", ["../up", "1st", "a/b", "hw-1", "import", "torch", "test_public", "Random"])
def test_a_name_that_a_new_lab_may_not_have_is_refused_likewise(course: Path, homework: Path, name: str) -> None:
    done = run(homework, "--course", course, "--name", name)
    assert str(CliRunner().invoke(program, ["new", "--course", str(course), name]).exception) == str(done.exception)
    assert name in str(done.exception)
    assert find_course(course).names() == ["double"]


@pytest.mark.parametrize(("notebook", "name"), [("01 intro", "lab_01_intro"), ("import", "lab_import")])
def test_a_notebook_that_no_lab_can_be_called_by_gets_a_name_proposed(
    course: Path, homework: Path, notebook: str, name: str
) -> None:
    (homework / "Home Work-1.ipynb").rename(homework / f"{notebook}.ipynb")
    told = str(run(homework, "--course", course).exception)
    assert told.endswith(f"such as {name}: grader import {homework} --name {name}")
    assert run(homework, "--course", course, "--name", name).exit_code == 0


def test_a_handout_gets_no_lab(tmp_path: Path, homework: Path) -> None:
    handout = tmp_path / "hw1"
    handout.mkdir()
    with pytest.raises(InvalidLab, match="is a handout, not a course"):
        import_assignment(Course(handout, handout="hw1"), homework, "")
    assert list(handout.iterdir()) == []


def test_half_a_lab_is_taken_away_where_the_other_half_cannot_be_written(
    course: Path, homework: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(folder: Path, files: object) -> None:
        if folder.parent.name == "assignments":
            raise OSError(28, "No space left on device")
        folder.mkdir()

    monkeypatch.setattr(writing, "_put_folder", no_space)
    assert isinstance(run(homework, "--course", course).exception, OSError)
    assert not (course / "reference" / "home_work_1").exists()


def test_a_folder_without_one_notebook_is_refused(course: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    assert "There is no notebook in" in str(run(folder, "--course", course).exception)
    for name in ("a.ipynb", "b.ipynb"):
        (folder / name).write_text(otter())
    assert "has several notebooks: a.ipynb, b.ipynb" in str(run(folder, "--course", course).exception)
    assert "is no notebook" in str(
        run(tmp_path / "course" / "assignments" / "double" / "lab.toml", "--course", course).exception
    )


def test_a_refusal_is_one_sentence_and_status_2(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd\x1b[31m.ipynb"
    path.write_text("{")
    monkeypatch.setattr("sys.argv", ["grader", "import", str(path), "--name", "odd", "--course", str(course)])
    with pytest.raises(SystemExit) as stopped:
        main()
    told = capsys.readouterr().err
    assert stopped.value.code == 2
    assert "cannot be read as a notebook" in told
    assert "\x1b" not in told
    assert not (course / "assignments" / "odd").exists()


def test_nothing_of_the_notebook_is_run(course: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    bomb = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    tests = [
        raw("# BEGIN TESTS"),
        code(f"assert square({bomb}) == 4"),
        code(f"square({bomb})", bomb),
        raw("# END TESTS"),
    ]
    folder = tmp_path / "hw"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "q2.py").write_text(f"test = {{'name': {bomb}}}\n{bomb}\n")
    (folder / "hw.ipynb").write_text(
        notebook(raw("# BEGIN QUESTION\nname: !!python/name:os.system\n"), code(bomb), *tests, raw("# END QUESTION"))
    )
    run(folder, "--course", course)
    content = (folder / "hw.ipynb").read_text().replace("!!python/name:os.system", "q1")
    (folder / "hw.ipynb").write_text(content)
    assert run(folder, "--course", course).exit_code == 0
    assert not mark.exists()
