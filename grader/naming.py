"""Whether two names can be one person's. Pure.

Platforms write names in their own ways: the last name first, without signs that file systems do not take, without
middle names, and Canvas without blanks ("obrienanamaría"). What is left of two names then has to agree as far as both
go; one word in common is not enough, which a team and one of its members may have.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Final, TypeAlias

from grader.model import Student

Words: TypeAlias = tuple[str, ...]

_STAND_INS: Final = ("Anonymous", "Participant")
_DROPPED: Final = re.compile("[&<>\"`|'’ʼ‘:\\\\/*?]")
"""Signs within words that file names lack, and apostrophes."""
_MARK: Final = re.compile(r"(\S*…)?~[0-9a-f]{12}\Z")
"""What the intake puts behind a name that cannot be shown as it is, with the word that it was cut in for its length."""


def stand_ins(texts: Iterable[str]) -> frozenset[Words]:
    """What stands for a name where platforms do not tell it."""
    return frozenset(_words(text) for text in (*_STAND_INS, *texts))


def differ(student: Student, other: str, known: Collection[Words]) -> bool:
    """Whether both have a name, and these cannot be one person's.

    Args:
        other: what somebody is called of whom we know that they have the same id.
        known: `stand_ins`.
    """
    ours, theirs = _names(student, other, known)
    return bool(ours and theirs) and not _agree(ours, theirs)


def unlike(student: Student, other: str) -> bool:
    """Whether both have a name in the same letters, and these have no word in common.

    Args:
        other: what somebody is called of whom we know that they have the same id.
    """
    ours, theirs = _names(student, other, stand_ins(()))
    alike = {*ours} == {*theirs} or _share(ours, theirs) or _share(theirs, ours)
    return bool(_letters(ours) & _letters(theirs)) and not alike


def same(student: Student, other: str) -> bool:
    """Whether both have a name, and these can be one person's."""
    ours, theirs = _names(student, other, stand_ins(()))
    return bool(ours and theirs) and _agree(ours, theirs)


def parted(key: str) -> str:
    """The id from which a key was made for somebody else than its owner (`intake.names.apart`), "" for other keys."""
    id_ = _MARK.sub("", key)
    mark = hashlib.sha256(f"{id_}\n".encode("utf-8", "surrogatepass")).hexdigest()
    return id_ if id_ and key == f"{id_}~{mark[:12]}" else ""


def canonical(name: str) -> str:
    """The same text for "Doe, Jane" and "Jane Doe", whatever stands first; for comparing only."""
    return " ".join(sorted(folded(name).replace(",", " ").split()))


def folded(text: str) -> str:
    """The same text however its letters are composed, and whatever its capitals and blanks."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _names(student: Student, other: str, known: Collection[Words]) -> tuple[Words, Words]:
    """The words of both names; none of one that stands for something else than a name."""
    if student.name == student.key:
        return (), ()
    key = _words(student.key)
    return _name(_words(_MARK.sub("", student.name)), key, known), _name(_words(other), key, known)


def _letters(words: Words) -> set[str]:
    """What a name is written in: LATIN, CJK, ARABIC."""
    return {unicodedata.name(sign, "").partition(" ")[0] for word in words for sign in word if sign.isalpha()}


def _share(one: Words, other: Words) -> bool:
    """Whether a word, and not an initial, is in the other name, which may be without blanks."""
    whole = (word for word in one if len(word) > 1 or word.lower() == word.upper())  # 李 is a name, "L." an initial
    return any(word in other or (len(other) == 1 and word in other[0]) for word in whole)


def _words(text: str) -> Words:
    """The words of a name without accents, capitals and what nobody sees."""
    plain = unicodedata.normalize("NFKD", _DROPPED.sub("", text.casefold()))
    seen = "".join(sign if sign.isalnum() else _between(sign) for sign in plain)
    return tuple(seen.split())


def _between(sign: str) -> str:
    unseen = unicodedata.category(sign)[0] in "MC" and not sign.isspace()
    return "" if unseen or sign == "\N{REPLACEMENT CHARACTER}" else " "


def _name(words: Words, key: Words, known: Collection[Words]) -> Words:
    """The name without the key, nothing if it only stands for one."""
    rest = tuple(word for word in words if word not in key)
    return () if not rest or rest in known else words


def _agree(one: Words, other: Words) -> bool:
    few, many = sorted((one, other), key=len)
    return _are_among(few, many) or _is_made_of("".join(one), other) or _is_made_of("".join(other), one)


def _are_among(few: Words, many: Words) -> bool:
    """Whether each word is among the others, at least one in full; an initial stands for a word.

    One word does not stand for several: a team may be called so.
    """
    enough = len(few) > 1 or len(many) == 1
    return enough and bool({*few} & {*many}) and all(any(_same(word, there) for there in many) for word in few)


def _same(one: str, other: str) -> bool:
    return one == other or (1 in {len(one), len(other)} and one[0] == other[0])


def _is_made_of(letters: str, words: Sequence[str]) -> bool:
    """Whether two words at least, longest first, use up all letters, or all words are in them and make up half."""
    rest, missing = letters, 0
    for word in sorted(words, key=len, reverse=True):
        missing += word not in rest
        rest = rest.replace(word, " ", 1)
    left = len(rest.replace(" ", ""))
    enough = len(words) - missing > 1
    return enough and (not left or (not missing and 2 * left <= len(letters)))
