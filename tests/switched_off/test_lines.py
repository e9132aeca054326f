"""Each line of defence is there for something: in a copy of the project that lacks it, a test fails.

`defences.toml` says which line, against what, and which tests; docs/defences.md says it to people.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from test_probes import DEFENCES

ROOT = Path(__file__).parents[2]
NEEDED = ("grader", "sandbox", "tests", "assignments", "reference", "templates", "pyproject.toml", "versions.txt")
"""What tests need of the project."""
DOCUMENT = ROOT / "docs" / "defences.md"
HANGING = 600.0
"""Seconds: what only tests reach that hang without the line."""


class Line(NamedTuple):
    """A line of code that `instead` takes the place of, so that `tests` fail."""

    against: str
    file: str
    line: str
    instead: str
    tests: list[str]


THEMES = {
    theme: [Line(**entry) for entry in entries]
    for theme, entries in tomllib.loads(Path(__file__).with_name("defences.toml").read_text("utf-8")).items()
}
LINES = {line.against: line for lines in THEMES.values() for line in lines}


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A copy of the project, for one test after the other."""
    copy = tmp_path_factory.mktemp("project")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
        else:
            shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture
def without(project):
    """Takes a line out of the copy, and puts it back afterwards."""
    whole = {}

    def take_out(line):
        path = project / line.file
        whole[path] = path.read_text("utf-8")
        assert whole[path].count(line.line) == 1
        path.write_text(whole[path].replace(line.line, line.instead), "utf-8")

    yield take_out
    for path, text in whole.items():
        path.write_text(text, "utf-8")


@pytest.mark.parametrize("against", LINES)
def test_without_the_line_its_tests_fail(project, without, against):
    line = LINES[against]
    without(line)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=no", "-p", "no:cacheprovider", *line.tests],
        cwd=project,
        check=False,
        env=kept | {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=HANGING,
    )
    if not re.search(r"\d (passed|failed|error)", ran.stdout):
        pytest.skip("this machine lacks what its tests need")
    failed = set(re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", ran.stdout, re.MULTILINE))
    assert failed == set(line.tests), ran.stdout[-2000:] + ran.stderr[-2000:]


def test_the_document_tells_every_defence():
    told = DOCUMENT.read_text("utf-8")
    for theme, lines in THEMES.items():
        rows = [(line.against, line.file, [test.rpartition("::")[2] for test in line.tests]) for line in lines]
        assert table(rows) in told, theme
    probes = [(name, f"sandbox/{defence.file}", []) for name, defence in DEFENCES.items()]
    assert table(probes) in told


def table(rows):
    """Markdown, a row for each of `rows`."""
    return "".join(
        f"| {against} | `{file}` |{''.join(f' `{test}`' for test in tests)}{' |' if tests else ''}\n"
        for against, file, tests in rows
    )
