"""What a pre-check says of files that lack what is asked for."""

import pytest

from grader.cli.checks import CheckRows
from grader.cli.screen import WIDTH
from grader.examine import sentences
from grader.examine.imports import Imports
from grader.model import CheckResult, Ending, Outcome, Run
from sandbox import notebook
from sandbox.protocol.messages import Raised

BROKEN = sentences.left_out(notebook.read_cell(3, "def double(n):\n    return [n\n"))


def shown(capsys, messages, notes=(), imports=None):
    """All that is shown of checks with these messages, in one piece."""
    rows = CheckRows("double.py", "double.py")
    checks = tuple(
        CheckResult(f"id{number}", f"check {number}", "", Outcome.ERROR, 0.0, 1.0, message=message)
        for number, message in enumerate(messages)
    )
    for check in checks:
        rows.show(check)
    rows.summary(Run(Ending.COMPLETED, checks, notes=tuple(notes)), imports or Imports())
    return " ".join(capsys.readouterr().out.split())


def missing(*names, notes=(), known=()):
    return [str(sentences.missing(name, known, notes).text) for name in names]


def test_many_names_that_are_missing_are_told_once_at_the_top(capsys):
    said = shown(capsys, missing("first_row", "transpose", "transpose"))
    assert "! 3 checks " in said
    assert "Your file does not define first_row, transpose. Add them, under exactly these names." in said
    assert said.count("does not define") == 1
    assert "check 1" not in said, "names are enough"
    assert "Next: mend what is told above" in said


def test_names_that_have_a_likely_one_are_told_each(capsys):
    said = shown(capsys, missing("first_row", "transpose", known=["firstrow"]))
    assert "Your file does not define first_row. Is firstrow meant to be it?" in said
    assert "Your file does not define transpose. Add it, under exactly this name." in said


def test_a_cell_that_is_no_python_is_told_with_what_is_missing_and_is_what_to_mend_next(capsys):
    assert BROKEN == "Not run: cell 3: not valid Python (line 2: '[' was never closed)"
    fine = "Not run: cell 1: expression (line 1)"
    said = shown(capsys, ["Doubles wrongly.", *missing("double", notes=[fine, BROKEN])], [fine, BROKEN])
    assert (
        "Your file does not define double. Nothing of cell 3 was run, which is not valid Python (line 2: '[' was never "
        "closed). Mend that cell first."
    ) in said
    assert said.endswith("Next: mend cell 3, of which nothing was run; then run this command again.")


def test_cells_that_are_python_are_not_what_keeps_a_name_from_being_there():
    for note in ("cell 1: expression (line 1)", "cell 2: it is a %%bash cell, not Python"):
        assert missing("double", notes=[sentences.left_out(note)]) == missing("double")


def test_a_file_in_another_encoding_is_told_with_what_to_do():
    with pytest.raises(SyntaxError) as raised:
        compile("name = '·'\n".encode("latin-1"), "double.py", "exec")
    told = sentences.raised_by_file(Raised(0, "SyntaxError", raised.value.msg, ""))
    assert sentences.told(told, whole=True).endswith(
        "It is not UTF-8: save it in that encoding, which editors offer with “Save as”."
    )
    with pytest.raises(SyntaxError) as raised:
        compile("x = [", "double.py", "exec")
    assert "UTF-8" not in sentences.told(
        sentences.raised_by_file(Raised(0, "SyntaxError", raised.value.msg, "")), whole=True
    )


def test_what_the_courses_grader_has_not_is_told_without_its_own_words(capsys):
    said = shown(capsys, ["x"], imports=Imports(("pandas",), ("sklearn",), ("helper",)))
    assert "Your course's grader has no pandas: take that import out." in said
    assert "sklearn is not on this machine, though your course's grader has it. Install it:" in said
    assert "python -m pip install scikit-learn" in said
    assert "helper.py was not checked with your file: put what you need of it into your file" in said
    assert "sandbox" not in said


def test_tracebacks_name_the_file_as_its_author_does(capsys):
    rows = CheckRows("lab.ipynb", "my lab.ipynb")
    traceback = 'File "lab.ipynb, cell 2", line 1, in f\n  g()\nFile "lab_helper.py", line 3\n  x = "File \\"lab.ipynb"'
    rows.show(CheckResult("a", "a", "", Outcome.FAILED, 0.0, 1.0, traceback=traceback))
    said = [line.strip() for line in capsys.readouterr().out.splitlines()]
    mine = traceback.replace("lab.ipynb, cell", "my lab.ipynb, cell")
    assert said[1:] == [line.strip() for line in mine.splitlines()]


def test_a_line_of_many_checks_fits_the_terminal(capsys):
    rows = CheckRows("double.py", "double.py")
    for name in (f"function_{number}" for number in range(40)):
        rows.show(CheckResult(name, name, "", Outcome.ERROR, 0.0, 1.0, message=missing(name)[0]))
    rows.summary(Run(Ending.COMPLETED, ()), Imports())
    assert max(map(len, capsys.readouterr().out.splitlines())) <= WIDTH
