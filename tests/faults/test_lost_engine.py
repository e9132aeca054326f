"""The container engine and its containers, which go away in the middle."""

import os
import signal

import pytest

pytestmark = pytest.mark.docker


def test_containers_that_are_ended_from_outside_cost_nobody_anything(docked, engine):
    """Killed, removed, and without the process that everything in it comes from, as for want of memory."""

    def lose_the_first_process(container):
        os.kill(engine.client.inspect_container(container)["State"]["Pid"], signal.SIGKILL)

    blows = {
        "ben": engine.client.kill,
        "cleo": lambda container: engine.client.remove_container(container, force=True),
        "dan": lose_the_first_process,
    }
    for student in blows:
        docked.shut(student)
    batch = docked.begins()
    for student, strike in blows.items():
        docked.reached(batch, student)
        (container,) = engine.containers(docked)
        strike(container)
        docked.open(student)
    assert "Graded 7, already graded 0, not taken in 0." in batch.ends(0)
    assert docked.ungraded() == set()
    assert docked.visits() == {**dict.fromkeys(docked.visits(), 1), **dict.fromkeys(blows, 2)}


def test_an_engine_that_is_restarted_costs_nobody_anything(docked, engine):
    batch = docked.begins_and_stops_at("cleo")
    engine.goes()
    docked.open("cleo")
    engine.is_asked_in_vain()
    engine.comes()
    assert "Graded 7, already graded 0, not taken in 0." in batch.ends(0)
    assert docked.ungraded() == set()


def test_an_engine_that_stays_away_leaves_the_rest_ungraded_and_named(docked, engine):
    batch = docked.begins_and_stops_at("cleo", jobs=2)
    engine.goes()
    docked.open("cleo")
    said = batch.ends(3)
    left = docked.ungraded()
    assert "cleo" in left
    assert f"Not graded: {', '.join(sorted(left))}: No container engine answers. Start Docker" in said
    assert "Run the same command again to grade them." in said
    engine.comes()
    docked.is_resumed()
