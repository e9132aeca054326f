"""What is said of a TOML file that is not right: its line, what is there, and what should be."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader import tomls
from grader.labs import LabSpec

MUTANTS = dict[str, tuple[str, ...]]


def said(text: str, form: Any) -> str:
    with pytest.raises(msgspec.MsgspecError) as raised:
        msgspec.toml.decode(text, type=form)
    return tomls.sentence(Path("a.toml"), text, raised.value, form)


def lab(top: str = "", below: str = "") -> str:
    return f'title = "Lab"\nversion = "1"\n{top}\n[limits]\ncall_seconds = 30\n{below}\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '"a.py" = ["x"]\n"b.py" = ["x", 1]',
            "a.toml:2: item 2 of “b.py” must be text in quotation marks, and is a whole",
        ),
        ('"b.py" = [["x"]]', "a.toml:1: item 1 of “b.py” must be text in quotation marks, and is a list in square"),
        ('"b.py" = "x"', "a.toml:1: “b.py” must be a list in square brackets, and is text in quotation marks."),
    ],
)
def test_the_entry_of_a_list_is_told_by_its_number(text: str, sentence: str) -> None:
    assert said(text, MUTANTS).startswith(sentence)


@pytest.mark.parametrize(
    ("below", "sentence"),
    [
        (
            'slow = ["train", 3]',
            "a.toml:6: item 2 of “slow” of [limits] must be text in quotation marks, and is a whole",
        ),
        (
            "memory_mb = 1.5",
            "a.toml:6: “memory_mb” of [limits] must be a whole number, and is a number with a decimal point.",
        ),
        (
            '[dataset]\nkind = "images"\nsize = [2, 2, 3]',
            "a.toml:8: “size” of [dataset] must be a list of 2, and has 3. The line is “size = [2, 2, 3]”.",
        ),
        (
            '[dataset]\nkind = "images"\nsize = [2, 5000]',
            "a.toml:8: item 2 of “size” of [dataset] must be a whole number of at most 4,096. The line is",
        ),
        (
            '[grade]\ndue = "2026-11-20"',
            "a.toml:7: “due” of [grade] must be a date and time without quotation marks, such as 2026-11-20T23:59:00,",
        ),
        (
            "plain_seconds = inf",
            "a.toml:6: “plain_seconds” of [limits] must be a number of at most 1,000,000. The line",
        ),
        ("plain_seconds = nan", "a.toml:6: “plain_seconds” of [limits] must be a number above 0. The line"),
    ],
)
def test_what_a_key_must_be_is_told_with_what_it_is(below: str, sentence: str) -> None:
    assert said(lab(below=below), LabSpec).startswith(sentence)


@pytest.mark.parametrize("points", ["inf", "nan", "1e7"])
def test_points_without_bounds_are_refused(points: str) -> None:
    assert said(lab(f"points = {points}"), LabSpec).startswith("a.toml:3: “points” must be a number ")


def test_a_dataset_that_nobody_has_may_be_meant_as_one_of_the_labs_own() -> None:
    assert said(lab('dataset = "mnist"'), LabSpec) == (
        'a.toml:3: “dataset” must be one of "none", "digits28", or a table below the line [dataset].'
        ' The line is “dataset = "mnist"”.'
    )


def test_where_no_table_is_meant_none_is_spoken_of() -> None:
    assert "a table" not in said(lab('gpu = "yes"'), LabSpec)
