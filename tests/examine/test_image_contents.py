"""What the sandbox image has, and what it must not have."""

import pytest

from grader.examine.imports import in_image

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


OF_GPUS = {"cuda", "nvidia", "triton"}
"""What builds of torch for a CPU alone come without."""
HAS = """
from importlib.metadata import packages_distributions

def modules():
    return [name for name in packages_distributions() if name.isidentifier() and not name.startswith("_")]
"""


def test_what_a_pre_check_knows_of_the_image_is_what_is_in_it(docker_slot, talk_in):
    """If it is not: sandbox/modules.txt is the list that follows requirements.txt and versions.txt."""
    found = set(talk_in(docker_slot)(HAS).call("modules"))
    assert found | OF_GPUS == in_image()
