"""Grading by workers: what `batch` and `regrade` do with --queue."""

from functools import partial

from grader.cli import screen
from grader.labs import Lab
from grader.pipeline import queueing, serving
from grader.pipeline.queueing import Workers
from grader.store import Store


def workers(lab: Lab, store: Store, broker: str, patience: float, *, again: bool = False) -> Workers:
    """Those who listen to this broker and this database; waits for the first of them.

    Args:
        again: they grade what has a result, too.

    Raises:
        SetupError: there is no broker, no database for it, or nobody who grades.
    """
    from grader.worker.broker import Broker  # noqa: PLC0415 - where Celery is not installed, all else works

    queue = store.queue(serving.SILENCE)
    carries = Broker(broker)
    carries.check()
    terms = queueing.agreed(lab, queue, patience, partial(screen.say, style="yellow"))
    return Workers(lab, terms, queue, carries.send, patience, again)
