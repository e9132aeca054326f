"""What each format says of whom, as it goes on record."""

from dataclasses import replace

import pytest
from exporting import NOW, export, grade

from grader.model import Ending, Exported, Override

REFUSED = grade("bo", ending=Ending.REJECTED)
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Tensors (7)\n    Points Possible,,,,,{worth}\n"
    "Ana,1,,ana,S,\nBo,2,,bo,S,50\n"
)
MOODLE = (
    "Identifier,Full name,Username,Grade,Maximum grade\n"
    "Participant 1,Ana,ana,,10.00\nParticipant 2,Bo,bo,8.00,10.00\nParticipant 3,Cem,cem,,20.00\n"
)


@pytest.mark.parametrize("form", ["csv", "json", "junit"])
def test_of_who_has_no_score_it_is_on_record_that_the_file_says_so(form):
    made = export(form, grade("ana", 80.005), REFUSED)
    assert made.grades == {
        "ana": Exported(80.01, 100.0, in_file=True),
        "bo": Exported(None, None, in_file=True),
    }


def test_who_is_in_no_file_is_not_on_record():
    assert export("gradescope", grade("ana", 8.0, maximum=10.0), REFUSED).grades == {
        "ana": Exported(8.0, 10.0, in_file=True)
    }
    assert export("canvas", grade("ana"), REFUSED, grade("zoe"), gradebook=CANVAS.format(worth=100)).grades == {
        "ana": Exported(80.0, 100.0, in_file=True)
    }


@pytest.mark.parametrize(
    ("worth", "told"), [("100", (33.33, 100.0)), ("", (1.0, 3.0)), ("33.3355", (11.11, 33.3355)), ("0", (1.0, 3.0))]
)
def test_scores_are_those_of_the_gradebook(worth, told):
    made = export("canvas", grade("ana", 1.0, maximum=3.0), gradebook=CANVAS.format(worth=worth))
    assert made.grades == {"ana": Exported(*told, in_file=True)}


def test_who_has_the_score_in_the_gradebook_already_is_told_apart():
    made = export("moodle", grade("ana"), grade("bo"), grade("cem"), gradebook=MOODLE)
    assert made.grades == {
        "ana": Exported(8.0, 10.0, in_file=True),
        "bo": Exported(8.0, 10.0, in_file=False),
        "cem": Exported(16.0, 20.0, in_file=True),
    }


@pytest.mark.parametrize("form", ["csv", "json", "junit", "gradescope"])
def test_a_score_that_a_person_set_is_the_one_on_record(form):
    by_hand = replace(REFUSED, override=Override(7.5, 10.0, "Well.", "kim", NOW), score=7.5, max_score=10.0)
    assert export(form, by_hand).grades == {"bo": Exported(7.5, 10.0, in_file=True)}
