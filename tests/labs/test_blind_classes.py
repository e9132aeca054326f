"""Classes written and marked by hand, by someone who knew the handouts alone: the suites must agree."""

import dataclasses
import tomllib
import zipfile
from pathlib import Path

import msgspec
import pytest

from grader import intake
from grader.examine.examination import examine
from grader.examine.plugin import Dataset
from grader.labs import find_course
from grader.model import Ending, Submission

COURSE = find_course(Path(__file__).parent)
CLASSES = Path(__file__).parents[1] / "classes"
BUNDLED = Dataset("digits")
LIMITS = {
    "lab1_tensors": {"call_seconds": 5, "plain_seconds": 2},
    "lab2_regression": {"plain_seconds": 2},
    "lab3_classifier": {"plain_seconds": 2},
    "lab4_gan": {"plain_seconds": 5},
    "lab5_cnn": {"plain_seconds": 5},
    "lab6_data": {"plain_seconds": 5},
}
"""Endless loops need not be watched for as long as in grading."""


def quick(name):
    lab = COURSE.lab(name)
    limits = msgspec.structs.replace(lab.spec.limits, **LIMITS[name])
    return dataclasses.replace(lab, spec=msgspec.structs.replace(lab.spec, limits=limits))


LABS = {name: quick(name) for name in LIMITS}
MARKED = {name: tomllib.loads((CLASSES / f"blind_{name}" / "expected.toml").read_text("utf-8")) for name in LABS}
HANDED_IN = {
    name: {found.student.key: found for found in intake.collect([CLASSES / f"blind_{name}"], name)} for name in LABS
}
EVERYBODY = [pytest.param(lab, key, id=f"{lab}-{key}") for lab, marks in MARKED.items() for key in marks]


def table(run):
    """What a person needs to see to tell who is right."""
    lost = [check for check in run.checks if check.points < check.max_points]
    rows = [f"{c.id}: {c.points:g} of {c.max_points:g}, {c.outcome}: {c.message}\n{c.traceback}" for c in lost]
    return "\n".join([f"{run.score} points, {run.ending} {run.message}{run.fault}", *run.notes, *rows])


@pytest.mark.parametrize("name", LABS)
def test_everybody_who_handed_in_is_marked(name):
    assert HANDED_IN[name].keys() == MARKED[name].keys()
    assert all(isinstance(found, Submission) for found in HANDED_IN[name].values())


@pytest.mark.parametrize(("name", "student"), EVERYBODY)
def test_a_suite_gives_what_the_marker_gave(slots, name, student):
    mark = MARKED[name][student]
    run = examine(LABS[name], LABS[name].hidden_suite, HANDED_IN[name][student], slots, dataset=BUNDLED)
    assert run.ending is not Ending.BROKEN, run.fault
    assert mark["min"] <= run.score <= mark["max"], f"The marker: {mark['why']}\n{table(run)}"


@pytest.mark.parametrize(
    ("name", "student"),
    [(lab, key) for lab, marks in MARKED.items() for key in marks if marks[key]["why"].startswith("all right")],
)
def test_what_is_right_passes_the_public_checks(slots, name, student):
    run = examine(LABS[name], LABS[name].public_suite, HANDED_IN[name][student], slots, dataset=BUNDLED)
    assert run.score == 100, table(run)


@pytest.mark.parametrize("around", ["", "my homework/"])
def test_a_folder_may_come_as_a_zip(tmp_path, around):
    (folder,) = CLASSES.glob("blind_lab1_tensors/mina_helper_module")
    packed = tmp_path / "mina_helper_module.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in filter(Path.is_file, folder.rglob("*")):
            if "__pycache__" not in path.parts:
                archive.write(path, around + path.relative_to(folder).as_posix())
    (found,) = intake.collect([packed], "lab1_tensors")
    unpacked = HANDED_IN["lab1_tensors"]["mina_helper_module"]
    assert (found.digest, found.entry) == (unpacked.digest, unpacked.entry)
