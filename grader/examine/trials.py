"""Trainings of which the best counts, because a sound solution can meet an unlucky seed."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.errors import CheckFailed, Finding
from grader.examine import expect
from grader.examine.draw import Draw
from grader.model import Metric


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one training did.

    Attributes:
        share: of the check's points, in 0..1.
        message: for the student, why not all of them.
        metrics: what was measured.
    """

    share: float
    message: str
    metrics: tuple[Metric, ...] = ()


class Trials:
    """Runs a training up to `most` times.

    Args:
        draw: where the seeds come from that the trainings are given.
        keep: is told the metrics of the training that counts.
    """

    def __init__(self, most: int, draw: Draw, keep: Callable[[tuple[Metric, ...]], None]) -> None:
        self._most = most
        self._draw = draw
        self._keep = keep

    def best(self, attempt: Callable[[int], Verdict]) -> None:
        """Call `attempt` with one seed after the other until one earns everything, and award the best.

        An attempt that raises counts as nothing; where the student's code raised or hit a limit, it is the last.

        Raises:
            Finding: as `expect.award` for the best; if there is none, what the first attempt raised.
        """
        verdicts: list[Verdict] = []
        findings: list[Finding] = []
        for _ in range(self._most):
            try:
                verdicts.append(attempt(self._draw.seed()))
            except Finding as finding:
                findings.append(finding)
                if not isinstance(finding, CheckFailed):
                    break
            if verdicts and verdicts[-1].share >= 1:
                break
        if not verdicts:
            raise findings[0]
        best = max(verdicts, key=lambda verdict: verdict.share)
        self._keep(best.metrics)
        expect.award(best.share, best.message)


def how_many(most: int) -> str:
    """How many trainings there are and which counts, for the student."""
    if most == 1:
        return "Trained once; that training counts."
    return f"Trained up to {most} times, each with another seed; the best counts."
