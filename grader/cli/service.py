"""What `grader watch` and `grader worker` have in common: they go on until somebody ends them, and keep a log."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import click

from grader.cli import screen


class Terminated(KeyboardInterrupt):
    """A service manager asks the program to end: to all below it is an interrupt."""


def line(sentence: str, style: str = "") -> None:
    """Print a sentence with the time: a line of a log, in the time of all machines, or on a terminal a paragraph."""
    now = datetime.now(UTC)
    if screen.live():
        screen.say(f"{now.astimezone():%H:%M:%S} {sentence}", style)
    else:
        screen.log(f"{now.isoformat(sep=' ', timespec='seconds')} {' '.join(sentence.splitlines())}")


@contextmanager
def stoppable(then: str) -> Iterator[None]:
    """Within the block SIGTERM ends the program with status 0, as a service's, and Ctrl-C as it does elsewhere.

    Args:
        then: what becomes of its work, in a sentence.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except Terminated:
        line(f"Ended. {then}")
        raise SystemExit(0) from None
    except KeyboardInterrupt:
        raise click.Abort(then) from None
    finally:
        signal.signal(signal.SIGTERM, before)
