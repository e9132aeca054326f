"""Blackboard's download goes back as it came, with one column filled in."""

import pytest
from exporting import export, grade, why

from grader.errors import GradebookUnusable
from grader.model import Ending

HEADER = [
    "Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability",
    "Tensors [Total Pts: 10 Score] |4455667", "HW 2 [Total Pts: 20] |4455668", "Total [Total Pts: 30] |4455669",
]  # fmt: skip
ROWS = [
    ["Silva", "Ana", "asilva", "0001", "2026-11-01", "Yes", "", "3", "3"],
    ["Doe, Jr", 'Jane "JD"', "jdoe", "0002", "2026-11-01", "Yes", "4.5", "", "4"],
    ["小龙", "李", "li_x", "0003", "", "Yes", "Needs Grading", "", ""],
    ["Ñandú", "=1+1", "0002x", "0004", "", "No", "Exempt", "", ""],
]


def quoted(table=(HEADER, *ROWS)):
    lines = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in table)
    return b"\xef\xbb\xbf" + "".join(lines).encode()


def tabbed(codec="utf-16-le", mark=b"\xff\xfe", table=(HEADER, *ROWS)):
    def cell(text):
        return '"' + text.replace('"', '""') + '"'

    return mark + "".join("\t".join(map(cell, row)) + "\n" for row in table).encode(codec)


def blackboard(content, users):
    """Number of a column -> user -> cell, as Blackboard's upload takes it. Others' rows and titles are refused."""
    codec = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    text = content.decode(codec)
    delimiter = "\t" if "\t" in text.splitlines()[0] else ","
    rows, row, cell, inside, at = [], [], "", False, 0
    while at < len(text):
        sign = text[at]
        if inside and text[at : at + 2] == '""':
            cell, at = cell + '"', at + 1
        elif sign == '"':
            inside = not inside
        elif not inside and sign == delimiter:
            row, cell = [*row, cell], ""
        elif not inside and sign == "\n":
            rows, row, cell = [*rows, [*row, cell.rstrip("\r")]], [], ""
        else:
            cell += sign
        at += 1
    header, *rows = rows
    who = header.index("Username")
    assert all(len(row) == len(header) for row in rows)
    assert {row[who] for row in rows} <= set(users)
    numbers = {at: int(title.rpartition("|")[2]) for at, title in enumerate(header) if "|" in title}
    return {number: {row[who]: row[at] for row in rows if row[at]} for at, number in numbers.items()}


@pytest.mark.parametrize(
    ("there", "now"),
    [
        (["", ""], ["8.5 of 10 points, 0 of 1 checks passed.", "SMART_TEXT"]),
        (["", "HTML"], ["8.5 of 10 points, 0 of 1 checks passed.", "HTML"]),
        (
            ["3 of 10 points, 1 of 9 checks passed.", "SMART_TEXT"],
            ["8.5 of 10 points, 0 of 1 checks passed.", "SMART_TEXT"],
        ),
        (["Well done.", "SMART_TEXT"], ["Well done.", "SMART_TEXT"]),
    ],
)
def test_a_sentence_goes_into_the_feedback_unless_somebody_wrote_another(there, now):
    header = [*HEADER[:7], "Grading Notes", "Notes Format", "Feedback to Learner", "Feedback Format"]
    row = [*ROWS[0][:6], "", "a note", "HTML"]
    made = export("blackboard", grade("asilva", 85), gradebook=quoted((header, [*row, *there])))
    assert made.content == quoted((header, [*row[:6], "8.5", *row[7:], *now]))


def test_quotes_stay_around_every_cell_whatever_stands_in_the_header():
    header = [title.replace("Tensors", 'Tensors, "shapes",","') for title in HEADER]
    made = export("blackboard", grade("asilva", 85), gradebook=quoted((header, *ROWS)), title='Tensors, "shapes",","')
    assert made.content == quoted((header, [cell or ("8.5" if at == 6 else "") for at, cell in enumerate(ROWS[0])]))


USERS = ["asilva", "jdoe", "li_x", "0002x"]


@pytest.mark.parametrize("content", [quoted(), tabbed(), tabbed("utf-16-be", b"\xfe\xff")])
def test_the_class_arrives_in_blackboard(content):
    made = export("blackboard", grade("asilva", 85), grade("JDOE", 100), grade("li_x", 0), gradebook=content)
    got = blackboard(made.content, USERS)
    assert got[4455667] == {"asilva": "8.5", "jdoe": "10", "li_x": "0"}
    assert got[4455668] == {"asilva": "3"}
    assert "“Tensors [Total Pts: 10 Score] |4455667” is worth 10 points in Blackboard" in made.report[1]
    assert [(at.was, at.now) for at in made.placed] == [("", "8.5"), ("4.5", "10"), ("Needs Grading", "0")]


@pytest.mark.parametrize(
    ("make", "name"), [(quoted, "lab1_tensors-blackboard.csv"), (tabbed, "lab1_tensors-blackboard.xls")]
)
def test_one_cell_changes_and_the_rest_is_written_as_it_came(make, name):
    made = export("blackboard", grade("jdoe", 50), gradebook=make())
    filled = [*ROWS[1][:6], "5", *ROWS[1][7:]]
    assert made.content == make(table=(HEADER, filled))
    assert made.file_name == name


def test_who_has_the_same_score_or_none_is_left_out_and_no_cell_is_emptied():
    made = export(
        "blackboard", grade("jdoe", 45), grade("asilva", ending=Ending.BROKEN), grade("nobody"), gradebook=quoted()
    )
    assert blackboard(made.content, USERS)[4455667] == {}
    assert [at.student.key for at in made.unchanged] == ["jdoe"]
    assert "broken" in why(made)["asilva"]
    assert "not in the gradebook" in why(made)["nobody"]


def test_who_is_exempt_stays_exempt():
    assert "exempt" in why(export("blackboard", grade("0002x"), gradebook=quoted()))["0002x"]


@pytest.mark.parametrize(
    ("key", "name", "by"), [("jdoe", "?", "Username"), ("0002", "?", "Student ID"), ("x", "李 小龙", "name")]
)
def test_a_student_is_found_by_user_name_by_number_or_by_name(key, name, by):
    assert export("blackboard", grade(key, name=name), gradebook=quoted()).placed[0].by == by


@pytest.mark.parametrize("assignment", ["4455668", "|4455668", "hw 2", "HW 2 [Total Pts: 20] |4455668"])
def test_the_column_is_named_by_its_number_or_its_title(assignment):
    made = export("blackboard", grade("jdoe", 50), gradebook=quoted(), assignment=assignment)
    assert blackboard(made.content, USERS)[4455668] == {"jdoe": "10"}


def test_two_columns_of_one_title_ask_for_the_number():
    twice = [[*HEADER[:7], "Tensors |7", HEADER[8]], *ROWS]
    with pytest.raises(GradebookUnusable, match=r"2 columns.*NUMBER"):
        export("blackboard", grade("jdoe"), gradebook=quoted(twice))
    made = export("blackboard", grade("jdoe", 50), gradebook=quoted(twice), assignment="7")
    assert blackboard(made.content, USERS)[7] == {"jdoe": "50"}
    assert any("does not say" in note for note in made.notes)


def test_a_worth_that_is_a_thousand_or_one_is_refused_unless_other_scores_tell():
    thousand = [[*HEADER[:6], "Tensors [Total Pts: 1,000 Score] |7"], *(row[:7] for row in ROWS)]
    made = export("blackboard", grade("asilva", 85), gradebook=quoted(thousand))
    assert blackboard(made.content, USERS)[7] == {"asilva": "850"}
    thousand[2] = [*ROWS[1][:6], "4,5"]
    made = export("blackboard", grade("asilva", 85), gradebook=quoted(thousand))
    assert blackboard(made.content, USERS)[7] == {"asilva": "0.85"}
    thousand[2] = [*ROWS[1][:6], ""]
    with pytest.raises(GradebookUnusable, match=r"worth “1,000”.*as 1000"):
        export("blackboard", grade("asilva", 85), gradebook=quoted(thousand))


def test_headers_of_people_may_be_in_another_language():
    dutch = [["Achternaam", "Voornaam", "Gebruikersnaam", *HEADER[3:]], *ROWS]
    assert export("blackboard", grade("jdoe"), gradebook=quoted(dutch)).placed[0].by == "Gebruikersnaam"


@pytest.mark.parametrize(
    "gradebook",
    [quoted([["Last Name", "First Name", "Username", "HW 1"], ["a", "b", "c", ""]]), quoted([["HW |1"]]), b"\xff\xfea"],
)
def test_a_file_that_is_no_download_is_refused_in_a_sentence(gradebook):
    with pytest.raises(GradebookUnusable, match=r"not a Blackboard download|UTF-8"):
        export("blackboard", grade("jdoe"), gradebook=gradebook)
