"""Numbers in messages: what they may stand for, and when they tell too much."""

import pytest
import torch

from grader.examine.leaks import Known, Message, leaks, sightings, written


def tensors(*parts):
    return [torch.tensor(part, dtype=torch.float64) for part in parts]


def told(message, truth, *, answered=(), asked=(), public=""):
    known = Known(tensors(*truth), tensors(*answered), tensors(*asked))
    return [each.text for each in sightings(message, known, public)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("is 0.8437, which is not right; 12 of 40", [(0.8437, 4), (12, 2), (40, 1)]),
        ("float32 [n, 784] of v1.5 and 3x3, -2.50e-3.", [(784, 3), (-0.0025, 2)]),
        ("84.37 % or 5%", [(0.8437, 4), (0.05, 1)]),
        ("between 0.0 and 1000", [(0, 0), (1000, 1)]),
        ("[1.25, -3]", [(1.25, 3), (-3, 1)]),
    ],
)
def test_the_numbers_in_a_text_and_how_many_of_their_digits_count(text, numbers):
    assert [(pytest.approx(number.value), number.digits) for number in written(text)] == numbers


def test_a_number_is_recognised_under_its_own_rounding():
    assert told("0.844 is expected", [[0.84372]]) == ["0.844"]
    assert told("0.8437 is expected", [[0.84372]]) == ["0.8437"]
    assert told("84.4 % is expected", [[0.84372]]) == ["84.4 %"]
    assert told("0.843 is expected", [[0.84372]]) == []


def test_what_the_reader_knows_anyway_is_not_told():
    assert told("0.844", [[0.84372]], answered=[[0.8441]]) == []
    assert told("0.844", [[0.84372]], asked=[[0.84372, 5.0]]) == []
    assert told("0.844", [[0.84372]], asked=[[0.8437, 5.0]]) == ["0.844"]
    assert told("-9.33333", [[-28 / 3]], public="-9.3333 at w = 1") == []


def test_a_number_of_few_digits_is_not_looked_for_among_many():
    truth = [list(torch.linspace(0.8, 0.9, 17).tolist())]
    assert told("0.844", truth) == []
    assert told("0.84375", truth) == ["0.84375"]


def test_a_whole_number_does_not_stand_for_one_beside_it():
    assert told("3 of 12", [[2.7]]) == []
    assert told("3 of 12", [[3.0]]) == ["3"]


def message(salt, truth, text, check="one", place="0"):
    return Message(check, place, salt, text, sightings(text, Known(tensors([truth]), (), ()), ""))


def test_a_precise_number_must_be_told_every_time():
    always = [message(str(n), 0.84372, "0.8437") for n in range(3)]
    assert [leak.values for leak in leaks(always)] == [("0.8437",)]
    assert leaks([*always[:2], message("2", 0.84372, "nothing")]) == []
    assert leaks(always[:1]) == []


def test_a_short_number_must_change_with_the_question():
    assert leaks([message(str(n), 7.0, "7 is expected") for n in range(3)]) == []
    changing = [message(str(n), 7.0 + n, f"{7 + n} is expected") for n in range(3)]
    assert [leak.check for leak in leaks(changing)] == ["one"]


def test_a_check_is_named_once_with_its_first_message():
    found = leaks(message(str(n), 0.84372, f"0.8437 {place}", place=place) for n in range(3) for place in "ab")
    assert [(leak.check, leak.message) for leak in found] == [("one", "0.8437 a")]
