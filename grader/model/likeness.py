"""Submissions that share much of their code."""

from dataclasses import dataclass
from datetime import datetime

from grader.model.submissions import Student


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of one file that match lines of another: first and last, counted from 1."""

    left: tuple[int, int]
    right: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two contents that have much in common besides what many have; one that several handed in is like itself.

    Attributes:
        left: a digest, as `right` is.
        left_share: how much of the left one is in the right one, in 0..1.
        right_share: the other way round.
        shared: how many pieces of code they share.
    """

    left: str
    right: str
    left_share: float
    right_share: float
    shared: int
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found when the submissions of a lab that count were compared.

    Attributes:
        threshold: the share from which on a pair is named, in 0..1.
        submissions: what was compared, by the ids in the store.
        found: how many pairs there were; those in `likenesses` are the ones with the largest shares, in this order.
    """

    at: datetime
    threshold: float
    submissions: frozenset[int]
    found: int
    likenesses: tuple[Likeness, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """One side of a pair, as a page shows it.

    Attributes:
        students: whose it is; several where they handed in the very same.
        share: how much of it is in the other, in 0..1.
        text: what was compared.
        cut: whether it goes on.
    """

    students: tuple[Student, ...]
    share: float
    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two files to look at side by side.

    Attributes:
        name: the same for the same two files, and safe as the name of a file.
        right: None where all handed in the very same.
    """

    name: str
    left: Alike
    right: Alike | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Similar:
    """What a class page says of similar submissions.

    Attributes:
        compared: how many submissions were.
        unseen: how many submissions count by now that were not.
        count: pairs of what counts, of which `pairs` are the first.
        lost: how many more were found than are on record.
        gone: of how many pairs on record one no longer counts.
    """

    at: datetime
    threshold: float
    compared: int
    unseen: int
    count: int
    lost: int
    gone: int
    pairs: tuple[SimilarPair, ...]
