"""Whose what is in a folder is to which more may come.

What comes later must not change whose that is which is there. A platform's names are known by how many of them there
are, and one stray file would make everybody somebody else. So each entry is looked at by itself: those that a platform
named are one kind, the rest another. A folder is of one kind, and what is of the other is left alone. Of which kind it
is tells the database, once it has something from there, so that a stray that comes after is never more than a stray.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from grader.intake.arriving import is_unfinished
from grader.intake.choose import is_named
from grader.intake.folder import Folder
from grader.intake.gather import Survey, of_class, whose_they_are
from grader.intake.known import Known
from grader.intake.layout import by_kind, take_apart, tree
from grader.intake.names import is_work, shown
from grader.intake.roster import Roster
from grader.intake.starter import Starter

_WHOSE: Final = (
    "{} does not tell whose it is, so it is left alone. Call it as the student is called, or put it into a folder "
    "that is."
)
_NOT_NAMED: Final = (
    "{} is not called as {} calls what it downloads, and the rest of the folder is, so it is left alone. Keep what is "
    "no student's elsewhere, and to one kind of names."
)
_NAMED: Final = (
    "{} is called as {} calls what it downloads, and the rest of the folder is not, so it is left alone. Take away "
    "what is no student's, or call it as the student is called."
)
_CONTRADICTS: Final = (
    "From {} to {}: names as a platform gives them in its downloads, but one id or number is there twice, so nobody "
    "can tell whose they are, and they are left alone. Take away copies, or call files as the students are called."
)


def survey_filling(
    folder: Path,
    lab: str,
    roster: Roster | None = None,
    known: Known | None = None,
    starter: Starter | None = None,
) -> Survey:
    """What students have handed in for `lab` so far, in a class's folder to which more may come; it may be nothing.

    So the folder is never one student's, and a single folder in it is not looked through. A file at the top that is
    called as every student's is left out.

    Raises:
        NoSubmissions: it cannot be read.
    """
    source = Folder(folder)
    called = folder.resolve().name
    files = tree(source.members())
    nobodys = sorted(path for path in files if "/" not in path and is_named(path, lab))
    kept = {path: files[path] for path in files if path not in nobodys and not is_unfinished(_top(path))}
    named, own = (
        whose_they_are([of_class(folder, source, take_apart(kind, lab, called, filling=True))], lab, roster, known)
        for kind in by_kind(kept, called)
    )
    here = known.here if known else ()
    chosen, other = (named, own) if _platform(named) and _outweighs(named, own, here) else (own, named)
    notes = [_WHOSE.format(shown(path)) for path in nobodys]
    notes += _left_alone(other, named)
    (place,) = chosen.places
    return replace(chosen, places=(replace(place, notes=(*place.notes, *notes)),), starter=starter)


def _outweighs(named: Survey, own: Survey, here: Collection[str]) -> bool:
    """Whether the folder is a platform's: the database has more from there, or there is more of it to grade.

    Own names that the database has do not outweigh more of a platform's: a stray may have been there first.
    """
    return any(more > than for more, than in zip(_weight(named, here), _weight(own, here), strict=True))


def _weight(survey: Survey, here: Collection[str]) -> tuple[int, int]:
    """(how many of the students the database has, how many have something to grade)."""
    students = {item.student.key for item in survey.found}
    return len(students & {*here}), sum(any(map(is_work, item.hand_in.files)) for item in survey.found)


def _left_alone(other: Survey, named: Survey) -> Iterator[str]:
    """What to say of what is of the other kind than the folder."""
    platform = _platform(named)
    tops = sorted({_top(item.hand_in.called) for item in other.found})
    if other is named and tops and not platform:
        yield _CONTRADICTS.format(shown(tops[0]), shown(tops[-1]))
    else:
        sentence = _NAMED if other is named else _NOT_NAMED
        yield from (sentence.format(shown(top), platform) for top in tops)


def _platform(named: Survey) -> str:
    """Whose names they are; "" where there are none, or they contradict one another."""
    apart = named.places[0].apart
    return apart.platform if apart else ""


def _top(path: str) -> str:
    return path.partition("/")[0]
