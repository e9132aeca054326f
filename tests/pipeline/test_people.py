"""Whom a person means who names a student."""

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
    ("wanted", "key"), [("1001", "1001"), ("1002", "1002"), ("ben", "ben"), ("ben O\u0308ZIL", "1002")]
)
def test_a_key_comes_before_a_name_and_a_name_that_one_alone_has_will_do(wanted: str, key: str) -> None:
    assert find_student(wanted, CLASS).key == key


def refusal(wanted: str, students: list[Student]) -> str:
    with pytest.raises(UnknownStudent) as caught:
        find_student(wanted, students)
    return str(caught.value)


def test_a_name_that_several_have_is_refused_with_their_keys() -> None:
    assert refusal("Ana Silva", CLASS) == (
        "“Ana Silva” is the name of 2: 1001 (Ana Silva), 1003 (Ana  silva). Give the key."
    )


def test_part_of_a_name_or_a_slip_is_refused_with_who_may_be_meant() -> None:
    assert "Did you mean 1001 (Ana Silva), 1003 (Ana  silva)?" in refusal("silva", CLASS)
    assert refusal("Ben Ozil", CLASS).endswith("Did you mean 1002 (Ben Özil)?")
    assert refusal("zzz", CLASS) == "Nobody known has the key or the name “zzz”."


def test_a_key_in_other_capitals_is_nobodys() -> None:
    assert "Did you mean ben (1002)?" in refusal("BEN", [CLASS[3]])


def test_of_very_many_some_are_named() -> None:
    crowd = [Student(f"s{number}", "Kim") for number in range(NAMED_MOST + 5)]
    said = refusal("Kim", crowd)
    assert said.count("(Kim)") == NAMED_MOST
    assert "or one of 5 more" in said


def test_nothing_that_a_terminal_obeys_is_in_the_sentence() -> None:
    assert "\x1b" not in refusal("lou\x1b[2J", CLASS) + refusal("loud\x1b", CLASS) + refusal("lou", CLASS)
