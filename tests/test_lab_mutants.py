"""Reading a lab's mutants."""

from pathlib import Path

import pytest

from grader.errors import InvalidLab
from grader.labs import Lab, LabSpec, LimitSpec


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    folder = tmp_path / "reference" / "tiny"
    (folder / "mutants").mkdir(parents=True)
    (folder / "solution.py").write_text("def double(x):\n    return 2 * x\n\n\ndef half(x):\n    return x / 2")
    (folder / "mutants" / "tripled.py").write_text("def double(x):\n    return 3 * x\n")
    spec = LabSpec(title="Tiny", version="1", limits=LimitSpec(call_seconds=1))
    return Lab("tiny", spec, tmp_path / "assignments" / "tiny", folder)


def test_a_mutants_definitions_win_over_the_solutions(lab):
    names = {}
    exec(lab.mutant_source(lab.mutants / "tripled.py"), names)
    assert (names["double"](2), names["half"](2)) == (6, 1)


def test_the_table_names_the_checks_that_a_mutant_loses(lab):
    (lab.mutants / "mutants.toml").write_text('"tripled.py" = ["double", "quadruple"]\n')
    assert lab.mutant_losses() == {"tripled.py": ("double", "quadruple")}


def test_a_lab_needs_no_mutants(lab):
    (lab.mutants / "tripled.py").unlink()
    assert lab.mutant_losses() == {}


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('"tripled.py" = "double"\n', 'There is one line for each mutant: "file.py" = ["check-id"].'),
        ('"tripled.py" = ["double"]\n"gone.py" = ["half"]\n', "names gone.py; there is no such file beside it."),
        ("", "does not say what tripled.py must lose."),
    ],
)
def test_a_table_that_is_wrong_is_the_instructors_mistake(lab, table, sentence):
    (lab.mutants / "mutants.toml").write_text(table)
    with pytest.raises(InvalidLab) as raised:
        lab.mutant_losses()
    assert sentence in str(raised.value)


def test_mutants_without_a_table_are_the_instructors_mistake(lab):
    with pytest.raises(InvalidLab) as raised:
        lab.mutant_losses()
    assert "tripled.py" in str(raised.value)
