"""The students' part in assignments/LAB: written as a whole, with nothing of the hidden part, over nobody's files."""

import csv
import fcntl
import gzip
import io
import json
import os
import random
import zipfile

import pytest
import torch
from PIL import Image

from grader.datasets import ImagesSpec, TableSpec, TensorsSpec, students
from grader.datasets.own import read
from grader.datasets.students import faults, parted, write
from grader.errors import InvalidLab

PHOTOS = ImagesSpec(size=(4, 4))
TABLE = TableSpec(target="sort", task="classes")
FILE = TensorsSpec()


@pytest.fixture
def lab(tmp_path):
    """The two folders of a lab."""
    for room in ("reference", "assignments"):
        (tmp_path / room / "lab").mkdir(parents=True)
    return tmp_path / "reference" / "lab", tmp_path / "assignments" / "lab"


def photos(reference):
    for shade, name in enumerate(["cat", "dog"]):
        (reference / "data" / name).mkdir(parents=True)
        for number in range(12):
            exif = Image.Exif()
            exif[0x010E] = f"taken at home {number}"
            picture = Image.new("RGB", (9, 9), (20 * number, 7, 90 * shade))
            picture.save(reference / "data" / name / f"{number}.png", exif=exif)
            picture.save(reference / "data" / name / f"{number} once more.bmp")


def size_of(file):
    with Image.open(file) as picture:
        return picture.size


def table(reference):
    rows = "".join(f"{number / 10},Ö{number % 2}, 1.50\n" * (1 + number % 3) for number in range(30))
    (reference / "data.csv").write_text(f"a,sort,b\n{rows}")


def tensors(reference):
    torch.manual_seed(0)
    torch.save((torch.rand(40, 3), torch.arange(40) % 2), reference / "data.pt")


KINDS = pytest.mark.parametrize(("spec", "fill"), [(PHOTOS, photos), (TABLE, table), (FILE, tensors)])


@KINDS
def test_what_students_get_is_their_part_in_the_same_form_and_nothing_of_the_hidden_one(lab, spec, fill):
    reference, assignment = lab
    fill(reference)
    assert write(spec, reference, assignment) is True
    items, parts = parted(spec, reference)
    theirs = read(spec, assignment)
    assert not set(theirs.contents) & {items.contents[one] for one in parts.hidden}
    assert sorted(theirs.contents) == sorted(items.contents[one] for one in parts.students)
    assert (theirs.classes, theirs.columns) == (items.classes, items.columns)
    assert faults(spec, reference, assignment) == []
    assert [path.name for path in assignment.iterdir()] == [spec.place]
    assert sorted(path.name for path in reference.iterdir()) == sorted([spec.place, students.RECORD])


def test_no_bytes_of_hidden_tensors_are_in_the_students_file(lab):
    reference, assignment = lab
    tensors(reference)
    write(FILE, reference, assignment)
    items, parts = parted(FILE, reference)
    content = (assignment / "data.pt").read_bytes()
    assert items.inputs[parts.students[0]].numpy().tobytes() in content
    assert not any(items.inputs[one].numpy().tobytes() in content for one in parts.hidden)


def test_rows_of_a_table_keep_their_text_and_order(lab):
    reference, assignment = lab
    table(reference)
    write(TABLE, reference, assignment)
    whole = list(csv.reader(io.StringIO((reference / "data.csv").read_text())))
    kept = list(csv.reader(io.StringIO((assignment / "data.csv").read_text())))
    rest = iter([[text.strip() for text in row] for row in whole])
    assert all(row in rest for row in kept)
    assert kept[1][2] == "1.50"


def test_images_lose_what_cameras_and_people_wrote_about_them(lab):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    assert b"taken at home 3" in (reference / "data" / "cat" / "3.png").read_bytes()
    for file in assignment.glob("data/*/*"):
        assert b"taken at home" not in file.read_bytes()
        assert not file.name.startswith(tuple(f"{number}." for number in range(12)))
        assert size_of(file) == (4, 4)


@KINDS
def test_what_is_as_it_should_be_is_not_written_again(lab, spec, fill):
    reference, assignment = lab
    fill(reference)
    write(spec, reference, assignment)
    before = (assignment / spec.place).stat()
    assert write(spec, reference, assignment) is False
    after = (assignment / spec.place).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_went_stale_is_replaced(lab):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    old = {file.name for file in assignment.glob("data/*/*")}
    for file in (reference / "data" / "cat").iterdir():
        Image.new("RGB", (9, 9), (3, int(file.name[0]), len(file.name))).save(file)
    (lacking,) = faults(PHOTOS, reference, assignment)
    assert "is out of date: " in lacking
    assert lacking.endswith("Run `grader dataset lab --write`.")
    assert write(PHOTOS, reference, assignment) is True
    assert faults(PHOTOS, reference, assignment) == []
    assert not old & {file.name for file in assignment.glob("data/cat/*")}


@KINDS
def test_a_part_that_is_missing_is_found(lab, spec, fill):
    reference, assignment = lab
    fill(reference)
    (missing,) = faults(spec, reference, assignment)
    assert missing.startswith(f"{assignment / spec.place} is missing.")


@KINDS
def test_an_item_of_the_hidden_part_is_found_whatever_its_file_is(lab, spec, fill):
    reference, assignment = lab
    fill(reference)
    write(spec, reference, assignment)
    items, parts = parted(spec, reference)
    secret = parts.hidden[0]
    if spec is PHOTOS:
        with Image.open(items.files[secret]) as picture:
            picture.save(assignment / "data" / "dog" / "mine.webp", lossless=True)
    elif spec is TABLE:
        first, *_ = (reference / "data.csv").read_text().splitlines()[1 + secret].split(",")
        with (assignment / "data.csv").open("a") as file:
            file.write(f"{first}00,Ö1,1.5\n")
    else:
        theirs = read(spec, assignment)
        torch.save(
            (torch.cat([theirs.inputs, items.inputs[[secret]]]), theirs.targets[[*range(30), 0]]),
            assignment / "data.pt",
        )
    (found,) = faults(spec, reference, assignment)
    strange = assignment / "data" / "dog" / "mine.webp" if spec is PHOTOS else assignment / spec.place
    assert (
        f"{spec.place} holds 1 item of the hidden part. Move {strange} away, which `grader dataset lab --write` did "
        "not write, or which changed since; then run that." in found
    )


@pytest.mark.parametrize(("spec", "fill"), [(PHOTOS, photos), (TABLE, table)])
def test_a_copy_of_what_stays_hidden_is_found_anywhere_in_the_assignment(lab, spec, fill):
    reference, assignment = lab
    fill(reference)
    write(spec, reference, assignment)
    items, parts = parted(spec, reference)
    source = items.files[parts.hidden[0]] if items.files else reference / "data.csv"
    (assignment / "pictures").mkdir()
    (assignment / "pictures" / "example").write_bytes(source.read_bytes())
    (found,) = faults(spec, reference, assignment)
    assert found.startswith(f"{assignment / 'pictures' / 'example'} is a copy of what stays hidden. Remove it")


def test_hidden_items_in_another_form_are_found_anywhere_in_the_assignment(lab):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    items, parts = parted(PHOTOS, reference)
    for one, name in ((parts.hidden[0], "example.tiff"), (parts.students[0], "fine.tiff")):
        with Image.open(items.files[one]) as picture:
            picture.save(assignment / name)
    (assignment / "notes.png").write_text("no picture")
    (found,) = faults(PHOTOS, reference, assignment)
    assert found.startswith(f"{assignment / 'example.tiff'} has some of what stays hidden. Remove it")


@pytest.mark.parametrize("digits", [2, 15])
def test_rows_of_the_hidden_part_are_found_in_whatever_text(lab, digits):
    reference, assignment = lab
    rows = [f"{number}.{'3' * digits},Ö{number % 2}, 1.50" for number in range(30)]
    (reference / "data.csv").write_text("\n".join(["a,sort,b", *rows]))
    write(TABLE, reference, assignment)
    _, parts = parted(TABLE, reference)
    hidden = [rows[one] for one in parts.hidden]
    for name, text in (
        ("README.md", f"| {rows[parts.students[0]]} |\n{rows[parts.students[0]]}\n"),
        ("half.csv", "a,sort,b\r\n" + "\r\n".join(hidden[: len(hidden) // 2 + 1])),
        ("one.txt", f"An example:\n  {hidden[0]}\n"),
    ):
        (assignment / name).write_text(text)
    found = faults(TABLE, reference, assignment)
    assert [sentence.partition(" has some of what stays hidden")[0] for sentence in found] == [
        str(assignment / name) for name in (("half.csv",) if digits == 2 else ("half.csv", "one.txt"))
    ]


def notebook(lines):
    output = {"output_type": "stream", "name": "stdout", "text": [f"{line}\n" for line in lines]}
    cell = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": [], "outputs": [output]}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1).encode()


def zipped(name, content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, content)
    return held.getvalue()


def flowers():
    """Lines of a table with a header."""
    draw = random.Random(0)
    numbers = [[f"{draw.uniform(1, 8):.1f}" for _ in range(4)] for _ in range(60)]
    return ["a,b,c,d,sort", *(f"{','.join(row)},{('oak', 'fir')[at % 2]}" for at, row in enumerate(numbers))]


FORMS = {
    "tabs": lambda rows: "\n".join(rows).replace(",", "\t").encode(),
    "semicolons": lambda rows: "\n".join(rows).replace(",", " ; ").encode(),
    "quoted": lambda rows: "\n".join(rows).replace(",", '","').encode(),
    "UTF-16": lambda rows: "\n".join(rows).encode("utf-16"),
    "line ends of old": lambda rows: "\r".join(rows).encode(),
    "with an index": lambda rows: "\n".join(f"{at},{row}" for at, row in enumerate(rows)).encode(),
    "numbers written otherwise": lambda rows: "\n".join(row.replace(",", "0,") for row in rows).encode(),
    "Markdown": lambda rows: "\n".join(f"| {row.replace(',', ' | ')} |" for row in rows).encode(),
    "a notebook's output": lambda rows: notebook(row.replace(",", "   ") for row in rows),
    "reordered": lambda rows: "\n".join(",".join(sorted(row.split(","))) for row in rows).encode(),
    "Python": lambda rows: f"rows = {[tuple(row.split(',')) for row in rows]}".encode(),
    "JSON": lambda rows: json.dumps([[*map(float, row.split(",")[:4]), row[-3:]] for row in rows], indent=1).encode(),
    "a zip": lambda rows: zipped("table.txt", "\n".join(rows)),
    "gzip": lambda rows: gzip.compress("\n".join(rows).encode()),
    "HTML": lambda rows: "".join(
        "<tr>\n  <th>7</th>\n  <td>" + row.replace(",", "</td>\n  <td>") + "</td>\n</tr>\n" for row in rows
    ).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_rows_of_the_hidden_part_are_found_however_they_are_written_and_those_of_students_are_not(lab, form):
    reference, assignment = lab
    head, *rows = flowers()
    (reference / "data.csv").write_text("\n".join([head, *rows]))
    write(TABLE, reference, assignment)
    _, parts = parted(TABLE, reference)
    (assignment / "file").write_bytes(FORMS[form]([rows[one] for one in parts.students]))
    assert faults(TABLE, reference, assignment) == []
    (assignment / "file").write_bytes(FORMS[form](rows))
    (found,) = faults(TABLE, reference, assignment)
    assert "has some of what stays hidden. Remove it" in found


def test_rows_that_differ_by_the_order_of_few_values_are_told_apart(lab):
    reference, assignment = lab
    draw = random.Random(0)
    rows = [f"{','.join(draw.choice('012') for _ in range(20))},{at % 2}" for at in range(60)]
    (reference / "data.csv").write_text("\n".join([",".join([*map(str, range(20)), "sort"]), *rows]))
    write(TABLE, reference, assignment)
    _, parts = parted(TABLE, reference)
    turned = [",".join([*reversed(rows[one].split(",")[:20]), rows[one][-1]]) for one in parts.hidden]
    (assignment / "fine.csv").write_text("\n".join(turned))
    assert faults(TABLE, reference, assignment) == []


def test_hidden_images_are_found_in_a_zip_and_a_zip_that_cannot_be_read_is_told(lab):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    items, parts = parted(PHOTOS, reference)
    secret, given = (items.files[one].read_bytes() for one in (parts.hidden[0], parts.students[0]))
    (assignment / "fine.zip").write_bytes(zipped("cat.png", given))
    (assignment / "photos.zip").write_bytes(zipped("cat.png", secret))
    (assignment / "torn.zip").write_bytes(zipped("cat.png", secret).replace(b"PK\x03\x04", b"PK\x03\x05"))
    copy, torn = faults(PHOTOS, reference, assignment)
    assert copy.startswith(f"{assignment / 'photos.zip'}: cat.png is a copy of what stays hidden. Remove it")
    assert torn.startswith(f"{assignment / 'torn.zip'} cannot be looked into (")


def test_what_is_out_of_date_and_what_somebody_put_there_are_told_apart(lab):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    mine = assignment / "data" / "cat" / "mine.png"
    Image.new("RGB", (4, 4), "red").save(mine)
    (found,) = faults(PHOTOS, reference, assignment)
    assert found.endswith(
        f"and 1 item too many. Move {mine} away, which `grader dataset lab --write` did not write, or which changed "
        "since; then run that."
    )
    mine.unlink()
    assert faults(PHOTOS, reference, assignment) == []


def test_while_one_command_writes_others_wait(lab, monkeypatch):
    reference, assignment = lab
    table(reference)
    make, seen = students._make, []

    def another(*words):
        folder = os.open(reference, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append("free")
        except BlockingIOError:
            seen.append("taken")
        finally:
            os.close(folder)
        if words:
            make(*words)

    monkeypatch.setattr(students, "_make", another)
    write(TABLE, reference, assignment)
    another()
    assert seen == ["taken", "free"]


def _added(place):
    (place / "dog" / "mine.png").write_bytes(b"mine")


def _changed(place):
    file = next(iter(sorted(place.glob("cat/*"))))
    Image.new("RGB", (4, 4), "red").save(file)


def _linked(place):
    file = next(iter(sorted(place.glob("cat/*"))))
    os.link(file, place.parent / "kept.png")
    file.unlink()
    file.symlink_to(place.parent / "kept.png")


@pytest.mark.parametrize("meddle", [_added, _changed, _linked])
def test_what_a_person_put_there_or_changed_is_never_overwritten(lab, meddle):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    meddle(assignment / "data")
    (reference / "data" / "cat" / "0.png").unlink()
    (reference / "data" / "cat" / "0 once more.bmp").unlink()
    before = {file: file.read_bytes() for file in assignment.rglob("*.png")}
    with pytest.raises(InvalidLab, match=r"not written by this command, or changed since\. Nothing was overwritten\."):
        write(PHOTOS, reference, assignment)
    assert {file: file.read_bytes() for file in assignment.rglob("*.png")} == before
    assert not list(reference.glob(".data*"))


@pytest.mark.parametrize(("spec", "fill"), [(TABLE, table), (FILE, tensors)])
def test_a_strangers_file_is_never_overwritten(lab, spec, fill):
    reference, assignment = lab
    fill(reference)
    (assignment / spec.place).write_text("mine")
    with pytest.raises(InvalidLab, match=rf"{spec.place}: not written by this command"):
        write(spec, reference, assignment)
    assert (assignment / spec.place).read_text() == "mine"


def test_what_file_managers_leave_is_in_nobodys_way(lab):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    (assignment / "data" / ".DS_Store").write_bytes(b"x")
    (reference / "data" / "cat" / "0.png").unlink()
    (reference / "data" / "cat" / "0 once more.bmp").unlink()
    assert write(PHOTOS, reference, assignment) is True


@pytest.mark.parametrize("moment", ["_record", "_put", "_remove"])
def test_a_command_that_is_killed_leaves_something_whole_and_is_finished_by_the_next(lab, monkeypatch, moment):
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    old = {file.name for file in assignment.glob("data/*/*")}
    for number in range(12):
        Image.new("RGB", (9, 9), (5, 5, number)).save(reference / "data" / "cat" / f"new {number}.png")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(students, moment, killed)
        with pytest.raises(KeyboardInterrupt):
            write(PHOTOS, reference, assignment)
    assert {file.name for file in assignment.glob("data/*/*")} == old
    assert write(PHOTOS, reference, assignment) is True
    assert faults(PHOTOS, reference, assignment) == []
    assert not list(reference.glob(".data*"))


def test_a_command_that_is_killed_between_two_folders_is_finished_by_the_next(lab):
    """After the old part was put aside, and before the new one took its place."""
    reference, assignment = lab
    photos(reference)
    write(PHOTOS, reference, assignment)
    (assignment / "data").rename(reference / ".data.old")
    (reference / ".data.new" / "cat").mkdir(parents=True)
    assert write(PHOTOS, reference, assignment) is True
    assert faults(PHOTOS, reference, assignment) == []
    assert not list(reference.glob(".data*"))
