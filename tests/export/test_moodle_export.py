"""Moodle's grading worksheet goes back so that Moodle reads the new grades, and nothing else, out of it."""

import csv
import io
from dataclasses import dataclass, field

import pytest
from exporting import export, grade, page, why

from grader.errors import GradebookUnusable
from grader.model import Ending

DATE = '"Monday, 3 March 2025, 9:12 AM"'
HEADER = (
    "Identifier,Full name,Email address,ID number,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
)
PLAIN = (
    HEADER
    + f"Participant 4711,Ana Silva,ana@uni.example,0001,Submitted,,10.00,Yes,{DATE},-,\n"
    + f"Participant 4712,Jane Doe,jane@uni.example,0002,Submitted,8.50,10.00,Yes,{DATE},{DATE},<p>By hand</p>\n"
    + f"Participant 4713,李 小龙,li@uni.example,0003,Submitted,,10.00,Yes,{DATE},-,\n"
)
GERMAN = (
    "ID;Vollständiger Name;Status;Bewertung;Bestwertung;Bewertung kann geändert werden;"
    "Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback als Kommentar\n"
    "Teilnehmer/in 4711;Ana Silva;Abgegeben;;10,00;Ja;Montag;-;\n"
    "Teilnehmer/in 4712;Jane Doe;Abgegeben;7,25;10,00;Nein;Montag;Montag;\n"
)


def fgetcsv(text, delimiter):
    """Rows as PHP's fgetcsv reads them, with a backslash as escape: it keeps the next quote from ending the cell."""
    rows, row, at = [], [], 0
    while at < len(text):
        cell = ""
        if text[at] == '"':
            at += 1
            while at < len(text):
                if text[at] == "\\":
                    cell += text[at : at + 2]
                    at += 2
                elif text[at : at + 2] == '""':
                    cell += '"'
                    at += 2
                elif text[at] == '"':
                    at += 1
                    break
                else:
                    cell += text[at]
                    at += 1
        while at < len(text) and text[at] not in (delimiter, "\n"):
            cell += text[at]
            at += 1
        row.append(cell)
        if at >= len(text) or text[at] == "\n":
            rows.append(row)
            row = []
        at += 1
    return rows


def fputcsv(rows, delimiter):
    """What PHP's fputcsv writes: after a backslash, no quote is doubled."""
    lines = []
    for row in rows:
        cells = []
        for cell in row:
            if not any(sign in cell for sign in (delimiter, '"', "\\", "\n", "\r", "\t", " ")):
                cells.append(cell)
                continue
            written, escaped = "", False
            for sign in cell:
                if sign == "\\":
                    escaped = True
                elif sign == '"' and not escaped:
                    written += '"'
                else:
                    escaped = False
                written += sign
            cells.append(f'"{written}"')
        lines.append(delimiter.join(cells))
    return "\n".join(lines) + "\n"


@dataclass
class Assignment:
    """An assignment as Moodle imports a worksheet into it.

    Attributes:
        grades: number of a participant -> grade.
        words: how the headers are called in the language of whoever uploads, and the word for a participant.
    """

    grades: dict[int, float | None]
    locked: frozenset[int] = frozenset()
    delimiter: str = ","
    mark: str = "."
    most: float = 10.0
    words: tuple[str, str, str, str, str] = (
        "Identifier", "Grade", "Last modified (grade)", "Feedback comments", "Participant ",
    )  # fmt: skip
    comments: dict[int, str] = field(default_factory=dict)
    changed: dict[int, float] = field(default_factory=dict)

    def take(self, content: bytes) -> "Assignment":
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        rows = fgetcsv(text, self.delimiter)
        assert {len(row) for row in rows} == {len(rows[0])}, "Moodle refuses the file"
        header, *rows = fgetcsv(fputcsv(rows, self.delimiter), self.delimiter)
        identifier, grade, modified, comments, participant = self.words
        assert {identifier, grade, modified} <= set(header), "could not be understood"
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            assert cells[identifier].startswith(participant)
            number = int(cells[identifier][len(participant) :])
            if number in self.grades:
                self._grade(number, cells[grade].replace(self.mark, "."))
                if header.index(comments) > 0 if comments in header else False:
                    self.comments[number] = self._escaped(cells[comments])
        return self

    def _grade(self, number, text):
        if text and number not in self.locked and 0 <= float(text) <= self.most and self.grades[number] != float(text):
            self.grades[number] = self.changed[number] = float(text)

    @staticmethod
    def _escaped(cell):
        return f"'{cell}" if cell != "-" and cell.lstrip().startswith(("=", "+", "-", "@")) else cell


def rows(exported, delimiter=","):
    return list(csv.DictReader(io.StringIO(exported.content.decode(), newline=""), delimiter=delimiter, strict=True))


def test_the_class_arrives_in_moodle():
    made = export("moodle", grade("4711", 85), grade("4712", 100), gradebook=PLAIN)
    moodle = Assignment({4711: None, 4712: 8.5, 4713: None}).take(made.content)
    assert moodle.changed == {4711: 8.5, 4712: 10.0}
    assert moodle.comments == {4711: "<p>8.5 of 10 points, 0 of 1 checks passed.</p>", 4712: "<p>By hand</p>"}
    assert [(at.row, at.by, at.was, at.now) for at in made.placed] == [
        ("Ana Silva", "Identifier", "", "8.5"),
        ("Jane Doe", "Identifier", "8.5", "10"),
    ]
    assert made.file_name == "lab1_tensors-moodle.csv"
    assert made.report == (
        "2 of 3 students in the gradebook get a new score in “Grade”.",
        "“Grade” is worth 10 points in Moodle and 100 here: scores were scaled to 10.",
        "Comments that somebody wrote in Moodle stay as they are, without a new one: 1.",
    )


def test_the_grade_and_the_comment_change_and_nothing_else_does():
    made = export("moodle", grade("4711", 85), gradebook=PLAIN)
    line = PLAIN.splitlines()[1].replace("Submitted,,", "Submitted,8.5,")
    assert made.content.decode() == HEADER + line + '"<p>8.5 of 10 points, 0 of 1 checks passed.</p>"\n'


def test_a_worksheet_is_written_back_with_its_mark_its_quotes_and_its_ends_of_lines():
    quoted = "".join(
        ",".join(f'"{cell}"' for cell in row) + "\r\n" for row in csv.reader(io.StringIO(PLAIN, newline=""))
    )
    made = export("moodle", grade("4711", 85), gradebook=b"\xef\xbb\xbf" + quoted.encode())
    first, *others = made.content.decode().split("\r\n")
    assert first == "\ufeff" + quoted.split("\r\n")[0]
    assert others[0].startswith('"Participant 4711","Ana Silva","ana@uni.example","0001","Submitted","8.5","10.00"')
    assert Assignment({4711: None}).take(made.content).changed == {4711: 8.5}


def test_headers_in_another_language_and_a_decimal_comma():
    words = ("ID", "Bewertung", "Zuletzt geändert (Bewertung)", "Feedback als Kommentar", "Teilnehmer/in ")
    made = export("moodle", grade("4711", 85), grade("4712", 90), gradebook=GERMAN)
    moodle = Assignment({4711: None, 4712: 7.25}, delimiter=";", mark=",", words=words).take(made.content)
    assert moodle.changed == {4711: 8.5}
    assert moodle.comments == {4711: "<p>8,5 of 10 points, 0 of 1 checks passed.</p>"}
    assert b";8,5;10,00;" in made.content
    assert "locked" in why(made)["4712"]


def test_headers_of_no_known_language_are_told_by_what_stands_below_them():
    strange = GERMAN.replace("Bewertung;Bestwertung", "Qx;Qy").replace("Feedback als Kommentar", "Qz")
    made = export("moodle", grade("4711", 85), gradebook=strange)
    assert rows(made, ";")[0]["Qx"] == "8,5"
    assert rows(made, ";")[0]["Qz"] == ""
    assert any("--comments" in note for note in made.notes)
    named = export("moodle", grade("4711", 85), gradebook=strange, assignment="qx", comments="QZ")
    assert rows(named, ";")[0]["Qz"] == "<p>8,5 of 10 points, 0 of 1 checks passed.</p>"


def test_where_columns_cannot_be_told_it_says_which_there_are_and_how_to_name_one():
    strange = GERMAN.replace("Bewertung;Bestwertung", "Qx;Qy").replace(";7,25;", ";none;")
    with pytest.raises(GradebookUnusable, match=r"no column of grades.*--assignment.*“Qx”, “Qy”"):
        export("moodle", grade("4711"), gradebook=strange)
    with pytest.raises(GradebookUnusable, match=r"no column called “Qw”"):
        export("moodle", grade("4711"), gradebook=strange, assignment="Qw")
    with pytest.raises(GradebookUnusable, match=r"no column “Qv” for comments.*--comments"):
        export("moodle", grade("4711"), gradebook=GERMAN, comments="Qv")


def test_a_grade_that_is_there_already_is_left_out_as_unchanged():
    made = export("moodle", grade("4712", 85), grade("4711", 20), gradebook=PLAIN)
    assert [row["Identifier"] for row in rows(made)] == ["Participant 4711"]
    assert [(at.student.key, at.was, at.now) for at in made.unchanged] == [("4712", "8.5", "8.5")]
    assert made.left_out == ()
    assert "Students who have the same score there already are not in the file: 1." in made.notes


def test_a_locked_grade_is_left_out_with_the_reason():
    made = export("moodle", grade("4711", 85), gradebook=PLAIN.replace("10.00,Yes", "10.00,No"))
    assert rows(made) == []
    assert "locked" in why(made)["4711"]


def test_more_points_than_moodle_takes_are_left_out_with_the_reason():
    made = export("moodle", grade("4711", 101), gradebook=PLAIN)
    assert why(made) == {"4711": "would get 10.1 of 10 points, which Moodle refuses"}


@pytest.mark.parametrize(("ending", "word"), [(Ending.BROKEN, "“broken”"), (Ending.REJECTED, "not be taken in")])
def test_nobody_gets_a_zero_because_of_us(ending, word):
    made = export("moodle", grade("4711", ending=ending), gradebook=PLAIN)
    assert rows(made) == []
    assert word in why(made)["4711"]


def test_each_row_is_scaled_to_its_own_maximum():
    made = export("moodle", grade("4711", 50), grade("4713", 50), gradebook=PLAIN.replace(",,10.00", ",,20.00", 1))
    assert [row["Grade"] for row in rows(made)] == ["10", "5"]


@pytest.mark.parametrize(
    ("key", "name", "by"),
    [
        ("4711", "?", "Identifier"),
        ("Participant 4711", "?", "Identifier in full"),
        ("ANA@uni.example", "?", "Email address"),
        ("0001", "?", "ID number"),
        ("group 7", "Silva, Ana", "name"),
    ],
)
def test_a_student_is_found_by_number_by_address_or_by_name(key, name, by):
    (placed,) = export("moodle", grade(key, name=name), gradebook=PLAIN).placed
    assert (placed.row, placed.by) == ("Ana Silva", by)


def test_a_number_that_is_one_participants_and_anothers_id_needs_the_name_to_decide():
    twice = PLAIN.replace(",0002,", ",4711,")
    assert "could be several" in why(export("moodle", grade("4711", name="?"), gradebook=twice))["4711"]
    (placed,) = export("moodle", grade("4711", name="Ana Silva"), gradebook=twice).placed
    assert placed.by == "Identifier"


def test_names_that_are_not_unique_find_nobody():
    twice = PLAIN.replace("Jane Doe", "Ana Silva")
    assert "several students" in why(export("moodle", grade("ana", name="Ana Silva"), gradebook=twice))["ana"]


@pytest.mark.parametrize(
    "team", ["Team Rocket", "Team Ana", "Team 12", "12", "Silva Group", "Silva", "Ana", "A", "anasi"]
)
def test_a_teams_number_is_no_participants(team):
    made = export("moodle", grade("4711", name=team), grade("4712", 100), gradebook=PLAIN)
    assert [row["Identifier"] for row in rows(made)] == ["Participant 4712"]
    assert why(made)["4711"].startswith("is called “Ana Silva” in the gradebook, where “4711” stands under Identifier")


def test_a_name_that_was_cut_for_its_length_is_still_no_others():
    made = export("moodle", grade("4711", name=f"{'Maximiliane ' * 14}Maxim…~0123456789ab"), gradebook=PLAIN)
    assert "is called “Ana Silva”" in why(made)["4711"]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("Ana María O'Brien", "Ana María OBrien"),
        ("Ana María O'Brien", "Ana OBrien"),
        ("Ana O'Brien", "Ana Maria OBrien"),
        ("Silva, Ana", "ana SILVA"),
        ("Ana M. Silva", "Ana Maria Silva"),
        ("Jo de_la_Cruz", "Jo de la Cruz"),
        ("José Muñoz", "Jose\u0301 Mun\u0303oz"),
        ("Łukasz (Luke) Wójcik-Żak", "Łukasz Wójcik Żak"),
        ("Zoe\u200d X", "Zoe\ufffd X~0123456789ab"),
        ("Ana/Bo Silva", "AnaBo Silva"),
        ("Maximiliane " * 20, f"{'Maximiliane ' * 14}Maxim…~0123456789ab"),
        ("Ana Silva", "Participant 4711"),
        ("Ana Silva", "Participant"),
        ("Ana Silva", "4711"),
    ],
)
def test_a_name_that_is_written_differently_is_still_the_same_name(row, name):
    written = PLAIN.replace("Ana Silva", f'"{row}"')
    assert export("moodle", grade("4711", name=name), gradebook=written).left_out == ()


def test_the_word_for_a_participant_in_any_language_is_no_name():
    made = export("moodle", grade("4711", name="Teilnehmerin 4711"), gradebook=GERMAN)
    assert [at.row for at in made.placed] == ["Ana Silva"]


def test_a_worksheet_for_blind_marking_has_numbers_only():
    blind = (
        "Identifier,Status,Grade,Maximum grade,Grade can be changed,Last modified (grade)\n"
        "Participant 1,Submitted,,10.00,Yes,-\nParticipant 2,Submitted,,10.00,Yes,-\nParticipant 3,None,,10.00,Yes,-\n"
    )
    made = export("moodle", grade("2", 50, name="Participant"), gradebook=blind)
    assert rows(made)[0]["Identifier"] == "Participant 2"
    assert made.placed[0].row == "2"
    assert export("moodle", grade("2", name="Ana"), gradebook=blind).left_out == ()


@pytest.mark.parametrize(
    "text", ["C:\\", 'a\\"b', '\\\\"', "\\\\\\", 'ends with a quote\\"', "two\nlines\\", '"quoted"', "a,b;c"]
)
@pytest.mark.parametrize("column", ["<p>By hand</p>", "Jane Doe"])
def test_no_backslash_swallows_the_rows_that_follow(text, column):
    cell = '"' + text.replace('"', '""') + '"'
    made = export("moodle", grade("4712", 10), grade("4713", 20), gradebook=PLAIN.replace(column, cell))
    moodle = Assignment({4711: None, 4712: 8.5, 4713: None}).take(made.content)
    assert moodle.changed == {4712: 1.0, 4713: 2.0}
    if column != "Jane Doe":
        assert moodle.comments[4712].replace(" ", "") == text.replace(" ", "")


def test_the_parser_of_these_tests_loses_rows_where_php_does():
    moodle = Assignment({4711: None, 4712: None})
    bad = HEADER + 'Participant 4711,"Ana\\",a,b,c,1,10,Yes,-,-,\nParticipant 4712,Jane,a,b,c,1,10,Yes,-,-,\n'
    with pytest.raises(AssertionError, match="refuses"):
        moodle.take(bad.encode())


@pytest.mark.parametrize("text", ["=1+1", "- a list", "+1+2", "@SUM(A1)", " =x"])
def test_what_begins_like_a_formula_does_so_no_more_and_moodle_adds_no_apostrophe(text):
    made = export(
        "moodle", grade("4712", 10), gradebook=PLAIN.replace("<p>By hand</p>", text).replace("Jane Doe", f'"{text}"')
    )
    moodle = Assignment({4712: 8.5}).take(made.content)
    assert moodle.comments == {4712: f"<p>{text}</p>"}
    cells = [cell for row in rows(made) for cell in row.values() if cell != "-"]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))] == []


def test_moodle_adds_no_apostrophe_to_a_comment_that_is_a_number():
    made = export("moodle", grade("4712", 10), gradebook=PLAIN.replace("<p>By hand</p>", "+1"))
    assert Assignment({4712: 8.5}).take(made.content).comments == {4712: "<p>+1</p>"}


@pytest.mark.parametrize(
    ("text", "now"), [("Well done; -1 for the loop", None), ("one\n- two; =3", None), ("- a list", "<p>- a list</p>")]
)
@pytest.mark.parametrize("called", ["Feedback als Kommentar", "Qz"])
def test_a_comment_that_a_teacher_wrote_stays_as_it_is_also_where_the_column_is_not_recognised(called, text, now):
    there = GERMAN.replace("Feedback als Kommentar", called).replace(
        "Nein;Montag;Montag;", f'Ja;Montag;Montag;"{text}"'
    )
    made = export("moodle", grade("4712", 90), gradebook=there)
    assert rows(made, ";")[0][called] == (now or text)


def test_a_participant_who_types_more_than_programs_expect_in_a_cell_spoils_no_worksheet():
    long = PLAIN.replace("Last modified (submission)", "Online text").replace(DATE, f'"{"x" * 200_000}"', 1)
    made = export("moodle", grade("4711", 85), gradebook=long)
    assert made.content.decode() == HEADER.replace("Last modified (submission)", "Online text") + (
        f"Participant 4711,Ana Silva,ana@uni.example,0001,Submitted,8.5,10.00,Yes,{'x' * 200_000},-,"
        '"<p>8.5 of 10 points, 0 of 1 checks passed.</p>"\n'
    )


@pytest.mark.parametrize("sign", ["x", "1", ".", "- ", "; ", ";\n", "\\", "<p>", "Participant 1"], ids=ascii)
def test_what_a_participant_types_is_gone_through_once(sign):
    """A pattern that begins anew at every sign would take the better part of an hour for this."""
    typed = PLAIN.replace("Last modified (submission)", "Online text").replace(DATE, f'"{sign * 500_000}"')
    assert len(rows(export("moodle", grade("4711", 85), gradebook=typed))) == 1


@pytest.mark.parametrize(
    ("key", "called", "path"),
    [
        ("4711", "Ana Silva_4711_assignsubmission_file", "Ana Silva_4711_assignsubmission_file/feedback.html"),
        ("4711", "Ana Silva_4711_assignsubmission_file_", "Ana Silva_4711_assignsubmission_file/feedback.html"),
        ("4711", "Ana_4711_assignsubmission_file_a_4712_b.py", "Ana_4711_assignsubmission_file/feedback.html"),
        ("4712", "Ana Silva_4711_assignsubmission_file", ""),
        ("Default group", "Default group_assignsubmission_file", ""),
        ("lab1_tensors", "lab1_tensors.py", ""),
    ],
)
def test_a_page_lies_in_a_folder_with_the_participants_number(key, called, path):
    assert page("moodle", (key,), called) == path


def test_a_comment_of_an_earlier_export_is_replaced():
    again = PLAIN.replace("<p>By hand</p>", '"<p>8.5 of 10 points, 3 of 4 checks passed.</p>"')
    made = export("moodle", grade("4712", 90), gradebook=again)
    assert rows(made)[0]["Feedback comments"] == "<p>9 of 10 points, 0 of 1 checks passed.</p>"


def test_comments_in_the_first_column_are_told_to_be_overlooked_and_not_written():
    moved = "".join(
        ",".join(['""' if at else "Feedback comments", *(f'"{cell}"' for cell in row[:-1])]) + "\n"
        for at, row in enumerate(csv.reader(io.StringIO(PLAIN)))
    )
    made = export("moodle", grade("4711", 85), gradebook=moved)
    assert rows(made)[0]["Feedback comments"] == ""
    assert any("first column" in note for note in made.notes)


def test_the_order_of_columns_is_free():
    turned = "".join(",".join(f'"{cell}"' for cell in row[::-1]) + "\n" for row in csv.reader(io.StringIO(PLAIN)))
    made = export("moodle", grade("4713", 85), gradebook=turned)
    assert Assignment({4713: None}).take(made.content).changed == {4713: 8.5}


def test_a_maximum_that_is_a_thousand_or_one_is_refused_unless_other_figures_tell():
    thousand = PLAIN.replace(",10.00,", ',"1,000",')
    made = export("moodle", grade("4711", 85.5), gradebook=thousand)
    assert rows(made)[0]["Grade"] == "855"
    german = GERMAN.replace(";10,00;", ";1.000;")
    assert rows(export("moodle", grade("4711", 85.55), gradebook=german), ";")[0]["Bewertung"] == "855,5"
    with pytest.raises(GradebookUnusable, match=r"“Grade” is worth “1,000”"):
        export("moodle", grade("4711", 85), gradebook=thousand.replace("8.50", ""))


@pytest.mark.parametrize(("most", "now"), [("1.000,00", "855,5"), ("1,000.00", "855.5"), ("1000.00", "855.5")])
def test_a_sign_for_thousands_does_not_switch_the_decimal_mark(most, now):
    sheet = PLAIN.replace(",10.00,", f',"{most}",').replace("8.50", "")
    assert rows(export("moodle", grade("4711", 85.55), gradebook=sheet))[0]["Grade"] == now


def test_a_scale_takes_no_points():
    with pytest.raises(GradebookUnusable, match=r"“Pass”.*scale"):
        export("moodle", grade("4711"), gradebook=PLAIN.replace("10.00", "Pass"))


@pytest.mark.parametrize(
    "gradebook", ["Student,ID,Section,Tensors (1)\nx,1,A,\n", HEADER, "Identifier,Grade\n4711,\n", ""]
)
def test_a_file_that_is_no_worksheet_is_refused_in_a_sentence(gradebook):
    with pytest.raises(GradebookUnusable, match=r"Moodle grading worksheet|empty"):
        export("moodle", grade("4711"), gradebook=gradebook)


def test_without_a_worksheet_it_says_where_to_get_one():
    with pytest.raises(GradebookUnusable, match="--gradebook"):
        export("moodle", grade("4711"))
