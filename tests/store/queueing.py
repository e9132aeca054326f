"""What tests of the queue share: its states, silent workers, and two programs that do something at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event

LAB = "lab1_tensors"
LONG = 60.0
"""Seconds: only what hangs takes so long."""


def ask(queue, wanted, **options):
    """The only ticket of what is asked."""
    (ticket,) = queue.ask(wanted, **options)
    return ticket


def state(queue, ticket):
    return queue.standings([ticket])[ticket].state


def grades(store):
    """Who has which score; None where there is none."""
    return {grade.student.key: grade.earned for grade in store.grades(LAB)}


def silence(store, worker_id):
    """Let a worker have been silent for an hour."""
    with store._writing() as connection:
        connection.exec_driver_sql(f"UPDATE workers SET heard_at = heard_at - interval '1h' WHERE id = {worker_id}")


def until(true):
    """Wait for something."""
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def race(store, first, elsewhere, second, *, after=None):
    """What two calls return, of which the second comes when the first has done all but commit.

    Args:
        store: the first is one of its program.
        elsewhere: the second is one of that.
        after: instead, it comes after the first statement of the first that has this word.
    """
    reached, go = threading.Event(), threading.Event()

    def hold(_connection, _cursor=None, statement="", *_):
        if not reached.is_set() and (after or "") in statement:
            reached.set()
            assert go.wait(LONG)

    event.listen(store._engine, "after_cursor_execute" if after else "commit", hold)
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first)
        try:
            assert reached.wait(LONG)
            two = threads.submit(second)
            until(lambda: two.done() or waits(elsewhere))
        finally:
            go.set()
        return one.result(LONG), two.result(LONG)


def waits(store):
    """Whether somebody waits for a lock."""
    with store._reading() as connection:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return connection.exec_driver_sql(waiting).scalar() > 0


def lost_claim(store, queue, asked, worker):
    """A ticket, the worker that has it and is silent, and its claim."""
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    silence(store, me)
    return ticket, me, claim
