"""What Gradescope exports of an assignment, below the folder `assignment_{id}_export`. Pure.

    submission_{id}/{path}        what was handed in
    submission_metadata.yml       by whom and when; its keys are symbols of Ruby's

        submission_123456:
          :submitters:
          - :name: Ana Silva
            :sid: '0001'
            :email: ana@example.test
          :created_at: 2025-03-03 09:12:44.1 Z
          :results: …

Several submitters are a group. An address is one account's, and is confirmed; a `:sid` is whatever a student typed. So
the address is the student's key, and the `:sid` only where there is none.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from grader.intake.names import student
from grader.intake.upload import Upload, Uploads, if_sure
from grader.model import Student

if TYPE_CHECKING:
    import yaml

METADATA: Final = "submission_metadata.yml"
METADATA_MOST: Final = 32_000_000
"""Bytes of it: the results of every attempt are in it, too."""
EVENTS_MOST: Final = 3_000_000
"""Keys, texts, beginnings and ends in it; a thousand students with twenty checks each have 300,000."""
SUBMITTERS_MOST: Final = 100
"""Of one submission."""

_IN_FOLDER: Final = re.compile(r"(?P<id>submission_[0-9]{1,20})/(?P<path>.+)", re.DOTALL)
_WHEN: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,20})? ?(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_NESTED_MOST: Final = 200
_TOLD_AT: Final = 4
"""How deep the last of what matters lies: submission, submitters, number, name."""
_NOTHING: Final = frozenset({"", "~", "null", "Null", "NULL"})

_Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the metadata say of a submission."""

    submitters: tuple[Student, ...]
    received_at: datetime | None


def recognise(paths: Collection[str], _called: str = "") -> Uploads:
    """Those of `paths` that Gradescope made, each its submission's until the metadata say whose that is."""
    if METADATA not in paths:
        return {}
    found = {path: named for path in paths if (named := _IN_FOLDER.fullmatch(path))}
    return if_sure({path: Upload(student(named["id"]), named["path"]) for path, named in found.items()}, paths)


def entries(content: bytes) -> dict[str, Entry]:
    """What the metadata say, by the submissions' ids. Whose a submission is can be missing, and is left out then.

    Raises:
        ValueError: they are not what Gradescope writes; the text goes on with the sentence that their name begins.
    """
    told: dict[str, dict[_Path, str]] = defaultdict(dict)
    for (submission, *rest), text in _texts(content):
        told[submission][tuple(key.removeprefix(":") for key in rest)] = text
    found = {submission: _entry(submission, texts) for submission, texts in told.items()}
    return {submission: entry for submission, entry in found.items() if entry.submitters}


def _entry(submission: str, texts: Mapping[_Path, str]) -> Entry:
    people: dict[str, dict[str, str]] = defaultdict(dict)
    for path, text in texts.items():
        match path:
            case ("submitters", number, what):
                people[number][what] = text
    students = {who.key: who for person in people.values() if (who := _submitter(submission, person))}
    when = texts.get(("created_at",)) or texts.get(("created_at", "utc"), "")
    return Entry(tuple(students.values()) if len(students) <= SUBMITTERS_MOST else (), moment(when))


def _submitter(submission: str, person: Mapping[str, str]) -> Student | None:
    name = person.get("name", "").strip()
    sid = person.get("sid", "").strip()
    key = person.get("email", "").strip() or (sid if "@" not in sid else "")  # typed by its owner: no address of others
    if not key and not name:
        return None
    return student(key or f"{submission} {name}", name)  # by a name alone nobody is told from a namesake


def moment(text: str) -> datetime | None:
    """A time as Ruby writes it, in UTC: "2025-03-03 09:12:44.123456789 -08:00"; without a zone it is UTC."""
    said = _WHEN.fullmatch(text.strip())
    if said is None:
        return None
    zone = (said["zone"] or "Z").replace("UTC", "Z")
    try:
        return datetime.fromisoformat(f"{said['day']}T{said['time']}{said['fraction'] or ''}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class _Level:
    """A list or a mapping that is being read, and where in it."""

    def __init__(self, *, keyed: bool) -> None:
        self._keyed = keyed
        self._number = 0
        self.key = "" if keyed else "0"
        self.wants_key = keyed

    def take(self, key: str) -> None:
        """See what the next value is called."""
        self.key, self.wants_key = key, False

    def go_on(self) -> None:
        """A value is over."""
        self._number += 1
        self.wants_key = self._keyed
        if not self._keyed:
            self.key = str(self._number)


def _texts(content: bytes) -> Iterator[tuple[_Path, str]]:
    """(the keys and numbers that lead to it, text) of all that is written no deeper than what matters.

    Nothing is made of the document but this, whatever tags and references it has: those are for a reader that believes
    who wrote it.
    """
    import yaml  # noqa: PLC0415 - only exports of Gradescope are YAML

    levels: list[_Level] = []
    try:
        events = yaml.parse(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for event in _bounded(events):
            if isinstance(event, yaml.CollectionEndEvent):
                levels.pop()
                if levels:
                    levels[-1].go_on()
            elif isinstance(event, yaml.NodeEvent):
                text = _text(event) if isinstance(event, yaml.ScalarEvent) else None
                if levels and levels[-1].wants_key:
                    levels[-1].take(_key(text))
                elif isinstance(event, yaml.CollectionStartEvent):
                    levels.append(_Level(keyed=isinstance(event, yaml.MappingStartEvent)))
                    _check_depth(levels)
                elif levels:
                    if text and len(levels) <= _TOLD_AT:
                        yield tuple(level.key for level in levels), text
                    levels[-1].go_on()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1:,})" if mark else ""
        raise ValueError(f"is not written as Gradescope writes it{where}") from error


def _bounded(events: "Iterable[yaml.Event]") -> "Iterator[yaml.Event]":
    for number, event in enumerate(events):
        if number >= EVENTS_MOST:
            raise ValueError("has far more in it than Gradescope writes")
        yield event


def _key(text: str | None) -> str:
    if text is None:
        raise ValueError("is not written as Gradescope writes it")
    return text


def _check_depth(levels: Sequence[_Level]) -> None:
    if len(levels) > _NESTED_MOST:
        raise ValueError("nests deeper than Gradescope does")


def _text(event: "yaml.ScalarEvent") -> str:
    """What stands there; "" for nothing. No number and no date is made of it: `0001` stays `0001`."""
    return "" if event.implicit[0] and event.value in _NOTHING else str(event.value)
