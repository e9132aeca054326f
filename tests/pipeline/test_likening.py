"""Comparing a class, and what is told of it later."""

from pathlib import Path
from types import MappingProxyType

import pytest

from grader.errors import NoSubmissions
from grader.intake import digest
from grader.labs import Course
from grader.model import Student, Submission
from grader.pipeline import likening
from grader.store import Store

ROOT = Path(__file__).parents[2]
LAB = Course(ROOT).lab("lab2_regression")
SOURCES = {path.stem: path.read_bytes() for path in (ROOT / "tests" / "classes" / "lab2_right").glob("*.py")}
ANA, BEN = SOURCES["functional"], SOURCES["object_oriented"]


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "grades.db") as opened:
        yield opened


def hand_in(store, who, content, name=f"{LAB.name}.py", more=MappingProxyType({})):
    files = {name: content, **more}
    return store.add(Submission(Student(who, who.title()), LAB.name, files, name, digest(name, files), name))


def compare(store):
    return likening.compare(LAB, store, 0.5, lambda _: None)


def pairs(store):
    """Whose files are alike, by key: those on the left, those on the right."""
    found = likening.similar(LAB.name, store)
    sides = [[side.students for side in (one.left, one.right) if side] for one in found.pairs]
    return [[[student.key for student in students] for students in both] for both in sides]


def test_a_class_that_handed_in_nothing_is_not_compared(store):
    with pytest.raises(NoSubmissions, match="Nothing was handed in for lab2_regression yet"):
        compare(store)
    assert likening.similar(LAB.name, store) is None


def test_a_pair_has_its_students_texts_and_matching_lines(store):
    hand_in(store, "ana", ANA)
    hand_in(store, "ben", BEN)
    hand_in(store, "cem", b"# mine\n\n" + ANA)
    assert compare(store).submissions == 3
    found = likening.similar(LAB.name, store)
    (pair,) = found.pairs
    assert (found.compared, found.unseen, found.count, found.lost) == (3, 0, 1, 0)
    sides = {side.students[0].key: side for side in (pair.left, pair.right)}
    assert sides["ana"].text == ANA.decode()
    assert sides["cem"].text == "# mine\n\n" + ANA.decode()
    (passage,) = pair.passages
    spans = dict(
        zip((pair.left.students[0].key, pair.right.students[0].key), (passage.left, passage.right), strict=True)
    )
    assert spans["cem"] == tuple(line + 2 for line in spans["ana"])


def test_the_very_same_file_is_one_pair_of_all_who_handed_it_in(store):
    for who in ("ana", "ben", "cem"):
        hand_in(store, who, ANA)
    compare(store)
    assert pairs(store) == [[["ana", "ben", "cem"]]]


def test_who_handed_in_what_was_handed_out_is_in_no_pair(store):
    starter = LAB.starter.read_bytes()
    for who, more in (("ana", b""), ("ben", b""), ("cem", b"\n# nothing yet\n")):
        hand_in(store, who, starter + more)
    compare(store)
    assert pairs(store) == []


def test_an_attempt_that_no_longer_counts_is_shown_no_more_and_a_new_one_is_told_as_not_compared(store):
    hand_in(store, "ana", ANA)
    hand_in(store, "ben", ANA + b"\n# ben\n")
    compare(store)
    assert len(pairs(store)) == 1
    hand_in(store, "ben", BEN)
    hand_in(store, "cem", ANA)
    assert pairs(store) == []
    found = likening.similar(LAB.name, store)
    assert (found.unseen, found.count, found.gone) == (2, 0, 1)
    compare(store)
    assert likening.similar(LAB.name, store).unseen == 0
    assert pairs(store) == [[["ana", "cem"]]]


def test_one_of_two_who_handed_in_the_same_hands_in_something_else(store):
    hand_in(store, "ana", ANA)
    hand_in(store, "ben", ANA)
    compare(store)
    hand_in(store, "ben", BEN)
    assert pairs(store) == []


def test_so_many_pairs_have_pages_and_the_others_are_counted(store):
    many = 10  # what no more than so many have is never common ground
    for name, content in list(SOURCES.items())[:2]:
        for number in range(many):
            hand_in(store, f"{name}{number}", content + b"\n" * (number + 1))
    compare(store)
    found = likening.similar(LAB.name, store)
    assert (found.count, len(found.pairs), found.lost) == (many * (many - 1), likening.SHOWN_MOST, 0)
    assert len({pair.name for pair in found.pairs}) == likening.SHOWN_MOST


def test_who_handed_in_too_much_or_nothing_that_can_be_read_is_told(store):
    hand_in(store, "ana", b"x = 1\n" * 100_000)
    hand_in(store, "ben", b"[" * 5000, f"{LAB.name}.ipynb")
    hand_in(store, "cem", BEN)
    hand_in(store, "dov", b"# later\n")
    hand_in(store, "eve", b"", more={"helper.py": b""})
    hand_in(store, "fay", b"[", f"{LAB.name}.ipynb", more={"helper.py": b"x = 1\n"})
    read = []
    compared = likening.compare(LAB, store, 0.5, read.append)
    assert [student.key for student in compared.cut] == ["ana", "fay"]
    assert [student.key for student in compared.empty] == ["ben", "dov", "eve"]
    assert read == [1, 2, 3, 4, 5, 6]
