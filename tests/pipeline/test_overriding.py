"""Scores that a person sets."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from grader.errors import OverrideImpossible
from grader.labs import Course
from grader.model import Refusal, Student
from grader.pipeline.overriding import override
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
ANA = Student("1001", "Ana Silva")


@pytest.mark.parametrize("score", [-0.01, 10.01, float("nan"), float("inf")])
def test_a_score_that_the_lab_does_not_have_is_refused(tmp_path: Path, score: float) -> None:
    with Store.open(tmp_path / "g.db") as store, pytest.raises(OverrideImpossible, match="from 0 to 10"):
        override(Course(TINY).lab("double"), store, ANA, score, "why", "kim")


def test_two_who_decide_at_once_are_written_down_with_the_times_of_their_turns(tmp_path: Path) -> None:
    began = []
    with Store.open(tmp_path / "g.db") as store:
        store.refuse(Refusal(ANA, "double", "a.rar", "RAR is not read."))
        event.listen(store._engine, "begin", lambda _: began.append(datetime.now(UTC)))
        done = override(Course(TINY).lab("double"), store, ANA, 5, "why", "kim")
    assert began[-1] <= done.at


@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_score_without_a_reason_is_refused(tmp_path: Path, reason: str) -> None:
    with Store.open(tmp_path / "g.db") as store, pytest.raises(OverrideImpossible, match="--why"):
        override(Course(TINY).lab("double"), store, ANA, 5, reason, "kim")
