"""The starter gives way to another file of the lab's name beside it; else which of two counts is asked."""

import json

import pytest
from downloads import CLASS, FILE, LAB, canvas_name, placed, zipped

from grader.intake import read_starter, survey
from grader.model import Refusal

NOTEBOOK = f"{LAB}.ipynb"
STARTER = b"def first_row(x):\n    # YOUR CODE HERE\n    raise NotImplementedError\n\n\ndef last_row(x): ...\n"
WORK = b"def first_row(x):\n    return x[0]\n"
BOTH = (
    f"{FILE} and {NOTEBOOK} are both there, and nothing tells which one is to be graded. "
    "Leave only that one, take the other away, and hand in again."
)


def notebook(source, **more):
    cell = {"cell_type": "code", "source": source.decode().splitlines(keepends=True), "metadata": {}, "outputs": []}
    return json.dumps({"cells": [cell | more], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def taken(tmp_path, files, *, starter=FILE, way="folder"):
    """The files that are taken of what one student handed in, or why none is."""
    begun = tmp_path / "course" / starter
    begun.parent.mkdir()
    begun.write_bytes(STARTER if starter == FILE else notebook(STARTER))
    place = placed(tmp_path, "zed", files, way)
    (item,) = survey([place], LAB, starter=read_starter(begun)).take()
    return item.reason if isinstance(item, Refusal) else dict(item.files)


@pytest.mark.parametrize("way", ["folder", "zip"])
@pytest.mark.parametrize(
    "untouched",
    [
        STARTER,
        STARTER.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + STARTER.replace(b"\n\n\n", b"\n\n") + b"\n\n",
        STARTER.decode().encode("utf-16"),
    ],
    ids=["as it was", "with line ends of Windows", "saved by an editor", "in UTF-16"],
)
def test_a_notebook_beside_the_starter_is_the_work(tmp_path, untouched, way):
    files = {FILE: untouched, NOTEBOOK: notebook(WORK), "helper.py": b"x = 1\n", "test_public.py": b""}
    found = taken(tmp_path, files, way=way)
    assert found == {NOTEBOOK: notebook(WORK), "helper.py": b"x = 1\n", "test_public.py": b""}


def test_a_source_beside_a_notebook_that_was_opened_and_run_as_it_is_is_the_work(tmp_path):
    run = notebook(STARTER, outputs=[{"output_type": "stream", "text": "1"}], execution_count=3)
    assert taken(tmp_path, {NOTEBOOK: run, FILE: WORK}, starter=NOTEBOOK) == {FILE: WORK}


@pytest.mark.parametrize("other", [f"{LAB} (1).py", f"Work/{FILE}", NOTEBOOK.upper()])
def test_the_starter_gives_way_to_any_file_of_the_labs_name(tmp_path, other):
    work = notebook(WORK) if other == NOTEBOOK.upper() else WORK
    assert [*taken(tmp_path, {FILE: STARTER, other: work}).values()] == [work]


@pytest.mark.parametrize("way", ["folder", "zip"])
@pytest.mark.parametrize("source", [WORK, b"", STARTER + b"x = 1\n"], ids=["finished", "empty", "begun"])
def test_of_two_that_were_both_written_none_is_graded(tmp_path, source, way):
    assert taken(tmp_path, {FILE: source, NOTEBOOK: notebook(WORK)}, way=way) == BOTH


def test_the_starter_alone_is_handed_in_as_it_is_with_what_lies_below(tmp_path):
    files = {FILE: STARTER, "helper.py": WORK}
    assert taken(tmp_path, files) == files


def test_the_starter_stays_where_it_is_no_rival_of_the_work(tmp_path):
    files = {FILE: WORK, f"given/{FILE}": STARTER}
    assert taken(tmp_path, files) == files


def test_without_a_starter_both_forms_are_asked_about(tmp_path):
    assert read_starter(tmp_path / FILE) is None
    (tmp_path / NOTEBOOK).write_bytes(b"{")
    assert read_starter(tmp_path / NOTEBOOK) is None
    place = placed(tmp_path, "zed", {FILE: STARTER, NOTEBOOK: notebook(WORK)}, "folder")
    (refused,) = survey([place], LAB).take()
    assert refused.reason == BOTH


def test_a_platforms_download_and_an_archive_in_it_are_read_so_too(tmp_path):
    ana, bo, cy, di = CLASS[:4]
    packed = zipped({f"hw/{FILE}": STARTER, f"hw/{NOTEBOOK}": notebook(WORK)})
    handed_in = [
        (ana, 1, FILE, STARTER), (ana, 2, NOTEBOOK, notebook(WORK)), (bo, 3, FILE, WORK),
        (bo, 4, NOTEBOOK, notebook(WORK)), (cy, 5, "hw.zip", packed), (di, 6, FILE, STARTER),
    ]  # fmt: skip
    files = {f"{canvas_name(who)}_{who.id}_{number}_{name}": content for who, number, name, content in handed_in}
    (tmp_path / FILE).write_bytes(STARTER)
    found = survey([placed(tmp_path, "submissions", files, "zip")], LAB, starter=read_starter(tmp_path / FILE))
    works = {item.student.key: item.reason if isinstance(item, Refusal) else dict(item.files) for item in found.take()}
    refused = works.pop(bo.id)
    assert refused.endswith(BOTH.partition("are both")[2])
    assert works == {ana.id: {NOTEBOOK: notebook(WORK)}, cy.id: {NOTEBOOK: notebook(WORK)}, di.id: {FILE: STARTER}}


def test_folders_and_archives_beside_others_are_read_so_too(tmp_path):
    files = {f"hw/{FILE}": STARTER, f"hw/{NOTEBOOK}": notebook(WORK)}
    (tmp_path / FILE).write_bytes(STARTER)
    paths = [
        placed(tmp_path, "ana", {FILE: WORK}, "folder"),
        placed(tmp_path, "bo", files, "folder"),
        placed(tmp_path, "cy", {**files, "notes.txt": b""}, "zip"),
    ]
    found = survey(paths, LAB, starter=read_starter(tmp_path / FILE)).take()
    assert {item.student.key: [*item.files] for item in found} == {"ana": [FILE], "bo": [NOTEBOOK], "cy": [NOTEBOOK]}
