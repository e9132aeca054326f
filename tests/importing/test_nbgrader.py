"""Assignments of nbgrader."""

from pathlib import Path

import pytest
from samples import cell, code, graded, nbgrader, notebook, text
from test_otter import validated

from grader.errors import ImportImpossible
from grader.importing.assignment import read_notebook
from grader.importing.lab import lab_files, read


def taken(content: str):
    return read(read_notebook(content.encode(), "ps.ipynb"), {})


def test_a_source_that_translates_whole_is_a_lab_that_lacks_nothing_but_mutants(tmp_path: Path) -> None:
    report = validated(tmp_path, nbgrader())
    assert [issue for section in report.sections for issue in section.findings] == []
    assert [issue.what for section in report.sections for issue in section.remarks] == [
        "hw.ipynb does not define mean, which the checks ask for.",
        "There is no mutant.",
    ]
    reference = next(each for each in report.sections if each.title == "Reference")
    assert reference.figures.startswith("hidden 6/6, public 6/6")


def test_a_source_is_taken_apart() -> None:
    found = taken(nbgrader())
    assert found.title == "Problem set 1"
    assert found.handout == "# Problem set 1\n\nRead this first."
    assert [(each.name, each.points, each.manual) for each in found.questions] == [
        ("correct_squares", 2, False),
        ("squares_invalid_input", 1, False),
        ("test_mean", 3, False),
        ("why", 2, True),
    ]
    assert [(case.code.strip().split("\n")[-1], case.hidden) for case in found.questions[0].cases] == [
        ("assert squares(2) == [1, 4]", False),
        ("assert squares(11)[10] == 121", True),
    ]


def test_neither_tests_nor_answers_are_in_what_students_get() -> None:
    files = lab_files(taken(nbgrader()), "ps", "ps.ipynb")
    starter, public = files.given["ps.ipynb"].decode(), files.given["test_public.py"].decode()
    for secret in ("i ** 2", "np.mean", "assert", "secret", "SOLUTION", "HIDDEN"):
        assert secret not in starter, secret
    assert "121" not in public
    assert "secret" not in files.kept["solution.ipynb"].decode()


def a_question(name: str):
    solution = graded("code", f"def {name}(x):\n    return x", solution=True, grade_id=f"s-{name}")
    return solution, graded("code", f"assert {name}(1) == 1", grade=True, points=1, grade_id=f"t-{name}")


def test_questions_are_called_by_the_headings_above_them() -> None:
    first, second, third = a_question("f"), a_question("g"), a_question("h")
    content = notebook(text("# Set 1"), *first, text("## B. `g`\nWrite it."), *second, *third)
    files = lab_files(taken(content), "lab", "lab.ipynb")
    assert [(check.id, check.title) for check in files.hidden.checks] == [
        ("t-f", "t-f"),
        ("t-g", "B. g (1)"),
        ("t-h", "B. g (2)"),
    ]
    assert "| B. g (2) | 1 |" in files.given["README.md"].decode()


@pytest.mark.parametrize(
    ("cells", "handout"),
    [
        ([text("# Set 1\n\nRead."), text("## A. f\n\nWrite it.")], "# Set 1\n\nRead."),
        ([text("# Set 1\n\nRead.\n\n## A. f\n\nWrite it.")], "# Set 1\n\nRead."),
        ([text("# Set 1\n\nRead."), text("Write f.")], "# Set 1\n\nRead."),
        ([text("# Set 1\n\nRead.")], "# Set 1\n\nRead."),
        ([text("# Set 1"), text("## Rules"), code("import torch")], "# Set 1\n\n## Rules"),
    ],
)
def test_the_text_of_the_first_question_is_not_what_stands_before_it(cells: list[object], handout: str) -> None:
    assert taken(notebook(*cells, *a_question("f"))).handout == handout


def test_what_an_unfinished_notebook_runs_into_is_named() -> None:
    uses = code("def later():\n    return f(2)\n\nz = [f(n) for n in (1, 2)]\nw = f(3)")
    tests = graded("code", "assert z == [1, 2]", grade=True, points=1, grade_id="z")
    found = lab_files(taken(notebook(text("# Set 1"), *a_question("f"), uses, code("k = 1"), tests)), "ps", "ps.ipynb")
    (fault,) = found.faults
    assert "ps.ipynb, cell 4: “z = [f(n) for n in (1, 2)]” runs when a submission is imported, and needs f" in fault
    assert "`grader starter ps`" in fault
    without = lab_files(taken(notebook(text("# Set 1"), *a_question("f"), uses)), "ps", "ps.ipynb")
    assert without.faults == ()


def test_a_solution_without_delimiters_is_one_as_a_whole() -> None:
    found = taken(nbgrader())
    assert found.cells[3].source == "# BEGIN SOLUTION\ndef mean(x):\n    return float(np.mean(x))\n# END SOLUTION"


def test_delimiters_are_known_by_their_words_as_nbgrader_knows_them() -> None:
    solution = "def f():\n    ## BEGIN SOLUTION (easy)\n    return 1\n    #### END SOLUTION ####"
    found = taken(notebook(graded("code", solution, solution=True)))
    assert found.cells[0].source == "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION"


def test_hidden_lines_and_mark_schemes_elsewhere_go_to_nobody() -> None:
    task = graded(
        "markdown", "Draw it.\n=== BEGIN MARK SCHEME ===\nsecret\n=== END MARK SCHEME ===", task=True, points=2
    )
    given = code("import numpy\n### BEGIN HIDDEN TESTS\nsecret = 1\n### END HIDDEN TESTS")
    found = taken(notebook(task, given))
    assert [each.source for each in found.cells] == ["Draw it.", "import numpy"]
    assert [(each.manual, each.points) for each in found.questions] == [(True, 2)]


def test_the_students_version_is_told_from_the_source() -> None:
    stub = graded("code", "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()", solution=True)
    assert any("students' version" in sentence for sentence in taken(notebook(stub)).left)


def test_a_mark_scheme_that_does_not_end_is_refused_and_looked_at_once() -> None:
    task = graded("markdown", "Why?\n" + "BEGIN MARK SCHEME\n" * 100_000, task=True, points=1, grade_id="a")
    with pytest.raises(ImportImpossible, match="its BEGIN and END MARK SCHEME do not match"):
        taken(notebook(task))


def test_autotests_are_left() -> None:
    tests = graded("code", "### AUTOTEST f(1); f(2)\nassert f(1) == 1", grade=True, points=1, grade_id="t")
    solution = graded("code", "def f(x):\n    return x", solution=True)
    suite = lab_files(taken(notebook(solution, tests)), "ps", "ps.ipynb").hidden
    assert (suite.tests, suite.translated) == (2, 1)
    assert "    #     ### AUTOTEST f(1); f(2)" in suite.text


def test_a_hidden_autotest_is_in_nothing_that_students_get() -> None:
    source = (
        "def f(x):\n    ### HIDDEN AUTOTEST f('SECRET')\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
    )
    solution = graded("code", source, solution=True, grade_id="a")
    loop = "for n in (2, 3):\n    ### HIDDEN AUTOTEST f('SECRET')\n    assert f(n) == n"
    tests = f"assert f(1) == 1\n{loop}\n### AUTOTEST f(4)"
    content = notebook(solution, graded("code", tests, grade=True, points=2, grade_id="t"))
    files = lab_files(taken(content), "lab", "lab.ipynb")
    assert not any(b"SECRET" in given for given in files.given.values())
    assert b"### AUTOTEST f(4)" in files.given["test_public.py"]
    assert files.public is not None
    assert (files.public.tests, files.hidden.tests, files.hidden.translated) == (3, 4, 2)
    assert "#     ### HIDDEN AUTOTEST f('SECRET')" in files.hidden.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (notebook(graded("code", "### BEGIN SOLUTION\nx = 1", solution=True)), "BEGIN SOLUTION and END SOLUTION"),
        (notebook(graded("code", "### BEGIN HIDDEN TESTS", grade=True, points=1)), "HIDDEN TESTS do not match"),
        (notebook(graded("code", "### END HIDDEN TESTS", grade=True, points=1)), "HIDDEN TESTS do not match"),
        (notebook(graded("code", "assert 1", grade=True, points="many")), "points are 'many'"),
        (notebook(text("# A page")), "is no assignment"),
    ],
)
def test_what_is_wrong_with_a_notebook_is_a_sentence(content: str, said: str) -> None:
    with pytest.raises(ImportImpossible) as found:
        taken(content)
    assert said in str(found.value)


def test_a_notebook_with_nothing_to_grade_is_refused() -> None:
    with pytest.raises(ImportImpossible, match="nothing to grade"):
        lab_files(taken(notebook(cell("code", "x = 1", {"nbgrader": {"solution": True}}))), "ps", "ps.ipynb")
