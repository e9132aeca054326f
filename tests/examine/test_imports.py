"""What a file imports that the sandbox has not, or this machine."""

import json

import pytest

from grader.examine.imports import Imports, compared, in_image
from grader.model import Student, Submission


def submission(source, entry="double.py", **others):
    files = {entry: source if isinstance(source, bytes) else source.encode(), **others}
    return Submission(Student("ana", "Ana"), "double", files, entry, "0" * 64, entry)


def notebook(*cells):
    written = [{"cell_type": "code", "source": cell} for cell in cells]
    return submission(json.dumps({"cells": written, "nbformat": 4}), "double.ipynb")


def only_here(made):
    return compared(made, lambda _: True).only_here


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pandas as pd\nfrom seaborn.objects import Plot\nimport pandas", ("pandas", "seaborn")),
        ("import torch, numpy as np, cv2\nfrom torch import nn\nimport torch.nn.functional as F", ("cv2",)),
        ("import matplotlib.pyplot as plt\nfrom sklearn.datasets import load_iris\nfrom PIL import Image", ()),
        ("import math, os.path\nfrom __future__ import annotations\nfrom typing import Any", ()),
        ("from . import pandas\nfrom .helper import x\nfrom .. import y", ()),
    ],
)
def test_imports_that_the_sandbox_has_not_are_named_once_in_their_order(source, found):
    assert only_here(submission(source)) == found


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import pandas\nexcept ImportError:\n    pandas = None",
        "def draw():\n    import pandas",
        "if False:\n    import pandas",
        '"""\nimport pandas\n"""',
    ],
)
def test_what_may_never_be_imported_or_may_fail_is_not_named(source):
    assert only_here(submission(source)) == ()


def test_files_of_the_submission_are_not_named():
    others = {"helper.py": b"", "plots/bars.py": b""}
    assert only_here(submission("import helper\nfrom plots import bars\nimport seaborn", **others)) == ("seaborn",)


def test_what_lies_beside_the_file_is_told_apart():
    found = compared(submission("import helper, seaborn, torch"), beside={"helper", "torch", "lab"})
    assert (found.only_here, found.beside) == (("seaborn",), ("helper",))


def test_a_notebook_is_read_as_the_sandbox_reads_it():
    made = notebook(
        "!pip install pandas\nimport pandas as pd\n%matplotlib inline", "%%bash\nimport cv2", "import seaborn ("
    )
    assert only_here(made) == ("pandas",)


@pytest.mark.parametrize("source", [b"import pandas\ndef (", b"\xff\xfeimport pandas", b"\0", b"(" * 10_000])
def test_of_what_is_no_python_nothing_is_said(source):
    assert compared(submission(source)) == Imports()
    assert compared(submission(source, "double.ipynb")) == Imports()


def test_what_only_the_sandbox_has_is_named_too():
    made = submission("import matplotlib.pyplot as plt\nimport torch, pandas")
    assert compared(made, lambda name: name == "torch") == Imports(("pandas",), ("matplotlib",))


def test_this_machine_is_asked_if_nobody_else_is():
    assert "matplotlib" in in_image()
    assert compared(submission("import torch, numpy")) == Imports()
