"""The broker: what carries numbers of tickets to workers. Redis or RabbitMQ, by URL.

A message may get lost or come twice. What it is about is in the database, and `queueing` sends again.
"""

import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from celery import Celery
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.exceptions import KombuError

from grader.errors import BrokerUnreachable
from grader.model import Need

TASK: Final = "grader.grade"
"""What a message asks for; its only argument is a ticket's number."""
URGENCY_MOST: Final = 9
VISIBILITY_SECONDS: Final = 6 * 3600
"""After which Redis gives a message to another worker that was not confirmed: longer than any lab takes."""
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 10.0
"""So long it may take to answer; also where it waits for what an encrypted connection begins with, or the other way."""
TRIES: Final = 3
"""How often one is tried again that lets nobody in; one that does not answer is not."""
_ENVIRONMENT: Final = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")
"""What Celery obeys before any address that it is given: they are another program's."""
_PORTS: Final = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
_HOW: Final = (
    "redis://:PASSWORD@HOST:6379/0 or amqp://USER:PASSWORD@HOST:5672/VHOST; rediss or amqps where it is encrypted. In "
    "a password write %40 for @, %2F for /, %3F for ?, %23 for # and %25 for %."
)
_KINDS: Final = {
    "redis": "is not encrypted (one that is: rediss)",
    "rediss": "is encrypted (one that is not: redis)",
    "amqp": "is not encrypted (one that is: amqps)",
    "amqps": "is encrypted (one that is not: amqp)",
}
"""What a broker has to be that is asked for like this; one that is asked in the wrong way says nothing, or nonsense."""
_KEYS: Final = "Put the user or the password in its address right"
_ADVICE: Final = {
    "invalid username-password": _KEYS,
    "Authentication required": _KEYS,
    "ACCESS_REFUSED": _KEYS,
    "certificate verify failed": "This machine does not know who signed its certificate, or its address calls the "
    "machine otherwise than the certificate does: name the authority's file in SSL_CERT_FILE, or put the address right",
}
"""What to do where a broker's words tell."""
_NUMBERED: Final = re.compile("/?[0-9]*")
"""What may follow a Redis' host: the number of a database."""

_REDIS: Final = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "queue_order_strategy": "priority",
    "priority_steps": list(range(URGENCY_MOST + 1)),
    "socket_keepalive": True,
    "socket_connect_timeout": CONNECT_SECONDS,
    "socket_timeout": ANSWER_SECONDS,
}
_RABBITMQ: Final = {"confirm_publish": True}
_OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "redis": _REDIS,
    "rediss": _REDIS,
    "amqp": _RABBITMQ,
    "amqps": _RABBITMQ,
}


class Broker:
    """A broker at a URL: redis, rediss, amqp or amqps.

    Attributes:
        place: what to call it in a sentence, which a password is no part of.

    Raises:
        BrokerUnreachable: the URL names none.
    """

    def __init__(self, url: str) -> None:
        parts = _parts(url)
        self.place = f"{parts.scheme}://{parts.hostname}:{parts.port or _PORTS[parts.scheme]}{parts.path}"
        self.app = _app(url, parts)
        self._kind = _KINDS[parts.scheme]
        self._least_first = parts.scheme.startswith("redis")
        self._errors = _errors(self.app)

    def check(self) -> None:
        """Look whether it answers.

        Raises:
            BrokerUnreachable: it does not.
        """
        with self._connected():
            return

    def send(self, tickets: Sequence[int], need: Need, urgency: int) -> None:
        """See `grader.pipeline.messages.Send`."""
        priority = URGENCY_MOST - urgency if self._least_first else urgency
        with self._connected() as connection, self.app.amqp.Producer(connection) as producer:
            for ticket in tickets:
                self.app.send_task(
                    TASK,
                    (ticket,),
                    queue=need,
                    priority=priority,
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                    confirm_timeout=ANSWER_SECONDS,
                )

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection of its own: one that is kept is broken after the broker was started again."""
        connection = self.app.connection_for_write()
        try:
            connection.ensure_connection(
                max_retries=TRIES, interval_start=0.1, interval_max=1.0, timeout=CONNECT_SECONDS
            )
            yield connection
            connection.release()
        except self._errors as error:
            what = _first_line(error)
            check = f"Check that it runs, {self._kind}, and has disk and memory left, and that its address is right"
            advice = next((advice for words, advice in _ADVICE.items() if words in what), check)
            raise BrokerUnreachable(
                f"The broker {self.place} does not answer as it should ({what}). {advice} (--broker or GRADER_BROKER)."
            ) from error
        finally:
            connection.collect()  # without a farewell, for which one that is short of memory would not listen


def queues(needs: Sequence[Need]) -> list[Queue]:
    """The queues for these needs, which last as long as the broker keeps them."""
    made: Callable[..., Queue] = Queue
    return [made(str(need), routing_key=str(need), max_priority=URGENCY_MOST) for need in needs]


def _parts(url: str) -> SplitResult:
    """The parts of an address that can be one only: where a password is not encoded, each could hold some of it."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        parts = urlsplit("")
    named = parts.scheme in _PORTS and parts.hostname and "@" not in parts.path
    numbered = not parts.scheme.startswith("redis") or _NUMBERED.fullmatch(parts.path)
    if not named or not numbered or parts.query or parts.fragment:
        raise BrokerUnreachable(f"--broker or GRADER_BROKER names no broker: write {_HOW}")
    return parts


def _app(url: str, parts: SplitResult) -> Celery:
    """Celery for this broker. An encrypted one has to prove who it is, by an authority that this machine trusts."""
    for name in _ENVIRONMENT:
        os.environ.pop(name, None)
    app = Celery("grader", broker=url, set_as_current=False, fixups=[])
    app.conf.update(
        task_queues=queues(list(Need)),
        task_default_queue=Need.CPU.value,
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_detect_quorum_queues=False,
        worker_enable_prefetch_count_reduction=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_timeout=CONNECT_SECONDS,
        broker_connection_retry=True,
        broker_channel_error_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=dict(_OPTIONS[parts.scheme]),
    )
    if parts.scheme == "rediss":
        app.conf.broker_use_ssl = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    if parts.scheme == "amqps":
        app.conf.broker_use_ssl = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}
    return app


def _errors(app: Celery) -> tuple[type[Exception], ...]:
    """What is raised where a broker of this kind is not there or does not let somebody in."""
    transport = app.connection_for_write().transport
    return (KombuError, OSError, *transport.connection_errors, *transport.channel_errors)


def _first_line(error: Exception) -> str:
    return (str(error).strip().partition("\n")[0] or type(error).__name__).rstrip(".")
