"""Choosing and loading the digits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from grader.datasets import Digits, choose, load
from grader.errors import DatasetMissing

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@pytest.fixture
def laid_out(tmp_path: Path) -> Path:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in FILES:
        (raw / name).touch()
    return tmp_path


@pytest.fixture
def mnist_root() -> Path:
    root = os.environ.get("GRADER_DATA")
    if not root:
        pytest.skip("MNIST is not here: set GRADER_DATA to the folder that holds MNIST/raw/")
    return Path(root)


@pytest.mark.parametrize("wanted", ["auto", "mnist"])
def test_mnist_is_chosen_where_its_files_are(laid_out, wanted):
    assert choose(wanted, laid_out) == "mnist"


def test_a_folder_that_lacks_a_file_of_mnist_is_refused_and_not_passed_over(laid_out):
    (laid_out / "MNIST" / "raw" / FILES[3]).unlink()
    with pytest.raises(DatasetMissing, match="holds no MNIST/raw/ with the four files"):
        choose("auto", laid_out)


def test_the_bundled_digits_are_chosen_where_no_folder_is_set():
    assert choose("auto", None) == "digits"


def test_the_bundled_digits_can_be_asked_for_though_mnist_is_there(laid_out):
    assert choose("digits", laid_out) == "digits"


@pytest.mark.parametrize("use", [choose, load])
def test_mnist_asked_for_and_absent_says_where_it_looked_and_what_to_do(tmp_path, use):
    with pytest.raises(DatasetMissing) as caught:
        use("mnist", tmp_path)
    for part in (str(tmp_path), "download=True", "GRADER_DATA", "--dataset digits"):
        assert part in str(caught.value)


def test_mnist_asked_for_without_a_folder_says_so():
    with pytest.raises(DatasetMissing, match="No data folder is set"):
        choose("mnist", None)


def test_a_dataset_nobody_knows_is_refused_with_the_choices():
    with pytest.raises(DatasetMissing, match="auto, mnist or digits"):
        choose("cifar", None)


def test_choosing_imports_no_torch(laid_out):
    code = (
        "import sys; from pathlib import Path; from grader.datasets import choose\n"
        f"choose('auto', Path({str(laid_out)!r}))\n"
        "print([name for name in ('torch', 'torchvision', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _assert_contract(found: Digits, trained: int, held_out: int) -> None:
    parts = ((found.train_images, found.train_labels, trained), (found.test_images, found.test_labels, held_out))
    for images, labels, size in parts:
        assert images.dtype == torch.uint8
        assert images.shape == (size, 28, 28)
        assert labels.dtype == torch.int64
        assert labels.shape == (size,)
        assert labels.unique().tolist() == list(range(10))
        assert images.min() == 0
        assert images.max() == 255


def _written(path, content):
    sizes = b"".join(size.to_bytes(4, "big") for size in content.shape)
    path.write_bytes(bytes([0, 0, 8, content.dim()]) + sizes + bytes(content.flatten().tolist()))


def _small_mnist(root):
    draw = torch.Generator().manual_seed(0)
    for name, sizes in zip(FILES, [(5, 28, 28), (5,), (3, 28, 28), (3,)], strict=True):
        _written(root / "MNIST" / "raw" / name, torch.randint(0, 256, sizes, generator=draw))


def test_mnist_is_read_as_torchvision_reads_it(laid_out):
    from torchvision.datasets import MNIST

    _small_mnist(laid_out)
    found = load("mnist", laid_out)
    for images, labels, part in (
        (found.train_images, found.train_labels, True),
        (found.test_images, found.test_labels, False),
    ):
        known = MNIST(str(laid_out), train=part, download=False)
        assert torch.equal(images, known.data)
        assert torch.equal(labels, known.targets)
        assert (images.dtype, labels.dtype) == (known.data.dtype, known.targets.dtype)


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:-1],
        lambda content: b"\x1f\x8b" + content,
        lambda content: content[:4] + bytes(12),
        lambda _: b"",
    ],
)
def test_a_damaged_file_of_mnist_is_named(laid_out, damage):
    _small_mnist(laid_out)
    path = laid_out / "MNIST" / "raw" / FILES[2]
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DatasetMissing, match=f"{FILES[2]} is damaged"):
        load("mnist", laid_out)


def test_the_bundled_digits_look_like_mnist():
    found = load("digits", None)
    _assert_contract(found, 1200, 597)
    assert found.name == "digits"
    assert found.train_images[:, :3].max() == 0, "a margin all around, as MNIST has"


def test_the_bundled_digits_hold_out_sixty_of_each():
    counts = load("digits", None).test_labels.bincount()
    assert counts.min() >= 57
    assert counts.max() <= 61


def test_the_bundled_digits_are_split_the_same_way_every_time():
    first = load("digits", None)
    load.cache_clear()
    again = load("digits", None)
    assert first is not again
    assert torch.equal(first.test_images, again.test_images)
    assert torch.equal(first.train_labels, again.train_labels)


def test_no_held_out_image_is_among_the_training_images():
    found = load("digits", None)
    trained = {image.numpy().tobytes() for image in found.train_images}
    assert not any(image.numpy().tobytes() in trained for image in found.test_images)


def test_images_are_loaded_once_per_process():
    assert load("digits", None) is load("digits", None)


def test_mnist_is_read_as_torchvision_keeps_it(mnist_root):
    found = load("mnist", mnist_root)
    _assert_contract(found, 60_000, 10_000)
    assert found.name == "mnist"
