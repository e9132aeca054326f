"""`kind = "images"`: what is read from a folder of classes, and what is said where that cannot be."""

import pytest
import torch
from PIL import Image

from grader import datasets
from grader.datasets import ImagesSpec, images
from grader.errors import InvalidLab

SPEC = ImagesSpec(size=(4, 6))
GREY = ImagesSpec(size=(4, 6), channels=1)


def flat(colour, mode="RGB", size=(12, 8)):
    return Image.new(mode, size, colour)


@pytest.fixture
def folder(tmp_path):
    """Two classes of three images each."""
    for shade, name in enumerate(["cat", "dog"]):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(3):
            flat((10 * number + 1, 100 * shade, 0)).save(tmp_path / "data" / name / f"{number}.png")
    return tmp_path


def test_images_are_read_as_bytes_of_the_size_asked_for(folder):
    found = images.read(SPEC, folder)
    assert (found.inputs.dtype, found.inputs.shape) == (torch.uint8, (6, 3, 4, 6))
    assert found.inputs[:, 0, 0, 0].tolist() == [1, 11, 21, 1, 11, 21]
    assert found.inputs[:, 1, 3, 5].tolist() == [0, 0, 0, 100, 100, 100]
    assert (found.classes, found.targets.tolist()) == (("cat", "dog"), [0, 0, 0, 1, 1, 1])
    assert found.targets.dtype == torch.int64


def test_colours_can_be_read_as_grey(folder):
    found = images.read(GREY, folder)
    assert found.inputs.shape == (6, 1, 4, 6)
    assert found.inputs[3:, 0, 0, 0].tolist() == [59, 62, 65]  # 0.299 red and 0.587 green


def test_rows_and_columns_stay_where_they_are(folder):
    picture = Image.new("RGB", (6, 4))
    picture.putpixel((5, 0), (9, 8, 7))
    picture.save(folder / "data" / "cat" / "0.png")
    assert images.read(SPEC, folder).inputs[0, :, 0, 5].tolist() == [9, 8, 7]


def test_a_photo_is_turned_as_its_camera_meant_it(folder):
    sideways, exif = Image.new("L", (4, 6)), Image.Exif()
    sideways.putpixel((0, 5), 255)
    exif[0x0112] = 6  # a quarter to the right makes it upright
    sideways.save(folder / "data" / "cat" / "0.png", exif=exif)
    assert images.read(GREY, folder).inputs[0, 0].nonzero().tolist() == [[0, 0]]


def test_what_is_transparent_is_white(folder):
    flat((0, 0, 0, 0), "RGBA").save(folder / "data" / "cat" / "0.png")
    assert images.read(SPEC, folder).inputs[0].unique().tolist() == [255]


def test_what_file_managers_leave_is_no_image(folder):
    for name in (".DS_Store", "cat/Thumbs.db", "dog/.hidden.png"):
        (folder / "data" / name).write_bytes(b"x")
    assert len(images.read(SPEC, folder).inputs) == 6


def _text(folder):
    (folder / "data" / "dog" / "notes.txt").write_text("not an image")


def _half(folder):
    picture = folder / "data" / "dog" / "1.png"
    Image.effect_noise((64, 64), 50).save(picture)
    picture.write_bytes(picture.read_bytes()[:1000])


def _deep(folder):
    Image.new("I;16", (4, 4), 3000).save(folder / "data" / "dog" / "1.png")


def _postscript(folder):
    flat((1, 2, 3)).save(folder / "data" / "dog" / "1.eps")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_text, r"data/dog/notes\.txt cannot be read as an image \(UnidentifiedImageError\)\. Take it out"),
        (_half, r"data/dog/1\.png cannot be read as an image \(OSError\)"),
        (_deep, r"data/dog/1\.png has more than 8 bits for a pixel's channel\. Save it with 8\."),
        (_postscript, r"data/dog/1\.eps cannot be read as an image"),
        (lambda at: (at / "data" / "1.png").write_bytes(b"x"), r"data/1\.png lies in no class\."),
        (lambda at: (at / "data" / "dog" / "0.png").rename(at / "0.png"), None),
        (lambda at: (at / "data" / "fox").mkdir(), r"data/fox is empty\. Put the images of that class into it"),
        (lambda at: (at / "data").rename(at / "images"), r"data is missing\. .*`grader dataset [^ ]+ --write`"),
    ],
    ids=["text", "half", "deep", "postscript", "no class", "fine", "empty", "missing"],
)
def test_what_an_instructor_has_to_put_right_is_said(folder, spoil, sentence):
    spoil(folder)
    if sentence is None:
        assert len(images.read(SPEC, folder).inputs) == 5
        return
    with pytest.raises(InvalidLab, match=sentence):
        images.read(SPEC, folder)


def test_a_single_class_is_none(folder):
    for file in (folder / "data" / "dog").iterdir():
        file.unlink()
    (folder / "data" / "dog").rmdir()
    with pytest.raises(InvalidLab, match=r"data has 1 folders\. Each class has one"):
        images.read(SPEC, folder)


def test_a_picture_that_unpacks_to_gigabytes_is_refused(folder, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    with pytest.raises(InvalidLab, match=r"data/cat/0\.png cannot be read as an image \(DecompressionBombWarning\)"):
        images.read(SPEC, folder)


def test_more_than_fits_in_memory_is_refused_before_it_is_read(folder, monkeypatch):
    monkeypatch.setattr(datasets.items, "BYTES_MOST", 400)
    monkeypatch.setattr(images, "_decoded", None)
    with pytest.raises(InvalidLab, match=r"data would take 0 MiB .* Make `size` in lab\.toml smaller"):
        images.read(SPEC, folder)
