"""Brokers, and a department that has one."""

from contextlib import closing

import pytest
from brokers import RabbitMQ, Redis, started
from department import Department


@pytest.fixture(scope="session")
def redis():
    yield from started(Redis)


@pytest.fixture(scope="session")
def rabbitmq():
    yield from started(RabbitMQ)


@pytest.fixture(params=["redis", "rabbitmq"])
def broker(request):
    """Each kind of broker in turn; what earlier tests left in its queues is of no interest to anybody."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def department(tmp_path, postgresql, broker, local_slot):
    with closing(Department(tmp_path, postgresql, broker.url)) as made:
        yield made
