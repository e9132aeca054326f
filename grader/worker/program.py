"""The program that `grader worker` is: Celery hears what comes from the broker, `Server` does it."""

import logging
import os
import signal
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final

from celery import bootsteps, signals
from celery.apps.worker import Worker
from celery.exceptions import Reject
from celery.platforms import SecurityWarning
from celery.worker import state

from grader.errors import BrokerUnreachable
from grader.model import Need
from grader.pipeline.serving import Server
from grader.worker import broker

INTERRUPTED: Final = 130
"""Exit status of a program that Ctrl-C ended at once."""
ASK_SECONDS: Final = 5.0
"""How often Redis is asked whether it is there: while all slots are busy Celery reads nothing, and would not notice.

Nor would it later, since what could not be confirmed counts as being done for ever, and no more is fetched.
"""
_ELSEWHERE: Final = "for another worker"
"""Why a message is put back, which is told as far as somebody has to know it."""
_UNCONFIRMED: Final = ("Couldn't ack", "Couldn't reject")
_MOST: Final = 2**63
"""Ticket numbers are smaller."""


def serve(to: broker.Broker, server: Server, needs: Sequence[Need], slots: int, tell: Callable[[str], None]) -> None:
    """Serve what comes, until the server stops: by a SIGTERM, by Ctrl-C, or because its machine is not fit.

    A second Ctrl-C ends the program at once. The processes that examine end with it, and close their sandboxes.

    Raises:
        BrokerUnreachable: Celery cannot go on.
        KeyboardInterrupt: it was Ctrl-C.
    """

    def grade(ticket: object) -> None:
        if isinstance(ticket, int) and 0 < ticket < _MOST and not server.serve(ticket):
            raise Reject(_ELSEWHERE, requeue=True)

    to.app.task(name=broker.TASK)(grade)
    hears = _Hears(to.place, tell)
    to.app.steps["consumer"].add(_pulse(hears.ready))
    warnings.simplefilter("ignore", SecurityWarning)  # of root: sandboxes look at that themselves
    _listen_to_celery(hears)
    program = _Program(
        app=to.app,
        server=server,
        pool_cls="threads",
        concurrency=slots,
        queues=[str(need) for need in needs],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    program.start()
    if program.interrupts:
        raise KeyboardInterrupt
    if program.exitcode:
        raise BrokerUnreachable(f"Celery gave up on the broker {to.place}, as told above. Start the worker again.")


class _Program(Worker):  # type: ignore[misc]  # Celery has no types
    """Celery's worker without what it prints, and with signals that stop the server first.

    Attributes:
        interrupts: how often Ctrl-C was pressed.
    """

    def __init__(self, *, server: Server, **options: Any) -> None:
        self._server = server
        self.interrupts = 0
        super().__init__(**options)

    def install_platform_tweaks(self, worker: Worker) -> None:  # noqa: ARG002 - Celery's signature
        """Celery's own handlers let tasks end before they stop, which may take hours."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        threading.Thread(target=self._stop_with_server, name="end", daemon=True).start()

    def set_process_status(self, info: str) -> None:
        """Leave the process its name."""

    def _told_to_stop(self, number: int, _frame: object) -> None:
        self.interrupts += number == signal.SIGINT
        if self.interrupts > 1:
            os._exit(INTERRUPTED)
        threading.Thread(target=self._server.stop).start()  # a handler may not wait for locks

    def _stop_with_server(self) -> None:
        self._server.stopping.wait()
        state.should_stop = os.EX_OK
        if self.consumer is not None and self.hub is not None:
            self.hub.call_soon(lambda: None)  # which looks at that only when something happens


def _pulse(ready: Callable[[], None]) -> type:
    """A step of Celery's that is taken each time that it is connected: says so, and asks Redis whether it still is."""

    class Pulse(bootsteps.StartStopStep):  # type: ignore[misc]  # as above
        requires = ("celery.worker.consumer.tasks:Tasks",)
        asking: Any = None

        def start(self, parent: Any) -> None:
            ready()
            if parent.connection.transport.driver_type == "redis":
                self.asking = parent.timer.call_repeatedly(ASK_SECONDS, _ask, (parent.connection.default_channel,))

        def stop(self, parent: Any) -> None:  # noqa: ARG002 - Celery's signature
            if self.asking is not None:
                self.asking.cancel()

    return Pulse


def _ask(channel: Any) -> None:
    with channel.conn_or_acquire() as client:  # another one than that on which an answer is waited for
        client.ping()


class _Hears(logging.Handler):
    """Turns what Celery logs into lines for the operator."""

    def __init__(self, place: str, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._place = place
        self._tell = tell
        self._last = ""
        self._ready = "Ready."

    def ready(self) -> None:
        """Tell that the broker answers."""
        self._last = self._ready
        self._tell(self._last)
        self._ready = f"The broker {self._place} answers again."

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of the broker in a sentence, once for each loss, and of the rest in Celery's words.

        What could not be confirmed comes a second time, which does no harm, and what is put back is nothing new.
        """
        if str(record.msg).startswith(_UNCONFIRMED) or record.getMessage().endswith(_ELSEWHERE):
            return
        if record.name.startswith("celery.worker.consumer"):
            line = f"The broker {self._place} does not answer. It is tried again until it does."
        else:
            line = f"celery: {record.getMessage().strip().partition(chr(10))[0]}"
        if line != self._last:
            self._last = line
            self._tell(line)


def _listen_to_celery(hears: _Hears) -> None:
    signals.setup_logging.connect(_set_up_already)
    for name in ("celery", "kombu", "amqp"):
        logger = logging.getLogger(name)
        logger.handlers = [hears]
        logger.setLevel(logging.WARNING)
        logger.propagate = False


def _set_up_already(**_: object) -> None:
    """Celery sets up no logging of its own where somebody says that this is done."""
