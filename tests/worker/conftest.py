"""Brokers, and a department that has one."""

import os
from contextlib import closing

import pytest
from brokers import NoBroker, RabbitMQ, Redis
from department import Department


def _started(kind):
    try:
        server = kind()
    except NoBroker as error:
        if os.environ.get("GRADER_REQUIRE_BROKERS") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    with closing(server):
        yield server


@pytest.fixture(scope="session")
def redis():
    yield from _started(Redis)


@pytest.fixture(scope="session")
def rabbitmq():
    yield from _started(RabbitMQ)


@pytest.fixture(params=["redis", "rabbitmq"])
def broker(request):
    """Each kind of broker in turn; what earlier tests left in its queues is of no interest to anybody."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def department(tmp_path, postgresql, broker, local_slot):
    with closing(Department(tmp_path, postgresql, broker.url)) as made:
        yield made
