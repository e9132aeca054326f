"""The program that `grader worker` is: Celery hears what comes from the broker, `Server` does it."""

import logging
import os
import signal
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final

from celery import signals
from celery.apps.worker import Worker
from celery.exceptions import Reject
from celery.platforms import SecurityWarning
from celery.worker import state

from grader.model import Need
from grader.pipeline.serving import Server
from grader.worker import broker

INTERRUPTED: Final = 130
"""Exit status of a program that Ctrl-C ended at once."""
_MOST: Final = 2**63
"""Ticket numbers are smaller."""


def serve(to: broker.Broker, server: Server, needs: Sequence[Need], slots: int, tell: Callable[[str], None]) -> None:
    """Serve what comes, until the server stops: by a SIGTERM, by Ctrl-C, or because its machine is not fit.

    A second Ctrl-C ends the program at once. The processes that examine end with it, and close their sandboxes.
    """

    def grade(ticket: object) -> None:
        if isinstance(ticket, int) and 0 < ticket < _MOST and not server.serve(ticket):
            raise Reject("for another worker", requeue=True)

    to.app.task(name=broker.TASK)(grade)
    warnings.simplefilter(
        "ignore", SecurityWarning
    )  # of root: messages are JSON, and who runs student code checks that
    _listen_to_celery(to.place, tell)
    program = _Program(
        app=to.app,
        server=server,
        tell=tell,
        pool_cls="threads",
        concurrency=slots,
        queues=[str(need) for need in needs],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    program.start()


class _Program(Worker):  # type: ignore[misc]  # Celery has no types
    """Celery's worker without what it prints, and with signals that stop the server first."""

    def __init__(self, *, server: Server, tell: Callable[[str], None], **options: Any) -> None:
        self._server = server
        self._tell = tell
        self._stops = 0
        super().__init__(**options)

    def install_platform_tweaks(self, worker: Worker) -> None:  # noqa: ARG002 - Celery's signature
        """Celery's own handlers let tasks end before they stop, which may take hours."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        threading.Thread(target=self._stop_with_server, name="end", daemon=True).start()

    def set_process_status(self, info: str) -> None:
        """Leave the process its name."""

    def on_consumer_ready(self, consumer: Any) -> None:
        """Tell it; again after each loss of the broker."""
        super().on_consumer_ready(consumer)
        self._tell("Ready.")

    def _told_to_stop(self, number: int, _frame: object) -> None:
        self._stops += number == signal.SIGINT
        if self._stops > 1:
            os._exit(INTERRUPTED)
        threading.Thread(target=self._server.stop).start()  # a handler may not wait for locks

    def _stop_with_server(self) -> None:
        self._server.stopping.wait()
        state.should_stop = os.EX_OK
        if self.consumer is not None and self.hub is not None:
            self.hub.call_soon(lambda: None)  # which looks at that only when something happens


class _Hears(logging.Handler):
    """Turns what Celery logs into lines for the operator."""

    def __init__(self, place: str, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._place = place
        self._tell = tell
        self._last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of the broker in a sentence, once for each loss, and of the rest in Celery's words."""
        if record.name.startswith("celery.worker.consumer"):
            line = f"The broker {self._place} does not answer. It is tried again until it does."
        else:
            line = f"celery: {record.getMessage().strip().partition(chr(10))[0]}"
        if line != self._last:
            self._last = line
            self._tell(line)


def _listen_to_celery(place: str, tell: Callable[[str], None]) -> None:
    signals.setup_logging.connect(_set_up_already)
    for name in ("celery", "kombu", "amqp"):
        logger = logging.getLogger(name)
        logger.handlers = [_Hears(place, tell)]
        logger.setLevel(logging.WARNING)
        logger.propagate = False


def _set_up_already(**_: object) -> None:
    """Celery sets up no logging of its own where somebody says that this is done."""
