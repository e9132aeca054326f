"""Grading by workers: what `batch`, `regrade` and `watch` do with --queue."""

from collections.abc import Callable

from grader.cli import screen
from grader.labs import Lab
from grader.pipeline import queueing, serving
from grader.pipeline.queueing import Workers
from grader.store import Store


def warn(sentence: str) -> None:
    """Print it so that it is seen."""
    screen.say(sentence, "yellow")


def workers(
    lab: Lab, store: Store, broker: str, patience: float, tell: Callable[[str], None] = warn, *, again: bool = False
) -> Workers:
    """Those who listen to this broker and this database; waits for the first of them.

    Args:
        tell: is told once that there is none yet.
        again: they grade what has a result, too.

    Raises:
        SetupError: there is no broker, no database for it, or nobody who grades.
    """
    from grader.worker.broker import Broker  # noqa: PLC0415 - where Celery is not installed, all else works

    queue = store.queue(serving.SILENCE)
    carries = Broker(broker)
    carries.check()
    terms = queueing.agreed(lab, queue, patience, tell)
    return Workers(lab, terms, queue, carries.send, patience, again)
