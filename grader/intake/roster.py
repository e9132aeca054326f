"""A class's roster: who is in it, under which ids, and whose what was handed in is by it. Pure.

A roster is any table that platforms give out of their people, or one that somebody typed. Columns are told by their
headers, in any order. What a student is called by their platform is looked for among the ids, exactly; a name decides
only where nobody else has it, on either side. So no two people become one.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from grader.errors import RosterUnusable
from grader.intake.choose import megabytes, some
from grader.intake.names import apart, shown, student
from grader.model import Student
from grader.naming import canonical, unlike

ROSTER_MOST: Final = 20_000_000
"""Bytes of it."""

_GITHUB: Final = frozenset({"githubusername", "githublogin", "githubuser", "github"})
_TYPED: Final = frozenset({"sid"})
"""Gradescope's, which is whatever its owner typed, and may be another's address."""
_IDS: Final[Sequence[frozenset[str]]] = (
    frozenset({"id", "identifier", "userid", "studentid", "studentnumber", "idnumber", "orgdefinedid", "eid"}),
    frozenset({"sisuserid", "sisid", "integrationid", "displayid", "rosteridentifier", "externalid"}),
    frozenset({"login", "loginid", "sisloginid", "username", "user", "userlogin", "netid", "account"}),
    _GITHUB,
    frozenset({"email", "emailaddress", "mail", "mailaddress", "studentemail"}),
    _TYPED,
)
"""Headers of columns of ids; which come first make keys before the others do."""
_NAMES: Final = frozenset({"name", "fullname", "student", "studentname", "displayname", "person"})
_FIRST: Final = frozenset({"firstname", "givenname", "first", "forename"})
_LAST: Final = frozenset({"lastname", "surname", "familyname", "last"})
_DELIMITERS: Final = (",", ";", "\t")
_NO_TEXT: Final = "The roster is no text in UTF-8. Save it as CSV in UTF-8."
_POINTS: Final = "Points Possible"
"""What stands in place of a name in a row of Canvas's own."""
_HEADER_WITHIN: Final = 5
"""Rows, of which one is the header: some platforms write an assignment's title first."""
_ENCODINGS: Final = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_PARTICIPANT: Final = re.compile(r"(?P<word>\D+ )(?P<number>\d+)", re.ASCII)
"""How Moodle's grading worksheet writes the number that is in its downloads."""

_NOBODY: Final = "not on the roster"
_SEVERAL: Final = "could be several people on the roster"
_OTHER: Final = "somebody of another name has this id on the roster"

_Rows: TypeAlias = Sequence[tuple[int, Sequence[str]]]
"""(line of the file, cells)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the roster.

    Attributes:
        name: "" where the roster has none.
        ids: column -> id, those first that make keys first.
    """

    name: str
    ids: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """What this person is called from now on."""
        return student(self.ids[0][1]).key


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is in a class.

    Attributes:
        passed_over: lines of rows that have a name and no id.
    """

    people: tuple[Person, ...]
    passed_over: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Matching:
    """Whose is what, by a roster.

    Attributes:
        people: key of a student as the platform has it -> who that is from now on; everybody who handed in is there.
        by_name: (as the platform has them, as the roster does) of those who were found by their names alone.
        unknown: who is not found on the roster, and why.
        missing: who is on the roster and handed in nothing.
        passed_over: see `Roster`.
        ids: key from now on -> what else this person, and nobody else, is called: in the download, or by the roster.
    """

    people: Mapping[str, Student]
    by_name: tuple[tuple[Student, Student], ...]
    unknown: tuple[tuple[Student, str], ...]
    missing: tuple[Student, ...]
    passed_over: tuple[int, ...]
    ids: Mapping[str, tuple[str, ...]]


def read(content: bytes) -> Roster:
    """The roster in a file: UTF-8, or UTF-16 with a byte order mark; commas, semicolons or tabs.

    Raises:
        RosterUnusable: it is no such table, has no column of ids, or says two things of one id.
    """
    if len(content) > ROSTER_MOST:
        raise RosterUnusable(f"The roster is larger than the {megabytes(ROSTER_MOST)} that it may have.")
    header, rows = _table(_decoded(content))
    kinds = [_folded_header(title) for title in header]
    columns = [at for known in _IDS for at, kind in enumerate(kinds) if kind in known]
    words = {at: _word(rows, at) if kinds[at] == "identifier" and not _GITHUB & {*kinds} else "" for at in columns}
    people: dict[Person, int] = {}
    passed_over: list[int] = []
    for line, cells in rows:
        ids = [(header[at], cells[at].strip().removeprefix(words[at])) for at in columns if at < len(cells)]
        told = tuple((column, id_) for column, id_ in ids if _is_id(column, id_))
        name = _name(kinds, cells)
        if told:
            people.setdefault(Person(name, told), line)
        elif name and name != _POINTS:
            passed_over.append(line)
    if not people:
        raise RosterUnusable("Nobody is on the roster: below its header there is no row that has an id.")
    _check_consistent(people)
    return Roster(tuple(people), tuple(passed_over))


def _is_id(column: str, text: str) -> bool:
    typed = _folded_header(column) in _TYPED and "@" in text
    return any(map(str.isalnum, text)) and not typed


def match(students: Collection[Student], roster: Roster) -> Matching:
    """Who of the roster each of `students` is; their keys differ.

    Raises:
        RosterUnusable: most of the ids that both have are of people with other names, so they are different ids.
    """
    exactly = _index((_exact(id_), person) for person in roster.people for _, id_ in person.ids)
    alike = _index((_alike(id_), person) for person in roster.people for _, id_ in person.ids)
    keys = Counter(_alike(who.key) for who in students)
    found: dict[str, Person] = {}
    whys: dict[str, str] = {}
    for who in students:
        candidates = exactly.get(_exact(who.key), ()) or (
            alike.get(_alike(who.key), ()) if keys[_alike(who.key)] == 1 else ()
        )
        if len(candidates) > 1:
            whys[who.key] = _SEVERAL
        elif candidates and unlike(who, candidates[0].name):
            whys[who.key] = _OTHER
        elif candidates:
            found[who.key] = candidates[0]
    others = [who.name for who in students if whys.get(who.key) == _OTHER]
    if len(others) > max(1, len(found)):
        raise RosterUnusable(
            f"The roster's ids are other ids than the submissions': those of {some(others)} are other people's there. "
            "Give the roster of the platform that the download comes from. If these are groups, leave the roster out: "
            "the download has a group's name beside an id that is no group's."
        )
    rest = [who for who in students if who.key not in found and who.key not in whys]
    return _matching(students, roster, found, _by_name(rest, students, roster, found), whys)


def _by_name(
    rest: Iterable[Student], students: Iterable[Student], roster: Roster, found: Mapping[str, Person]
) -> dict[str, Person]:
    """Those of `rest` whose name nobody else has: key -> who that is on the roster."""
    theirs = Counter(canonical(who.name) for who in students)
    named = _index((canonical(person.name), person) for person in roster.people if person.name)
    taken = set(found.values())
    places = ((who.key, named.get(name, ())) for who in rest if theirs[name := canonical(who.name)] == 1)
    return {key: people[0] for key, people in places if len(people) == 1 and people[0] not in taken}


def _matching(
    students: Collection[Student],
    roster: Roster,
    by_id: Mapping[str, Person],
    by_name: Mapping[str, Person],
    whys: Mapping[str, str],
) -> Matching:
    found = {**by_id, **by_name}
    taken = {person.key for person in roster.people}
    theirs = _index((_exact(id_), person) for person in roster.people for _, id_ in person.ids)
    people = {
        who.key: Student(person.key, student(person.name or who.name).name)
        if (person := found.get(who.key))
        else _apart(who, taken)
        for who in students
    }
    there = set(found.values())
    missing = (person for person in roster.people if person not in there)
    return Matching(
        people,
        tuple((who, people[who.key]) for who in students if who.key in by_name),
        tuple((who, whys.get(who.key, _NOBODY)) for who in students if who.key not in found),
        tuple(Student(person.key, student(person.name or person.key).name) for person in missing),
        roster.passed_over,
        {person.key: _other_ids(key, person, theirs) for key, person in found.items()},
    )


def _other_ids(key: str, person: Person, theirs: Mapping[str, Sequence[Person]]) -> tuple[str, ...]:
    own = (student(id_).key for _, id_ in person.ids if len(theirs[_exact(id_)]) == 1)
    return tuple(dict.fromkeys((key, *own)))


def _apart(who: Student, taken: Collection[str]) -> Student:
    """`who`, under a key that is nobody's on the roster."""
    return Student(apart(who.key), who.name) if who.key in taken else who


def _table(text: str) -> tuple[Sequence[str], _Rows]:
    """The header, and the rows below it that hold anything."""
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # a student's own text may be in a platform's table
    try:
        for delimiter in _DELIMITERS:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
            for at, (_, cells) in enumerate(rows[:_HEADER_WITHIN]):
                if _is_header(cells):
                    return cells, rows[at + 1 :]
    except csv.Error as error:
        raise RosterUnusable(f"The roster cannot be read as a table: {error}.") from error
    raise RosterUnusable(
        "The roster has no header that tells where the ids are. Call the columns id, login, username or email, and "
        "name, in its first line."
    )


def _is_header(cells: Iterable[str]) -> bool:
    return any(_folded_header(cell) in known for cell in cells for known in _IDS)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode(_ENCODINGS.get(content[:2], "utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RosterUnusable(_NO_TEXT) from error
    if "\0" in text:
        raise RosterUnusable(_NO_TEXT)
    return text


def _folded_header(title: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", title).casefold()))


def _word(rows: _Rows, at: int) -> str:
    """What stands before the number in each cell of Moodle's column, in whatever language: "Participant "."""
    cells = [cells[at].strip() for _, cells in rows if at < len(cells) and cells[at].strip()]
    words = {named["word"] if (named := _PARTICIPANT.fullmatch(cell)) else "" for cell in cells}
    return words.pop() if len(words) == 1 else ""


def _name(kinds: Sequence[str], cells: Sequence[str]) -> str:
    """The name in a row, in one column or in two, of which people with one name fill one."""
    for titles in ((_NAMES,), (_FIRST, _LAST)):
        parts = [_cell(kinds, cells, known) for known in titles if not known.isdisjoint(kinds)]
        if len(parts) == len(titles) and any(parts):
            return " ".join(filter(None, parts))
    return ""


def _cell(kinds: Sequence[str], cells: Sequence[str], known: Collection[str]) -> str:
    return next((cell.strip() for kind, cell in zip(kinds, cells, strict=False) if kind in known and cell.strip()), "")


def _check_consistent(people: Mapping[Person, int]) -> None:
    """No id stands for two people, and no two people get the same key."""
    whose: dict[tuple[str, str], dict[Person, int]] = defaultdict(dict)
    for person, line in people.items():
        for column, id_ in (*person.ids, ("", person.key)):
            whose[column, _exact(id_)][person] = line
    twice = [(where, found) for where, found in whose.items() if len(found) > 1]
    if twice:
        (column, id_), found = twice[0]
        raise RosterUnusable(
            f"The roster contradicts itself: lines {some([*map(str, found.values())], 10)} are different people's and "
            f"have the same {shown(column) if column else 'key'}, “{shown(id_)}”. Correct it there."
        )


def _index(pairs: Iterable[tuple[str, Person]]) -> dict[str, list[Person]]:
    index: dict[str, list[Person]] = defaultdict(list)
    for text, person in pairs:
        if text and person not in index[text][-1:]:
            index[text].append(person)
    return dict(index)


def _exact(text: str) -> str:
    """An id as it is compared: Brightspace puts a "#" in front of some."""
    return unicodedata.normalize("NFC", text.strip()).removeprefix("#")


def _alike(text: str) -> str:
    """The same where capitals do not matter: in addresses and logins."""
    return _exact(text).casefold()
