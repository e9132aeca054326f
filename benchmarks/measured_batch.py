"""`grader batch` with a clock beside it: what of the main process's CPU time goes into which stage.

    python benchmarks/measured_batch.py REPORT.json batch LAB PATH... [options of grader batch]

The command runs as it always does; the functions that begin a stage are wrapped. A stage inside another counts for
itself alone. `class_speed.py` starts this and reads the report.
"""

import functools
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader import intake
from grader.cli import main
from grader.pipeline import publishing
from grader.store import Store


class Stages:
    """CPU seconds of this process by stage, and when results were stored."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.stored: list[float] = []
        self._open = ["other"]
        self._since = time.process_time()

    @contextmanager
    def within(self, stage: str) -> Iterator[None]:
        """Count for `stage` inside the block."""
        self._turn()
        self._open.append(stage)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def counted(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, counted for `stage`."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with self.within(stage):
                return function(*args, **kwargs)

        return call

    def counted_iterator(self, stage: str, function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        """`function`, whose iterator is counted for `stage` as it advances."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with self.within(stage):
                found = iter(function(*args, **kwargs))
            while True:
                with self.within(stage):
                    item = next(found, self)
                if item is self:
                    return
                yield item

        return call

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now


def watch(stages: Stages) -> None:
    """Put the clock beside what begins a stage."""
    intake.survey = stages.counted("intake", intake.survey)
    intake.Survey.take = stages.counted_iterator("intake", intake.Survey.take)
    publishing.write_pages = stages.counted("pages", publishing.write_pages)
    save = Store.save
    for name, function in list(vars(Store).items()):
        if not name.startswith("_") and callable(function) and name != "close":
            setattr(Store, name, stages.counted("store", function))

    def saved(*args: Any, **kwargs: Any) -> None:
        stages.counted("store", save)(*args, **kwargs)
        stages.stored.append(time.monotonic())

    Store.save = saved


def report(stages: Stages, path: Path) -> None:
    """What was measured, as JSON; peak memory in bytes."""
    stages.counted("other", lambda: None)()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    path.write_text(json.dumps({"stages": stages.seconds, "stored": stages.stored, "peak": peak}), encoding="utf-8")


if __name__ == "__main__":
    _stages, _report = Stages(), Path(sys.argv.pop(1))
    watch(_stages)
    try:
        main()
    finally:
        report(_stages, _report)
