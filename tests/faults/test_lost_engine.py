"""The container engine, its containers and its image, which go away in the middle."""

import io
import os
import secrets
import signal

import pytest

from grader.examine.engine import image_tag

pytestmark = pytest.mark.docker

REST = {"cleo", "dan", "eli", "fay", "gus"}


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
    engine.is_asked_in_vain(batch, 5)  # to remove the container, and for another one again and again
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


def test_an_engine_that_goes_before_the_first_is_graded_leaves_all_ungraded_and_named(docked, engine, eventually):
    batch = docked.begins()
    eventually(batch.workers, "a worker is started")
    engine.goes()
    said = batch.ends(3)
    assert f"Not graded: {', '.join(sorted(docked.ungraded()))}: No container engine answers. Start Docker" in said
    assert len(docked.ungraded()) == 7
    engine.comes()
    docked.is_resumed()


@pytest.fixture
def own_image(docked, engine):
    """The name of an image of this class's own, which differs from the sandbox image in a label; or makes it again."""
    source = os.environ.get("GRADER_SANDBOX_IMAGE") or image_tag()
    docked.repository = f"grader-fault-{secrets.token_hex(4)}"
    name = f"{docked.repository}:{image_tag().partition(':')[2]}"

    def build():
        recipe = io.BytesIO(f"FROM {source}\nLABEL grader.fault={docked.repository}\n".encode())
        assert not [
            line for line in engine.client.build(fileobj=recipe, tag=name, rm=True, decode=True) if "error" in line
        ]
        return name

    yield build
    engine.client.remove_image(name)


def test_an_image_that_is_removed_leaves_the_rest_ungraded_and_named(docked, engine, own_image, eventually):
    name = own_image()
    batch = docked.begins_and_stops_at("cleo")
    engine.goes()
    eventually(
        lambda: not engine.containers(docked), "the container has ended, whose standard input was the connection"
    )
    engine.client.remove_image(name)
    engine.comes()
    docked.open("cleo")
    said = batch.ends(3)
    assert "Graded 2, already graded 0, not taken in 0." in said
    assert f"Not graded: {', '.join(sorted(REST))}: The sandbox image is not on this machine." in said
    assert "Run `grader sandbox build`." in said
    assert docked.ungraded() == REST
    own_image()  # another one, with which everybody is graded: results of two sandboxes do not stand side by side
    docked.begins().ends(0)
    assert docked.ungraded() == set()
