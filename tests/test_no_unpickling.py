"""What runs code while it reads data is refused by the linter, wherever code of ours lies."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNPICKLING = (
    "import pickle",
    "from pickle import loads",
    "import _pickle",
    "import marshal",
    "import shelve",
    "import dill",
    "import cloudpickle",
    "from joblib import load",
    "import joblib; joblib.load('x')",
    "import torch; torch.load('x', weights_only=True)",
    "from torch import load",
    "import torch.serialization; torch.serialization.load('x')",
    "import torch; torch.jit.load('x')",
    "import numpy as np; np.load('x', allow_pickle=True)",
    "from numpy import load",
    "import pandas as pd; pd.read_pickle('x')",
)


def refused(source, path):
    """The lines that the linter refuses in a file at `path` that holds `source`."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format=concise", "--no-cache", "--force-exclude"]
    done = subprocess.run(
        [*command, f"--stdin-filename={path}", "-"], cwd=ROOT, input=source, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 1}, done.stderr
    return {int(line.split(":")[1]) for line in done.stdout.splitlines() if "TID251" in line}


@pytest.mark.parametrize(
    "path",
    [
        "grader/examine/x.py",
        "sandbox/x.py",
        "reference/lab/test_hidden.py",
        "assignments/lab/x.py",
        "benchmarks/x.py",
        "tests/x.py",
    ],
)
def test_whatever_unpickles_is_refused_in_our_own_code(path):
    assert refused("\n".join(UNPICKLING), path) == set(range(1, len(UNPICKLING) + 1))


def test_a_file_of_tensors_is_read_in_one_place_and_nothing_else_is_built_from_it():
    """The lab's own data; see grader/datasets/tensors.py."""
    let_off = [
        (path.relative_to(ROOT).as_posix(), line.strip())
        for room in ("grader", "sandbox", "reference", "assignments")
        for path in sorted((ROOT / room).rglob("*.py"))
        for line in path.read_text().splitlines()
        if "noqa: TID251" in line
    ]
    ((place, line),) = let_off
    assert place == "grader/datasets/tensors.py"
    assert "weights_only=True" in line


def test_what_is_harmless_is_not_refused():
    assert refused("import json, numpy, torch\nnumpy.loadtxt('x')\ntorch.save({}, 'x')\n", "grader/x.py") == set()


@pytest.mark.parametrize("path", ["tests/hostile/cases/x.py", "tests/classes/blind/x.py", "reference/lab/mutants/x.py"])
def test_code_of_students_may_try(path):
    assert refused("import pickle", path) == set()
