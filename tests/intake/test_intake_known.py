"""Whose record in the database what was handed in belongs to."""

from downloads import LAB
from hypothesis import given
from hypothesis import strategies as st

from grader.intake import Known, read_roster, survey
from grader.intake.known import settle
from grader.model import Student
from grader.naming import parted, unlike


def known(*students, here=None):
    names = dict(students)
    return Known(names, frozenset(names if here is None else here))


def settled(students, before, ids=None):
    """(key -> key from now on, of those whose key is another one; what is said)."""
    found = settle([Student(*who) for who in students], ids or {}, before)
    return {key: who.key for key, who in found.people.items()}, " ".join(found.notes)


def test_who_is_known_under_the_same_key_and_name_goes_on_and_nothing_is_said():
    class_ = [("1001", "silvaana"), ("bo", "bo"), ("7", "Robert Li")]
    assert settled(class_, known(("1001", "Silva, Ana"), ("bo", "Bo Larsen"), ("7", "Li, Robert"))) == ({}, "")


def test_a_key_of_somebody_else_is_left_to_them_and_told_with_both_names():
    keys, said = settled([("12", "Bo Larsen"), ("13", "Cy Young")], known(("12", "Ana Silva")))
    assert keys.keys() == {"12"}
    assert parted(keys["12"]) == "12"
    assert "Bo Larsen (12 is Ana Silva there)" in said


def test_a_key_of_somebody_else_is_left_to_them_whatever_lab_they_are_in():
    assert settled([("12", "Bo Larsen")], known(("12", "Ana Silva"), here=()))[0].keys() == {"12"}


def test_who_was_kept_apart_goes_on_so_and_a_third_one_does_too():
    ana, bo = ("12", "Ana Silva"), ("12", "Bo Larsen")
    first = settled([bo], known(ana))[0]["12"]
    before = known(ana, (first, "Bo Larsen"))
    assert settled([bo], before)[0] == {"12": first}
    third = settled([("12", "Cy Young")], before)[0]["12"]
    assert third not in {"12", first}
    assert parted(parted(third)) == "12"


def test_an_address_is_one_accounts_whatever_its_owner_is_called():
    assert settled([("a@x", "Bo Larsen")], known(("a@x", "Ana Silva")))[0] == {}


def test_a_name_that_agrees_in_part_is_the_same_persons_and_told():
    keys, said = settled([("12", "Ana Lopez")], known(("12", "Ana Silva")))
    assert keys == {}
    assert "taken for the same person: Ana Lopez (12 is Ana Silva there)." in said


def test_who_is_in_the_lab_under_another_of_their_ids_keeps_it_and_that_is_told():
    keys, said = settled([("s1", "Ana Silva"), ("s2", "Bo Li")], known(("1001", "silvaana")), {"s1": ("1001", "ana")})
    assert keys == {"s1": "1001"}
    assert "kept under the key there: Ana Silva (1001, not s1)." in said


def test_who_is_in_the_lab_under_the_new_key_already_or_in_another_lab_only_has_the_new_one():
    ids = {"s1": ("1001",)}
    assert settled([("s1", "Ana Silva")], known(("1001", "Ana Silva"), ("s1", "Ana Silva")), ids)[0] == {}
    assert settled([("s1", "Ana Silva")], known(("1001", "Ana Silva"), here=()), ids)[0] == {}


def test_another_id_that_is_of_somebody_else_by_now_is_nobodys_of_theirs():
    assert settled([("s1", "Ana Silva")], known(("1001", "Bo Li")), {"s1": ("1001",)})[0] == {}
    assert settled([("s1", "Ana"), ("1001", "Bo")], known(("1001", "1001")), {"s1": ("1001",)})[0] == {}


def test_somebody_new_with_the_name_of_one_who_is_not_there_is_told():
    _, said = settled([("1001", "Ana Silva"), ("1002", "Bo Li")], known(("s1", "Silva, Ana"), ("1002", "Bo Li")))
    assert "under another key, who may be the same person: Ana Silva (1001; s1 there)." in said
    _, said = settled([("1001", "Ana Silva"), ("s1", "Silva, Ana")], known(("s1", "Silva, Ana")))
    assert not said


def test_a_roster_that_is_given_later_splits_nobody(tmp_path):
    (tmp_path / "ana.py").write_text("x = 1")
    (tmp_path / "bo.py").write_text("x = 2")
    roster = read_roster(b"id,login,name\n7,ana,Ana Silva\n8,bo,Bo Li\n")
    found = survey([tmp_path], LAB, roster, known(("ana", "ana"), ("12", "Bo Li"), here=["ana"]))
    assert [item.student for item in found.found] == [Student("8", "Bo Li"), Student("ana", "Ana Silva")]
    assert found.notes == ("In the database already, and kept under the key there: Ana Silva (ana, not 7).",)


names = st.sampled_from(["Ana Silva", "Bo Li", "Cy", "1", "2"])
keys = st.sampled_from(["1", "2", "3"])


@given(st.dictionaries(keys, names), st.dictionaries(keys, names), st.permutations(["4", "5", "6"]))
def test_nobody_gets_the_key_of_somebody_of_another_name_and_no_two_become_one(students, before, others):
    people = [Student(*who) for who in students.items()]
    ids = {who.key: (id_,) for who, id_ in zip(people, others, strict=False)}
    earlier = {**before, "4": "Ana Silva", "5": "Bo Li"}
    found = settle(people, ids, Known(earlier, frozenset(earlier)))
    now = [found.people.get(who.key, who) for who in people]
    assert len({who.key for who in now}) == len(people)
    assert not any(unlike(who, earlier.get(who.key, "")) for who in now)
