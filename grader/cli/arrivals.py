"""What was handed in and by whom, as `grader batch` says before it grades, and as `--dry-run` shows in full."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import screen
from grader.intake import Found, Matching, Place, Survey
from grader.intake.choose import some
from grader.intake.layout import Class
from grader.intake.names import shown
from grader.model import Refusal, Student, Submission

_PLACES: Final = 5
"""Folders and archives of which something is said each."""
_NAMED: Final = 20
"""People who are named in a sentence."""


def tell(survey: Survey, attempt: str) -> None:
    """Print in a few lines what was found, what is left out, and what needs a person.

    Args:
        attempt: which of a student's counts, "latest" or "best".
    """
    for line in _summary(survey, attempt):
        screen.say(line)
    for note in (*(note for place in survey.places for note in place.notes), *survey.notes):
        screen.say(note, "yellow")
    if survey.matching:
        for line in _by_roster(survey.matching):
            screen.say(line, "yellow")
    if late := {item.student.key: item.student for item in survey.found if item.hand_in.late}:
        screen.say(f"Marked late by the platform, which changes no score: {_people(late.values())}.")


def show(survey: Survey, attempt: str) -> None:
    """Print all of what was found, a row for each submission; long texts take more lines."""
    tell(survey, attempt)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=None)
    table.add_column("student", overflow="fold", max_width=22)
    table.add_column("key", overflow="fold", max_width=18)
    table.add_column("files", overflow="fold", max_width=16)
    table.add_column("remarks", overflow="fold")
    attempts = Counter(item.student.key for item in survey.found)
    seen: Counter[str] = Counter()
    matched = _remarks_of_the_roster(survey.matching) if survey.matching else {}
    refusals: list[Refusal] = []
    for item, taken in zip(survey.found, survey.take(), strict=True):
        key = item.student.key
        seen[key] += 1
        refusals += [taken] if isinstance(taken, Refusal) else []
        attempt = f"attempt {seen[key]} of {attempts[key]}" if attempts[key] > 1 else ""
        words = (_received(item), "late" if item.hand_in.late else "", attempt, matched.get(key, ""))
        row = (item.student.name, key, _files(taken), "; ".join(filter(None, words)))
        table.add_row(*(Text(screen.plain(cell)) for cell in row))
    for who in survey.matching.missing if survey.matching else ():
        table.add_row(Text(screen.plain(who.name)), Text(screen.plain(who.key)), "", "handed in nothing")
    screen.console.print(table, width=screen.WIDTH)
    screen.refusals(refusals)
    screen.say("This was a dry run: nothing is graded, and nothing is written.")


def _summary(survey: Survey, attempt: str) -> Iterator[str]:
    classes = [(place, place.apart) for place in survey.places if place.apart]
    for place, apart in classes[:_PLACES]:
        yield _place(place, apart)
        yield from _left_out(apart)
    if len(classes) > _PLACES:
        yield f"And {_count(len(classes) - _PLACES, 'more folder')} or archives of classes."
    attempts = Counter(item.student.key for item in survey.found)
    yield f"{_count(len(attempts), 'student')}, {_count(len(survey.found), 'submission')}."
    if several := [item for item in survey.found if attempts[item.student.key] > 1]:
        people = {item.student.key: item.student for item in several}.values()
        yield f"Several submissions, of which the {attempt} counts: {_people(list(people))}."


def _place(place: Place, apart: Class) -> str:
    where = shown(str(place.path), 200)
    if not apart.platform:
        return f"{where}: a class; what a file or folder is called is the student's key."
    return f"{where}: a download of {apart.platform}."


def _left_out(apart: Class) -> Iterator[str]:
    if apart.beside:
        yield f"Left out of it: {_count(apart.beside, 'file')} of the platform's own, or typed into a form."
    if apart.nobodys:
        yield f"Left out as nobody's: {some(apart.nobodys)}."


def _by_roster(matching: Matching) -> Iterator[str]:
    found = len(matching.people) - len(matching.unknown)
    yield f"On the roster: {found} of {_count(len(matching.people), 'student')}."
    if matching.by_name:
        pairs = [f"{_called(ours)} as {_called(theirs)}" for ours, theirs in matching.by_name]
        yield f"Found by name alone: {some(pairs, _NAMED)}."
    for why in dict.fromkeys(why for _, why in matching.unknown):
        people = [who for who, told in matching.unknown if told == why]
        yield f"{why.capitalize()}, graded under a key of their own: {_people(people)}."
    if matching.missing:
        yield f"Handed in nothing: {_people(matching.missing)}."
    if max(len(matching.by_name), len(matching.unknown), len(matching.missing)) > _NAMED:
        yield "The table of --dry-run shows all of them."
    if matching.passed_over:
        yield f"Lines of the roster that have no id are passed over: {some([*map(str, matching.passed_over)])}."


def _people(students: Iterable[Student]) -> str:
    return some([*map(_called, students)], _NAMED)


def _called(who: Student) -> str:
    return who.name if who.name == who.key else f"{who.name} ({who.key})"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _remarks_of_the_roster(matching: Matching) -> dict[str, str]:
    """Key from now on -> what is unusual."""
    unknown = {matching.people[who.key].key: why for who, why in matching.unknown}
    return unknown | {theirs.key: f"found by name only, as “{ours.key}”" for ours, theirs in matching.by_name}


def _received(item: Found) -> str:
    return f"{item.hand_in.received_at:%Y-%m-%d %H:%M}" if item.hand_in.received_at else ""


def _files(taken: Submission | Refusal) -> str:
    if isinstance(taken, Refusal):
        return "not taken in"
    return taken.entry if len(taken.files) == 1 else f"{taken.entry} and {len(taken.files) - 1} more"
