"""Assignments of Otter-Grader: its two formats, what it makes of them, and what is wrong with one."""

import json
import re
import sys
from pathlib import Path

import pytest
from samples import SQUARE, code, notebook, otter, raw, text

from grader.authoring import cells
from grader.errors import ImportImpossible, InvalidLab
from grader.examine.examination import examine
from grader.examine.local import LocalLauncher
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots
from grader.importing import marks
from grader.importing import otter as format_
from grader.importing.assignment import read_notebook
from grader.importing.lab import lab_files, read
from grader.labs import Course
from grader.model import Ending, Outcome, Run, Student, Submission
from grader.pipeline.importing import import_assignment
from grader.pipeline.validating import Where, validate
from grader.pipeline.validation import Report

OLD = notebook(
    text("# Lab 2"),
    text("```\nBEGIN ASSIGNMENT\nrequirements: requirements.txt\n```"),
    text("**Question.** Write `square`.\n\n```\nBEGIN QUESTION\nname: q1\npoints: 3\n```"),
    code(SQUARE),
    code("## Test ##\nsquare(2)", "4"),
    code("## Hidden Test ##\nassert square(3) == 9"),
    text("```\nBEGIN QUESTION\nname: q2\nmanual: true\n```\nWhy?"),
    text("**SOLUTION:** the secret reason"),
    code("print('the end')"),
)
OK_TEST = """OK_FORMAT = True

test = {   'name': 'q1',
    'points': [1, 2.5],
    'suites': [   {   'cases': [   {'code': '>>> square(2)\\n4', 'hidden': False, 'locked': False},
                                   {'code': '>>> x = 3\\n>>> square(x) == 9\\nTrue', 'hidden': True}],
                      'scored': True, 'setup': '', 'teardown': '', 'type': 'doctest'}]}
"""
FUNCTION_TEST = """from otter.test_files import test_case

OK_FORMAT = False

name = "q1"
points = 2

@test_case(points=None, hidden=False)
def test_square(env):
    assert env["square"](2) == 4

@test_case(points=1.5, hidden=True, failure_message="Multiply.")
def test_more(square):
    for x in range(3):
        assert square(x) == x ** 2
"""


def taken(content: str, **tests: str):
    return read(read_notebook(content.encode(), "lab.ipynb"), {f"{name}.py": test for name, test in tests.items()})


def question(*parts, config="name: q1"):
    """A question with these cells, and a test."""
    tests = [raw("# BEGIN TESTS"), code("assert square(2) == 4"), raw("# END TESTS")]
    return notebook(raw(f"# BEGIN QUESTION\n{config}"), *parts, *tests, raw("# END QUESTION"))


class Quiet:
    """Looks on."""

    def warned(self, sentence: str) -> None: ...
    def planned(self, todo: int) -> None: ...
    def started(self, name: str) -> None: ...
    def finished(self, name: str) -> None: ...


def imported(folder: Path, content: str) -> Course:
    """A course with the lab `hw`, which a notebook became."""
    (folder / "hw").mkdir(parents=True)
    (folder / "hw" / "hw.ipynb").write_text(content)
    course = Course(folder / "course")
    import_assignment(course, folder / "hw", "")
    return course


def validated(folder: Path, content: str) -> Report:
    """The report on the lab that a notebook becomes."""
    return validate(imported(folder, content), "hw", Where("local", "warm", "digits", None, 1), 0, Quiet())


def graded(folder: Path, content: str, answer: str = "") -> Run:
    """What the solution, or another answer, earns in the lab that a notebook becomes."""
    lab = imported(folder, content).lab("hw")
    files = {"hw.ipynb": notebook(code(answer)).encode() if answer else lab.solution.read_bytes()}
    submission = Submission(Student("key", "name"), "hw", files, "hw.ipynb", "digest", "here")
    with Slots(LocalLauncher(own=True)) as slots:
        return examine(lab, lab.hidden_suite, submission, slots, dataset=Dataset("digits"))


def test_a_master_that_translates_whole_is_a_lab_that_lacks_nothing_but_mutants(tmp_path: Path) -> None:
    report = validated(tmp_path, otter())
    assert [issue for section in report.sections for issue in section.findings] == []
    assert [issue.what for section in report.sections for issue in section.remarks] == ["There is no mutant."]
    reference = next(each for each in report.sections if each.title == "Reference")
    assert reference.figures.startswith("hidden 7.5/7.5, public 6/6")


SOLUTIONS = """
import torch
import numpy as np
from torch import nn

total = sum(range(4))

def identity(x):
    return x

def add(x, y=1):
    if not isinstance(y, int):
        raise TypeError("y")
    return x + y

def unique(x):
    return set(x)

def noise():
    return float(torch.rand(1))

def both(x):
    return x, {"twice": 2 * x}

class Net(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.fc = nn.Linear(size, 1)

    def forward(self, x):
        return self.fc(x)
"""
WRONG = """
from torch import nn

total = 7

def wrong(*args, **kwargs):
    return b"wrong"

identity = add = both = unique = wrong

def noise():
    return 0.4

class Net:
    def __init__(self, size):
        self.fc = wrong

    def forward(self, x):
        return wrong
"""
TESTS = """
assert total == 6
assert add(1) == 2 and add(1, y=2) == 3
assert_equal(add(1.5), 2.5)
assert_true(add(1) > 1)
assert_almost_equal(add(0.30004), 1.3, places=3)
assert identity("a") == "a"
assert identity([1, (2.5, None)]) == [1, (2.5, None)]
assert identity({"a": [1]}) == {"a": [1]}
assert identity({"a": 4})["a"] == 4
assert identity((1, 2))[-1] == 2
assert identity(None) is None
assert identity(True) == True
assert not identity(False)
assert unique([1]) and not unique([])
assert identity(torch.tensor([1])) and not identity(torch.tensor(0))
assert identity(3) != 4
assert 0 < identity(3) <= 3
assert identity("b") in ("a", "b")
assert len(identity([1, 2])) == 2
assert len(identity("ab")) == 2
assert len(unique([1, 1, 2])) == 2
assert identity(np.eye(2))[0][1] == 0
assert identity(torch.tensor([2.0])) == 2.0
assert identity(float("inf")) == np.inf
assert isinstance(identity(1.5), (int, float))
assert type(identity("a")) == str
assert round(identity(0.3333), 2) == 0.33
assert abs(identity(2.0) - 2) < 1e-6
assert np.isclose(identity(1.0), 1 + 1e-9)
assert identity(0.5) == pytest.approx(0.5)
x = np.arange(6); assert_array_equal(identity(x), x)
assert_allclose(identity([0.1, 0.2]), [0.1, 0.2])
x = np.arange(6); assert np.allclose(identity(x), x)
x = np.arange(6); assert (identity(x) == x).all()
assert identity(np.zeros((2, 3))).shape == (2, 3)
assert isinstance(identity(np.zeros(2)), np.ndarray)
t = torch.randn(4, 2); assert identity(t).shape == t.shape
t = torch.randn(4, 2); assert identity(t).shape[0] == 4
t = torch.randn(4, 2); assert identity(t).size(1) == 2
t = torch.randn(4, 2); assert identity(t).shape[-1] == 2
t = torch.rand(4, 2); assert identity(t).dtype == torch.float32
t = torch.rand(4, 2); assert identity(t).ndim == 2
t = torch.rand(4, 2); assert torch.allclose(add(t), t + 1)
assert torch.equal(identity(torch.tensor([1, 2])), torch.tensor([1, 2]))
assert identity(torch.tensor(3.5)).item() == 3.5
first, rest = both(2); assert rest == {"twice": 4}
net = Net(2); assert isinstance(net, nn.Module)
net = Net(2); assert net(torch.zeros(4, 2)).shape == (4, 1)
net = Net(2); assert net.forward(torch.zeros(4, 2)).shape == (4, 1)
net = Net(2); assert net.fc.weight.shape == (1, 2)
net = Net(2); assert net.fc.out_features == 1
assert identity(nn.Linear(2, 3))(torch.zeros(4, 2)).shape == (4, 3)
assert identity(add)(1) == 2
torch.manual_seed(0); assert np.isclose(noise(), 0.4962565898895264)
assert_raises(TypeError, add, 1, y="a")
assert all(add(n) == n + 1 for n in range(3))
""".strip().split("\n")


def test_what_is_translated_asks_what_the_tests_asked(tmp_path: Path) -> None:
    questions = [
        (
            raw(f"# BEGIN QUESTION\nname: q{n}"),
            raw("# BEGIN TESTS"),
            code(test),
            raw("# END TESTS"),
            raw("# END QUESTION"),
        )
        for n, test in enumerate(TESTS)
    ]
    content = notebook(code(SOLUTIONS), *(cell for cells in questions for cell in cells))
    assert lab_files(taken(content), "hw", "hw.ipynb").hidden.left == ()
    right = graded(tmp_path / "right", content)
    assert [row.message for row in right.checks if row.outcome is not Outcome.PASSED] == []
    wrong = graded(tmp_path / "wrong", content, WRONG)
    # text is not 4, as the test has it
    assert [TESTS[int(row.id[1:])] for row in wrong.checks if row.points] == ["assert identity(3) != 4"]


def test_a_master_is_taken_apart() -> None:
    found = taken(otter())
    assert found.title == "Homework 1"
    assert found.handout == "# Homework 1\n\nTwo short functions. Work alone."
    assert found.files == ("data/points.csv",)
    assert [(each.name, each.points, len(each.cases), each.manual) for each in found.questions] == [
        ("q1", 4, 3, False),
        ("q2", 3.5, 2, False),
        ("q3", 3, 0, True),
    ]
    assert [case.hidden for case in found.questions[0].cases] == [False, False, True]
    assert [(case.points, case.hint) for case in found.questions[1].cases] == [(2, "Divide by 2."), (1.5, "")]


def test_neither_tests_nor_answers_nor_the_tool_are_in_what_students_get() -> None:
    files = lab_files(taken(otter()), "lab", "lab.ipynb")
    starter = files.given["lab.ipynb"].decode()
    for secret in ("x * x", "value / 2", "square(-5)", "BEGIN", "otter", "secret", "SOLUTION"):
        assert secret not in starter, secret
    assert "secret" not in files.kept["solution.ipynb"].decode()
    public = files.given["test_public.py"].decode()
    assert "square(3)" in public
    assert "-5" not in public
    assert "rows" not in public


def test_the_starter_is_what_the_solution_gives() -> None:
    files = lab_files(taken(otter()), "lab", "lab.ipynb")
    assert cells.starter(files.kept["solution.ipynb"].decode(), "solution.ipynb") == files.given["lab.ipynb"].decode()


def test_the_older_format_is_taken_apart() -> None:
    found = taken(OLD)
    assert [(each.name, each.points, each.manual) for each in found.questions] == [("q1", 3, False), ("q2", 1, True)]
    assert [(case.code, case.hidden, case.output) for case in found.questions[0].cases] == [
        ("square(2)", False, "4"),
        ("assert square(3) == 9", True, ""),
    ]
    sources = [cell.source for cell in found.cells]
    assert sources[-1] == "print('the end')"
    assert "**Question.** Write `square`." in sources
    assert not any("secret" in source or "Test ##" in source for source in sources)
    assert "Options of the assignment config: requirements." in found.left


def test_test_files_give_the_questions_of_a_notebook_without_tests() -> None:
    found = taken(notebook(code(SQUARE), code('grader.check("q1")')), q1=OK_TEST)
    (question,) = found.questions
    assert [(case.points, case.hidden) for case in question.cases] == [(1, False), (2.5, True)]
    files = lab_files(found, "lab", "lab.ipynb")
    assert files.hidden.translated == files.hidden.tests == 2
    assert "grader.check" not in files.kept["solution.ipynb"].decode()


def test_the_setup_of_a_test_file_stands_before_each_of_its_tests() -> None:
    found = taken(
        notebook(code(SQUARE)), q1=OK_TEST.replace("'setup': ''", "'setup': '>>> y = 5'").replace("x = 3", "x = y")
    )
    suite = lab_files(found, "lab", "lab.ipynb").hidden
    assert (suite.tests, suite.left) == (2, ())
    assert "    y = 5\n    agree(submission.square(2)" in suite.text


def test_a_notebook_without_a_solution_is_told_from_one_with() -> None:
    begun = code("def square(x):\n    ...")
    (fault,) = lab_files(taken(notebook(begun), q1=OK_TEST), "lab", "lab.ipynb").faults
    assert "lab.ipynb has no solution" in fault
    assert lab_files(taken(notebook(code(SQUARE)), q1=OK_TEST), "lab", "lab.ipynb").faults == ()


FRAMED = "def square(x):\n    ### START CODE HERE ### (1 line)\n    return x * x # SOLUTION\n    ### END CODE HERE ###"


def test_a_frame_around_a_solution_is_taken_over() -> None:
    given = lab_files(taken(notebook(code(FRAMED)), q1=OK_TEST), "lab", "lab.ipynb").given["lab.ipynb"].decode()
    assert "START CODE HERE" in given
    assert "x * x" not in given


@pytest.mark.parametrize("cell", [code(FRAMED.replace(" # SOLUTION", "")), text("START CODE HERE")])
def test_a_frame_around_what_no_mark_leaves_out_is_refused_where_it_stands_in_the_notebook(cell: dict) -> None:
    found = taken(notebook(text("# Homework"), code(SQUARE), cell), q1=OK_TEST)
    with pytest.raises(ImportImpossible, match=r"^hw\.ipynb, cell 3: “(### )?START CODE HERE.*” looks like a mark"):
        lab_files(found, "lab", "hw.ipynb")


def test_options_that_are_left_are_named() -> None:
    config = "seed: 1\nsolutions_pdf: true\nexport_cell: false\ngenerate:\n  pdf: true\n  seed: 0\n  filtering: false"
    found = taken(notebook(raw(f"# ASSIGNMENT CONFIG\n{config}"), code("import otter\ngrader = otter.Notebook()")))
    assert found.left == ("Options of the assignment config: seed, solutions_pdf, generate.seed, generate.pdf.",)


def test_test_functions_are_read_and_not_run() -> None:
    found = taken(notebook(code(SQUARE)), q1=FUNCTION_TEST)
    (question,) = found.questions
    assert [(case.points, case.hidden, case.hint) for case in question.cases] == [
        (0.5, False, ""),
        (1.5, True, "Multiply."),
    ]
    suite = lab_files(found, "lab", "lab.ipynb").hidden
    assert suite.translated == suite.tests == 2
    assert '    for x in range(3):\n        agree(submission.square(x), "==", (x ** 2), what=' in suite.text


def test_tests_in_the_metadata_are_read() -> None:
    test = {"name": "q1", "points": 2, "suites": [{"cases": [{"code": ">>> square(2)\n4", "hidden": False}]}]}
    found = taken(notebook(code(SQUARE), otter={"OK_FORMAT": True, "tests": {"q1": test}}))
    assert [(each.name, each.points, len(each.cases)) for each in found.questions] == [("q1", 2, 1)]


@pytest.mark.parametrize(
    ("given", "points"),
    [
        (None, [None, None, None]),
        (6, [None, None, None]),
        ({"each": 2}, [2, 2, 2]),
        ([1, 0, 2.5], [1, 0, 2.5]),
    ],
)
def test_points_of_a_question_are_shared_as_otter_does(given: object, points: list[float | None]) -> None:
    cases = [format_.Case("assert f(1) == 1", "here")] * 3
    made = format_.question({"name": "q", "points": given}, cases, "here")
    assert [case.points for case in made.cases] == points
    assert made.points == (sum(points) if points[0] is not None else given or 1)


def test_what_some_tests_have_no_points_of_is_shared_by_the_others() -> None:
    cases = [format_.Case("", "here", points=each) for each in (2, 2, None, None)]
    assert [case.points for case in format_.question({"points": 6}, cases, "here").cases] == [2, 2, 1, 1]
    assert [case.points for case in format_.question({}, cases, "here").cases] == [2, 2, 0, 0]


_IGNORING = "# BEGIN SOLUTION\nx = 1\n# END SOLUTION\nw = 4"


@pytest.mark.parametrize(
    ("source", "regions"),
    [
        (
            "x = f(\n    1, # SOLUTION\n)\ny = 2",
            "# BEGIN SOLUTION\nx = f(\n    1,\n)\n# END SOLUTION\ny = 2",
        ),
        (
            "def f():\n    a = 1 # SOLUTION\n    b = 2 #SOLUTION\n    return 3",
            "def f():\n    # BEGIN SOLUTION\n    a = 1\n    b = 2\n    # END SOLUTION\n    return 3",
        ),
        ("np.random.seed(42) # SEED", "# BEGIN SOLUTION\nnp.random.seed(42)\n# END SOLUTION"),
        ("## solution ##\nx = 1 # SOLUTION\ny = 2 # IGNORE\n# BEGIN IGNORE\nz = 3\n# END IGNORE\nw = 4", _IGNORING),
        ("def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION", None),
        (
            "if True:\n    # BEGIN SOLUTION\n    x = 1\n    # END SOLUTION",
            "# BEGIN SOLUTION\nif True:\n    x = 1\n# END SOLUTION",
        ),
        ("# BEGIN SOLUTION\n# nothing yet\n# END SOLUTION", "# BEGIN SOLUTION\n# nothing yet\n# END SOLUTION"),
    ],
)
def test_marks_become_regions_of_whole_statements(source: str, regions: str | None) -> None:
    made = marks.marked(source)
    assert made is not None
    assert made.source == (regions or source.replace("###", "#"))


def test_a_line_of_signs_is_looked_at_once() -> None:
    signs = "#" * 300_000  # looked at once for each sign, it would take hours
    for line in (
        f"x = 1 {signs}x",
        f"x = 1 {'# ' * 150_000}x",
        f"# SOLUTION{' ' * 300_000}x",
        f"x = 1 {signs} SOLUTION",
    ):
        made = marks.marked(line)
        assert made is not None
        cells.starter(notebook(code(line)), "solution.ipynb")
        assert made.source in {line, "# BEGIN SOLUTION\nx = 1\n# END SOLUTION"}


def test_many_marks_are_looked_at_once_each() -> None:
    def work(lines: int) -> int:
        calls = 0

        def count(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            marks.marked("def f():\n" + "".join(f"    x{n} = 1 # SOLUTION\n    y{n} = 2\n" for n in range(lines)))
        finally:
            sys.setprofile(None)
        return calls

    assert work(400) < 2.5 * work(200)


@pytest.mark.parametrize("source", ["# BEGIN SOLUTION\nx = 1", "# END SOLUTION", '""" # BEGIN PROMPT\nx = ...'])
def test_marks_that_do_not_match_are_refused(source: str) -> None:
    with pytest.raises(ImportImpossible, match=r"cell 2.*do not match"):
        taken(question(code(source)))


def test_a_solution_block_without_any_mark_goes_to_nobody() -> None:
    found = taken(question(raw("# BEGIN SOLUTION"), code("def square(x):\n    return x * x"), raw("# END SOLUTION")))
    assert found.cells[0].source.startswith("# BEGIN SOLUTION\ndef square")
    assert any("nothing is marked" in sentence for sentence in found.left)


BOMB = "l0: &l0 [a, a]\n" + "".join(f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (notebook(raw("# BEGIN QUESTION\nname: q1")), "# BEGIN QUESTION has no # END QUESTION"),
        (notebook(raw("# END QUESTION")), "ends no block that is open"),
        (notebook(raw("# BEGIN QUESTION"), raw("# BEGIN QUESTION")), "begins before the one above has ended"),
        (question(config="name: [q1"), "the config cannot be read"),
        (question(config="- q1"), "the config is no list of options"),
        (question(config="points: -1"), "points are '-1'"),
        (question(config="points: .nan"), "points are 'nan'"),
        (question(config="points: many"), "points are 'many'"),
        (question(config="points: [1, 2]"), "2 points are given for 1 tests"),
        (question(config="x: !!python/object/apply:os.system ['true']"), "the config cannot be read"),
        (question(config="x: " + "[" * 3000), "the config cannot be read"),
        (question(config=f"{BOMB}name: *l11\npoints: 1"), "it has an alias; write out what that stands for"),
        (question(config="points: !!bool foo"), "the config cannot be read"),
        (question(config='points: !!int ""'), "the config cannot be read"),
        (question(config="points: !!timestamp foo"), "the config cannot be read"),
        (question(config=f"points: 1{'0' * 400}"), "points are 'too many'"),
        (question(config="points: 1.0e+300"), "points are '1e+300'"),
        (question(config="points: 1.0e-300"), "nothing to grade"),
        (question(code(f"x = {'+'.join('1' * 50_000)} # SOLUTION")), "is too long or nested too deeply"),
        (notebook(code("x = 1")), "is no assignment of Otter-Grader or nbgrader"),
        (notebook(code("x = 1"), language_info={"name": "R"}), "is a notebook of R"),
        ("{", "cannot be read as a notebook"),
        ("[" * 100_000, "cannot be read as a notebook"),
        ("[]", "has no list of cells"),
        ('{"cells": {}}', "has no list of cells"),
    ],
)
def test_what_is_wrong_with_a_notebook_is_a_sentence(content: str, said: str) -> None:
    with pytest.raises((ImportImpossible, InvalidLab)) as found:
        lab_files(taken(content), "lab", "lab.ipynb")
    assert said in str(found.value)


@pytest.mark.parametrize("odd", [["a"], {"a": 1}, pytest.param(15**20_000, id="endless"), True, ""])
def test_a_name_that_is_no_text_is_none(odd: object) -> None:
    assert format_.question({"name": odd}, [], "here").name == "question"
    assert format_.question({"name": 7}, [], "here").name == "7"


def test_a_test_file_with_endless_points_is_refused() -> None:
    test = {"name": "q1", "points": 0xF, "suites": []}
    for digits, said in ((900, "points are 'too many'"), (20_000, "is no Python that could be read")):
        with pytest.raises(ImportImpossible, match=said):
            taken(notebook(code("x = 1")), q1=f"test = {test}".replace("15", f"0x{'f' * digits}"))


def test_what_was_not_translated_is_kept_with_its_line_and_nobody_is_graded(tmp_path: Path) -> None:
    odd = code("# HIDDEN\nassert square(2) == 4\nassert square(pd.Series([1])).equals('x')\n")
    content = notebook(
        raw("# BEGIN QUESTION\nname: q1"),
        code(SQUARE),
        raw("# BEGIN TESTS"),
        odd,
        raw("# END TESTS"),
        raw("# END QUESTION"),
    )
    files = lab_files(taken(content), "lab", "lab.ipynb")
    assert (files.hidden.tests, files.hidden.translated, files.public) == (2, 1, None)
    (left,) = files.hidden.left
    lines = files.hidden.text.split("\n")
    assert lines[left.line - 1].strip().startswith("# TODO: ")
    assert "square(pd.Series([1]))" in lines[left.line]
    run = graded(tmp_path, content)
    assert (run.ending, run.checks) == (Ending.BROKEN, ())
    assert "1 of 2 tests is not translated" in run.fault


NASTY = 'q"""1\n\x1b[31m\\\u2028{x}'


NASTY_TEST = f"assert square(2) == {NASTY!r}"


def test_a_hostile_notebook_gives_files_that_can_be_read() -> None:
    config = json.dumps({"name": NASTY, "points": 2})
    content = notebook(
        text(f"# {NASTY} ]]> \ud800"),
        raw(f"# BEGIN QUESTION\n{config}"),
        code(SQUARE),
        raw("# BEGIN TESTS"),
        code(f'""" # BEGIN TEST CONFIG\nfailure_message: {json.dumps(NASTY)}\n""" # END TEST CONFIG\n{NASTY_TEST}'),
        code("assert square(x.y) == 'a\x0cb\\\n\"\"\"'\r# TODO: import os; os.system('true')\n\x85eval('1')"),
        raw("# END TESTS"),
        raw("# END QUESTION"),
    )
    files = lab_files(taken(content), "lab", "lab.ipynb")
    compile(files.hidden.text, "test_hidden.py", "exec")
    assert all(sign.isprintable() or sign == "\n" for sign in files.hidden.text)
    assert [
        line for line in files.hidden.text.split("\n") if "os.system" in line and not line.startswith("    #")
    ] == []
    assert len(files.hidden.left) == 1


@pytest.mark.parametrize("odd", [None, 1, "text", [], {}, True, [[]], {"a": 1}])
def test_a_notebook_of_odd_parts_is_read_or_refused(odd: object) -> None:
    cell = {"cell_type": odd, "source": odd, "metadata": odd, "outputs": odd, "attachments": odd}
    for content in (
        {"cells": [odd, cell], "metadata": odd},
        {"cells": [{**cell, "cell_type": "code", "metadata": {"nbgrader": odd}}], "metadata": {"otter": odd}},
        {"cells": [], "metadata": {"otter": {"tests": {"q": odd}}}},
        {
            "cells": [
                {**cell, "cell_type": "code", "metadata": {"nbgrader": {"grade": odd, "points": odd, "grade_id": odd}}}
            ]
        },
        {"cells": [], "metadata": {"otter": {"tests": {"q": {"points": odd, "suites": [{"cases": [{"code": odd}]}]}}}}},
    ):
        try:
            files = lab_files(taken(json.dumps(content)), "lab", "lab.ipynb")
        except ImportImpossible:
            continue
        compile(files.hidden.text, "test_hidden.py", "exec")
        assert files.hidden.checks != ()


@pytest.mark.parametrize(
    ("points", "said"),
    [([33.3333] * 4, "133.3332"), ([10000.25], "10000.25"), ([1e6, 234567.5], "1234567.5"), ([1 / 3] * 3, "1")],
)
def test_the_points_of_checks_add_up_to_the_labs(points: list[float], said: str) -> None:
    cases = [{"code": f">>> square({number})\n{number**2}"} for number, _ in enumerate(points)]
    test = {"name": "q1", "points": points, "suites": [{"cases": cases}]}
    files = lab_files(taken(notebook(code(SQUARE)), q1=f"test = {test}"), "lab", "lab.ipynb")
    assert f"\npoints = {said}\n" in files.given["lab.toml"].decode()
    written = [float(found) for found in re.findall(r"points=([^,)]+)", files.hidden.text)]
    assert abs(sum(written) - float(said)) <= 1e-6
