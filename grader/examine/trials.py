"""Trainings of which the best counts, because a sound solution can meet an unlucky seed."""

from collections.abc import Callable
from dataclasses import dataclass

from grader.errors import CheckFailed, Finding
from grader.examine import expect
from grader.examine.draw import Draw
from grader.examine.figures import Figures
from grader.examine.mistakes import check_share
from grader.model import Figure, Metric


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

    def __post_init__(self) -> None:
        """Refuse what is no share of the points.

        Raises:
            TypeError, ValueError: it is no number, or above 1.
        """
        check_share("Verdict(share, message)", self.share, self.message)


class Trials:
    """Runs a training up to `most` times.

    Args:
        draw: where the seeds come from that the trainings are given.
        figures: keeps the pictures of the training that counts, or whose failure is told, and of no other.
        keep: is told the metrics of that training.
    """

    def __init__(self, most: int, draw: Draw, figures: Figures, keep: Callable[[tuple[Metric, ...]], None]) -> None:
        self._most = most
        self._draw = draw
        self._figures = figures
        self._keep = keep

    def best(self, attempt: Callable[[int], Verdict]) -> None:
        """Call `attempt` with one seed after the other until one earns everything, and award the best.

        An attempt that raises counts as nothing; where the student's code raised or hit a limit, it is the last.

        Raises:
            Finding: as `expect.award` for the best; if there is none, what the first attempt raised.
        """
        made: list[tuple[Verdict, list[Figure]]] = []
        failed: list[tuple[Finding, list[Figure]]] = []
        before = len(self._figures.made)
        for _ in range(self._most):
            try:
                verdict = attempt(self._draw.seed())
                if not isinstance(verdict, Verdict):
                    raise TypeError(f"an attempt returns a Verdict, and this one returned {verdict!r}")
                made.append((verdict, self._figures.made[before:]))
                if verdict.share >= 1:
                    break
            except Finding as finding:
                failed.append((finding, self._figures.made[before:]))
                if not isinstance(finding, CheckFailed):
                    break
            finally:
                del self._figures.made[before:]
        if not made:
            told, figures = failed[0]
            self._figures.made += figures
            raise told
        best, figures = max(made, key=lambda pair: pair[0].share)
        self._figures.made += figures
        self._keep(best.metrics)
        expect.award(best.share, best.message)


def how_many(most: int) -> str:
    """How many trainings there are and which counts, for the student."""
    if most == 1:
        return "Trained once; that training counts."
    return f"Trained up to {most} times, each with another seed; the best counts."
