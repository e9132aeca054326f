"""Which submissions of a class to look at side by side."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from grader import likeness
from grader.errors import NoSubmissions
from grader.labs import Lab
from grader.model import Alike, Comparison, Counting, Likeness, Similar, SimilarPair, Student
from grader.store import Store

SHOWN_MOST: Final = 40
"""Pairs that have a page; a person looks at no more, and asks again from a larger share on."""
_HANDED_OUT: Final = ("*.py", "*.ipynb")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared.

    Attributes:
        cut: of whom only a part was read.
        empty: in whose files there is no code that can be read.
    """

    submissions: int
    cut: tuple[Student, ...]
    empty: tuple[Student, ...]


def compare(lab: Lab, store: Store, threshold: float, read: Callable[[int], None]) -> Compared:
    """Compare the submissions of a lab that count, and put on record which are alike.

    Args:
        threshold: the share from which on a pair is named, in 0..1.
        read: called with how many different submissions are read so far.

    Raises:
        NoSubmissions: the lab has none.
    """
    counting = store.counted(lab.name)
    if not counting:
        raise NoSubmissions(f"Nothing was handed in for {lab.name} yet. Run `grader batch {lab.name} …` first.")
    sources: dict[str, likeness.Source] = {}
    for content, id_ in {one.content: one.id for one in counting}.items():
        sources[content] = _source(store, id_)
        read(len(sources))
    twins = [content for content, many in Counter(one.content for one in counting).items() if many > 1]
    texts = {content: source.text for content, source in sources.items()}
    found = likeness.compare(texts, twins, _handed_out(lab), threshold)
    ids = frozenset(one.id for one in counting)
    store.record_comparison(lab.name, Comparison(datetime.now(UTC), threshold, ids, found.count, found.likenesses))
    return Compared(
        len(counting),
        tuple(one.student for one in counting if sources[one.content].cut and one.content not in found.empty),
        tuple(one.student for one in counting if one.content in found.empty),
    )


def similar(lab: str, store: Store) -> Similar | None:
    """What the last comparison found among what counts by now; None where there was none."""
    made = store.comparison(lab)
    if made is None:
        return None
    counting = store.counted(lab)
    whose = _whose(counting)
    pairs = [one for one in made.likenesses if _still(one, whose)]
    ids = {one.content: one.id for one in counting}
    return Similar(
        at=made.at,
        threshold=made.threshold,
        compared=len(made.submissions),
        unseen=sum(one.id not in made.submissions for one in counting),
        count=len(pairs),
        lost=made.found - len(made.likenesses),
        gone=len(made.likenesses) - len(pairs),
        pairs=tuple(islice(_pairs(pairs, whose, ids, store), SHOWN_MOST)),
    )


def _whose(counting: Sequence[Counting]) -> dict[str, tuple[Student, ...]]:
    """Who handed in a content."""
    found: dict[str, list[Student]] = {}
    for one in counting:
        found.setdefault(one.content, []).append(one.student)
    return {content: tuple(students) for content, students in found.items()}


def _still(one: Likeness, whose: Mapping[str, Sequence[Student]]) -> bool:
    """Whether there are still two who handed these in."""
    return one.left in whose and one.right in whose and (one.left != one.right or len(whose[one.left]) > 1)


def _pairs(
    found: Sequence[Likeness], whose: Mapping[str, tuple[Student, ...]], ids: Mapping[str, int], store: Store
) -> Iterator[SimilarPair]:
    for one in found:
        sides = {one.left: one.left_share, one.right: one.right_share}
        sources = {content: _source(store, ids[content]) for content in sides}
        alike = [
            Alike(whose[content], share, sources[content].text, sources[content].cut)
            for content, share in sides.items()
        ]
        name = f"{one.left[:16]}-{one.right[:16]}"
        yield SimilarPair(name, alike[0], alike[1] if len(alike) > 1 else None, one.passages)


def _source(store: Store, id_: int) -> likeness.Source:
    submission = store.submission(id_)
    return likeness.source(submission.files, submission.entry)


def _handed_out(lab: Lab) -> list[str]:
    """The programs that students were given."""
    paths = [path for pattern in _HANDED_OUT for path in sorted(lab.assignment.rglob(pattern))]
    return [likeness.source({path.name: path.read_bytes()}, path.name).text for path in paths]
