"""`grader dataset`, and what handouts make of it. On to grades goes docs/how-to/datasets.md, which is followed, too."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
LAB_TOML = """
title = "Sides"
version = "1"
points = 10

[limits]
call_seconds = 20
slow = ["train"]

[dataset]
kind = "images"
size = [8, 12]
channels = 1
"""
STARTER = "def train(images, labels, seed=0):\n    raise NotImplementedError\n"


def grader(*words: object, expected: int = 0) -> str:
    command = [sys.executable, "-c", "from grader.cli import main; main()", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course whose lab has 40 images, on two sides, and nothing for students yet."""
    reference, assignment = tmp_path / "reference" / "sides", tmp_path / "assignments" / "sides"
    for name, light in (("left", 20), ("right", 150)):
        (reference / "data" / name).mkdir(parents=True)
        for number in range(20):
            Image.new("RGB", (24, 16), (light + number,) * 3).save(reference / "data" / name / f"{number}.png")
    assignment.mkdir(parents=True)
    (assignment / "lab.toml").write_text(LAB_TOML)
    (assignment / "sides.py").write_text(STARTER)
    return tmp_path


def test_a_first_look_tells_what_there_is_and_how_it_is_split(course: Path) -> None:
    said = grader("dataset", "sides", "--course", course)
    assert "images: inputs uint8 [n, 1, 8, 12], 20 to 169; targets 2 classes, int64 [n]" in said
    assert "left 15 5 right 15 5 together 30 10" in said
    assert "data is missing." in said


def test_a_handout_is_packed_once_students_have_their_part_of_the_data(course: Path, tmp_path: Path) -> None:
    handout = ("handout", "sides", "--course", course, "--out", tmp_path / "sides.zip")
    assert "data is missing." in grader(*handout, expected=2)
    said = grader("dataset", "sides", "--write", "--course", course)
    assert f"Students' part: {course}/assignments/sides/data" in said
    grader(*handout)
    with zipfile.ZipFile(tmp_path / "sides.zip") as packed:
        assert len([name for name in packed.namelist() if name.endswith(".png")]) == 30


def test_a_lab_without_data_of_its_own_says_how_to_have_some(tmp_path: Path) -> None:
    tiny = ROOT / "tests" / "courses" / "tiny"
    said = grader("dataset", "double", "--course", tiny, expected=2)
    assert "double has no data of its own. Describe it in lab.toml under [dataset]" in said


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('kind = "images"', "“size” is missing. Write size = [2, 2] below [dataset]."),
        ('kind = "photos"', '“kind” of [dataset] must be one of "images", "csv", "torch", "fashion-mnist".'),
        ('kind = "torch"\nhidden = 1', "“hidden” of [dataset] must be a number below 1."),
        ('kind = "csv"\ntarget = "x"\ntask = "words"', '“task” of [dataset] must be one of "classes", "numbers".'),
        ('kind = "fashion-mnist"\nhidden = 0.5', "“hidden” is no key of [dataset]."),
    ],
)
def test_a_table_that_says_something_else_is_refused(course: Path, table: str, sentence: str) -> None:
    from grader.errors import InvalidLab
    from grader.labs import find_course

    settings = course / "assignments" / "sides" / "lab.toml"
    settings.write_text(LAB_TOML.partition("[dataset]")[0] + f"[dataset]\n{table}\n")
    with pytest.raises(InvalidLab, match=re.escape(sentence)):
        find_course(course).lab("sides")
