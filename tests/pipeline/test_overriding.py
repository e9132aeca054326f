"""Scores that a person sets."""

from pathlib import Path

import pytest

from grader.errors import OverrideImpossible
from grader.labs import Course
from grader.model import Student
from grader.pipeline.overriding import override
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
ANA = Student("1001", "Ana Silva")


@pytest.mark.parametrize("score", [-0.01, 10.01, float("nan"), float("inf")])
def test_a_score_that_the_lab_does_not_have_is_refused(tmp_path: Path, score: float) -> None:
    with Store.open(tmp_path / "g.db") as store, pytest.raises(OverrideImpossible, match="from 0 to 10"):
        override(Course(TINY).lab("double"), store, ANA, score, "why", "kim")


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_score_without_a_reason_is_refused(tmp_path: Path, reason: str) -> None:
    with Store.open(tmp_path / "g.db") as store, pytest.raises(OverrideImpossible, match="--reason"):
        override(Course(TINY).lab("double"), store, ANA, 5, reason, "kim")
