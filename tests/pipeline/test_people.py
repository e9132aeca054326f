"""Whom a person means who names a student."""

from collections.abc import Sequence

import pytest

from grader.errors import UnknownStudent
from grader.model import Student
from grader.pipeline.people import NAMED_MOST, find_student

CLASS = [
    Student("1001", "Ana Silva"),
    Student("1002", "Ben Özil"),
    Student("1003", "Ana  silva"),
    Student("ben", "1002"),
    Student("loud\x1b[2J", "Loud"),
]


@pytest.mark.parametrize(
    ("wanted", "key"),
    [("1001", "1001"), ("key:1002", "1002"), ("ben", "ben"), ("key:ben", "ben"), ("ben O\u0308ZIL", "1002")],
)
def test_a_key_will_do_and_so_will_a_name_that_one_alone_has(wanted: str, key: str) -> None:
    assert find_student(wanted, CLASS).key == key


@pytest.mark.parametrize(("here", "key"), [(["1001"], "1001"), (["Ana Lopez"], "Ana Lopez")])
def test_of_several_with_this_key_or_name_the_only_one_in_the_lab_is_meant(here: list[str], key: str) -> None:
    students = [Student("1001", "Ana Lopez"), Student("Ana Lopez", "Ana Lopez"), Student("2", "Ben")]
    assert find_student("Ana Lopez", students, ["2", *here]).key == key


@pytest.mark.parametrize("here", [[], ["1001", "Ana Lopez"]])
def test_a_key_that_is_the_name_of_another_is_refused_unless_it_is_said_to_be_a_key(here: list[str]) -> None:
    students = [Student("1001", "Ana Lopez"), Student("Ana Lopez", "Ana Lopez")]
    assert refusal("Ana Lopez", students, here) == (
        "2 may be meant by “Ana Lopez”: 1001 (Ana Lopez), Ana Lopez. Give the key. "
        "The one with the key “Ana Lopez” is “key:Ana Lopez”."
    )
    assert find_student("key:Ana Lopez", students, here).key == "Ana Lopez"
    assert find_student("1001", students, here).key == "1001"


def test_a_name_is_no_key() -> None:
    assert "Nobody known has the key" in refusal("key:Ben Özil", CLASS)


def refusal(wanted: str, students: list[Student], here: Sequence[str] = ()) -> str:
    with pytest.raises(UnknownStudent) as caught:
        find_student(wanted, students, here)
    return str(caught.value)


def test_a_name_that_several_have_is_refused_with_their_keys() -> None:
    assert refusal("Ana Silva", CLASS) == (
        "2 may be meant by “Ana Silva”: 1001 (Ana Silva), 1003 (Ana  silva). Give the key."
    )


def test_part_of_a_name_or_a_slip_is_refused_with_who_may_be_meant() -> None:
    assert "Did you mean 1001 (Ana Silva), 1003 (Ana  silva)?" in refusal("silva", CLASS)
    assert refusal("Ben Ozil", CLASS).endswith("Did you mean 1002 (Ben Özil)?")
    assert refusal("zzz", CLASS) == "Nobody known has the key or the name “zzz”."


@pytest.mark.parametrize("wanted", ["Cleo Lee", "LEE CLEO", "Lee, Cleo"])
def test_a_name_is_the_same_whatever_stands_first(wanted: str) -> None:
    assert find_student(wanted, [*CLASS, Student("1005", "Lee, Cleo")]).key == "1005"
    assert find_student(wanted, [*CLASS, Student("1005", "Cleo Lee")]).key == "1005"


def test_of_names_that_are_turned_round_the_one_that_was_typed_is_meant_and_else_it_is_asked() -> None:
    students = [Student("1", "Kim, Lee"), Student("2", "Kim Lee")]
    assert [find_student(name, students).key for name in ("Kim, Lee", "kim lee")] == ["1", "2"]
    assert "2 may be meant by “Lee Kim”: 1 (Kim, Lee), 2 (Kim Lee)." in refusal("Lee Kim", students)


def test_a_slip_in_a_name_is_one_whatever_stands_first() -> None:
    assert refusal("Cleopatra Le", [Student("7", "Lee, Cleopatra")]).endswith("Did you mean 7 (Lee, Cleopatra)?")
    assert refusal("Ana Lopez", [Student("7", "López, Ana")]).endswith("Did you mean 7 (López, Ana)?")


def test_nobody_is_proposed_whose_key_only_looks_like_the_one_that_was_typed() -> None:
    assert refusal("1006", CLASS) == "Nobody known has the key or the name “1006”."
    assert refusal("s1006", [Student("s1001", "Ana")]) == "Nobody known has the key or the name “s1006”."
    assert "Did you mean 1001 (Ana Silva), 1002 (Ben Özil), 1003 (Ana  silva), ben (1002)?" in refusal("100", CLASS)


def test_a_key_in_other_capitals_is_nobodys() -> None:
    assert "Did you mean ben (1002)?" in refusal("BEN", [CLASS[3]])


def test_of_very_many_some_are_named() -> None:
    crowd = [Student(f"s{number}", "Kim") for number in range(NAMED_MOST + 5)]
    said = refusal("Kim", crowd)
    assert said.count("(Kim)") == NAMED_MOST
    assert "or one of 5 more" in said


def test_nothing_that_a_terminal_obeys_is_in_the_sentence() -> None:
    assert "\x1b" not in refusal("lou\x1b[2J", CLASS) + refusal("loud\x1b", CLASS) + refusal("lou", CLASS)
