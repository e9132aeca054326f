"""What the sandbox image has, and what it must not have."""

import pytest

pytestmark = pytest.mark.docker

LOADS = """
from sklearn import datasets

def iris():
    return len(datasets.load_iris().target)

def digits():
    return len(datasets.load_digits().target)
"""


def test_the_digits_that_decide_points_where_mnist_is_missing_are_not_in_the_image(docker_slot, talk_in):
    session = talk_in(docker_slot)(LOADS)
    assert session.call("iris") == 150  # scikit-learn is there, and other data of its own
    assert session.call("digits").kind == "FileNotFoundError"
