"""Notebooks as files: what is read of odd ones, what of their code is Python, and how they are written."""

import ast
import json
from typing import Any

import pytest

from grader import notebooks
from grader.errors import NotANotebook
from grader.notebooks import Cell
from sandbox import notebook as sandbox

SOURCES = [
    "x = 1",
    "",
    "\n\n%%time\nx = 1",
    "%%bash\nls | wc",
    "%%\nx = 1",
    "%%timeit -n 3\nx = 1",
    " %%bash\nls",
    "%matplotlib inline\nx = 1",
    "if x:\n    !pip list\n    %time y = 1",
    "files = !ls",
    "a, b = %who",
    "torch.nn?",
    "?torch.nn",
    "torch.nn??",
    "!rm \\\n  -r \\\n  data\nx = 1",
    "x = (7\n% 2)",
    "print('a'\n  % 3,\n!ls",
    "x = = 1",
    "x = '%d\n%d'",
    '"""\n%cd\n!ls\n"""',
    "def f():\n\t%time x\n\treturn 1",
    "x = '\0'",
    "-" * 20_000 + "1",
    "café = 1 # é?",
]


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_python_in_a_cell_is_what_the_sandbox_takes_for_it(source: str) -> None:
    theirs = sandbox.read_cell(1, source)
    try:
        ours = ast.dump(notebooks.parsed(source))
    except notebooks.NO_PYTHON:
        assert isinstance(theirs, str)
        assert "not valid Python" in theirs or sandbox.TOO_DEEP in theirs
    else:
        other = isinstance(theirs, str)  # a cell of another language: nothing of it is run
        assert ours == ast.dump(ast.Module([], []) if other else theirs.tree)
        assert not other or "cell, not Python" in theirs


def content(*cells: object, **more: object) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}).encode()


CELLS: list[Any] = [
    {"cell_type": "code", "source": "x = 1"},
    {"cell_type": "code", "source": ["x = 1\n", "y = 2"], "metadata": None, "outputs": None},
    {"cell_type": "code", "source": ["x = 1", 3, None]},
    {"cell_type": "code", "source": None},
    {"cell_type": "code", "source": 3.5, "execution_count": 10**400},
    {"cell_type": "code"},
    {"cell_type": "Code", "source": "x = 1"},
    {"cell_type": ["code"], "source": "x = 1"},
    {"cell_type": "markdown", "source": "x = 1"},
    *({}, None, 3, "code", []),
]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_the_code_cells_are_those_that_the_sandbox_runs(cell: object, bom: bytes) -> None:
    data = bom + content(cell, {"cell_type": "code", "source": "z = 3"})
    read = notebooks.read(data).cells
    assert [one.source for one in read if one.kind == "code"] == sandbox.code_cells(data, "lab.ipynb")
    assert read[-1] == Cell("code", "z = 3")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[3]", b"3", b'{"cells": null}', b'{"cells": {}}', b"[" * 100_000, b"\xff"]
)
def test_what_is_no_notebook_is_told(data: bytes) -> None:
    with pytest.raises(NotANotebook, match=r"^(cannot be read as a notebook|has no list of cells)$"):
        notebooks.read(data)


def test_what_is_written_is_read_as_it_was() -> None:
    cells = (Cell("code", "x = 1\ny = 2", "a"), Cell("markdown", "# Ü", "b", {"tags": ["t"]}, {"a.png": {}}))
    text = notebooks.written(cells, {"kernelspec": {"name": "python3"}})
    found = notebooks.read(text.encode())
    assert (found.cells, found.metadata) == (cells, {"kernelspec": {"name": "python3"}})
    assert json.loads(text)["nbformat_minor"] == 5


def test_ids_are_written_only_where_all_cells_have_one_as_the_format_wants_it() -> None:
    made = json.loads(notebooks.written([Cell("code", "", "a"), Cell("raw", "")], {}))
    assert made["nbformat_minor"] == 4
    assert not any("id" in cell for cell in made["cells"])


def test_a_cell_is_added_after_the_others_whatever_else_is_in_the_file() -> None:
    data = content({"cell_type": "code", "source": "x = 1"}, more=float("nan"), metadata=None)
    assert sandbox.code_cells(notebooks.with_code(data, "y = '\ud800'"), "lab.ipynb") == ["x = 1", "y = '?'"]
