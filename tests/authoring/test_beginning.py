"""New courses and labs: what they are made of, and what is refused.

That they work as they are is shown where docs/tutorials/first-lab.md is followed.
"""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import grader
from grader.authoring import starters
from grader.cli import program
from grader.errors import AlreadyThere, CourseNotFound, InvalidLab
from grader.labs import bundled_course, find_course
from grader.pipeline import writing
from grader.pipeline.importing import import_assignment


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_new_course_is_found_and_has_no_lab(tmp_path: Path) -> None:
    course = writing.new_course(tmp_path / "dl", example=False)
    assert find_course(tmp_path / "dl" / "reference") == course
    assert course.names() == []
    beside = {".gitignore", "README.md", ".github/workflows/validate.yml"}
    assert everything(course.root) == beside | {"assignments/README.md", "reference/README.md"}


@pytest.mark.parametrize("there", [None, ".github/workflows/mine.yml"])
@pytest.mark.parametrize(("step", "times"), [("write_bytes", 3), ("rename", 1), ("rename", 4)])
def test_a_course_whose_making_is_interrupted_is_not_there_and_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, times: int, there: str | None
) -> None:
    folder, original, left = tmp_path / "dl", getattr(Path, step), [None] * times
    if there:
        (folder / there).parent.mkdir(parents=True)
        (folder / there).write_text("mine")

    def interrupted(path: Path, *given: object) -> object:
        left.pop()
        made = original(path, *given)
        if not left:
            raise KeyboardInterrupt
        return made

    with monkeypatch.context() as patched:
        patched.setattr(Path, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            writing.new_course(folder, example=False)
    assert everything(tmp_path) == ({f"dl/{there}"} if there else set())
    assert folder.exists() == bool(there)
    assert writing.new_course(folder, example=True).names()


def test_a_course_whose_making_is_killed_does_not_look_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(source: Path, _target: Path) -> None:
        if source.name == "assignments":
            raise SystemExit

    monkeypatch.setattr(Path, "rename", killed)
    monkeypatch.setattr(writing, "_remove", lambda _: None)
    monkeypatch.setattr(writing.shutil, "rmtree", lambda _path, **_: None)
    with pytest.raises(SystemExit):
        writing.new_course(tmp_path, example=True)
    with pytest.raises(CourseNotFound):
        find_course(tmp_path)


def test_its_workflow_validates_with_this_version_at_each_push(tmp_path: Path) -> None:
    course = writing.new_course(tmp_path, example=False)
    workflow = yaml.safe_load((course.root / ".github/workflows/validate.yml").read_text())
    job = workflow["jobs"]["validate"]
    assert "push" in workflow[True]  # which is how YAML reads `on`
    assert [step["uses"] for step in job["steps"] if "uses" in step] == [
        "actions/checkout@v4",
        "actions/setup-python@v5",
    ]
    assert job["env"]["GRADER"] == f"torch-lab-grader[grading]=={grader.__version__}"
    assert job["steps"][-1]["run"] == "grader validate"


def test_a_folder_without_a_name_is_not_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["init", ""], ["init", " "], ["batch", "lab1", "x.py", "--out", ""], ["watch", "lab1", ""]):
        done = CliRunner().invoke(program, words)
        assert done.exit_code == 2
        assert "it is empty. Name a folder, or give “.” for this one." in done.output
    assert everything(tmp_path) == set()


@pytest.mark.parametrize(("name", "command"), [("deep", "cd deep"), ("kurs ä ö", "cd 'kurs ä ö'")])
def test_what_is_to_be_typed_next_can_be_typed_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"Next: go there ({command}), then" in CliRunner().invoke(program, ["init", name]).output


def test_the_example_is_this_course(tmp_path: Path) -> None:
    course = writing.new_course(tmp_path / "dl", example=True)
    assert course.names() == bundled_course().names()
    assert "reference/lab1_tensors/mutants/mutants.toml" in everything(course.root)
    assert not [name for name in everything(course.root) if "__pycache__" in name]


@pytest.mark.parametrize("there", ["README.md", "assignments/lab1/lab.toml", "reference/notes.txt"])
def test_a_course_is_not_begun_over_what_is_there(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("mine")
    with pytest.raises(AlreadyThere, match=f"has {Path(there).parts[0]}.* already, and nothing is written over"):
        writing.new_course(tmp_path, example=False)
    assert everything(tmp_path) == {there}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lab-7", "such as lab_7"),
        ("7labs", "no name of a Python file"),
        ("class", "no name of a Python file"),
        ("a/../b", "no name of a Python file"),
        ("übung", "no name of a Python file"),
        ("torch", "would hide what others import"),
        ("Random", "would hide what others import"),
        ("test_public", "would hide what others import"),
        *((name, f"Windows takes no file of the name “{name}”") for name in ("con", "NUL", "com1")),
    ],
)
def test_a_name_that_will_not_do_is_told(tmp_path: Path, name: str, said: str) -> None:
    course = writing.new_course(tmp_path, example=False)
    with pytest.raises(InvalidLab, match=said):
        writing.new_lab(course, name)
    assert course.names() == []


def test_a_lab_or_half_of_one_is_not_written_over(tmp_path: Path) -> None:
    course = writing.new_course(tmp_path, example=False)
    (tmp_path / "reference" / "lab1").mkdir()
    with pytest.raises(AlreadyThere, match=r"reference/lab1 already"):
        writing.new_lab(course, "lab1")
    writing.new_lab(course, "lab2")
    with pytest.raises(AlreadyThere, match="already"):
        writing.new_lab(course, "LAB2")


def test_a_starter_that_was_written_by_hand_is_replaced_by_force_alone(tmp_path: Path) -> None:
    lab = writing.new_lab(writing.new_course(tmp_path, example=False), "lab1")
    assert writing.write_starter(lab, force=False) == (lab.starter, False)
    lab.starter.write_text(mine := "# YOUR CODE HERE\nmine = True\n")
    with pytest.raises(AlreadyThere, match="was written by hand, or changed"):
        writing.write_starter(lab, force=False)
    assert lab.starter.read_text() == mine
    assert "grader starter lab1 --force. What is changed in the starter" in writing.starter_faults(lab)[0]
    assert writing.write_starter(lab, force=True) == (lab.starter, True)
    assert writing.starter_faults(lab) == []


def test_a_starter_that_was_changed_since_it_was_written_is_not_written_over(tmp_path: Path) -> None:
    lab = writing.new_lab(writing.new_course(tmp_path, example=False), "lab1")
    lab.starter.write_text(changed := lab.starter.read_text() + "\n# a hint\n")
    with pytest.raises(AlreadyThere, match=r"Nothing was overwritten.*solution\.py; then"):
        writing.write_starter(lab, force=False)
    assert lab.starter.read_text() == changed


def test_what_is_no_starter_at_all_is_not_written_over(tmp_path: Path) -> None:
    lab = writing.new_lab(writing.new_course(tmp_path, example=False), "lab1")
    lab.starter.unlink()
    lab.starter.symlink_to("gone.py")
    with pytest.raises(AlreadyThere):
        writing.write_starter(lab, force=False)
    assert lab.starter.is_symlink()
    lab.starter.unlink()
    lab.starter.mkdir()
    for force in (False, True):
        with pytest.raises(AlreadyThere):
            writing.write_starter(lab, force=force)


def test_a_link_to_nothing_is_not_written_over_by_a_new_course(tmp_path: Path) -> None:
    (tmp_path / "README.md").symlink_to("gone.md")
    with pytest.raises(AlreadyThere, match=r"has README\.md already"):
        writing.new_course(tmp_path, example=False)


def test_a_starter_follows_its_solution_while_nobody_touches_it(tmp_path: Path) -> None:
    lab = writing.new_lab(writing.new_course(tmp_path, example=False), "lab1")
    lab.starter.write_bytes(lab.starter.read_bytes().replace(b"\n", b"\r\n"))  # as Git gives it on Windows
    for number in range(2):
        lab.solution.write_text(f"{lab.solution.read_text()}\nROUND = {number}\n")
        assert writing.starter_faults(lab) == ["lab1.py is not what the solution gives. Write it: grader starter lab1."]
        assert writing.write_starter(lab, force=False) == (lab.starter, True)
    (lab.reference / starters.RECORD).unlink()
    assert writing.write_starter(lab, force=False) == (lab.starter, False)  # as it should be: on record from now on
    lab.solution.write_text(f"{lab.solution.read_text()}\nROUND = 2\n")
    assert writing.write_starter(lab, force=False) == (lab.starter, True)


def test_the_starter_of_an_imported_lab_is_on_record(tmp_path: Path) -> None:
    course = writing.new_course(tmp_path / "dl", example=False)
    known = {"grade_id": "f", "schema_version": 3, "locked": False}
    solved = {"nbgrader": {**known, "solution": True, "grade": False}}
    tested = {"nbgrader": {**known, "grade_id": "t", "solution": False, "grade": True, "points": 4}}
    solution = "def f():  # ü\n    ### BEGIN SOLUTION\n    return '\ud800'\n    ### END SOLUTION"
    cells = [
        {"cell_type": "code", "metadata": solved, "source": solution},
        {"cell_type": "code", "metadata": tested, "source": "assert f() == 1"},
    ]
    (tmp_path / "hw.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    import_assignment(course, tmp_path / "hw.ipynb", "hw")
    lab = course.lab("hw")
    assert "YOUR CODE HERE" in lab.starter.read_text("utf-8")
    assert writing.write_starter(lab, force=False) == (lab.starter, False)
    assert starters.is_on_record(lab, lab.starter)


def test_a_solution_without_markers_has_no_starter_to_be_written(tmp_path: Path) -> None:
    lab = writing.new_lab(writing.new_course(tmp_path, example=False), "lab1")
    lab.solution.write_text("def train(): ...\n")
    with pytest.raises(InvalidLab, match="no region of it is marked"):
        writing.write_starter(lab, force=False)
