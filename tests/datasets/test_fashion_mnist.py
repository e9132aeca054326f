"""`kind = "fashion-mnist"`: found where torchvision downloads it, in its own parts; never downloaded."""

import pytest
import torch

from grader import datasets
from grader.datasets import FashionSpec, idx
from grader.errors import DatasetMissing

OWN = FashionSpec()


def written(path, content):
    sizes = b"".join(size.to_bytes(4, "big") for size in content.shape)
    path.write_bytes(bytes([0, 0, 8, content.dim()]) + sizes + bytes(content.flatten().tolist()))


@pytest.fixture
def root(tmp_path):
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    draw = torch.Generator().manual_seed(0)
    for (images, labels), many in zip((idx.FILES[:2], idx.FILES[2:]), (60, 20), strict=True):
        written(raw / images, torch.randint(0, 256, (many, 28, 28), generator=draw))
        written(raw / labels, torch.arange(many) % 10)
    return tmp_path


def test_the_hidden_suite_gets_the_datasets_own_parts(root, tmp_path):
    data = datasets.load_own(OWN, tmp_path, root, public=False)
    assert (data.name, data.train_inputs.dtype) == ("fashion-mnist", torch.uint8)
    assert (data.train_inputs.shape, data.test_inputs.shape) == ((60, 1, 28, 28), (20, 1, 28, 28))
    assert (data.classes[0], data.classes[9], data.test_targets[9].item()) == ("T-shirt/top", "Ankle boot", 9)


def test_the_files_are_read_as_torchvision_reads_them(root, tmp_path):
    from torchvision.datasets import FashionMNIST

    known = FashionMNIST(str(root), train=True, download=False)
    data = datasets.load_own(OWN, tmp_path, root, public=False)
    assert torch.equal(data.train_inputs.squeeze(1), known.data)
    assert torch.equal(data.train_targets, known.targets)
    assert list(data.classes) == known.classes


def test_the_public_suite_gets_parts_of_the_training_part_alone(root, tmp_path):
    data = datasets.load_own(OWN, tmp_path, root, public=True)
    assert (len(data.train_inputs), len(data.test_inputs)) == (50, 10)
    assert data.test_targets.bincount().tolist() == [1] * 10


@pytest.mark.parametrize("place", [True, False])
def test_where_it_is_missing_it_is_said_how_to_get_it(tmp_path, place):
    with pytest.raises(DatasetMissing, match=r"Download it once: python -c .*FashionMNIST\('DIR', download=True\)"):
        datasets.named(OWN, "auto", tmp_path if place else None)


def test_a_damaged_file_is_named(root, tmp_path):
    file = root / "FashionMNIST" / "raw" / idx.FILES[0]
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(DatasetMissing, match=r"train-images-idx3-ubyte is damaged\. Remove the folder and download"):
        datasets.fashion.train(root)


def test_files_that_do_not_belong_together_are_refused(root):
    written(root / "FashionMNIST" / "raw" / idx.FILES[1], torch.arange(59) % 10)
    with pytest.raises(DatasetMissing, match="do not belong together"):
        datasets.fashion.train(root)
