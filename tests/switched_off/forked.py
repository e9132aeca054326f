"""Runs tests of a copy of the project in a process of their own, forked from one that has imported the libraries.

Nothing here imports the project: whatever of it a test sees is the copy's.
"""

import gc
import multiprocessing
import os
import sys
from pathlib import Path

import pytest

LIBRARIES = (
    "alembic.command", "click", "docker", "hypothesis", "jinja2", "matplotlib.figure", "msgspec", "pytest",
    "rich.console", "sklearn.datasets", "sqlalchemy.orm", "torch", "yaml",
)  # fmt: skip
"""What nearly all tests import, or what they test does."""
HANGING = 600.0
"""Seconds: what only tests reach that hang without the line."""

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(list(LIBRARIES))


def run_tests(project: Path, tests: list[str], output: Path) -> str:
    """What pytest says of `tests` in a copy of the project; it is written to `output` meanwhile."""
    process = _FORKING.Process(target=_run, args=(project, tests, output))
    process.start()
    process.join(HANGING)
    if process.is_alive():
        process.kill()
        process.join()
    return output.read_text("utf-8")


def _run(project: Path, tests: list[str], output: Path) -> None:
    gc.freeze()  # nothing of the libraries is garbage
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]
    os.environ |= {"PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(project))
    os.chdir(project)
    # Assertions that are explained have to be compiled in each process, and nobody reads why what must fail fails.
    sys.exit(pytest.main(["-q", "-rfE", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", *tests]))
