"""A class with difficult names arrives in every platform: each student with their own score, and nobody else's."""

import csv
import io
import re

import pytest
from exporting import DIFFICULT, difficult, export, written
from test_blackboard_export import blackboard
from test_brightspace_export import brightspace
from test_moodle_export import Assignment
from test_sakai_export import sakai

NUMBERS = [f"{1000 + at}" for at in range(len(DIFFICULT))]
SCORES = {number: at * 5.0 for at, number in enumerate(NUMBERS)}


def canvas(content):
    """Id of a student -> score in assignment 9, as Canvas imports it: what it refuses is an error."""
    text = content.decode("utf-8")
    assert not text.startswith('\ufeff"'), "malformed CSV"
    lines = text.removeprefix("\ufeff").splitlines()
    semicolons, commas = ([len(row) for row in csv.reader(lines[:3], delimiter=mark)] for mark in ";,")
    delimiter = ";" if len(set(semicolons)) == 1 and semicolons[0] > max(commas) else ","
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    assert "Student" in header[0]
    assert header[1] == "ID"
    assert header[2:5] in (["SIS User ID", "SIS Login ID", "Section"], ["SIS Login ID", "Section", header[4]])
    (column,) = (at for at, title in enumerate(header) if re.fullmatch(r"(.*)\s\(9\)", title))
    found = {}
    for row in rows:
        if "Points Possible" in row[0]:
            continue
        cell = row[column].strip()
        assert re.fullmatch(r"-?[0-9.,]+%?", cell)
        whole, _, fraction = cell.replace(",", ".").rpartition(".")
        found[row[1]] = float(f"{whole.replace('.', '')}.{fraction}" if whole else cell)
    return found


@pytest.mark.parametrize("options", [{}, {"delimiter": ";"}, {"quoting": csv.QUOTE_ALL}])
def test_in_canvas(options):
    people = [[f"{last}, {first}", f"{1000 + at}", "", "A", ""] for at, (last, first) in enumerate(DIFFICULT)]
    book = written(
        ["Student", "ID", "SIS Login ID", "Section", "Tensors (9)"],
        ["    Points Possible", "", "", "", "100"],
        *people,
        **options,
    )
    made = export("canvas", *difficult(), gradebook=b"\xef\xbb\xbf" + book.encode())
    assert canvas(made.content) == SCORES


@pytest.mark.parametrize("options", [{}, {"delimiter": ";"}, {"quoting": csv.QUOTE_ALL}])
def test_in_moodle(options):
    people = [
        [f"Participant {1000 + at}", f"{first} {last}", "Submitted", "", "100.00", "Yes", "-", ""]
        for at, (last, first) in enumerate(DIFFICULT)
    ]
    header = ["Identifier", "Full name", "Status", "Grade", "Maximum grade", "Grade can be changed"]
    sheet = written([*header, "Last modified (grade)", "Feedback comments"], *people, **options)
    made = export("moodle", *difficult(), gradebook=b"\xef\xbb\xbf" + sheet.encode())
    moodle = Assignment({int(number): None for number in NUMBERS}, delimiter=options.get("delimiter", ","), most=100.0)
    assert moodle.take(made.content).changed == {int(number): score for number, score in SCORES.items()}
    assert {comment[:3] for comment in moodle.comments.values()} == {"<p>"}


@pytest.mark.parametrize("options", [{"quoting": csv.QUOTE_ALL}, {"delimiter": "\t"}])
def test_in_blackboard(options):
    people = [[last, first, f"{1000 + at}", ""] for at, (last, first) in enumerate(DIFFICULT)]
    book = written(["Last Name", "First Name", "Username", "Tensors [Total Pts: 100] |9"], *people, **options)
    content = book.encode("utf-16") if "delimiter" in options else b"\xef\xbb\xbf" + book.encode()
    got = blackboard(export("blackboard", *difficult(), gradebook=content).content, NUMBERS)[9]
    assert {number: float(cell) for number, cell in got.items()} == SCORES


def test_in_brightspace():
    people = [[f"#{1000 + at}", f"#u{at}", last, first, "", "#"] for at, (last, first) in enumerate(DIFFICULT)]
    header = ["OrgDefinedId", "Username", "Last Name", "First Name", "Tensors Points Grade <Numeric MaxPoints:100>"]
    made = export("brightspace", *difficult(), gradebook=written([*header, "End-of-Line Indicator"], *people))
    assert brightspace(made.content, {number: f"u{at}" for at, number in enumerate(NUMBERS)}) == SCORES


def test_in_sakai():
    people = [[f"u{at}", f"{1000 + at}", last, first, ""] for at, (last, first) in enumerate(DIFFICULT)]
    header = ["Display ID", "ID", "Last Name", "First Name", "grade"]
    book = written(["Tensors", "SCORE_GRADE_TYPE"], [""], header, *people, quoting=csv.QUOTE_ALL)
    got = sakai(export("sakai", *difficult(), gradebook=book).content, dict.fromkeys(NUMBERS, ""))
    assert {number: float(cell) for number, cell in got.items()} == SCORES
