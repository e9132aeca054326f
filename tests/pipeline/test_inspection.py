"""What is told of a lab's files without running anything."""

import json
from pathlib import Path

import pytest

from grader.labs import Lab, LabSpec, LimitSpec
from grader.pipeline.inspection import asked_by, defined, inspect


@pytest.fixture
def write(tmp_path):
    """Writes files of a lab, and gives it."""

    def go(files: dict[str, str], slow: tuple[str, ...] = ()) -> Lab:
        assignment, reference = tmp_path / "assignments" / "lab", tmp_path / "reference" / "lab"
        for folder in assignment, reference:
            folder.mkdir(parents=True)
        for name, text in {"lab.toml": "", **files}.items():
            of_students = name in {"lab.toml", "README.md", "lab.py", "lab.ipynb", "test_public.py"}
            ((assignment if of_students else reference) / name).write_text(text)
        limits = LimitSpec(call_seconds=5, slow=slow)
        return Lab("lab", LabSpec(title="Lab", version="1", limits=limits), assignment, reference)

    return go


def asked(text: str, tmp_path: Path) -> list[str]:
    suite = tmp_path / "test_hidden.py"
    suite.write_text(text)
    return [f"{one.line} {one.name}" for one in asked_by(suite)]


def test_a_suite_asks_for_what_it_calls_and_not_for_what_it_asks_about(tmp_path):
    text = (
        'submission.one(1)\nsubmission.call("two", keep=True)\nsubmission.library("torch.cat", [])\n'
        'if submission.has("three"):\n    submission.three()\nsubmission.call("torch.rand", 2)\nother.four()\n'
    )
    assert asked(text, tmp_path) == ["1 one", "2 two"]


def test_a_suite_that_is_not_python_asks_for_nothing_here(tmp_path):
    assert asked("submission.one(\n", tmp_path) == []


def test_names_are_those_at_the_left_margin_wherever_they_come_from(tmp_path):
    file = tmp_path / "solution.py"
    file.write_text(
        "import torch.nn as nn\nfrom math import sqrt as root\n\ntry:\n    flag = 1\nexcept ValueError:\n    pass\n\n"
        "class Net:\n    def forward(self): ...\n\nasync def run():\n    inner = 1\n\n"
        "announced: int\nall_of: list[int] = [one for one in (1, 2)]\n"
    )
    assert defined(file) == {"nn", "root", "flag", "Net", "run", "all_of"}


def test_what_a_star_brings_cannot_be_told(tmp_path):
    file = tmp_path / "solution.py"
    file.write_text("from helpers import *\n")
    assert defined(file) is None


def test_a_notebooks_names_are_those_of_its_code_cells(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["def no(): ..."]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "def yes():\n", "    return 1"]},
        {"cell_type": "code", "source": "!pip list\nalso = 2"},
    ]
    file = tmp_path / "lab.ipynb"
    file.write_text(json.dumps({"cells": cells}))
    assert defined(file) == {"yes", "also"}


@pytest.mark.parametrize(
    "content", ["{", "[3]", '{"cells": null}', '{"cells": [{"cell_type": "code", "source": "x = = 1"}]}', b"\xff"]
)
def test_what_a_notebook_defines_that_cannot_be_read_cannot_be_told(tmp_path, content):
    file = tmp_path / "lab.ipynb"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert defined(file) is None


def test_odd_cells_define_nothing_and_lines_of_ipython_are_none(tmp_path):
    cells = [
        *(3, None, {}, {"cell_type": "code"}, {"cell_type": "code", "source": None, "metadata": None}),
        {"cell_type": "code", "source": ["files = !ls\n", 3, "torch.nn?\n", "def one(): ...\n", "x = (1\n% 2)"]},
        {"cell_type": "code", "source": "%%bash\ntwo() { ls; }"},
    ]
    file = tmp_path / "lab.ipynb"
    file.write_text("\ufeff" + json.dumps({"cells": cells}))
    assert defined(file) == {"one", "x"}


@pytest.mark.parametrize("deep", ["-" * 20_000 + "1", "1 + " * 20_000 + "1"])
def test_what_python_cannot_hold_is_neither_defined_nor_asked_for(tmp_path, deep):
    file = tmp_path / "solution.py"
    file.write_text(f"x = {deep}\n")
    assert defined(file) is None
    assert list(asked_by(file)) == []


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    file = tmp_path / "solution.py"
    file.write_bytes(b"\xef\xbb\xbfdef one(): ...\n")
    assert defined(file) == {"one"}


def test_a_sum_of_many_terms_is_looked_at(tmp_path):
    file = tmp_path / "solution.py"
    file.write_text(f"x = {'1 + ' * 900}1\n")
    assert defined(file) == {"x"}


def test_what_cannot_be_looked_at_is_told_in_a_line_and_no_name_is_missed(write):
    suite, files = "submission.one()\n", {"README.md": "`one`", "solution.ipynb": "{", "lab.py": "from x import *\n"}
    section = inspect(write({**files, "test_hidden.py": suite}))
    assert section.findings == ()
    assert [issue.what.partition(":")[0] for issue in section.remarks] == [
        "What solution.ipynb defines cannot be told",
        "What lab.py defines cannot be told",
    ]


def test_a_handouts_links_are_looked_at_outside_of_code(write):
    readme = (
        "[site](https://example.org) [part](#part) [starter](lab.py#top) `[no](no.png)`\n\n"
        "```python\n[x](y)\n```\n\n[way](../other/lab.toml) ![net](<a%20net.png>)\n"
    )
    section = inspect(write({"README.md": readme, "lab.py": "", "test_hidden.py": "", "solution.py": ""}))
    assert [issue.what for issue in section.findings] == [
        "README.md:7 links to ../other/lab.toml, which students do not get.",
        "README.md:7 links to a net.png, which is not there.",
    ]


def test_a_starter_may_leave_names_to_students(write):
    suite, solution = "submission.one()\nsubmission.two()\n", "def one(): ...\ndef two(): ...\n"
    files = {"README.md": "`one`, `two`", "test_hidden.py": suite, "solution.py": solution, "lab.py": "def one(): ..."}
    section = inspect(write(files, slow=("two",)))
    assert section.findings == ()
    assert [issue.what for issue in section.remarks] == ["lab.py does not define two, which the checks ask for."]
