"""Which attempt counts, and what handing in late costs."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.scoring import Late, Policy, counting, kept, lateness, written

DUE = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
POLICY = Policy("latest", DUE, "Europe/Berlin", grace_hours=2.0, per_day=10.0, floor=50.0)


@dataclass(frozen=True)
class Try:
    turn: int
    earned: float | None
    told_at: datetime | None = None
    could: float = 10.0


def after(policy=POLICY, until=None, **time):
    return lateness(policy, DUE + timedelta(**time), until)


def days(**time):
    found = after(**time)
    return found.days if found else 0


@pytest.mark.parametrize(
    ("hours", "days_"), [(-100, 0), (0, 0), (2, 0), (2.02, 1), (24, 1), (24.02, 2), (48, 2), (24 * 30, 30)]
)
def test_days_are_counted_from_the_due_date_and_the_grace_only_forgives(hours, days_):
    assert days(hours=hours) == days_


def test_whoever_misses_a_grace_of_two_days_is_three_days_late():
    assert days(policy=replace(POLICY, grace_hours=48.0), hours=48) == 0
    assert days(policy=replace(POLICY, grace_hours=48.0), hours=49) == 3


@pytest.mark.parametrize(("seconds", "late"), [(0, 0), (59.999, 0), (60, 1)])
def test_all_of_the_minute_in_which_it_is_due_is_in_time(seconds, late):
    assert days(policy=replace(POLICY, grace_hours=0.0), seconds=seconds) == late


@pytest.mark.parametrize(
    ("due", "came", "late"),
    [
        ("2026-10-24T23:59+02:00", "2026-10-25T23:58+01:00", 1),  # 25 hours by the sun
        ("2026-10-24T23:59+02:00", "2026-10-26T00:00+01:00", 2),
        ("2026-03-28T23:59+01:00", "2026-03-30T00:00+02:00", 2),  # 23 hours and a minute after the first day
        ("2026-10-25T02:30+02:00", "2026-10-25T02:10+01:00", 1),  # later, though clocks show less
    ],
)
def test_a_day_lasts_until_the_clocks_of_the_lab_show_the_same_again(due, came, late):
    due, came = datetime.fromisoformat(due), datetime.fromisoformat(came)
    assert lateness(Policy(due=due, zone="Europe/Berlin"), came, None).days == late


def test_local_time_is_by_the_clocks_of_the_lab():
    came = (datetime(2026, 11, 21, 0, minute) for minute in (0, 1))  # noqa: DTZ001 - a platform tells no zone
    policy = replace(POLICY, grace_hours=1 / 60)
    assert [bool(lateness(policy, when, None)) for when in came] == [False, True]


def test_an_extension_moves_the_due_date_and_never_forward():
    assert after(hours=30, until=DUE + timedelta(hours=29)) is None
    assert days(hours=30, until=DUE + timedelta(hours=20)) == 1
    assert days(hours=30, until=DUE - timedelta(days=9)) == 2


def test_the_due_date_is_told_by_the_clocks_of_the_lab():
    assert after(hours=3) == Late(DUE, 1, 90.0)
    assert after(hours=3).due.isoformat() == "2026-11-20T23:59:00+01:00"


def test_another_zone_is_the_same_moment():
    there = timezone(timedelta(hours=9))
    assert lateness(POLICY, (DUE + timedelta(hours=3)).astimezone(there), None) == Late(DUE, 1, 90.0)


def test_nobody_is_late_where_nothing_is_due_or_nobody_knows_when_it_came():
    assert after(policy=Policy(), days=9) is None
    assert lateness(POLICY, None, None) is None


@pytest.mark.parametrize(("days_", "points"), [(1, 9.0), (2, 8.0), (5, 5.0), (6, 5.0), (99, 5.0)])
def test_each_day_costs_its_part_of_the_points_earned_down_to_the_floor(days_, points):
    assert kept(10.0, after(days=days_)) == points


@pytest.mark.parametrize(
    ("earned", "percent", "points"), [(1.15, 50.0, 0.58), (3.33, 90.0, 3.0), (7.77, 100.0, 7.77), (0.01, 50.0, 0.01)]
)
def test_halves_of_a_hundredth_are_rounded_up(earned, percent, points):
    assert kept(earned, Late(DUE, 1, percent)) == points
    assert written(points) == f"{points:g}"


def test_the_latest_counts_also_where_it_is_worse_or_not_graded_yet():
    assert counting([Try(2, 5.0), Try(1, 9.0)], POLICY, None).attempt.turn == 2
    assert counting([Try(1, 9.0), Try(2, None)], POLICY, None).score is None


@pytest.mark.parametrize(
    ("attempts", "turn", "score"),
    [
        ([Try(1, 9.0), Try(2, 5.0)], 1, 9.0),
        ([Try(1, 9.0), Try(2, 9.0)], 2, 9.0),
        ([Try(1, 9.0), Try(2, None)], 2, None),
        ([Try(1, None), Try(2, 9.0)], 1, None),
        ([Try(1, 10.0), Try(2, None)], 1, 10.0),
        ([Try(1, None), Try(2, None)], 2, None),
        ([Try(1, 8.5), Try(2, 10.0, DUE + timedelta(days=1))], 2, 9.0),
        ([Try(1, 8.5), Try(2, 10.0, DUE + timedelta(days=2))], 1, 8.5),
    ],
)
def test_the_best_is_what_keeps_the_most_points(attempts, turn, score):
    found = counting(attempts, replace(POLICY, attempt="best"), None)
    assert (found.attempt.turn, found.score) == (turn, score)


tries = st.lists(
    st.tuples(
        st.integers(0, 1000).map(lambda cents: cents / 100),
        st.none() | st.integers(-50, 400).map(lambda hours: DUE + timedelta(hours=hours)),
    ),
    min_size=1,
    max_size=6,
).map(lambda found: [Try(turn, *each) for turn, each in enumerate(found)])


@given(attempts=tries)
def test_the_best_is_never_less_than_the_latest_and_a_further_attempt_never_lowers_it(attempts):
    best, latest = (counting(attempts, replace(POLICY, attempt=which), None).score for which in ("best", "latest"))
    assert best >= latest
    for more in range(1, len(attempts)):
        before = counting(attempts[:more], replace(POLICY, attempt="best"), None).score
        after_it = counting(attempts[: more + 1], replace(POLICY, attempt="best"), None).score
        assert after_it >= before


@given(
    cents=st.integers(0, 10000),
    per_day=st.floats(0, 100),
    floor=st.floats(0, 100),
    days_=st.integers(1, 400),
)
def test_lateness_never_adds_points_and_never_takes_more_than_it_may(cents, per_day, floor, days_):
    policy, earned = replace(POLICY, per_day=per_day, floor=floor), cents / 100
    left = kept(earned, after(policy, days=days_))
    assert 0 <= left <= earned
    assert left >= kept(earned, after(policy, days=days_ + 1))
    assert left >= earned * floor / 100 - 0.00501


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy(), "the latest attempt counts, nothing is late"),
        (
            POLICY,
            (
                "the latest attempt counts, due 2026-11-20 23:59 (Europe/Berlin), 2 hours of grace, "
                "10% off for each day begun, 50% are kept"
            ),
        ),
        (Policy("best", DUE), "the best attempt counts, due 2026-11-20 22:59 (UTC), 0% off for each day begun"),
    ],
)
def test_a_policy_says_itself_in_words(policy, words):
    assert str(policy) == words
