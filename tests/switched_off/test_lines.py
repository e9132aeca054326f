"""Each line of defence is there for something: in a copy of the project that lacks it, a test fails.

`defences.toml` says which line, against what, and which tests; docs/explanation/defences.md says it to people.
"""

import re
import shutil
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from forked import run_tests
from test_probes import DEFENCES

ROOT = Path(__file__).parents[2]
NEEDED = ("grader", "sandbox", "tests", "assignments", "reference", "templates", "pyproject.toml", "versions.txt")
"""What tests need of the project."""
DOCUMENT = ROOT / "docs" / "explanation" / "defences.md"


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
def test_without_the_line_its_tests_fail(project, without, tmp_path, against):
    line = LINES[against]
    without(line)
    told = run_tests(project, line.tests, tmp_path / "output")
    if re.search(r"^\d+ skipped in ", told, re.MULTILINE):
        pytest.skip("this machine lacks what its tests need")
    failed = set(re.findall(r"^(?:FAILED|ERROR) ([^\s\[]+)", told, re.MULTILINE))
    assert failed == set(line.tests), told[-2000:]


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
