"""The trusted side and a real driver, together."""

import dataclasses
import json

import pytest

from grader.examine.engine import DockerLauncher
from grader.examine.examination import examine
from grader.examine.local import LocalLauncher
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots
from grader.labs import LimitSpec
from grader.model import Ending, Flag

FILE = b"""
import os
import torch

def Net():
    return torch.nn.Linear(3, 1)

def make_optimizer(net):
    return torch.optim.SGD(net.parameters(), lr=0.1)

def step(net, optimizer, x):
    optimizer.zero_grad()
    (net(x) ** 2).mean().backward()
    optimizer.step()

def loop(net):
    while True:
        pass

def leave():
    os._exit(3)

def forge():
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b"SCORE 100")
        except OSError:
            pass

def pairs():
    return {(1, 2): [3]}

print("imported")
"""
SUITE = """
@pytest.fixture(scope="module")
def net(submission):
    return expect.module(submission.Net(), what="Net()")

@pytest.fixture(scope="module")
def trained(submission, net, draw):
    optimizer = submission.make_optimizer(net)
    for _ in range(3):
        submission.step(net, optimizer, draw.normal(16, 3))
    return net

@pytest.fixture(scope="module")
def answers(trained):
    return expect.tensor(trained(torch.eye(3)), shape=(3, 1), what="net(x)")

@check("train", title="train", points=1)
def test_train(answers):
    expect.that(bool(answers.any()), "all zero")

@check("loop", title="loop", points=1)
def test_loop(submission, net):
    submission.loop(net)

@check("still", title="still", points=2)
def test_still(trained, answers):
    expect.close(trained(torch.eye(3)), answers, rtol=0, atol=0, what="net(x)")
    expect.that([fact.shape for fact in trained.facts().parameters] == [[1, 3], [1]], "shapes")

@check("leave", title="leave", points=1)
def test_leave(submission):
    submission.leave()

@check("again", title="again", points=4)
def test_again(trained, answers):
    expect.close(trained(torch.eye(3)), answers, rtol=0, atol=0, what="net(x)")

@check("pairs", title="pairs", points=1)
def test_pairs(submission):
    expect.handle(submission.pairs(), what="pairs()")
"""
FORGING = """
@check("forge", title="forge", points=5)
def test_forge(submission):
    expect.integer(submission.forge(), what="forge()")

@check("after", title="after", points=5)
def test_after(submission):
    expect.handle(submission.pairs(), what="pairs()")
"""

LIMITS = LimitSpec(call_seconds=20.0, plain_seconds=3.0)


@pytest.fixture(
    params=["local", *(pytest.param(name, marks=pytest.mark.docker) for name in ("warm", "container"))],
    scope="module",
)
def slots(request):
    if request.param == "local":
        launcher = LocalLauncher()
    else:
        launcher = DockerLauncher(request.getfixturevalue("docker_image"), LIMITS, request.param)
    with Slots(launcher, fresh=request.param == "container") as opened:
        yield opened


@pytest.fixture
def graded(slots, lab, sandbox):
    def go(suite, name="lab.py", content=FILE):
        made = lab(suite, call_seconds=LIMITS.call_seconds, plain_seconds=LIMITS.plain_seconds)
        submission = dataclasses.replace(sandbox.submission, entry=name, files={name: content})
        return examine(made, made.hidden_suite, submission, slots, dataset=Dataset())

    return go


def test_calls_that_end_their_child_cost_themselves_alone(graded):
    found = graded(SUITE)
    assert {row.id: row.outcome.value for row in found.checks} == {
        "train": "passed",
        "loop": "error",
        "still": "passed",
        "leave": "error",
        "again": "passed",
        "pairs": "passed",
    }
    assert (found.ending, found.score, found.flags) == (Ending.TIMEOUT, 8, ())
    assert found.message == ("loop did not finish within 3 s of computing time. Look for a loop that never ends.")
    assert found.checks[3].message.startswith(
        "leave ended Python (exit status 3) instead of returning. Take exit(), quit() and os._exit() out of your file."
    )
    assert found.output == "imported\n" * 3
    assert found.cpu_seconds > 3


def test_what_is_written_to_the_drivers_own_descriptors_is_seen(graded):
    found = graded(FORGING)
    assert {row.id: row.points for row in found.checks} == {"forge": 0, "after": 5}
    assert found.flags == (Flag.TAMPERING,)
    assert found.ending is Ending.CRASHED


@pytest.mark.parametrize(("cell", "doubted"), [("def pairs(:", False), ("def others(): pass", True)])
def test_a_cell_that_is_no_python_explains_why_nothing_is_there(graded, cell, doubted):
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}]
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
    found = graded(FORGING, "lab.ipynb", notebook.encode())
    assert found.flags == (Flag.DEFINES_NOTHING,)
    assert any("Is it the file of another lab?" in note for note in found.notes) is doubted
