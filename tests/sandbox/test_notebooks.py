"""Which parts of a notebook are run, and what is said about the others."""

import ast
import json
from types import ModuleType

import pytest

from sandbox import cheap, notebook


def written(*cells, markdown=()):
    made = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in cells]
    made += [{"cell_type": "markdown", "source": text, "metadata": {}} for text in markdown]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def run(*cells, which="definitions"):
    """(names that the notebook defines, what was left out)."""
    module = ModuleType("lab")
    notes = notebook.run(written(*cells), "lab.ipynb", module, which)
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}, notes


@pytest.mark.parametrize(
    "line",
    [
        "import torch",
        "from torch import nn",
        "def f(): pass",
        "async def f(): pass",
        "class A: pass",
        "@torch.no_grad()\ndef f(): pass",
        "HIDDEN = 128",
        "A, B = 1, -2.5",
        "sizes = [10, *others, 2 * HIDDEN]",
        "names: dict[str, int] = {'a': 1, **more}",
        "x: int",
        "HIDDEN += 1",
        "activation = lambda x: x.relu()",
        "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "criterion = nn.BCELoss()",
        "model = torch.nn.Sequential(nn.Linear(3, 4), nn.ReLU())",
        "transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])",
        "root = Path('data') / 'mnist'",
        "weights = torch.ones(3, dtype=torch.float64)",
        "HALF = math.floor(1.9) / 2",
        "DIMS = {name: i for i, name in enumerate(['row', 'column'])}",
        "SIZES = [2 * size for size in (16, 32) if size > 10]",
        "SIZE = 2**16 + (1 << 20)",
        "RATE = 1e-3 * 10**-2",
        "EPSILON = 10**-400",
        "counts = [0] * 100",
        "zeros = [[0] * 28 for _ in range(28)]",
        "line = '=' * 80 + '\\n'",
        "NORM = (a**2 + b**2) ** 0.5",
        "SCALE = (n - 1) ** -0.5 * gamma**1000",
        "LARGE = 10**100",
        "x **= 2",
        "EIGHT = math.pow(2, 3)",
        "steps = list(range(0, 100_000, 10))",
        "pairs = [(i, j) for i in range(28) for j in range(28)]",
        "grid = [(h, b) for h in (64, 128, 256) for b in (512, 1024) if h < b]",
        "many = range(10**10)",
        "SMALL = np.finfo(np.float64).eps",
        "generator = torch.Generator().manual_seed(0)",
        "rng = np.random.default_rng(0)",
        "rng = numpy.random.RandomState(seed=SEED)",
        "rng = random.Random(0)",
        "os.environ['KEY'] = 'value'",
        "torch.manual_seed(0)",
        "np.random.seed(0)",
        "if TYPE_CHECKING:\n    import torch",
        "try:\n    import tqdm\nexcept ImportError:\n    tqdm = None\n    print('no tqdm')",
        "if torch.cuda.is_available():\n    device = 'cuda'\nelse:\n    device = 'cpu'",
    ],
)
def test_definitions_and_simple_constants_are_run(line):
    assert cheap.is_definition(ast.parse(line).body[0])


@pytest.mark.parametrize(
    "line",
    [
        "for i in range(3): pass",
        "while True: pass",
        "with open('x') as f: text = f.read()",
        "train(model)",
        "plt.plot(losses)",
        "losses = train(model, x, y)",
        "data = datasets.MNIST('data', download=True)",
        "loader = DataLoader(data, batch_size=64)",
        "x = torch.stack([f(i) for i in range(10)])",
        "total = sum(f(x) for x in data)",
        "losses = [loss for loss in train(model)]",
        "scores = {seed: score(seed) for seed in range(10)}",
        "results = list(map(train, range(10)))",
        "biggest = max(sum(1 for _ in range(10**10)) for _ in range(1000))",
        "squares = [i * i for i in range(100_000_000)]",
        "a = 10**10**8",
        "a = 10 ** (10**8)",
        "a = N ** 10**8",
        "a = (10**100) ** 100",
        "a = -((-10) ** 1001)",
        "a = 1 << 10**10",
        "a = [1, 2 << 100_000_000]",
        "a **= 10**8",
        "a = pow(10, 10**8)",
        "a = 'ab' * 10**9",
        "a = 2 * 'ab' * 10**9",
        "a = [0] * 1_000_000_000",
        "a = (0, 1) * (1 << 40)",
        "a = f'{b}' * 10**9",
        "a = sum(range(10**10))",
        "a = [j for i in range(10_000) for j in range(10_000)]",
        "a = [[j for j in range(10_000)] for i in range(10_000)]",
        "a = [sum(range(10_000)) for i in range(10_000)]",
        "a = [sum(r) for r in [range(10_000)] * 10_000]",
        "a = [[0] * 10_000 for i in range(10_000)]",
        "a = {i: j for i in range(10_000) for j in range(10_000)}",
        "noise = np.random.default_rng(0).normal(size=10**9)",
        "rng = np.random.default_rng(train(model))",
        "answer = input('?')",
        "net = Net()",
        "torch.manual_seed(expensive())",
        "if __name__ == '__main__':\n    HIDDEN = 3",
        "if train(model): HIDDEN = 3",
        "if True:\n    train(model)",
        "try:\n    train(model)\nexcept ValueError:\n    pass",
        "del x",
        "assert f(1) == 2",
        "pretty(x)[0]",
    ],
)
def test_what_trains_plots_reads_or_asks_is_not_run(line):
    assert not cheap.is_definition(ast.parse(line).body[0])


def test_every_part_left_out_is_named_with_its_cell_and_line():
    names, notes = run(
        "import math\nX = 3",
        "\nfor i in range(X):\n    print(i)\nplot(X)\nY = load(X)\nif Y: plot(Y)\nX",
        "def f(x):\n    return math.sqrt(x) * X",
    )
    assert set(names) == {"math", "X", "f"}
    assert names["f"](4) == 6
    assert notes == ["cell 2: a loop (line 2), a call of plot (line 4), the value of Y (line 5), and 1 more"]


def test_a_statement_that_raises_is_left_out_and_the_rest_is_run():
    names, notes = run("import google.colab", "A = undefined\nB = 2", "class C(Missing): pass", "def f(): return B")
    assert names["f"]() == 2
    assert notes == [
        "cell 1: an import (line 1) raised ModuleNotFoundError: No module named 'google'",
        "cell 2: the value of A (line 1) raised NameError: name 'undefined' is not defined",
        "cell 3: the definition of C (line 1) raised NameError: name 'Missing' is not defined",
    ]


def test_magic_shell_and_help_lines_are_dropped_and_the_lines_keep_their_numbers():
    names, notes = run(
        "%matplotlib inline\n!pip install torch\nfiles = !ls\nlen?\nimport math\nif math.pi:\n    %time\n    X = 1\n"
        "text = '''\n% not magic\nreally?\n'''\nY = (7\n% 4)"
    )
    assert (names["X"], names["Y"]) == (1, 3)
    assert notes == []


def test_lines_that_go_on_with_a_shell_line_are_dropped_with_it():
    names, notes = run(
        "!pip install \\\n    torch \\\n  numpy\nX = 1\nif X:\n    files = !ls \\\r\n      -l\n    Y = 2\n"
        "def f(): return 1 / 0",
        "!ls a\\ \nZ = 3",
        "!pip install \\",
    )
    assert (names["X"], names["Y"], names["Z"], notes) == (1, 2, 3, [])
    assert names["f"].__code__.co_firstlineno == 9


@pytest.mark.parametrize("line", ["?torch", "??torch.view", "torch?", "torch.view??"])
def test_a_line_that_asks_for_help_costs_nothing(line):
    assert run(f"{line}\nX = 1") == ({"X": 1}, [])


def test_a_percent_sign_that_is_python_stays():
    names, _ = run("text = '''\n% kept\nreally?\n'''\nY = (7\n% 4)")
    assert (names["text"], names["Y"]) == ("\n% kept\nreally?\n", 3)


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 1", "%%capture out"])
def test_timing_and_capturing_cells_are_kept(magic):
    assert run(f"{magic}\nX = 1") == ({"X": 1}, [])


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%javascript", "%%writefile a.py", "%%"])
def test_cells_of_other_languages_are_named_and_not_run(magic):
    names, notes = run(f"{magic}\nX = 1", "Y = 2")
    assert names == {"Y": 2}
    assert notes == [f"cell 1: it is a {magic.split()[0]} cell, not Python"]


def test_a_cell_that_does_not_parse_is_named_and_not_run():
    names, notes = run("def f(:\n    pass", "Y = 2", "print 'two'", "X = 1\x00")
    assert names == {"Y": 2}
    assert [note.split(" (")[0] for note in notes] == [f"cell {n}: not valid Python" for n in (1, 3, 4)]


def test_a_cell_that_is_too_much_for_the_parser_is_named_and_not_run():
    names, (note,) = run("x = " + "-" * 200_000 + "1", "Y = 2")
    assert names == {"Y": 2}
    assert note.startswith("cell 1: an expression is too long or nested too deeply.")


def test_all_runs_everything_and_lets_exceptions_out():
    names, notes = run("total = 0\nfor i in range(3):\n    total += i", "def broken(:", which="all")
    assert names["total"] == 3
    assert len(notes) == 1
    with pytest.raises(ZeroDivisionError):
        run("X = 1 / 0", which="all")


def test_a_future_import_holds_for_the_cells_after_it():
    names, _ = run("from __future__ import annotations", "def f(x: Undefined) -> Undefined: return x")
    assert names["f"].__annotations__["x"] == "Undefined"


def test_empty_cells_count_and_notes_are_bounded():
    _, notes = run("", *["plot()"] * 30)
    assert notes[0] == "cell 2: a call of plot (line 1)"
    assert notes[-1] == "and something in 10 more cells"
    assert len(notes) == 21


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"cells": 3}', b"[" * 100_000, b"print('a script')"),
        b'{"cells": [{"cell_type": "code"}], "nbformat": 4}',
        b'{"worksheets": [{"cells": []}], "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}',
    ],
)
def test_what_is_no_notebook_says_so_in_one_sentence(data):
    with pytest.raises(notebook.NotebookError) as caught:
        notebook.run(data, "lab.ipynb", ModuleType("lab"), "definitions")
    assert str(caught.value).startswith("lab.ipynb ")


CELL = {"cell_type": "code", "source": "X = 1"}


@pytest.mark.parametrize(
    "content",
    [
        {
            "nbformat": 3,
            "worksheets": [{"cells": [{"cell_type": "code", "input": ["X ", "= 1"], "language": "python"}]}],
        },
        {"nbformat": 99, "cells": [CELL]},
        {"cells": [CELL]},
        {"nbformat": "four", "metadata": 5, "cells": [None, {}, {"cell_type": "code"}, {"cell_type": 3}, CELL]},
        {"nbformat": 4, "cells": [CELL | {"outputs": [float("nan"), 10**4000, "\ud83d"], "metadata": None}]},
    ],
    ids=["version 3", "version 99", "no version", "cells that are none", "outputs that are none"],
)
def test_a_notebook_is_read_whatever_its_version_and_its_faults(content):
    data = json.dumps(content).encode().replace(b"0" * 4000, b"0" * 9000)
    module = ModuleType("lab")
    assert notebook.run(data, "lab.ipynb", module, "definitions") == []
    assert module.X == 1


def test_a_notebook_without_code_says_so():
    with pytest.raises(notebook.NotebookError, match="no code cell with anything in it"):
        notebook.run(written("", "  \n", markdown=["text"]), "lab.ipynb", ModuleType("lab"), "definitions")
