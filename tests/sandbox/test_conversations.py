"""What is asked of student code, and what comes back, through real slots."""

import json

import numpy as np
import pytest
import torch

from sandbox.protocol.messages import Handle, Imported, Raised


def test_a_call_answers_with_plain_data_and_tensors(talk):
    one = talk("import torch\ndef f(x, y): return {'sum': x + y, 'both': (x, [y, None, True, 'ü'])}")
    answer = one.call("f", torch.arange(6.0).reshape(2, 3), 1.5)
    assert torch.equal(answer["sum"], torch.arange(6.0).reshape(2, 3) + 1.5)
    assert answer["both"][1] == [1.5, None, True, "ü"]


def test_arguments_are_fresh_contiguous_and_without_gradients(talk):
    one = talk("def f(x): return [x.is_contiguous(), x.requires_grad, x.is_leaf]")
    assert one.call("f", torch.ones(3, 4, requires_grad=True).T) == [True, False, True]


def test_numpy_arrays_and_keyword_arguments_cross(talk):
    one = talk("def f(a, *, scale): return a * scale")
    from sandbox.protocol import values
    from sandbox.protocol.messages import Call

    bulk = []
    packed = values.pack(np.arange(3), bulk, None)
    answer = one.ask(Call(1, "f", [packed], [("scale", 2)]), b"".join(bulk))
    assert isinstance(answer, np.ndarray)
    assert answer.tolist() == [0, 2, 4]


def test_what_cannot_travel_stays_and_is_used_by_its_handle(talk):
    one = talk(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layer = torch.nn.Conv2d(1, 2, 3)\n"
        "    def forward(self, x): return self.layer(x)\n"
        "def halve(net, x): return net(x) / 2"
    )
    net = one.call("Net")
    assert (net.kind, net.module, net.callable) == ("Net", True, True)
    images = torch.ones(4, 1, 8, 8)
    whole = one.call(net, images)
    assert whole.shape == (4, 2, 6, 6)
    assert torch.allclose(one.call("halve", net, images), whole / 2)
    one.call(net, method="eval")
    facts = one.facts(net)
    assert [(each.name, each.shape, each.requires_grad) for each in facts.parameters] == [
        ("layer.weight", [2, 1, 3, 3], True),
        ("layer.bias", [2], True),
    ]
    assert [(each.type, each.bases, each.training) for each in facts.modules] == [
        ("Net", ["Module"], False),
        ("Conv2d", ["Conv2d", "_ConvNd", "Module"], False),
    ]
    assert one.attribute(net, "layer.out_channels") == 2


def test_the_same_calls_give_the_same_handles_in_a_fresh_child(talk):
    source = "def f(): return object(), [object()]"
    first, second = talk(source).call("f"), talk
    talk.close()
    again = second(source).call("f")
    assert first == again
    assert [first[0].id, first[1][0].id] == ["1.0", "1.1"]


def test_keep_answers_with_a_handle_even_for_plain_data(talk):
    one = talk("def f(): return [1, 2]\ndef g(x): x.append(3); return x")
    handle = one.call("f", keep=True)
    assert isinstance(handle, Handle)
    assert one.call("g", handle) == [1, 2, 3]


READS = "def read(path):\n    with open(path, newline='') as file: return type(path).__name__, file.read()\n"


def test_a_file_is_written_for_the_students_code_to_read(talk):
    one = talk(f"import os\n{READS}def away(): os.chdir('/')")
    text = "7,0,255\r\nü\n"
    path = one.write("digits.csv", text.encode())
    assert (path.kind, path.id) == ("str", "1.0")
    assert one.call("read", path) == ("str", text)
    assert one.call("read", "digits.csv") == ("str", text), "it lies in the working folder"
    one.call("away")
    assert one.call("read", path) == ("str", text)
    assert one.call("read", one.write("digits.csv", b"")) == ("str", "")


@pytest.mark.parametrize("meanwhile", ["os.remove(path)", "os.chmod(path, 0)", "os.symlink(path, path + '2')"])
def test_a_file_is_written_anew_whatever_the_students_code_did_to_it(talk, meanwhile):
    one = talk(f"import os\n{READS}def f(path): {meanwhile}")
    one.call("f", one.write("digits.csv", b"first"))
    assert one.call("read", one.write("digits.csv", b"second")) == ("str", "second")
    assert one.call("read", one.write("digits.csv2", b"third")) == ("str", "third")
    assert one.call("read", "digits.csv") == ("str", "second")


def test_a_file_outside_of_the_folder_is_refused(talk):
    one = talk(READS)
    for name in "../digits.csv", "/tmp/digits.csv":
        assert one.write(name, b"1").kind == "ProtocolError"
    assert one.call("read", "/tmp/digits.csv").kind == "FileNotFoundError"


def test_items_loops_over_what_has_no_end(talk):
    one = talk("def f():\n    n = 0\n    while True:\n        yield n\n        n += 1")
    assert one.items(one.call("f"), most=4) == [0, 1, 2, 3]


def test_a_library_is_called_by_its_dotted_name_and_nothing_else_is(talk):
    one = talk("")
    layer = one.call("torch.nn.Linear", 3, 2)
    assert one.facts(layer).parameters[0].shape == [2, 3]
    assert one.attribute(one.call("torchvision.models.resnet18"), "fc.out_features") == 1000
    refused = one.call("os.system", "true")
    assert (refused.kind, refused.missing) == ("AttributeError", False)


def test_what_a_suite_makes_for_itself_is_float32_whatever_the_file_prefers(talk):
    one = talk(
        "import torch\n"
        "torch.set_default_dtype(torch.float64)\n"
        "def made(): return torch.ones(1)\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x): return x * torch.ones(1)\n"
    )
    assert one.facts(one.call("torch.nn.Linear", 3, 2)).parameters[0].dtype == "float32"
    assert one.call("made").dtype == torch.float64
    assert one.call("torch.func.jacfwd", one.call("Net"), keep=True).callable


def test_seeds_are_set_for_python_numpy_and_torch_before_each_call(talk):
    one = talk(
        "import random, numpy, torch\n"
        "def f(): return random.random(), float(numpy.random.rand()), torch.rand(2).tolist()"
    )
    first = one.call("f", seed=7)
    assert one.call("f", seed=8) != first
    assert one.call("f", seed=7) == first
    assert one.call("f", seed=2**63 - 1) != first


def test_a_seed_is_torchs_own(talk):
    one = talk("import torch\ndef f(): return torch.rand(4)")
    torch.manual_seed(12345)
    assert torch.equal(one.call("f", seed=12345), torch.rand(4))


def test_a_device_that_is_not_in_use_is_seeded_once_and_not_with_each_question(talk):
    one = talk("import torch\nnoted = []\ntorch.cuda.manual_seed_all = noted.append\ndef seeds(): return list(noted)")
    assert one.call("seeds", seed=7) == [7]
    assert one.call("seeds", seed=8) == [7]


def test_what_a_file_mentions_is_imported_before_its_session_starts(talk):
    """Else each session would import it anew, in its own time."""
    one = talk("# sklearn and matplotlib\nimport sys\ndef f(): return list(sys.modules)")
    assert {"sklearn.datasets", "sklearn.metrics", "matplotlib.pyplot"} <= set(one.call("f"))


def test_a_missing_name_is_told_from_an_attribute_error_inside(talk):
    one = talk("def f(): return [].nothing")
    missing = one.call("first_row")
    assert (missing.kind, missing.missing) == ("AttributeError", True)
    assert "student_file.py has no “first_row”" in missing.text
    assert not one.call("f").missing
    assert one.attribute("first_row").missing
    assert isinstance(one.attribute("f"), Handle)


def test_a_traceback_shows_the_students_own_lines_only(talk):
    one = talk(
        files={
            "student_file.py": "import torch\nimport helper\n\ndef f(x):\n    return helper.g(x)\n",
            "helper.py": "import torch\ndef g(x):\n    return torch.stack(x)\n",
        }
    )
    raised = one.call("f", 3)
    assert raised.kind == "TypeError"
    assert raised.traceback == (
        'File "student_file.py", line 5, in f\n  return helper.g(x)\n'
        'File "helper.py", line 3, in g\n  return torch.stack(x)'
    )


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("raise SystemExit(3)", "SystemExit", "exit(3)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise BaseException('base')", "BaseException", "base"),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})", "Odd", "cannot be shown"),
        ("raise Exception('x' * 10**6)", "Exception", "xxx…"),
        ("raise Exception('\\udcff')", "Exception", "?"),
        ("f()", "RecursionError", "maximum recursion depth"),
        ("input()", "EOFError", ""),
        ("bytearray(2**60)", "MemoryError", "more memory than the lab allows"),
    ],
)
def test_whatever_is_raised_is_an_answer_and_the_next_question_is_answered(talk, line, kind, text):
    one = talk(f"def f(): {line}\ndef g(): return 1")
    raised = one.call("f")
    assert isinstance(raised, Raised)
    assert raised.kind == kind
    assert text in raised.text
    assert len(raised.text) <= 2000
    assert len(raised.traceback) < 20_000
    assert one.call("g") == 1


def test_an_answer_that_lies_about_its_class_is_an_exception_of_the_student(talk):
    one = talk(
        "class Liar:\n    __class__ = list\n    def __iter__(self): raise ValueError('no')\n"
        "def f(): return Liar()\ndef g(): return 1"
    )
    assert isinstance(one.call("f"), Raised)
    assert one.call("g") == 1


def test_an_answer_that_is_too_large_says_so(talk):
    one = talk("def f(): return [0.5] * 2_000_000\ndef g(): return 1")
    assert "too large" in one.call("f").text
    assert one.call("g") == 1


def test_tensors_that_claim_more_than_they_hold_stay_in_the_sandbox(talk):
    one = talk(
        "import torch\n"
        "def f(): return [torch.ones(1).expand(10**12), torch.ones(3).to_sparse(), torch.ones(2, device='meta')]"
    )
    assert [answer.kind for answer in one.call("f")] == ["Tensor", "Tensor", "Tensor"]


def test_an_exception_of_the_students_own_says_what_it_derives_from(talk):
    one = talk("class Mine(ValueError): pass\ndef f(): raise Mine('no')\n")
    raised = one.call("f")
    assert (raised.kind, raised.bases) == ("Mine", ["ValueError", "Exception", "BaseException", "object"])


def test_a_file_that_raises_at_import_is_shown_with_its_line(talk):
    one = talk("x = 1\ny = x / 0\n")
    assert (one.imported.kind, one.imported.traceback) == (
        "ZeroDivisionError",
        'File "student_file.py", line 2, in <module>\n  y = x / 0',
    )


def test_a_syntax_error_is_shown_with_its_line(talk):
    one = talk("def f(x)\n    return x\n")
    assert (one.imported.kind, one.imported.text) == ("SyntaxError", "expected ':'")
    assert one.imported.traceback == 'File "student_file.py", line 1\n  def f(x)\n          ^'


@pytest.mark.parametrize("expression", ["-" * 200_000 + "1", "lambda: " * 5_000 + "1", "+".join(["1"] * 100_000)])
def test_what_is_too_much_for_the_parser_is_no_matter_of_memory(talk, expression):
    one = talk(f"x = {expression}\n")
    assert (one.imported.kind, one.imported.text) == (
        "SyntaxError",
        "Python's parser gives up: an expression is too long or nested too deeply. Make it a loop, or several lines",
    )


@pytest.mark.parametrize("content", [b"\x00", b"x = '\xff'", "x = 1".encode("utf-16")])
def test_bytes_that_are_no_python_source_are_the_students_exception(talk, content):
    assert isinstance(talk(files={"student_file.py": content}).imported, Raised)


def test_files_beside_the_solution_shadow_nothing(talk):
    planted = dict.fromkeys(
        ["torch.py", "random.py", "sitecustomize.py", "sandbox.py", "json.py", "wave.py", "shadow.pth"], "1 / 0"
    )
    one = talk(
        files={
            "student_file.py": "import torch, random, json, wave, helper\ndef f(): return helper.value, random.__file__"
        }
        | {"helper.py": "value = 5"}
        | planted
    )
    assert isinstance(one.imported, Imported)
    value, place = one.call("f")
    assert value == 5
    assert "submission" not in place


@pytest.mark.parametrize("name", ["torch.py", "random.py", "my lab (2).py"])
def test_a_solution_may_be_called_anything(talk, name):
    one = talk("import torch\ndef f(): return torch.ones(1) + 1", entry=name)
    assert one.call("f") == 2.0


def test_a_solution_in_a_folder_imports_its_neighbours_and_works_beside_them(talk):
    one = talk(
        files={"lab/student_file.py": "import helper\ndef f(): return helper.value", "lab/helper.py": "value = 5"},
        entry="lab/student_file.py",
    )
    assert one.call("f") == 5


def test_output_comes_in_order_and_is_cut_at_the_limit(talk):
    one = talk("import os\nprint('one')\nos.system('echo two')\ndef f(): print('three' * 100_000)", output_bytes=20)
    one.call("f")
    assert one.stop() == "one\ntwo\nthreethreeth"
    assert one.ended.cause == "stopped"
    assert one.ended.printed_bytes == 8 + 500_001


def test_threads_processes_files_and_plots_work_for_a_student(talk):
    one = talk(
        "import multiprocessing, os, pathlib, tempfile, threading\n"
        "import matplotlib.pyplot as plt\n"
        "import torch\n"
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "def square(n): return n * n\n"
        "def loader():\n"
        "    data = TensorDataset(torch.arange(8.0))\n"
        "    return torch.cat([x for x, in DataLoader(data, batch_size=2, num_workers=2)])\n"
        "def pool():\n"
        "    with multiprocessing.get_context('fork').Pool(2) as workers:\n"
        "        return workers.map(square, range(4))\n"
        "def thread():\n"
        "    found = []\n"
        "    worker = threading.Thread(target=lambda: found.append(torch.ones(2) @ torch.ones(2)))\n"
        "    worker.start(); worker.join()\n"
        "    return found[0]\n"
        "def plot():\n"
        "    plt.plot([1, 2]); plt.savefig('figure.png')\n"
        "    with tempfile.NamedTemporaryFile() as file: file.write(b'x')\n"
        "    return pathlib.Path('figure.png').stat().st_size > 1000\n"
        "def train():\n"
        "    model = torch.nn.Linear(2, 1)\n"
        "    optimizer = torch.optim.Adam(model.parameters())\n"
        "    model(torch.ones(4, 2)).sum().backward(); optimizer.step()\n"
        "    return torch.get_num_threads()\n",
        threads=2,
    )
    assert one.call("loader").tolist() == list(range(8))
    assert one.call("pool") == [0, 1, 4, 9]
    assert one.call("thread") == 2.0
    assert one.call("plot") is True
    assert one.call("train") == 2


def test_a_notebook_is_run_and_its_tracebacks_name_the_cell(talk):
    cells = ["%matplotlib inline\nimport torch", "for i in range(3):\n    print(i)", "def f(x):\n    return x / 0"]
    notebook = {
        "cells": [{"cell_type": "code", "source": each, "metadata": {}, "outputs": []} for each in cells],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    one = talk(json.dumps(notebook), entry="lab1_tensors.ipynb")
    assert one.imported.skipped == ["cell 2: a loop (line 1)"]
    assert one.call("f", 1).traceback == 'File "lab1_tensors.ipynb, cell 3", line 2, in f\n  return x / 0'
    assert one.stop() == ""


def test_a_reply_tells_the_cpu_time_of_its_question_alone(talk):
    one = talk(
        "import time\n"
        "def busy(s):\n    until = time.process_time() + s\n    while time.process_time() < until: pass\n"
        "def rest(): return 1"
    )
    one.call("busy", 0.3)
    assert 0.25 < one.cpu < 0.6
    one.call("rest")
    assert one.cpu < 0.1
    one.stop()
    assert one.ended.cpu_seconds >= 0.3
