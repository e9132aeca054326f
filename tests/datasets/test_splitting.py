"""Which items students get: by what items hold, and by nothing else."""

import random

import pytest
import torch
from PIL import Image

from grader.datasets import ImagesSpec, TableSpec, TensorsSpec, load_own, own
from grader.datasets.items import Items, contents
from grader.datasets.parts import split
from grader.errors import InvalidLab


def items(values, labels=None, classes=None):
    """Items of one number each."""
    inputs = torch.tensor(values, dtype=torch.float32).view(-1, 1)
    told = contents(inputs)
    if labels is None:
        return Items(inputs, torch.zeros(len(values)), (), told, told)
    return Items(inputs, torch.tensor(labels), tuple(classes or map(str, range(max(labels) + 1))), told, told)


def hidden(found, share=0.25):
    """The numbers in the hidden part."""
    parts = split(found, share, "data")
    assert sorted(parts.students + parts.hidden) == list(range(len(found.contents))), "each item has one part"
    return {found.inputs[one].item() for one in parts.hidden}


def test_of_each_class_its_share_is_hidden():
    labels = [0] * 40 + [1] * 400
    parts = split(items(list(range(440)), labels), 0.25, "data")
    assert sum(one < 40 for one in parts.hidden) == 10
    assert sum(one >= 40 for one in parts.hidden) == 100


def test_where_there_are_no_classes_a_share_of_all_is_hidden():
    assert len(hidden(items(list(range(200))), 0.1)) == 20


def test_the_order_of_the_items_decides_nothing():
    values = list(range(100))
    shuffled = random.Random(0).sample(values, 100)
    assert hidden(items(values)) == hidden(items(shuffled))
    first, other = split(items(values), 0.25, "data"), split(items(shuffled), 0.25, "data")
    assert first.students == [shuffled[one] for one in other.students], "nor how a suite gets them"


def test_items_that_are_added_move_few_others():
    before = hidden(items(list(range(400))))
    after = hidden(items(list(range(404))))
    moved = before ^ {value for value in after if value < 400}
    assert len(moved) <= 4


def test_an_item_that_is_added_to_one_class_moves_nothing_in_another():
    before = hidden(items(list(range(80)), [0] * 40 + [1] * 40))
    after = hidden(items(list(range(100)), [0] * 40 + [1] * 60))
    assert {value for value in before if value < 40} == {value for value in after if value < 40}


def test_equal_items_lie_in_one_part():
    values = [value for value in range(50) for _ in range(3)]
    found = items(values)
    parts = split(found, 0.25, "data")
    assert not {values[one] for one in parts.hidden} & {values[one] for one in parts.students}
    assert len({values[one] for one in parts.hidden}) == 12, "the share counts different items"


def test_an_item_that_is_in_two_classes_lies_in_one_part():
    values = [*range(20), *range(20), *range(20, 40)]
    labels = [0] * 20 + [1] * 40
    parts = split(items(values, labels), 0.25, "data")
    assert not {values[one] for one in parts.hidden} & {values[one] for one in parts.students}


def test_a_class_of_three_has_one_hidden_and_students_keep_two():
    for share in (0.01, 0.99):
        assert len(hidden(items([1, 2, 3]), share)) == 1


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            items([1, 2, 3, 4], [0, 0, 0, 1], ("cat", "dog")),
            "Class “dog” of data has 1 different item, and 3 are the few",
        ),
        (items([1, 2, 3, 4, 4, 4], [0, 0, 0, 1, 1, 1], ("cat", "dog")), "Class “dog” of data has 1 different item,"),
        (items([1, 2, 3], [0, 0, 2]), "Class “0” of data has 2 different items"),
        (
            items([1, 2, 3, 4, 5, 6], [0, 0, 0, 2, 2, 2]),
            "Class “1” of data has no items. Number the classes from 0 without leaving one out, or add some.",
        ),
        (
            items([1, 2, 3, 4, 1, 2, 3], [0, 0, 0, 0, 1, 1, 1], ("Circle2", "circle")),
            "Class “circle” of data has 0 different items, .* 3 of its items are also in class “Circle2”, and count",
        ),
        (items([1, 2]), "data has 2 different items, and 3 are the fewest"),
    ],
)
def test_a_class_with_too_few_different_items_is_named(found, sentence):
    with pytest.raises(InvalidLab, match=sentence):
        split(found, 0.25, "data")


def test_the_smallest_class_will_do_for_both_suites(tmp_path):
    for room, many in (("reference", 3), ("assignments", 2)):
        (tmp_path / room).mkdir()
        torch.save((torch.rand(2 * many, 1), torch.arange(2 * many) % 2), tmp_path / room / "data.pt")
    hidden = load_own(TensorsSpec(), tmp_path / "reference", None, public=False)
    public = load_own(TensorsSpec(), tmp_path / "assignments", None, public=True)
    assert (hidden.train_targets.tolist().count(0), hidden.test_targets.tolist().count(0)) == (2, 1)
    assert (public.train_targets.tolist().count(0), public.test_targets.tolist().count(0)) == (1, 1)


def _images(folder, many=12, size=8):
    for shade, name in enumerate(["cat", "dog"]):
        (folder / "data" / name).mkdir(parents=True, exist_ok=True)
        for number in range(many):
            Image.new("L", (size, size), 20 * number + shade).save(folder / "data" / name / f"{number}.png")


def test_images_are_split_alike_whatever_they_are_called_and_whatever_size_is_asked_for(tmp_path):
    def shades(size):
        data = load_own(ImagesSpec(size=(size, size), channels=1), tmp_path, None, public=False)
        return data.test_inputs[:, 0, 0, 0].tolist()

    _images(tmp_path)
    first = shades(4)
    assert len(first) == 6
    for file in (tmp_path / "data").glob("*/*.png"):
        file.rename(file.with_name(f"x{hash(file.name)}.png"))
    assert shades(4) == first
    assert shades(6) == first


def test_images_that_only_look_the_same_lie_in_one_part(tmp_path):
    _images(tmp_path)
    for file in (tmp_path / "data").glob("*/*.png"):
        with Image.open(file) as picture:
            picture.save(file.with_suffix(".bmp"))
    data = load_own(ImagesSpec(size=(4, 4), channels=1), tmp_path, None, public=False)
    assert (len(data.train_inputs), len(data.test_inputs)) == (36, 12)
    assert not set(contents(data.train_inputs)) & set(contents(data.test_inputs))


def test_a_suite_gets_inputs_with_their_own_targets(tmp_path):
    rows = "".join(f"{n},{'odd' if n % 2 else 'even'}\n" for n in range(40))
    (tmp_path / "data.csv").write_text(f"n,kind\n{rows}")
    data = load_own(TableSpec(target="kind", task="classes"), tmp_path, None, public=False)
    assert (data.name, data.classes, len(data.test_inputs)) == ("csv", ("even", "odd"), 10)
    for inputs, targets in ((data.train_inputs, data.train_targets), (data.test_inputs, data.test_targets)):
        assert torch.equal(inputs.squeeze(1) % 2, targets.float())


def test_data_is_read_once_per_process_and_again_when_it_changed(tmp_path):
    torch.save((torch.rand(9, 2), torch.rand(9)), tmp_path / "data.pt")
    first = load_own(TensorsSpec(), tmp_path, None, public=False)
    assert load_own(TensorsSpec(), tmp_path, None, public=False) is first
    torch.save((torch.rand(30, 2), torch.rand(30)), tmp_path / "data.pt")
    assert len(load_own(TensorsSpec(), tmp_path, None, public=False).train_inputs) > 9


def test_the_datas_identity_is_what_its_files_hold_and_their_classes(tmp_path):
    spec = ImagesSpec(size=(4, 4))
    _images(tmp_path / "one")
    _images(tmp_path / "two")
    first = own.digest(spec, tmp_path / "one")
    (tmp_path / "two" / "data" / "cat" / "1.png").rename(tmp_path / "two" / "data" / "cat" / "zebra.png")
    assert own.digest(spec, tmp_path / "two") == first
    file = tmp_path / "two" / "data" / "cat" / "0.png"
    file.rename(tmp_path / "two" / "data" / "dog" / "a.png")
    moved = own.digest(spec, tmp_path / "two")
    (tmp_path / "one" / "data" / "cat" / "0.png").write_bytes(b"another")
    assert len({first, moved, own.digest(spec, tmp_path / "one")}) == 3


def test_files_that_did_not_change_are_not_read_again(tmp_path, monkeypatch):
    spec = ImagesSpec(size=(4, 4))
    _images(tmp_path)
    first = own.digest(spec, tmp_path)
    monkeypatch.setattr(own.hashlib, "sha256", _counting(own.hashlib.sha256, read := []))
    assert own.digest(spec, tmp_path) == first
    assert read == [b"images"]


def _counting(function, seen):
    def counted(*given):
        seen.extend(given)
        return function(*given)

    return counted
