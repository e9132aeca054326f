"""Small assignments of other tools, as files on disk."""

import json


def cell(kind, source, metadata=None, output=None):
    made = {"cell_type": kind, "metadata": metadata or {}, "source": source.splitlines(keepends=True)}
    if kind == "code":
        shown = [] if output is None else [{"output_type": "execute_result", "data": {"text/plain": [output]}}]
        made |= {"execution_count": 1, "outputs": shown}
    return made


def code(source, output=None):
    return cell("code", source, output=output)


def text(source):
    return cell("markdown", source)


def raw(source):
    return cell("raw", source)


def graded(kind, source, **metadata):
    """A cell of nbgrader's."""
    kept = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False, **metadata}
    return cell(kind, source, {"nbgrader": kept})


def notebook(*cells, **metadata):
    return json.dumps({"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


SQUARE = '''\
def square(x):
    """x times x."""
    y = x * x # SOLUTION NO PROMPT
    return y # SOLUTION
'''
HALVES = '''\
def halves(values):
    # BEGIN SOLUTION
    return [value / 2 for value in values]
    # END SOLUTION

def rows(x):
    # BEGIN SOLUTION NO PROMPT
    return x.shape[0]
    # END SOLUTION
    """ # BEGIN PROMPT
    # Look at the shape.
    pass
    """; # END PROMPT
'''


def otter():
    """An Otter master in the present format; every test of it can be translated."""
    return notebook(
        raw("# ASSIGNMENT CONFIG\nname: Squares and halves\ninit_cell: false\nfiles:\n  - data/points.csv\n"),
        text("# Homework 1\n\nTwo short functions. Work alone."),
        code("import numpy as np\nimport torch\nimport otter\ngrader = otter.Notebook()"),
        raw("# BEGIN QUESTION\nname: q1\npoints: 4"),
        text("**Question 1.** Write `square`."),
        raw("# BEGIN SOLUTION"),
        code(SQUARE),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        code("square(3)", "9"),
        code("square(2) == 4\n", "True"),
        code("# HIDDEN\nassert square(-5) == 25\nassert isinstance(square(2), int)"),
        raw("# END TESTS"),
        raw("# END QUESTION"),
        raw("# BEGIN QUESTION\nname: q2\n"),
        text("**Question 2.** Write `halves` and `rows`."),
        raw("# BEGIN SOLUTION"),
        code(HALVES),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        code(
            '""" # BEGIN TEST CONFIG\npoints: 2\nfailure_message: Divide by 2.\n""" # END TEST CONFIG\nhalves([4, 5])',
            "[2.0, 2.5]",
        ),
        code(
            '""" # BEGIN TEST CONFIG\npoints: 1.5\nhidden: true\n""" # END TEST CONFIG\n'
            "x = torch.zeros(7, 2)\nassert rows(x) == 7"
        ),
        raw("# END TESTS"),
        raw("# END QUESTION"),
        raw("# BEGIN QUESTION\nname: q3\nmanual: true\npoints: 3"),
        text("**Question 3.** Why?"),
        raw("# BEGIN SOLUTION"),
        text("Because the secret reason is this."),
        raw("# END SOLUTION"),
        raw("# END QUESTION"),
    )


def nbgrader():
    """An nbgrader source; every test of it can be translated."""
    return notebook(
        text("# Problem set 1\n\nRead this first."),
        code("import numpy as np"),
        graded(
            "code",
            "def squares(n):\n    ### BEGIN SOLUTION\n    if n < 1:\n        raise ValueError('n is too small')\n"
            "    return [i ** 2 for i in range(1, n + 1)]\n    ### END SOLUTION\n",
            solution=True,
            grade_id="squares",
        ),
        graded(
            "code",
            '"""Check that squares is right."""\nassert squares(1) == [1]\nassert squares(2) == [1, 4]\n'
            "### BEGIN HIDDEN TESTS\nassert squares(11)[10] == 121\n### END HIDDEN TESTS",
            grade=True,
            locked=True,
            points=2,
            grade_id="correct_squares",
        ),
        graded(
            "code",
            "try:\n    squares(0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('did not raise')",
            grade=True,
            locked=True,
            points=1,
            grade_id="squares_invalid_input",
        ),
        graded("code", "def mean(x):\n    return float(np.mean(x))", solution=True, grade_id="mean"),
        graded(
            "code",
            "x = np.array([1.0, 2.0, 4.5])\nassert np.isclose(mean(x), 2.5)\nassert abs(mean([2, 3]) - 2.5) < 1e-6",
            grade=True,
            points=3,
            grade_id="test_mean",
        ),
        graded("markdown", "The secret answer in words.", solution=True, grade=True, points=2, grade_id="why"),
    )
