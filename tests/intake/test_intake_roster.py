"""Whose is what, by a roster."""

import codecs
import unicodedata

import pytest
from downloads import CLASS, FILE, LAB, blackboard, brightspace, canvas, github, gradescope, moodle, placed, sakai
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import RosterUnusable
from grader.intake import survey
from grader.intake.roster import ROSTER_MOST, match, read
from grader.model import Student


def table(*rows, end="\n"):
    """A table with every cell in quotes."""
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + end for row in rows).encode()


def matched(students, *rows):
    """Key of each student -> key by the roster."""
    people = [Student(who, who) if isinstance(who, str) else Student(*who) for who in students]
    return {key: who.key for key, who in match(people, read(table(*rows))).people.items()}


def refusal(*rows):
    with pytest.raises(RosterUnusable) as caught:
        read(table(*rows))
    return str(caught.value)


ROSTERS = {
    "Canvas": (
        canvas(),
        [
            ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "HW 1 (90210)"),
            ("    Points Possible", "", "", "", "", "10"),
            *((f"{who.last}, {who.first}", who.id, f"s{who.id}", who.user, "A", "") for who in CLASS),
            ("Student, Test", "99", "", "", "A", ""),
        ],
    ),
    "Moodle's worksheet": (
        moodle(),
        [
            ("Identifier", "Full name", "Email address", "Status"),
            *((f"Participant {who.id}", who.full, who.address, "Submitted") for who in CLASS),
        ],
    ),
    "Blackboard": (
        blackboard(),
        [
            ("Last Name", "First Name", "Username", "Last Access", "Availability"),
            *((who.last, who.first, who.user, "", "Yes") for who in CLASS),
        ],
    ),
    "Brightspace": (
        brightspace(layout="flat by OrgDefinedId"),
        [
            ("OrgDefinedId", "Username", "Last Name", "First Name", "End-of-Line Indicator"),
            *((f"0{who.id}", who.user, who.last, who.first, "#") for who in CLASS),
        ],
    ),
    "Sakai": (
        sakai(),
        [
            ("HW 1", "SCORE_GRADE_TYPE"),
            ("",),
            ("Display ID", "ID", "Last Name", "First Name", "grade"),
            *((who.user, who.user, who.last, who.first, "") for who in CLASS),
        ],
    ),
    "Gradescope": (
        gradescope(),
        [
            ("First Name", "Last Name", "SID", "Email", "Total Score"),
            *((who.first, who.last, f"00{who.id}", who.address.upper(), "") for who in CLASS),
        ],
    ),
}


@pytest.mark.parametrize("platform", ROSTERS)
def test_a_class_of_difficult_names_is_found_on_its_own_platforms_table(tmp_path, platform):
    files, rows = ROSTERS[platform]
    found = survey(
        [placed(tmp_path, "gradebook_x_HW_1 Tensors_2026-03-01-10-00-00", files, "zip")], LAB, read(table(*rows))
    )
    works = {bytes(item.files[FILE]): item.student.name for item in found.take()}
    names = [{unicodedata.normalize("NFC", name) for name in (who.full, f"{who.last}, {who.first}")} for who in CLASS]
    assert [works[who.work] in name for who, name in zip(CLASS, names, strict=True)] == [True] * len(CLASS)
    assert found.matching.unknown == found.matching.by_name == ()
    assert [who.key for who in found.matching.missing] == (["99"] if platform == "Canvas" else [])


def test_a_classroom_of_githubs_is_found_by_its_own_table(tmp_path):
    rows = [("identifier", "github_username", "github_id", "name"), ("s 1", "Ana-S", "5", ""), ("s 2", "", "", "Bo")]
    found = survey(
        [placed(tmp_path, "lab-submissions", github(["ana-s", "zed"], slug="lab"), "folder")], LAB, read(table(*rows))
    )
    assert [item.student for item in found.found] == [Student("s 1", "ana-s"), Student("zed", "zed")]
    assert [who.key for who, _ in found.matching.unknown] == ["zed"]
    assert found.matching.missing == (Student("s 2", "Bo"),)


def test_key_and_name_become_the_rosters_and_columns_stand_in_any_order():
    rows = [("E-Mail", "section", "Student Name", "Student ID"), ("a@x", "A", "Ana Silva", "007")]
    found = match([Student("a@x", "ana")], read(table(*rows)))
    assert found.people == {"a@x": Student("007", "Ana Silva")}


def test_two_ids_of_one_person_are_one_student():
    assert matched(["a@x", "ana", "bo"], ("id", "login", "email"), ("1", "ana", "a@x")) == {
        "a@x": "1",
        "ana": "1",
        "bo": "bo",
    }


def test_capitals_of_an_id_matter_only_where_somebody_elses_is_written_so():
    rows = [("login", "name"), ("Ana", "A"), ("bo", "B"), ("Cy", "C"), ("cy", "D")]
    assert matched(["ana", "BO", "bo", "cy", "CY"], *rows) == {
        "ana": "Ana",
        "BO": "BO",
        "bo": "bo",
        "cy": "cy",
        "CY": "CY",
    }


NAMED = [("id", "name"), ("1", "Silva, Ana"), ("2", "Bo Li"), ("3", "Bo Li"), ("4", "Cy")]


def test_a_name_decides_where_nobody_else_has_it():
    assert matched([("x", "ANA  silva"), ("y", "Bo Li"), ("z", "Zoe")], *NAMED) == {"x": "1", "y": "y", "z": "z"}


def test_a_name_that_two_students_have_decides_nothing():
    assert matched([("x", "Ana Silva"), ("y", "Silva, Ana")], *NAMED) == {"x": "x", "y": "y"}


def test_an_id_under_which_the_roster_has_somebody_of_another_name_is_not_believed():
    found = match(
        [Student("2", "Ana Silva-Reis"), Student("4", "Cy Young"), Student("1", "Silva")], read(table(*NAMED))
    )
    assert {key: who.key for key, who in found.people.items() if key != "2"} == {"4": "4", "1": "1"}
    assert found.people["2"].key.startswith("2~")
    assert found.unknown == ((Student("2", "Ana Silva-Reis"), "somebody of another name has this id on the roster"),)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Bob Smith", "Smith, Robert"),
        ("lixiaolong", "Li, Xiaolong"),
        ("Xiaolong Li", "李小龙"),
        ("jose munoz", "MUÑOZ, José María"),
        ("12", "Ana Silva"),
        ("明 李", "李, 明"),
        ("李明", "李, 明"),
        ("X", "X"),
    ],
    ids=["a nickname", "no blanks", "other letters", "accents", "no name", "signs", "signs, no blanks", "a letter"],
)
def test_an_id_is_believed_however_its_owner_is_written(ours, theirs):
    assert matched([("12", ours)], ("id", "name"), ("12", theirs)) == {"12": "12"}
    assert match([Student("12", ours)], read(table(("id", "name"), ("12", theirs)))).unknown == ()


def test_a_roster_whose_ids_are_other_numbers_is_refused():
    rows = [("OrgDefinedId", "First Name", "Last Name"), ("#200", "Ana", "Silva"), ("#100", "Bo", "Larsen")]
    with pytest.raises(RosterUnusable, match="those of Ana Silva, Bo Larsen are other people's there"):
        match([Student("100", "Ana Silva"), Student("200", "Bo Larsen")], read(table(*rows)))


def test_what_somebody_typed_as_an_id_is_no_address_of_another():
    rows = [("First Name", "Last Name", "SID", "Email"), ("Eve", "X", "vic@x", "eve@x"), ("Vic", "Y", "7", "vic@x")]
    assert matched([("vic@x", "Vic Y"), ("eve@x", "Eve X")], *rows) == {"vic@x": "vic@x", "eve@x": "eve@x"}


def test_a_students_own_text_may_be_as_long_as_it_is():
    roster = read(table(("id", "name", "Online text"), ("1", "Ana", "x" * 200_000)))
    assert [person.key for person in roster.people] == ["1"]


def test_two_columns_of_one_title_are_no_two_people():
    assert matched(["7"], ("id", "id", "name"), ("7", "7", "Ana")) == {"7": "7"}


def test_a_name_makes_nobody_somebody_who_was_found_by_id():
    assert matched([("1", "anas"), ("y", "Ana Silva")], *NAMED) == {"1": "1", "y": "y"}


def test_composed_and_decomposed_letters_are_one_name():
    rows = [("id", "name"), ("1", unicodedata.normalize("NFD", "José"))]
    assert matched([("x", "José")], *rows) == {"x": "1"}


def test_who_was_found_by_name_who_is_unknown_and_who_is_missing_are_told():
    found = match([Student("x", "Ana Silva"), Student("z", "Zoe")], read(table(*NAMED, ("", "Nobody"))))
    assert found.by_name == ((Student("x", "Ana Silva"), Student("1", "Silva, Ana")),)
    assert found.unknown == ((Student("z", "Zoe"), "not on the roster"),)
    assert [who.key for who in found.missing] == ["2", "3", "4"]
    assert found.passed_over == (6,)


def test_a_row_of_canvass_own_is_nobody_and_no_word_is_said_of_it():
    rows = [("Student", "ID", "Section"), ("", "", "Muted"), ("    Points Possible", "", ""), ("Silva, Ana", "1", "A")]
    roster = read(table(*rows, ("Bo, Bo", "", "A")))
    assert [person.key for person in roster.people] == ["1"]
    assert roster.passed_over == (5,)


def test_who_has_one_name_has_it_in_either_column():
    rows = [("First Name", "Last Name", "login"), ("Madonna", "", "m"), ("", "Prince", "p"), ("", "", "x")]
    assert [person.name for person in read(table(*rows)).people] == ["Madonna", "Prince", ""]


def test_one_persons_id_that_is_anothers_login_decides_nothing_and_is_nobodys_key():
    found = match(
        [Student("1001", "Bo"), Student("ana", "Ana")], read(table(("id", "login"), ("1001", "ana"), ("7", "1001")))
    )
    assert found.people["ana"].key == "1001"
    assert found.people["1001"].key.startswith("1001~")
    assert [why for _, why in found.unknown] == ["could be several people on the roster"]


def test_a_roster_that_has_one_login_twice_is_refused_with_the_lines():
    assert refusal(("login", "name"), ("ana", "Ana"), ("bo", "Bo"), ("ana", "Anabel")) == (
        "The roster contradicts itself: lines 2, 4 are different people's and have the same login, “ana”. "
        "Correct it there."
    )


def test_a_roster_by_which_two_people_get_one_key_is_refused():
    assert "lines 2, 3 are different people's and have the same key, “7”" in refusal(
        ("id", "login"), ("7", "ana"), ("", "7")
    )


def test_one_person_in_two_sections_is_one_person():
    roster = read(table(("id", "name", "section"), ("1", "Ana", "A"), ("1", "Ana", "B")))
    assert [person.key for person in roster.people] == ["1"]


@pytest.mark.parametrize(
    "content",
    [
        b"id;name\n1;Silva, Ana\n",
        b"id\tname\r\n1\tSilva, Ana\r\n",
        codecs.BOM_UTF8 + b'"id","name"\r\n"1","Silva, Ana"\r\n',
        codecs.BOM_UTF16_LE + '"id"\t"name"\n"1"\t"Silva, Ana"\n'.encode("utf-16-le"),
        b'Name,ID\n\n"Silva, Ana",1',
    ],
    ids=["semicolons", "tabs", "a mark of order", "UTF-16", "blank lines"],
)
def test_tables_of_all_kinds_are_read(content):
    (person,) = read(content).people
    assert (person.key, person.name) == ("1", "Silva, Ana")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no header"),
        (b"ana\nbo\n", "no header"),
        (b"name,points\nAna,3\n", "no header"),
        (b"id,name\n1,\xe9\n", "no text in UTF-8"),
        ("id,name\n1,Ana\n".encode("utf-16-le"), "no text in UTF-8"),
        ("id,name\n1,Ana\n".encode("utf-32"), "no text in UTF-8"),
        (b"id,name\n,Ana\n", "Nobody is on the roster"),
        (b"id\n" + b"1" * ROSTER_MOST, "larger than the 20.0 MB"),
    ],
    ids=["empty", "no header", "no ids", "Latin-1", "UTF-16 unmarked", "UTF-32", "nobody", "too large"],
)
def test_what_is_no_roster_is_refused_with_a_sentence(content, said):
    with pytest.raises(RosterUnusable, match=said):
        read(content)


def test_what_a_terminal_would_obey_is_in_no_key_and_no_name():
    found = match([Student("1", "1")], read(table(("id", "name"), ("1", "\x1b[2JAna"), ("\u202e2", ""))))
    told = [*found.people.values(), *found.missing]
    assert all(who.key.isprintable() and who.name.isprintable() for who in told)


texts = st.text("aA1#é ", min_size=1, max_size=3)
people = st.lists(st.tuples(texts, texts, texts | st.just("")), max_size=6)


@given(st.dictionaries(texts.map(str.strip).filter(bool), texts, max_size=6), people)
def test_no_two_people_become_one(students, rows):
    try:
        roster = read(table(("id", "login", "name"), *rows))
        found = match([Student(*who) for who in students.items()], roster)
    except RosterUnusable:
        return
    assert set(found.people) == set(students)
    by_key = {person.key: {id_.strip().strip("#").casefold() for _, id_ in person.ids} for person in roster.people}
    for key, who in found.people.items():
        others = [other for other, whose in found.people.items() if whose.key == who.key and other != key]
        assert not others or all(other.strip("#").casefold() in by_key[who.key] for other in [key, *others])
    unknown = {found.people[who.key].key for who, _ in found.unknown}
    assert not unknown & set(by_key)


@given(st.binary(max_size=60) | st.text('id,name;\t\n"1ab', max_size=60).map(str.encode))
def test_whatever_a_roster_is_it_is_read_or_refused_in_a_printable_sentence(content):
    said = ""
    try:
        read(b"id,name\n" + content)
    except RosterUnusable as error:
        said = str(error)
    assert said.isprintable()
