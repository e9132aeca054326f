"""How long the rest takes, told on classes whose end is known."""

import heapq
import random
from statistics import median

import pytest

from grader.pace import Pace, time_left


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_nothing_is_told_before_three_are_done():
    assert time_left([1.0, 1.0], [0.5], 7) is None
    assert time_left([1.0, 1.0, 1.0], [0.5], 7) == 7.5


def test_of_equal_ones_the_last_to_end_is_waited_for():
    assert time_left([10.0] * 5, [4.0, 9.0], 0) == 6
    assert time_left([10.0] * 5, [0.0, 5.0], 4) == 30
    assert time_left([10.0] * 5, [], 2) == 20


def test_what_has_outlasted_all_others_is_expected_to_do_so_once_more():
    assert time_left([1.0, 1.0, 1.5], [25.0], 0) == 23.5
    assert time_left([1.0, 1.0, 1.5], [1.75], 0) == 0.25


def test_long_ones_are_expected_where_there_were_some():
    took = [1.0] * 9 + [50.0]
    assert time_left(took, [2.0], 0) == 48
    assert 300 < time_left(took, [0.0], 100) < 900


def test_a_long_one_at_work_counts_for_those_that_wait_before_it_is_done():
    assert time_left([1.0] * 5, [0.0, 60.0], 100) > 3 * time_left([1.0] * 5, [0.0, 0.5], 100)


def test_in_a_long_queue_all_workers_are_busy():
    assert time_left([1.0, 2.0, 3.0], [0.0] * 4, 10_000) == pytest.approx(10_000 * 2 / 4, rel=0.01)


def test_of_many_done_a_few_stand_for_all():
    took = [at / 5000 for at in range(1, 10_001)]
    assert time_left(took, [0.0] * 4, 10_000) == pytest.approx(10_000 / 4, rel=0.02)


def with_three_done(planned):
    """A pace of which three were done in 10 seconds each, and its clock."""
    clock = Clock()
    pace = Pace(clock)
    pace.planned(planned)
    for name in "abc":
        pace.started(name)
        clock.now += 10
        pace.finished(name)
    return pace, clock


def test_one_that_is_tried_again_is_one_still_and_begins_anew():
    pace, clock = with_three_done(5)
    pace.started("d")
    clock.now += 8
    pace.started("d")
    clock.now += 3
    assert pace.left() == 7 + 10


def test_who_was_not_seen_to_begin_is_one_less_and_no_measure():
    pace, _ = with_three_done(6)
    pace.finished("another")
    assert pace.left() == 20


CLASSES = {
    "steady": lambda dice, _: dice.uniform(0.8, 1.2),
    "spread": lambda dice, _: dice.lognormvariate(0, 0.7),
    "mixed": lambda dice, _: dice.uniform(0.8, 1.2) * (50 if dice.random() < 0.1 else 1),
    "long last": lambda dice, last: 50.0 if last else dice.uniform(0.8, 1.2),
}
"""Seconds that one takes. Of the mixed, one in ten takes fifty times as long."""


def errors(took, workers, looks=50):
    """The estimates' relative errors at moments all over the run, None where nothing was told."""
    free, events = [0.0] * workers, []
    for number, seconds in enumerate(took):
        begun = heapq.heappop(free)
        heapq.heappush(free, begun + seconds)
        events += [(begun, "started", str(number)), (begun + seconds, "finished", str(number))]
    end = max(free)
    events += [(end * (look + 0.5) / looks, "", "") for look in range(looks)]
    clock, found = Clock(), []
    pace = Pace(clock)
    pace.planned(len(took))
    for clock.now, what, name in sorted(events):
        if what:
            getattr(pace, what)(name)
        else:
            left = pace.left()
            found.append(None if left is None else abs(left - (end - clock.now)) / (end - clock.now))
    return found


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize(("kind", "most"), [("steady", 0.05), ("spread", 0.25), ("mixed", 0.5), ("long last", 0.9)])
def test_of_the_estimates_in_a_run_half_are_this_near(kind, most, workers):
    """Nobody foresees that the very last one takes half as long as the others together; it shows while it goes on."""
    typical, untold = [], []
    for seed in range(9):
        dice = random.Random(seed)
        found = errors([CLASSES[kind](dice, number == 99) for number in range(100)], workers)
        told = [error for error in found if error is not None]
        typical.append(median(told))
        untold.append(len(found) - len(told))
    assert median(typical) <= most
    assert max(untold) <= len(found) / 6
