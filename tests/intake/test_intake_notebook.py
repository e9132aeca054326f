"""A file that is no notebook is refused, so that an earlier grade stands; any notebook is taken."""

import json
import tracemalloc

import pytest

from grader import intake
from grader.intake.notebook import check_readable

GOOD = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(GOOD).encode(),
        json.dumps(GOOD, indent=4).encode(),
        b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
        b'{"worksheets": []}',
        b'{"cells": [{"outputs": [NaN, -Infinity, "\\ud83d", "\\\\uD83D", "NaN"]}]}',
    ],
    ids=["utf-8", "indented", "with a byte order mark", "an old format", "what Python reads and JSON does not have"],
)
def test_a_notebook_is_taken_as_it_is(tmp_path, content):
    file = tmp_path / "ana.ipynb"
    file.write_bytes(content)
    (found,) = intake.collect([file], "lab1_tensors")
    assert found.files == {"lab1_tensors.ipynb": content}


def test_a_notebook_in_another_utf_is_taken_in_utf8(tmp_path):
    (tmp_path / "ana.ipynb").write_bytes(json.dumps(GOOD).encode("utf-16"))
    (found,) = intake.collect([tmp_path], "lab1_tensors")
    assert found.files == {"lab1_tensors.ipynb": json.dumps(GOOD).encode()}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[" * 200_000, b'{"cells": 5}', b"[]", b"\xff\xfe{", b"\x00\xff"],
    ids=["empty", "cut off", "nested without end", "no cells", "a list", "cut off utf-16", "bytes"],
)
def test_what_is_no_notebook_is_refused_with_what_to_do(tmp_path, content):
    for name in ("ana", "bo"):
        (tmp_path / f"{name}.ipynb").write_bytes(content if name == "ana" else json.dumps(GOOD).encode())
    refused, taken = intake.collect([tmp_path], "lab1_tensors")
    assert refused.reason == (
        "The notebook cannot be read: the file is damaged or cut off. "
        "Open it in Jupyter; if that works, save it, download it once more and hand in again."
    )
    assert taken.student.key == "bo"


def test_a_notebook_that_is_called_a_python_file_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "ana.py").write_text(json.dumps(GOOD))
    (tmp_path / "bo.py").write_text("{'cells': []}  # is Python")
    refused, taken = intake.collect([tmp_path], "lab1_tensors")
    assert refused.reason == (
        "ana.py is a notebook under the name of a Python file. Call it .ipynb and hand it in again."
    )
    assert taken.student.key == "bo"


@pytest.mark.parametrize("content", [b"import torch\n", b"# mine\r\ndef f(x):\r\n    return x\r\n"])
def test_python_that_is_called_a_notebook_is_refused_with_what_to_do(tmp_path, content):
    (tmp_path / "ana.ipynb").write_bytes(content)
    (refused,) = intake.collect([tmp_path], "lab1_tensors")
    assert refused.reason == (
        "ana.ipynb is Python under the name of a notebook. Call it lab1_tensors.py and hand it in again."
    )


@pytest.mark.parametrize("item", [b"[],", b'{"a":{}},', b"0.5,", b'"ab",'])
def test_looking_at_a_notebook_makes_no_objects_of_it(item):
    content = b'{"cells": [' + item * 500_000 + b"0]}"
    tracemalloc.start()
    try:
        check_readable(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(content)
