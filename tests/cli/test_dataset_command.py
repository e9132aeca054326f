"""`grader dataset`, and a lab with images of its own from there to grades."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

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
SUITE = """
import torch

from grader.examine.suite import Data, Draw, Submission, check, expect


@check("scale", title="scale", points=4)
def test_scale(submission: Submission, data: Data) -> None:
    \"\"\"scale(images) is uint8 [n, 1, h, w] -> float32 in 0..1.\"\"\"
    images = data.test_inputs[:5]
    expect.close(submission.scale(images), images / 255, what="scale(images)")


@check("train", title="train", points=6, depends=("scale",))
def test_train(submission: Submission, data: Data, draw: Draw) -> None:
    \"\"\"train(images, labels, seed) returns a model that tells the classes of new images.\"\"\"
    trained = submission.train(data.train_inputs / 255, data.train_targets, seed=draw.seed())
    model = expect.module(trained, what="train(images, labels)")
    logits = expect.tensor(model(data.test_inputs / 255), shape=(len(data.test_inputs), 2), what="model(images)")
    right = (logits.argmax(dim=1) == data.test_targets).float().mean().item()
    expect.at_least(right, 0.6, 0.9, what="The share of right answers")
"""
PUBLIC = SUITE.partition('@check("train"')[0]
SOLUTION = """
import torch
from torch import nn


def scale(images):
    return images.float() / 255


def train(images, labels, seed=0):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(96, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
    return model.eval()
"""
LAZY = "def scale(images):\n    return images.float() / 255\n\n\ndef train(images, labels, seed=0):\n    return None\n"
STARTER = "def scale(images):\n    raise NotImplementedError\n\n\ndef train(images, labels, seed=0):\n    pass\n"


def grader(*words: object, expected: int = 0) -> str:
    command = [sys.executable, "-c", "from grader.cli import main; main()", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course whose lab has 40 drawn images, on two sides, and nothing for students yet."""
    reference, assignment = tmp_path / "reference" / "sides", tmp_path / "assignments" / "sides"
    random.seed(0)
    for side, name in ((0, "left"), (32, "right")):
        (reference / "data" / name).mkdir(parents=True)
        for number in range(20):
            picture = Image.new("RGB", (64, 40))
            x, y, width = side + random.randint(2, 12), random.randint(2, 24), random.randint(8, 14)
            ImageDraw.Draw(picture).ellipse((x, y, x + width, y + width), fill="white")
            picture.save(reference / "data" / name / f"{number}.png")
    assignment.mkdir(parents=True)
    for path, text in (
        (assignment / "lab.toml", LAB_TOML),
        (assignment / "test_public.py", PUBLIC),
        (assignment / "sides.py", STARTER),
        (reference / "test_hidden.py", SUITE),
        (reference / "solution.py", SOLUTION),
    ):
        path.write_text(text)
    return tmp_path


def test_a_lab_with_images_of_its_own_from_the_first_look_to_grades(course: Path, tmp_path: Path) -> None:
    said = grader("dataset", "sides", "--course", course)
    assert "images: inputs uint8 [n, 1, 8, 12], 0 to 255; targets 2 classes, int64 [n]" in said
    assert "left 15 5 right 15 5 together 30 10" in said
    assert "data is missing." in said

    handout = ("handout", "sides", "--course", course, "--out", tmp_path / "sides.zip")
    assert "data is missing." in grader(*handout, expected=2)

    said = grader("dataset", "sides", "--write", "--course", course)
    assert "The students' part is written." in said
    grader(*handout)
    with zipfile.ZipFile(tmp_path / "sides.zip") as packed:
        assert len([name for name in packed.namelist() if name.endswith(".png")]) == 30
    assert f"Students' part: {course}/assignments/sides/data" in said
    said = grader("validate", "sides", "--course", course, "--jobs", "1")
    assert "✓ Data students have their part, and no more" in said
    assert "✓ Reference hidden 10/10, public 4/4" in said

    handed_in = course / "class"
    handed_in.mkdir()
    (handed_in / "ana.py").write_text(SOLUTION)
    (handed_in / "ben.py").write_text(LAZY)
    place = ("--course", course, "--db", f"sqlite:///{course}/grades.db")
    grader("batch", "sides", handed_in, *place, "--sandbox", "local", "--jobs", "1", "--out", course / "out")
    graded = json.loads(grader("results", "sides", *place, "--format", "json"))
    assert {row["student"]: row["score"] for row in graded} == {"ana": 10.0, "ben": 4.0}

    (course / "reference" / "sides" / "data" / "left" / "0.png").unlink()
    assert "Would grade 2: the hidden suite, lab.toml or the dataset changed." in grader(
        "regrade", "sides", *place, "--sandbox", "local", "--dry-run"
    )

    home = tmp_path / "home"
    shutil.copytree(course / "assignments", home / "assignments")
    (home / "sides.py").write_text(SOLUTION)
    assert "4 of 4" in grader("check", "sides", home / "sides.py", "--course", home)


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
