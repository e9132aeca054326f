"""How much of one program is in another, whatever its variables are called and however it is laid out.

A program is read as a row of signs: a keyword, an operator or the name of an attribute is itself; any other name, a
number or a text is one of its kind; comments, texts that stand as comments, blank space and what else only ends a line
or carries it on are nothing. A piece is so many signs in a row, which copydetect makes fingerprints of. What was handed
out and what much of the class has is common ground and says nothing. Nothing here says who wrote what: it says where to
look.

copydetect's own way of reading programs is not used: it takes minutes over a file of 60 KB that was made for it.
"""

import codecs
import io
import json
import keyword
import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeAlias
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.model import Likeness, Passage
from grader.notebooks import FORMS

if TYPE_CHECKING:
    from copydetect import CodeFingerprint

PIECE: Final = 15
"""Signs in a row that are compared as one, about two lines."""
COMMON: Final = 0.25
"""What more than this share of the class has is common ground."""
COMMON_LEAST: Final = 10
"""What no more than so many have is never common ground, however small the class."""
SHARED_LEAST: Final = 60
"""Pieces that two files must share to be named, about ten lines: below, chance is likelier."""
CHARACTERS_MOST: Final = 60_000
"""Of a submission that are compared. The longest honest one of the sample classes has 12,000."""
LINES_MOST: Final = 2_000
_CELL_MOST: Final = 1_000_000
"""Bytes of a notebook's cell that is read: one of `CHARACTERS_MOST` has less, in whatever way they are written."""
KEPT_MOST: Final = 200
"""Pairs that are looked at in detail: those with the largest shares."""
_PLACES_MOST: Final = 8
"""Where a piece occurs often in a file, so many places are tried for the longest match."""

_Pieces: TypeAlias = NDArray[np.int64]
_TOKEN: Final = re.compile(
    r"""
      (?P<nothing> \#[^\n]* | \s+ | ; | \\\n )
    | (?P<text> (?:[A-Za-z]{1,2}(?=["']))?
        (?: \"{3} (?:[^\\]|\\.?)*? (?:\"{3}|\Z) | '{3} (?:[^\\]|\\.?)*? (?:'{3}|\Z)
          | " (?:[^"\\\n]|\\.)* "? | ' (?:[^'\\\n]|\\.)* '? ) )
    | (?P<number> \d[\w.]* )
    | (?P<name> \w+ )
    | (?P<sign> . )
    """,
    re.VERBOSE | re.DOTALL,
)
r"""Python's words, read without ever going back far: a hostile file takes no longer than another of its size.

A long text that is open at the end ends there, even with a stroke after which nothing comes: if it could not, each
`\"""` in it would be searched for an end anew.
"""
_LINE_END: Final = re.compile("\r\n?")
_TEXT, _NUMBER, _NAME = "\ue000\ue001\ue002"
_FIRST_WORD: Final = 0xF0000
"""Where signs for words begin: beyond all that programs are written in."""
_WORDS: Final = 0x1FFFE


@dataclass(frozen=True, slots=True)
class Source:
    """A submission as people read it: its program files, or the code cells of its notebooks, below each other.

    Attributes:
        cut: whether there is more than is compared, be it that a notebook cannot be read.
    """

    text: str
    cut: bool


class _Cell(msgspec.Struct, frozen=True, gc=False):
    """Of a notebook; before version 4 of the format, its source was called input."""

    cell_type: str
    source: msgspec.Raw = msgspec.Raw()
    input: msgspec.Raw = msgspec.Raw(b"[]")


class _Sheet(msgspec.Struct, frozen=True, gc=False):
    cells: tuple[_Cell, ...]


class _Notebook(msgspec.Struct, frozen=True):
    """What is read of one. All else, such as outputs, is looked through without objects being made of it.

    Those that are made are few and small: a hostile file of the largest size takes a quarter of the memory that
    reading all of it would.
    """

    cells: tuple[_Cell, ...] = ()
    worksheets: tuple[_Sheet, ...] = ()


_notebook: Final = msgspec.json.Decoder(_Notebook)


@dataclass(frozen=True, slots=True)
class Found:
    """What a comparison found.

    Attributes:
        likenesses: those with the largest shares first.
        count: how many pairs there are, of which those are the first.
        empty: the digests of texts in which there is nothing to compare.
    """

    likenesses: tuple[Likeness, ...]
    count: int
    empty: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Signs:
    """A program as signs, and the line, from 1, that each stands in."""

    signs: str
    lines: list[int]


# ---------------------------------------------------------------- what is read


def source(files: Mapping[str, bytes], entry: str) -> Source:
    """What of a submission is compared; the entry first, the others by name, each after a line that names it."""
    names = [entry, *sorted(name for name in files if name != entry and name.endswith(FORMS))]
    read = {name: _program(name, files[name]) for name in names}
    cut = any(one.cut for one in read.values())
    if len(read) == 1:
        return _bounded(read[entry].text, cut=cut)
    return _bounded("\n\n".join(f"# {name}\n{one.text}" for name, one in read.items()), cut=cut)


def _program(name: str, content: bytes) -> Source:
    read = _cells(content) if name.endswith(".ipynb") else Source(content.decode("utf-8-sig", "replace"), cut=False)
    return Source(_LINE_END.sub("\n", read.text), read.cut)


def _cells(content: bytes) -> Source:
    """The code cells of a notebook; nothing where it cannot be read as one."""
    try:
        found = _notebook.decode(content.removeprefix(codecs.BOM_UTF8))
        cells = chain(found.cells, *(sheet.cells for sheet in found.worksheets))
        sources = (cell.source or cell.input for cell in cells if cell.cell_type == "code")
        code = list(islice(sources, LINES_MOST))  # each is a line at least: more is beyond what is compared
        read = [_written(source) for source in code if len(source) <= _CELL_MOST]
    except (ValueError, RecursionError):
        return Source("", cut=True)
    return Source("\n\n".join(read), cut=len(read) < len(code))


def _written(source: msgspec.Raw) -> str:
    found = json.loads(bytes(source), parse_int=float)  # as an int, a number could have too many digits
    parts = found if isinstance(found, list) else [found]
    return "".join(part for part in parts if isinstance(part, str))


def _bounded(text: str, *, cut: bool) -> Source:
    lines = text[:CHARACTERS_MOST].split("\n")
    read = "\n".join(lines[:LINES_MOST])
    return Source(read, cut or len(read) < len(text))


def _signs(text: str) -> _Signs:
    signs: list[str] = []
    lines: list[int] = []
    line, last, before = 1, 0, ("", "")
    for found in _TOKEN.finditer(text):
        kind, word, at = found.lastgroup or "", found[0], line
        line += word.count("\n")
        comment = kind == "text" and at != last and word.endswith(('"""', "'''"))
        if kind == "nothing" or comment:
            continue
        signs.append(_sign(kind, word, before))
        lines.append(at)
        before, last = (before[1], word), at
    return _Signs("".join(signs), lines)


def _sign(kind: str, word: str, before: tuple[str, str]) -> str:
    """One character; names of one's own attributes may be changed like those of variables."""
    match kind:
        case "text":
            return _TEXT
        case "number":
            return _NUMBER
        case "name" if keyword.iskeyword(word) or (before[1] == "." and before[0] != "self"):
            return chr(_FIRST_WORD + crc32(word.encode("utf-8", "replace")) % _WORDS)
        case "name":
            return _NAME
    return word


# ---------------------------------------------------------------- which files are alike


def compare(texts: Mapping[str, str], twins: Collection[str], given: Iterable[str], threshold: float) -> Found:
    """The pairs of texts of which the larger share of one is in the other, at least the threshold in 0..1.

    Args:
        texts: by the digests of what was handed in.
        twins: those of them that several people handed in; such a text is like itself, if there is enough of it.
        given: what was handed out.
    """
    read = {digest: _signs(text) for digest, text in texts.items()}
    own = _own({digest: _pieces(signs) for digest, signs in read.items()}, given)
    alike = sorted(_alike(own, twins, threshold), key=_most_alike)
    kept = [
        replace(one, passages=_passages(read[one.left], read[one.right], np.intersect1d(own[one.left], own[one.right])))
        for one in alike[:KEPT_MOST]
    ]
    return Found(tuple(kept), len(alike), frozenset(digest for digest, signs in read.items() if not signs.lines))


def _fingerprint(signs: _Signs) -> "CodeFingerprint":
    """Of every piece: a window of 1 leaves none out, and what is found does not depend on Python's random hashes."""
    from copydetect import CodeFingerprint  # noqa: PLC0415 - takes a second, which those who only read a text save

    return CodeFingerprint("", PIECE, 1, filter=False, fp=io.StringIO(signs.signs))


def _pieces(signs: _Signs) -> _Pieces:
    return np.unique(np.fromiter(_fingerprint(signs).hashes, dtype=np.int64))


def _own(pieces: Mapping[str, _Pieces], given: Iterable[str]) -> dict[str, _Pieces]:
    """Pieces without common ground."""
    handed_out = [_pieces(_signs(text)) for text in given]
    every = np.concatenate([*pieces.values(), np.empty(0, np.int64)])
    found, many = np.unique(every, return_counts=True)
    usual = found[many > max(COMMON_LEAST, COMMON * len(pieces))]
    common = np.unique(np.concatenate([*handed_out, usual]))
    return {digest: np.setdiff1d(theirs, common, assume_unique=True) for digest, theirs in pieces.items()}


def _most_alike(one: Likeness) -> tuple[float, int, str, str]:
    return -max(one.left_share, one.right_share), -one.shared, one.left, one.right


def _alike(own: Mapping[str, _Pieces], twins: Collection[str], threshold: float) -> Iterator[Likeness]:
    """The pairs, still without passages."""
    digests = sorted(own)
    sizes = np.array([len(own[digest]) for digest in digests])
    for left, shared in enumerate(_shared([own[digest] for digest in digests])):
        shared[: left + (digests[left] not in twins)] = 0  # each pair once
        for right in np.flatnonzero((shared >= SHARED_LEAST) & (shared >= threshold * np.minimum(sizes, sizes[left]))):
            many = int(shared[right])
            yield Likeness(
                digests[left], digests[right], float(many / sizes[left]), float(many / sizes[right]), many, ()
            )


def _shared(own: Sequence[_Pieces]) -> Iterator[NDArray[np.int64]]:
    """For each file, how many of its pieces each file has: by who has a piece, never by comparing two files."""
    if not own:
        return
    _, which = np.unique(np.concatenate(own), return_inverse=True)
    sizes = [len(pieces) for pieces in own]
    holders = np.repeat(np.arange(len(own)), sizes)[np.argsort(which, kind="stable")]
    ends = np.cumsum(np.bincount(which)) if len(which) else np.empty(0, np.int64)
    begins = np.concatenate([[0], ends[:-1]])
    for ids in np.split(which, np.cumsum(sizes)[:-1]):
        met = [holders[begins[piece] : ends[piece]] for piece in ids]
        yield np.bincount(np.concatenate([*met, np.empty(0, np.int64)]), minlength=len(own))


# ---------------------------------------------------------------- where they are alike


def _passages(left: _Signs, right: _Signs, shared: _Pieces) -> tuple[Passage, ...]:
    """Matching lines, in the left file's order; no line is in two of them, and longer matches come before shorter."""
    taken: tuple[set[int], set[int]] = set(), set()
    found = []
    for run in sorted(_runs(left, right, set(shared.tolist())), key=lambda run: run[0] - run[1]):
        begin, end, other = run
        lines = (
            _free(left.lines[begin], left.lines[end - 1], taken[0]),
            _free(right.lines[other], right.lines[other + end - begin - 1], taken[1]),
        )
        if all(lines):
            for mine, theirs in zip(taken, lines, strict=True):
                mine.update(theirs)
            found.append(Passage((lines[0][0], lines[0][-1]), (lines[1][0], lines[1][-1])))
    return tuple(sorted(found, key=lambda passage: passage.left))


def _free(first: int, last: int, taken: Collection[int]) -> range:
    """The lines from first to last, without those at either end that are taken; none where one between them is."""
    while first <= last and first in taken:
        first += 1
    while last >= first and last in taken:
        last -= 1
    lines = range(first, last + 1)
    return range(0) if any(line in taken for line in lines) else lines


def _runs(left: _Signs, right: _Signs, shared: Collection[int]) -> Iterator[tuple[int, int, int]]:
    """(begin, end, where it begins on the right) of signs that match; one after the other on the left."""
    there = {piece: deque(places) for piece, places in _fingerprint(right).hash_idx.items() if int(piece) in shared}
    at = {place: piece for piece, places in _fingerprint(left).hash_idx.items() if piece in there for place in places}
    used = bytearray(len(right.signs))
    done = 0
    for begin in sorted(at):
        if begin < done:
            continue
        places = there[at[begin]]
        while places and used[places[0]]:
            places.popleft()
        free = [int(place) for place in islice(places, _PLACES_MOST) if not used[place]]
        if not free:
            continue
        longest, other = max((_length(left.signs, begin, right.signs, place), -place) for place in free)
        done = begin + longest
        used[-other : -other + longest] = b"\1" * longest
        yield int(begin), int(done), -other


def _length(left: str, begin: int, right: str, place: int) -> int:
    """For how many signs the two go on alike."""
    most = min(len(left) - begin, len(right) - place)
    length = step = PIECE
    while step:  # many signs at once, since one comparison of long strings is faster than many of short ones
        more = length + step
        if more <= most and left[begin + length : begin + more] == right[place + length : place + more]:
            length, step = more, 2 * step
        else:
            step //= 2
    return length
