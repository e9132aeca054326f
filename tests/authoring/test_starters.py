"""Starters made from solutions: what is left out, what stands there instead, and what is refused."""

import json
from pathlib import Path

import pytest

from grader.authoring import cells, regions, starters
from grader.errors import InvalidLab
from grader.labs import Course, Lab, find_course

COURSE = find_course(Path(__file__))
SOLUTION = '''"""A net."""

import torch

# BEGIN SOLUTION
def helper(x):
    return x + 1  # one more


# END SOLUTION


class Net(torch.nn.Module):
    """Two layers."""

    def __init__(self):
        super().__init__()
        # BEGIN SOLUTION
        self.layer = torch.nn.Linear(1, 2)
        # END SOLUTION

    def forward(self, x):
        """[n, 1] -> [n, 2]."""
        ### BEGIN SOLUTION
        if x.ndim == 2:
            return self.layer(helper(x))
        raise ValueError("no matrix")
        ### END SOLUTION
'''
STARTER = '''"""A net."""

import torch

# YOUR CODE HERE


class Net(torch.nn.Module):
    """Two layers."""

    def __init__(self):
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError("Net.__init__ is not written yet.")

    def forward(self, x):
        """[n, 1] -> [n, 2]."""
        # YOUR CODE HERE
        raise NotImplementedError("Net.forward is not written yet.")
'''


def test_regions_become_places_for_code_which_raise_within_functions() -> None:
    assert regions.starter(SOLUTION, "solution.py") == STARTER


def test_a_region_within_a_block_of_a_function_is_indented_as_its_code_is() -> None:
    text = "def f(n):\n    for i in range(n):\n# BEGIN SOLUTION\n        print(i)\n# END SOLUTION\n    return n\n"
    assert regions.starter(text, "solution.py").split("\n")[2:4] == [
        "        # YOUR CODE HERE",
        '        raise NotImplementedError("f is not written yet.")',
    ]


def test_the_indentation_of_a_place_for_code_is_that_of_the_code_also_where_it_is_tabs() -> None:
    text = "class A:\n\tdef f(self):\n\t\tif self:\n\t\t\t# BEGIN SOLUTION\n\t\t\treturn 1\n\t\t\t# END SOLUTION\n"
    assert regions.starter(text, "solution.py").split("\n")[3:5] == [
        "\t\t\t# YOUR CODE HERE",
        '\t\t\traise NotImplementedError("A.f is not written yet.")',
    ]


def test_a_line_that_begins_with_an_operator_is_python() -> None:
    text = 'print(\n    "%d points"\n    % 3\n)\n# BEGIN SOLUTION\nx = (7\n% 2)\n# END SOLUTION\n'
    assert regions.starter(text, "solution.py") == 'print(\n    "%d points"\n    % 3\n)\n# YOUR CODE HERE\n'


def test_a_region_may_hold_a_whole_if_with_its_else() -> None:
    text = "# BEGIN SOLUTION\nif x:\n    y = 1\nelse:\n    y = 2\n# END SOLUTION\n"
    assert "else" not in regions.starter(text, "solution.py")


def test_what_students_are_to_write_is_known_by_its_longer_lines_without_comments() -> None:
    assert regions.withheld(SOLUTION, "solution.py") == {
        "self.layer = torch.nn.Linear(1, 2)",
        "return self.layer(helper(x))",
        'raise ValueError("no matrix")',
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n# BEGIN SOLUTION\ny = 2\n", "line 2: # BEGIN SOLUTION has no # END SOLUTION after it"),
        ("x = 1\n# END SOLUTION\n", "line 2: # END SOLUTION has no # BEGIN SOLUTION before it"),
        ("# BEGIN SOLUTION\nx = 1\n# BEGIN SOLUTION\n", "line 3: the region that begins in line 1 has not ended"),
        ("x = 1  # BEGIN SOLUTION\n", "line 1: “x = 1  # BEGIN SOLUTION” looks like a marker and is none"),
        ("# BEGIN SOLUTION\nx = 1\n# End solution.\n", "line 3: “# End solution.” looks like a marker and is none"),
        ("\n# BEGIN SOLUTOIN\nx = 1\n# END SOLUTION\n", "line 2: “# BEGIN SOLUTOIN” looks like a marker and is none"),
        ("# BEGIN SOLUTION\n# nothing\n# END SOLUTION\n", "line 1: no statement stands in this region"),
        ("x = [\n# BEGIN SOLUTION\n1]\ny = 2\n# END SOLUTION\n", "line 2: a statement is cut in two"),
        ("# BEGIN SOLUTION\ny = 2\nx = [\n# END SOLUTION\n]\n", "line 4: a statement is cut in two"),
        ("if x:\n# BEGIN SOLUTION\n    y = 1\nelse:\n    y = 2\n# END SOLUTION\n", "line 2: a statement is cut in two"),
        ("if x:\n# BEGIN SOLUTION\n    y = 1\nelse:\n# END SOLUTION\n    y = 2\n", "line 2: a statement is cut in two"),
        ("if x:\n    y = 1\n# BEGIN SOLUTION\nelif z:\n    y = 2\n# END SOLUTION\n", "line 3: a statement is cut in"),
        ("try:\n# BEGIN SOLUTION\n    y = 1\nexcept E:\n    y = 2\n# END SOLUTION\n", "line 2: a statement"),
        ("# BEGIN SOLUTION\nx = = 1\n# END SOLUTION\n", "line 2: this is no Python"),
        (f"# BEGIN SOLUTION\nx = {'-' * 20_000}1\n# END SOLUTION\n", "too long or nested too deeply"),
        (f"# BEGIN SOLUTION\nx = {'1 + ' * 20_000}1\n# END SOLUTION\n", "too long or nested too deeply"),
        ("# BEGIN SOLUTION\nx = '\0'\n# END SOLUTION\n", "this is no Python"),
        ("%cd data\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n", "line 1: this is no Python"),
        ("class A:\n# BEGIN SOLUTION\n    x = 1\n# END SOLUTION\n", "The starter that solution.py gives, line 2"),
    ],
)
def test_markers_that_are_not_right_are_told_with_their_line(text: str, said: str) -> None:
    with pytest.raises(InvalidLab) as raised:
        regions.starter(text, "solution.py")
    assert said in str(raised.value)


MARKED = "# BEGIN SOLUTION\nz = 3\n# END SOLUTION\n"


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("# BEGIN SOLUTOIN", "# END SOLUTOIN"),
        ("### BEGIN SOLTUION ###", "### END SOLTUION ###"),
        ("# begin solution", "# End: solution."),
        ("# BEGN SOLUTION", "# ENDE SOLUTION"),
        ("# START SOLUTION", "# STOP SOLUTION"),
        ("# SOLUTION BEGIN", "# SOLUTION END"),
        ("# Begin (solution)", "# -- end solution --"),
        ("# BEGIN ANSWER", "# END ANSWER"),
        ("# BEGIN STUDENT CODE", "# END STUDENT CODE"),
        ("# BEGIN_YOUR_CODE (two lines are enough)", "# END_YOUR_CODE"),
        ("### START CODE HERE ###", "### END CODE HERE ###"),
        ("# YOUR CODE STARTS HERE", "# YOUR CODE ENDS HERE"),
        ("# **START OF YOUR CODE (DO NOT MODIFY THIS LINE)**", "# **END OF YOUR CODE (DO NOT MODIFY THIS LINE)**"),
        ("z = 1  # BEGIN SOLUTION NO PROMPT", "z = 2  # END SOLUTION"),
    ],
)
def test_a_line_that_can_only_be_meant_as_a_marker_is_told_and_gives_no_starter(begin: str, end: str) -> None:
    for text, line, side in ((f"\n{begin}\nx = 1\n", 2, "BEGIN"), (f"x = 1\n\n{end}\n", 3, "END")):
        with pytest.raises(InvalidLab) as raised:
            regions.starter(f"{text}{MARKED}", "solution.py")
        assert f"solution.py, line {line}: “" in str(raised.value)
        assert f"Write # {side} SOLUTION, and nothing else in that line" in str(raised.value)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("# begin soluton", "# end soluton"),
        ("# Start solution", "# stop solution"),
        ("# begin model solution", "# Ending solution"),
        ("# beginning of solution", "# the solution ends"),
        ("# Start your code here", "# your code ends here"),
        ("# Begin your answer", "# answer ends"),
    ],
)
def test_words_that_may_be_prose_are_markers_in_pairs_alone(begin: str, end: str) -> None:
    with pytest.raises(InvalidLab, match=r"line 1: “# .* looks like a marker and is none"):
        regions.starter(f"{begin}\nx = 1\n{end}\n{MARKED}", "solution.py")
    for text in (f"{begin}\nx = 1\n", f"x = 1\n{end}\n", f"{end}\nx = 1\n{begin}\n"):
        assert "z = 3" not in regions.starter(f"{text}{MARKED}", "solution.py")


@pytest.mark.parametrize(
    "comment",
    [
        *("end of the loop", "YOUR CODE HERE", "begin convolution", "END RESOLUTION", "start here", "end of code", ""),
        *("The end solution is averaged", "End solutions are compared", "The end-solution is exact", "Bend solution"),
        *("begin absolution", "End dissolution", "start pollution", "BEGIN HIDDEN TESTS", "STARTER CODE HERE"),
        *("BEGIN QUESTION", "from begin to end: solution", "END SECTION", "START STATE SOLUTION", "END CONVOLUTION"),
    ],
)
def test_prose_is_no_marker_before_a_line_or_behind_it(comment: str) -> None:
    for text in (f"x = 1\n# {comment}\ny = 2\n", f"x = 1  # {comment}\n", f'path = "#{comment.lower()}"\n'):
        assert "z = 3" not in regions.starter(f"{text}{MARKED}", "solution.py")


def test_the_end_of_a_comment_behind_code_is_no_marker() -> None:
    text = "x = 1  # the front-end solution\ny = 1  # end solution vector\nz = 1  # BACKEND SOLUTION\n"
    assert regions.starter(text, "solution.py") == text


def test_within_a_region_and_around_it_nothing_is_taken_for_a_marker() -> None:
    inside = (
        "# BEGIN SOLUTION\n# end of the solution\n### START CODE HERE ###\nx = 1\n### END CODE HERE ###\n# END SOLUTION"
    )
    around = (
        "### START CODE HERE ### (1 line)\n# Think.\n\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n### END CODE HERE ###"
    )
    assert regions.starter(inside, "solution.py") == regions.HERE
    assert regions.starter(around, "solution.py") == around.replace(
        "# BEGIN SOLUTION\nx = 1\n# END SOLUTION", regions.HERE
    )
    for more in (around.replace("# Think.", "y = 2"), around.replace("\n###", "\ny = 2\n###")):
        with pytest.raises(InvalidLab, match="line 1: “### START CODE HERE ###"):
            regions.starter(more, "solution.py")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# BEGIN SOLUTION\nx = 1\n# end of solution\ny = 2\n", 3),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTON\ny = 2\n# BEGIN SOLUTION\nz = 3\n# END SOLUTION\n", 3),
        ("x = 1\n# start solution\ny = 2\n# END SOLUTION\n", 2),
    ],
)
def test_a_marker_without_its_other_one_is_told_where_that_is_misspelled(text: str, line: int) -> None:
    with pytest.raises(InvalidLab, match=f"line {line}: “.* looks like a marker and is none"):
        regions.starter(text, "solution.py")


def test_texts_of_whatever_length_are_looked_at_in_a_moment() -> None:
    for sign in ("#", "# ", "a", "#(", "# BEGIN", "# begin "):
        assert not regions.stray(f"{sign * 200_000}\n")
    assert not regions.stray("# Begin answer\n" * 20_000)


def test_a_solution_with_no_marker_but_lines_like_one_has_a_starter_written_by_hand() -> None:
    assert not regions.has_markers("### START CODE HERE ###\nx = 1\n### END CODE HERE ###\n# begin solution\n")


def notebook(*cells: dict[str, object]) -> str:
    metadata = {"kernelspec": {"name": "python3"}, "widgets": {"state": 1}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def code(source: str) -> dict[str, object]:
    output = {"output_type": "stream", "name": "stdout", "text": ["0.97\n"]}
    metadata = {"tags": ["task"], "execution": {"iopub.status.busy": "now"}}
    lines = source.splitlines(keepends=True)
    run = {"outputs": [output], "execution_count": 7, "metadata": metadata}
    return {"cell_type": "code", "id": "a1", "source": lines, **run}


def test_a_notebooks_starter_has_neither_solutions_nor_outputs() -> None:
    told = {"cell_type": "markdown", "id": "a0", "source": "# Task", "metadata": {"collapsed": True}}
    source = "%matplotlib inline\ndef f(x):\n    # BEGIN SOLUTION\n    return x\n    # END SOLUTION"
    made = json.loads(cells.starter(notebook(told, code(source)), "solution.ipynb"))
    assert made["metadata"] == {"kernelspec": {"name": "python3"}}
    text, task = made["cells"]
    assert text == {"cell_type": "markdown", "id": "a0", "source": ["# Task"], "metadata": {}}
    assert "".join(task["source"]).split("\n") == [
        "%matplotlib inline",
        "def f(x):",
        "    # YOUR CODE HERE",
        '    raise NotImplementedError("f is not written yet.")',
    ]
    assert (task["outputs"], task["execution_count"], task["metadata"]) == ([], None, {"tags": ["task"]})


def test_of_a_notebook_only_what_is_known_goes_to_students() -> None:
    secret = {"x": "SECRET"}
    metadata = {
        "kernelspec": {"name": "python3", "env": secret},
        "language_info": {"name": "python", "version": "3.11.2"},
        "secret": "SECRET",
    }
    run = {"outputs": [secret], "execution_count": 1, "metadata": {"tags": ["task", secret], "slideshow": secret}}
    kinds = ["code", "Code", "markdown", "raw", "heading", None, 3, ["code"]]
    made = [{"cell_type": kind, "source": "x = 1", "attachments": {}, "note": "SECRET", **run} for kind in kinds]
    made[0]["attachments"] = {"a.png": secret}
    content = json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 2, "more": "SECRET"})
    text = cells.starter(content, "solution.ipynb")
    assert "SECRET" not in text
    found = json.loads(text)
    assert found["metadata"] == {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}}
    assert [cell["cell_type"] for cell in found["cells"]] == ["code", "raw", "markdown", *["raw"] * 5]
    assert found["cells"][0]["metadata"] == {"tags": ["task"]}


@pytest.mark.parametrize(
    "source",
    [
        "=== BEGIN SOLUTION ===\nbecause\n=== END SOLUTION ===",
        "<!-- BEGIN SOLUTION -->",
        "**Begin answer**\n\nIt is 3.\n\n**End answer**",
    ],
)
def test_a_marker_in_a_cell_of_text_is_told_whatever_signs_it_has(source: str) -> None:
    told = {"cell_type": "markdown", "source": source, "metadata": {}}
    said = r"solution.ipynb, the text after cell 1: markers in a cell of text leave nothing out. Take “.*(BEGIN|Begin)"
    with pytest.raises(InvalidLab, match=said):
        cells.starter(notebook(code("x = 1"), told), "solution.ipynb")


def test_markers_in_cells_of_text_may_begin_in_one_and_end_in_another() -> None:
    lines = ("**Begin answer**", "**End answer**")
    begin, end = ({"cell_type": "markdown", "source": line, "metadata": {}} for line in lines)
    with pytest.raises(InvalidLab, match="the text before cell 1: markers in a cell of text"):
        cells.starter(notebook(begin, code("x = 1"), end), "solution.ipynb")


@pytest.mark.parametrize("line", ["Start your code in the cell below.", "- Begin solution", "**Start your answer**"])
def test_prose_in_a_cell_of_text_is_no_marker(line: str) -> None:
    told = {"cell_type": "markdown", "source": f"# Task\n\n{line}\n", "metadata": {}}
    assert line in cells.starter(notebook(told, code(MARKED)), "solution.ipynb")


def test_lines_of_ipython_stay_where_they_stand() -> None:
    source = "files = !ls\n%matplotlib inline\ntorch.nn?\n# BEGIN SOLUTION\nx = 1\n!ls\n# END SOLUTION\n!rm \\\n  a"
    made = json.loads(cells.starter(notebook(code(source), code("%%bash\nls | wc")), "solution.ipynb"))["cells"]
    begins = "files = !ls\n%matplotlib inline\ntorch.nn?\n"
    assert "".join(made[0]["source"]) == f"{begins}# YOUR CODE HERE\n!rm \\\n  a"
    assert "".join(made[1]["source"]) == "%%bash\nls | wc"


def test_a_notebooks_starter_is_the_same_bytes_however_its_solution_was_written() -> None:
    one = notebook(code("# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n"))
    other = json.dumps(dict(reversed(json.loads(one).items())), indent=3)
    assert cells.starter(one, "solution.ipynb") == cells.starter(other, "solution.ipynb")


def test_a_marker_in_a_notebook_is_told_with_its_cell() -> None:
    with pytest.raises(InvalidLab, match=r"solution\.ipynb, cell 2, line 1: # BEGIN SOLUTION has no"):
        cells.starter(notebook(code("x = 1"), code("# BEGIN SOLUTION\ny = 1")), "solution.ipynb")


def test_the_starters_of_this_course_are_what_its_solutions_give() -> None:
    made = []
    for lab in map(COURSE.lab, COURSE.names()):
        if found := starters.from_solution(lab):
            assert (found.path, found.text) == (lab.starter, lab.starter.read_text("utf-8"))
            assert starters.is_on_record(lab, lab.starter)
            assert found.withheld
            assert not found.withheld & regions.bare_lines(found.text)
            made.append(lab.name)
        else:
            assert "BEGIN SOLUTION" not in lab.solution.read_text("utf-8"), lab.name
    assert {"lab1_tensors", "lab6_data"} <= set(made)


def lab_of(root: Path, solution: str, name: str = "solution.py") -> Lab:
    for half in ("assignments", "reference"):
        (root / half / "grow").mkdir(parents=True)
    (root / "assignments" / "grow" / "lab.toml").write_text('title = "G"\nversion = "1"\n[limits]\ncall_seconds = 1')
    (root / "reference" / "grow" / name).write_text(solution)
    return Course(root).lab("grow")


DOUBLE = "def double(n):\n    # BEGIN SOLUTION\n    return n + n + 0 * n\n    # END SOLUTION"


def test_a_starter_that_drifts_from_its_solution_is_told_with_the_lines_that_students_are_to_write(tmp_path) -> None:
    lab = lab_of(tmp_path, DOUBLE)
    found = starters.from_solution(lab)
    assert [fault[0] for fault in starters.faults(lab)] == ["There is no grow.py, which the solution gives."]
    found.path.write_text(DOUBLE.replace("n):", "n: int):"))
    drift, left = starters.faults(lab)
    assert drift[0] == "grow.py is not what the solution gives."
    assert left[::2] == ("grow.py has lines that students are to write.", ("return n + n + 0 * n",))
    found.path.write_bytes(found.text.replace("\n", "\r\n").encode())
    assert not list(starters.faults(lab))


@pytest.mark.parametrize("name", ["solution.py", "solution.ipynb"])
def test_functions_and_classes_that_students_get_whole_are_known(tmp_path: Path, name: str) -> None:
    text = f"{SOLUTION}\n\ndef given(x):\n    return x\n\n\nclass Data:\n    pass\n"
    lab = lab_of(tmp_path, text if name.endswith(".py") else notebook(code(text)), name)
    assert starters.unmarked(lab) == ("given", "Data")
    lab.solution.write_text("def f(): ...\n" if name.endswith(".py") else notebook(code("def f(): ...")))
    assert starters.unmarked(lab) is None


@pytest.mark.parametrize("content", ["{", "[3]", "3", '{"cells": null}', '{"cells": 3}', "[" * 100_000, "", "\ufeff"])
def test_a_solution_that_is_no_notebook_is_told(tmp_path: Path, content: str) -> None:
    lab = lab_of(tmp_path, content, "solution.ipynb")
    with pytest.raises(InvalidLab, match=r"solution\.ipynb .*Open it in a recent Jupyter and save it"):
        starters.from_solution(lab)
    (mutant := tmp_path / "mutant.py").write_text("x = 1")
    assert lab.mutant_source(mutant) == content.encode()


ODD = [
    {"metadata": None},
    {"metadata": [3]},
    {"source": None},
    {"source": [3, None, "y = 1"]},
    {"source": "\ud800"},
    {"outputs": None},
    {"id": 3},
    {"cell_type": None},
]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_an_odd_notebook_is_a_solution_all_the_same(tmp_path: Path, odd: dict[str, object], bom: str) -> None:
    content = json.dumps({"cells": [{**code("x = 1"), **odd}, code(DOUBLE), None], "metadata": None})
    lab = lab_of(tmp_path, bom + content, "solution.ipynb")
    found = starters.from_solution(lab)
    assert found is not None
    assert "# YOUR CODE HERE" in found.text
    assert "None" not in found.text
    assert json.loads(found.text.encode())["cells"][-1]["source"] == []
    (mutant := tmp_path / "tripled.py").write_text("def double(n): ...")
    assert "def double(n): ..." in cells.code(lab.mutant_source(mutant).decode(), "mutant")[-1][1]


def test_a_solution_may_be_a_notebook(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, notebook(code(DOUBLE)), "solution.ipynb")
    found = starters.from_solution(lab)
    assert found is not None
    assert (found.path.name, found.withheld) == ("grow.ipynb", {"return n + n + 0 * n"})
    (mutant := tmp_path / "tripled.py").write_text("def double(n):\n    return 3 * n\n")
    sources = [source for _, source in cells.code(lab.mutant_source(mutant).decode(), "mutant")]
    assert sources[1] == mutant.read_text()


def test_a_notebook_that_was_opened_and_saved_is_still_the_starter(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, notebook(code(DOUBLE)), "solution.ipynb")
    found = starters.from_solution(lab)
    found.path.write_text(found.text)
    (lab.reference / starters.RECORD).write_text(starters.record(found.path.name, found.text))
    saved = json.loads(found.text)
    saved["metadata"] = {"language_info": {"name": "python", "version": "3.13.1"}, "widgets": {}}
    saved["nbformat_minor"] = 5
    for number, cell in enumerate(saved["cells"]):
        cell["id"], cell["metadata"]["collapsed"] = f"cell{number}", False
    found.path.write_text(json.dumps(saved))
    assert (list(starters.faults(lab)), starters.is_on_record(lab, found.path)) == ([], True)
    for change in ({"source": ["def double(n): ..."]}, {"outputs": [{"output_type": "stream", "text": ["4"]}]}):
        kept = dict(saved["cells"][0])
        saved["cells"][0] |= change
        found.path.write_text(json.dumps(saved))
        assert [fault[0] for fault in starters.faults(lab)] == ["grow.ipynb is not what the solution gives."]
        assert not starters.is_on_record(lab, found.path)
        saved["cells"][0] = kept


@pytest.mark.parametrize(("solution", "left"), [("solution.py", "grow.ipynb"), ("solution.ipynb", "grow.py")])
def test_a_starter_of_the_form_that_the_solution_had_before_is_told(tmp_path: Path, solution: str, left: str) -> None:
    lab = lab_of(tmp_path, DOUBLE if solution.endswith(".py") else notebook(code(DOUBLE)), solution)
    found = starters.from_solution(lab)
    found.path.write_text(found.text)
    (lab.assignment / left).write_text("")
    ((what, todo, _),) = starters.faults(lab)
    assert what.startswith(f"grow.py and grow.ipynb are both in {lab.assignment}")
    assert todo == f"Remove {left}: the solution is {solution}."


def test_two_solutions_are_refused(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, DOUBLE)
    (lab.reference / "solution.ipynb").write_text(notebook())
    for look in (starters.from_solution, starters.unmarked, lambda lab: list(starters.faults(lab))):
        with pytest.raises(InvalidLab, match=r"solution\.py and solution\.ipynb are both in .*grow, and a lab has one"):
            look(lab)


def test_a_starter_that_is_missing_or_another_labs_is_odd(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, DOUBLE)
    (lab.assignment.parent / "shrink").mkdir()
    (lab.assignment.parent / "shrink" / "lab.toml").touch()
    for name in ("shrink.py", "helpers.py"):
        (lab.assignment / name).touch()
    assert [what for what, _ in starters.oddities(lab)] == [
        "There is no grow.py: students begin with nothing.",
        "shrink.py is called like another lab.",
    ]
    lab.starter.touch()
    assert [what for what, _ in starters.oddities(lab)] == ["shrink.py is called like another lab."]
