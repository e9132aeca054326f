"""Zips for students: what is in them, and what must not be."""

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

import grader
from grader.authoring import handouts, starters
from grader.cli import program
from grader.datasets import ImagesSpec
from grader.errors import AlreadyThere, HandoutRefused, InvalidLab
from grader.labs import Course, Lab, find_course
from grader.pipeline import writing

COURSE = find_course(Path(__file__))
VERSIONS = Path(__file__).parents[2] / "versions.txt"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab as `grader new` makes it."""
    return writing.new_lab(writing.new_course(tmp_path / "course", example=False), "lab1")


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_handout_is_one_folder_with_the_assignments_files_and_what_to_know_to_begin(lab: Lab) -> None:
    (lab.assignment / "data").mkdir()
    (lab.assignment / "data" / "points.csv").write_text("1,2\n")
    for left_out in ("__pycache__/a.cpython.pyc", ".ipynb_checkpoints/lab1.ipynb", ".DS_Store", "Thumbs.db", "old.pyc"):
        (lab.assignment / left_out).parent.mkdir(exist_ok=True)
        (lab.assignment / left_out).write_text("left out")
    found = unpacked(handouts.packed(lab))
    own = ("README.md", "data/points.csv", "lab.toml", "lab1.py", "test_public.py")
    assert sorted(found) == sorted(f"lab1/{name}" for name in (*own, "START_HERE.md", "requirements.txt"))
    as_it_is = {name: (lab.assignment / name).read_bytes() for name in own}
    as_it_is["lab.toml"] = b'name = "lab1"\n' + as_it_is["lab.toml"]
    assert {name: found[f"lab1/{name}"] for name in own} == as_it_is


def test_a_lab_that_says_its_name_itself_says_it_once_and_no_other(lab: Lab) -> None:
    settings = lab.assignment / "lab.toml"
    text = settings.read_text("utf-8")
    for name in ("lab1", "lab2"):
        settings.write_text(f'name = "{name}"\n{text}', "utf-8")
        named = Course(lab.assignment.parents[1]).lab("lab1")
        if name == "lab1":
            assert unpacked(handouts.packed(named))["lab1/lab.toml"] == settings.read_bytes()
        else:
            with pytest.raises(HandoutRefused, match=r"lab\.toml says name = “lab2”, and the lab is lab1\. Take that"):
                handouts.packed(named)


def test_what_to_know_to_begin_names_the_lab_its_file_and_the_versions_that_were_tested(lab: Lab) -> None:
    found = unpacked(handouts.packed(lab))
    start = found["lab1/START_HERE.md"].decode()
    assert start.startswith("# My lab\n")
    assert "You write `lab1.py`" in start
    assert not re.search("LAB_|lab_name", start)
    wanted = found["lab1/requirements.txt"].decode().split()
    assert wanted[0] == f"torch-lab-grader=={grader.__version__}"
    tested = dict(line.split("==") for line in VERSIONS.read_text().splitlines() if "==" in line)
    assert wanted[1:] == [f"{name}~={'.'.join(tested[name].split('.')[:2])}" for name in ("torch", "torchvision")]


@pytest.mark.parametrize(
    ("starter", "said"),
    [
        ("lab1.py", "write a notebook beside the Python file that lies here, `grader check lab1.ipynb`."),
        ("lab1.ipynb", "write a Python file beside the notebook that lies here, `grader check lab1.py`."),
    ],
)
def test_what_to_know_to_begin_names_the_form_that_does_not_lie_there(lab: Lab, starter: str, said: str) -> None:
    lab.solution.unlink()
    lab.starter.rename(lab.assignment / starter)
    start = unpacked(handouts.packed(lab))["lab1/START_HERE.md"].decode()
    assert said in " ".join(start.split())
    assert not re.search("LAB_|OTHER_|lab_name", start)


def test_students_learn_that_data_does_not_lie_where_their_code_is_graded(lab: Lab) -> None:
    own = replace(lab, spec=msgspec.structs.replace(lab.spec, dataset=ImagesSpec(size=(8, 8))))
    for one, says in ((lab, False), (own, True)):
        start = unpacked(handouts.packed(one))["lab1/START_HERE.md"].decode()
        assert ("It does not lie where your code is checked and graded" in start) == says
        assert start.count("\n## ") == 3 + says


def test_what_students_look_for_and_do_not_get_is_named_and_the_zip_is_written(lab: Lab) -> None:
    lab.handout.unlink()
    lab.public_suite.unlink()
    root = lab.assignment.parents[1]
    done = CliRunner().invoke(program, ["handout", "lab1", "--course", str(root)])
    assert (done.exit_code, (root / "out/handouts/lab1.zip").is_file()) == (0, True), done.output
    said = " ".join(done.output.split())
    assert "There is no README.md: students do not learn what is asked. Write it." in said
    assert "There is no test_public.py: students cannot check their work. Write it, unless that is meant." in said


def test_files_of_the_labs_own_go_before_those_that_every_handout_has(lab: Lab) -> None:
    (lab.assignment / "requirements.txt").write_text("mine\n")
    assert unpacked(handouts.packed(lab))["lab1/requirements.txt"] == b"mine\n"


def test_the_same_files_are_the_same_bytes(lab: Lab, tmp_path: Path) -> None:
    first = handouts.packed(lab)
    shutil.copytree(tmp_path / "course", tmp_path / "again", copy_function=shutil.copyfile)
    assert handouts.packed(Course(tmp_path / "again").lab("lab1")) == first


@pytest.mark.parametrize("name", COURSE.names())
def test_nothing_of_the_reference_is_in_a_handout_of_this_course(name: str) -> None:
    lab = COURSE.lab(name)
    found = unpacked(handouts.packed(lab))
    reference = {path.read_bytes() for path in lab.reference.rglob("*") if path.is_file()}
    assert not reference & {content for content in found.values() if content}
    made = starters.from_solution(lab)
    lines = {line for content in found.values() for line in _lines(content.decode())}
    assert not (made.withheld if made else frozenset()) & lines
    hidden = {line for line in _lines(lab.hidden_suite.read_text("utf-8")) if line.startswith("def test_")}
    assert len(hidden) > 5
    for content in found.values():
        assert len(hidden & {*_lines(content.decode())}) < len(hidden) / 2


def _lines(text: str) -> Iterator[str]:
    return (line.strip().partition("  #")[0].rstrip() for line in text.split("\n"))


def notebook_of(source: str) -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source.splitlines(keepends=True)}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [
        (
            "notes.py",
            "mutants/without_relu.py",
            "notes.py is the same file as mutants/without_relu.py of the reference",
        ),
        ("answers.ipynb", "solution.py", "answers.ipynb has what students are to write: “"),
        ("lab1.py", "solution.py", "lab1.py is not what the solution gives. Write it: grader starter lab1 --force."),
        ("more_checks.py", "test_hidden.py", "more_checks.py has most of the hidden suite"),
    ],
)
def test_what_is_of_the_reference_is_refused_by_name(lab: Lab, name: str, source: str, said: str) -> None:
    text = (lab.reference / source).read_text()
    if name == "more_checks.py":
        text = text.replace("draw", "inputs", 3)
    (lab.assignment / name).write_text(notebook_of(text) if name.endswith(".ipynb") else text)
    with pytest.raises(HandoutRefused) as raised:
        handouts.packed(lab)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("more", "begin"),
    [("\n# a hint\n", "Nothing was packed. lab1.py is not"), ("", "Students would get what is not for them. lab1")],
)
def test_a_starter_that_merely_differs_is_not_said_to_give_anything_away(lab: Lab, more: str, begin: str) -> None:
    given = lab.starter.read_text() if more else lab.solution.read_text()
    lab.starter.write_text(given + more)
    with pytest.raises(HandoutRefused, match=f"^{begin}"):
        handouts.packed(lab)


def test_a_notebook_beside_the_solution_does_not_hide_what_is_secret(lab: Lab) -> None:
    (lab.reference / "solution.ipynb").write_text(notebook_of(""))
    lab.starter.write_text(lab.solution.with_suffix(".py").read_text())
    with pytest.raises(InvalidLab, match="a lab has one solution"):
        handouts.packed(lab)


@pytest.mark.parametrize("kind", ["images", "none"])
def test_of_images_students_get_some_that_are_in_the_reference_and_of_other_data_nothing(lab: Lab, kind: str) -> None:
    for half in (lab.assignment, lab.reference):
        (half / "data").mkdir()
        (half / "data" / "seven.png").write_bytes(b"an image")
    if kind == "images":
        own = msgspec.structs.replace(lab.spec, dataset=ImagesSpec(size=(8, 8)))
        assert "lab1/data/seven.png" in unpacked(handouts.packed(replace(lab, spec=own)))
    else:
        with pytest.raises(
            HandoutRefused, match=r"data/seven\.png is the same file as data/seven\.png of the reference"
        ):
            handouts.packed(lab)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("../secret.txt", r"is a link to .*secret\.txt\. Put what students need into the assignment itself"),
        ("nowhere", "is a link to nothing. Take it out"),
        ("link", "is a link to nothing. Take it out"),
        ("folder", "is a link to a folder. Put a folder there"),
    ],
)
def test_links_that_would_not_be_packed_as_they_seem_are_refused(lab: Lab, to: str, said: str) -> None:
    (lab.assignment.parent / "secret.txt").write_text("secret")
    (lab.assignment / "folder").mkdir()
    (lab.assignment / "link").symlink_to(to)
    with pytest.raises(HandoutRefused, match=f"link {said}"):
        handouts.packed(lab)


@pytest.mark.parametrize("name", ["AUX.txt", "a:b.txt", "end.", "figures /one.png", "x\x1b[31m.txt", "\udce4.txt"])
def test_a_name_that_not_every_system_can_unpack_is_refused(lab: Lab, name: str) -> None:
    (lab.assignment / name).parent.mkdir(exist_ok=True)
    (lab.assignment / name).write_text("x")
    with pytest.raises(HandoutRefused, match=r"is a name that not every system can unpack\. Give it another\."):
        handouts.packed(lab)


@pytest.mark.parametrize("names", [("readme.md",), ("start_here.md",), ("Data/a.png", "data/b.png")])
def test_names_that_differ_by_capitals_alone_are_refused(lab: Lab, names: tuple[str, ...]) -> None:
    for name in names:
        (lab.assignment / name).parent.mkdir(exist_ok=True)
        (lab.assignment / name).write_text(name)
    with pytest.raises(HandoutRefused, match="are one name on Windows and macOS"):
        handouts.packed(lab)


def test_links_of_the_readme_that_lead_to_nothing_are_named_and_the_zip_is_written(lab: Lab) -> None:
    text = "[a](images/gone.png), [b](../lab2/README.md), [c](lab1.py#one), [d](https://example.org) `[e](x.png)`\n"
    lab.handout.write_text(text, "utf-8")
    out = lab.assignment.parents[1] / "out.zip"
    done = CliRunner().invoke(
        program, ["handout", "lab1", "--course", str(lab.assignment.parents[1]), "--out", str(out)]
    )
    assert (done.exit_code, zipfile.is_zipfile(out)) == (0, True), done.output
    said = " ".join(done.output.split())
    assert "README.md:1 links to images/gone.png, which is not there. Add the file, or take the link out." in said
    assert "README.md:1 links to ../lab2/README.md, which students do not get." in said
    assert said.count(" links to ") == 2


def test_a_handout_is_not_written_into_the_assignment_which_the_next_would_pack(lab: Lab) -> None:
    (lab.assignment / "zips").mkdir()
    out = lab.assignment / "zips" / "lab1.zip"
    with pytest.raises(HandoutRefused, match=r"lab1\.zip lies in the assignment: .* Name another with --out\."):
        writing.write_handout(lab, out)
    assert not out.exists()


def test_a_handout_replaces_an_earlier_one_and_nothing_else(lab: Lab, tmp_path: Path) -> None:
    out = tmp_path / "out" / "lab1.zip"
    assert writing.write_handout(lab, out) == writing.write_handout(lab, out) == out
    out.write_text("my notes")
    with pytest.raises(AlreadyThere, match=r"lab1\.zip is there and is no handout of lab1\."):
        writing.write_handout(lab, out)
    assert out.read_text() == "my notes"
