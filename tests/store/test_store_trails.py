"""How a student's attempts went, as the store tells."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.model import Ending, Outcome
from grader.scoring import Policy
from grader.store import Store

LAB = "lab1_tensors"
NOON = datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001 - as local clocks show it
DUE = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def handed_in(store, submission, key, run):
    """Hands in for Ana: a content, when, what passes of three checks, by which suite."""

    def make(content, when=None, passes=0, suite="suite-1"):
        made = submission(content=content, told_at=when, received_at=when and when.replace(tzinfo=UTC))
        found = run(points=5.0)
        checks = tuple(
            replace(check, outcome=Outcome.PASSED if at < passes else Outcome.PARTIAL)
            for at, check in enumerate(found.checks)
        )
        store.save([store.add(made)], key(made, suite=suite), replace(found, checks=checks))

    return make


def trail(store: Store):
    (grade,) = store.grades(LAB)
    return grade.trail


def test_one_attempt_is_no_trail(store, handed_in):
    handed_in(b"one")
    assert trail(store) == ()


def test_each_attempt_says_what_it_earned_what_passed_and_which_counts(store, handed_in, submission, key, broken):
    handed_in(b"one", passes=1)
    handed_in(b"two", passes=3)
    last = submission(content=b"three")
    store.save([store.add(last)], key(last), broken)
    first, second, third = trail(store)
    assert (first.passed, second.passed, third.passed) == ({"check-0"}, {"check-0", "check-1", "check-2"}, frozenset())
    assert [(one.earned, one.max_score) for one in (first, second)] == [(15.0, 15.0)] * 2
    assert (third.earned, third.ending) == (None, Ending.BROKEN)
    assert [one.counts for one in (first, second, third)] == [False, False, True]


def test_a_result_by_another_suite_than_the_latest_is_not_compared_with_it(store, handed_in):
    handed_in(b"one", passes=3, suite="before")
    handed_in(b"two", passes=1)
    handed_in(b"three", passes=2)
    assert [one.comparable for one in trail(store)] == [False, True, True]


def test_nobody_knows_when_an_attempt_was_handed_in_because_it_was_taken_in_some_time(store, handed_in):
    handed_in(b"one")
    handed_in(b"two", when=NOON.replace(tzinfo=UTC))
    assert [one.at for one in trail(store)] == [None, NOON.replace(tzinfo=UTC)]


def test_local_time_goes_by_the_zone_of_the_rules(store, handed_in):
    handed_in(b"one", when=NOON)
    handed_in(b"two", when=NOON + timedelta(hours=1))
    store.set_policy(LAB, Policy("latest", DUE, "America/New_York"))
    (grade,) = store.grades(LAB)
    assert [one.at for one in grade.trail] == [datetime(2026, 11, 20, hour, tzinfo=UTC) for hour in (17, 18)]
    assert grade.received_at == grade.trail[-1].at
