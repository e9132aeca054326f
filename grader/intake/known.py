"""Whose record in the database what was handed in belongs to: whom an earlier batch has taken in. Pure.

A key is one person's for good. But lists are numbered anew, a group's number is a member's, and a roster that is given
for the first time calls people otherwise. So an id under which the database has somebody of wholly another name makes
a key of its own, and who is in the lab already under another of their ids keeps that one.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from grader.intake.choose import some
from grader.intake.names import apart
from grader.model import Student
from grader.naming import canonical, differ, stand_ins, unlike

NAMED_MOST: Final = 20
"""People who are named in a sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the database has.

    Attributes:
        names: key -> name.
        here: the keys of those who have something in the lab.
    """

    names: Mapping[str, str]
    here: Collection[str]


@dataclass(frozen=True, slots=True)
class Settled:
    """Under which keys people go on.

    Attributes:
        people: key -> who that is from now on; who is missing stays who they are.
        notes: sentences for the operator.
    """

    people: Mapping[str, Student]
    notes: tuple[str, ...]


def settle(students: Collection[Student], ids: Mapping[str, Collection[str]], known: Known) -> Settled:
    """Under which keys `students` go on.

    Args:
        ids: key -> what else this person, and nobody else, is called.
    """
    taken = {who.key for who in students}
    kept: dict[str, Student] = {}
    moved: dict[str, Student] = {}
    for who in students:
        earlier = next((id_ for id_ in ids.get(who.key, ()) if id_ not in taken and _has(known, id_, who)), "")
        if earlier and who.key not in known.here:
            kept[who.key] = Student(earlier, who.name)
        elif _is_anothers(known, who):
            moved[who.key] = _moved(known, who)
    people = {**kept, **moved}
    return Settled(people, tuple(_notes(students, kept, moved, known)))


def _has(known: Known, id_: str, who: Student) -> bool:
    """Whether the lab has `who` under this id."""
    return id_ in known.here and not unlike(Student(id_, known.names[id_]), who.name)


def _is_anothers(known: Known, who: Student) -> bool:
    """Whether the database has somebody of another name under this key. An address is one account's for good."""
    return "@" not in who.key and unlike(who, known.names.get(who.key, ""))


def _is_called_otherwise(known: Known, who: Student) -> bool:
    """Whether the names have a word in common, and are not one name."""
    return differ(who, known.names.get(who.key, ""), stand_ins(()))


def _moved(known: Known, who: Student) -> Student:
    """`who` under a key that nobody else has."""
    while _is_anothers(known, who):
        who = Student(apart(who.key), who.name)
    return who


def _notes(
    students: Collection[Student], kept: Mapping[str, Student], moved: Mapping[str, Student], known: Known
) -> Iterator[str]:
    people = {*kept, *moved}
    if kept:
        pairs = [f"{who.name} ({who.key}, not {key})" for key, who in kept.items()]
        yield f"In the database already, and kept under the key there: {some(pairs, NAMED_MOST)}."
    if moved:
        pairs = [f"{who.name} ({key} is {known.names[key]} there)" for key, who in moved.items()]
        yield (
            "Somebody of another name has this key in the database, so these are graded under a key of their own: "
            f"{some(pairs, NAMED_MOST)}. If ids were given anew, use the earlier ones, or another database (--db)."
        )
    others = [who for who in students if who.key not in people and _is_called_otherwise(known, who)]
    if others:
        pairs = [f"{who.name} ({who.key} is {known.names[who.key]} there)" for who in others]
        yield f"Has another name in the database, and is taken for the same person: {some(pairs, NAMED_MOST)}."
    if twice := [*_namesakes(students, people, known)]:
        yield (
            "New here, and the lab has somebody of this name under another key, who may be the same person: "
            f"{some(twice, NAMED_MOST)}. A roster has to be given each time or never."
        )


def _namesakes(students: Collection[Student], settled: Collection[str], known: Known) -> Iterator[str]:
    """Who is new in the lab, and of whose name the lab has one person who is not among `students`."""
    present = {who.key for who in students}
    names = Counter(canonical(who.name) for who in students)
    here: dict[str, list[str]] = defaultdict(list)
    for key in known.here:
        if key not in present and known.names[key] != key:
            here[canonical(known.names[key])].append(key)
    for who in students:
        name = canonical(who.name)
        new = who.key not in known.here and who.key not in settled and names[name] == 1
        if new and len(here.get(name, ())) == 1:
            yield f"{who.name} ({who.key}; {here[name][0]} there)"
