"""`grader validate` as people call it: what it prints, at 80 columns, and how it ends."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli import validation
from grader.errors import DatasetMissing
from grader.pipeline.validation import Issue, Kind, Repeated, Report, Section, Solution, Spread

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"


def grader(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from grader.cli import main; main()", "validate", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_the_table_is_all_that_stdout_gets(tmp_path: Path) -> None:
    done = grader("double", "--course", TINY, "--repeat", "2", "--table", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[2:] == ["| reference | points | 2/2 | 10 | 10 | 10 |  |"]
    assert "✓ Reference" in done.stderr
    assert "Nothing to put right. Remarks: 3." in done.stderr


def test_a_finding_ends_with_status_1_and_says_what_to_do(tmp_path: Path) -> None:
    course = Path(shutil.copytree(TINY, tmp_path / "course"))
    suite = course / "reference" / "double" / "test_hidden.py"
    suite.write_text(suite.read_text().replace("points=6", "points=7"))
    done = grader("double", "--course", course, "--jobs", "1")
    assert done.returncode == 1, done.stderr
    assert "✗ Suites" in done.stdout
    assert "add up to 11, but the lab is worth 10" in " ".join(done.stdout.split())
    assert "1 thing to put right before this lab is published." in done.stdout


def test_a_table_of_nothing_is_wrong_usage() -> None:
    done = grader("double", "--course", TINY, "--table")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--repeat N" in done.stderr


SPREAD = Spread("train-classifier", "accuracy", (0.97, 0.96, 0.9875), 0.85, 0.95)
REPORT = Report(
    (
        Section("Suites", "hidden 28 checks, 100 points; public 20 checks, 100 points, and more to tell " * 2),
        Section(
            "Mutants", "1 of 2", (Issue("a.py keeps 1 check.", "Look.", ("kept: “A [bold]”\x1b[31m",)),), seconds=9.6
        ),
        Section("Starter", "nothing to look at", looked=False),
    ),
    (
        Repeated(Solution(Kind.REFERENCE, "solution.py"), (100, 100, 100), (SPREAD,)),
        Repeated(Solution(Kind.BORDERLINE, "one|layer.py"), (80, 92.5, 80), ()),
    ),
)


def test_a_report_fits_80_columns_and_obeys_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    validation.show(REPORT)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 80
    assert "✗ Mutants    1 of 2" in shown
    assert "– Starter" in shown
    assert "kept: “A [bold]”\N{REPLACEMENT CHARACTER}[31m" in shown
    assert "→ Look." in shown


def test_of_several_labs_a_line_each_and_the_exit_status_of_the_worst(capsys: pytest.CaptureFixture[str]) -> None:
    good = Report((Section("Suites", "fine"),))
    assert validation.summary({"lab1": good, "lab10": good}) == 0
    assert validation.summary({"lab1": good, "lab2": DatasetMissing("No images.")}) == 2
    assert validation.summary({"lab1": good, "lab2": DatasetMissing("No images."), "lab3": REPORT}) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown[1:3] == ["✓ lab1   nothing to put right", "✓ lab10  nothing to put right"]
    assert shown[-3:] == [
        "✓ lab1  nothing to put right",
        "✗ lab2  not tried: see above",
        "✗ lab3  1 thing to put right",
    ]


def test_a_lab_that_is_not_there_is_told_before_any_is_tried() -> None:
    done = grader("double", "treble", "--course", TINY)
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no lab “treble”" in done.stderr


def test_a_table_is_of_one_lab(tmp_path: Path) -> None:
    course = Path(shutil.copytree(TINY, tmp_path / "course"))
    shutil.copytree(course / "assignments" / "double", course / "assignments" / "half")
    done = grader("--course", course, "--repeat", "2", "--table")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--table is of one lab" in done.stderr


def test_the_repeats_as_markdown() -> None:
    assert validation.markdown(REPORT.repeated).splitlines() == [
        "| solution | measured | equal | min | median | max | points from, to |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
        "| reference | points | 3/3 | 100 | 100 | 100 |  |",
        "|  | train-classifier: accuracy |  | 0.96 | 0.97 | 0.9875 | 0.85 to 0.95 |",
        r"| one\|layer | points | 2/3 | 80 | 80 | 92.5 |  |",
    ]
