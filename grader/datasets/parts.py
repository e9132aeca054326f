"""Which items students get, and which they never get.

An item's place depends on what it holds, not on where it stands: in each class the different items are ranked by a
hash, and the first of them are hidden. So items that are added move hardly any other, equal ones lie in one part, and
every machine splits alike. The hash is the same in every lab: two labs with the same data hide the same of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.datasets.items import Items
from grader.errors import InvalidLab


@dataclass(frozen=True, slots=True)
class Parts:
    """Numbers of items, in an order that tells nothing of the files'."""

    students: list[int]
    hidden: list[int]


def split(items: Items, share: float, where: object, keep: int = 2) -> Parts:
    """Split off the hidden part: `share` of the different items of each class, one at least.

    Args:
        where: what a message calls the data.
        keep: different items of each class that stay at least; of two the public suite can test with one.

    Raises:
        InvalidLab: a class has too few different items.
    """
    same: dict[bytes, list[int]] = defaultdict(list)
    for number, content in enumerate(items.contents):
        same[content].append(number)
    labels = items.targets.tolist() if items.classes else [0] * len(items.contents)
    ranked: dict[int, list[tuple[bytes, list[int]]]] = defaultdict(list)
    for members in same.values():
        ranked[_commonest(labels[one] for one in members)].append((min(items.keys[one] for one in members), members))
    parts = Parts([], [])
    for label in range(len(items.classes) or 1):
        many = len(ranked[label])
        if many <= keep:
            raise InvalidLab(_too_few(items, label, many, where, keep + 1, _elsewhere(same.values(), labels, label)))
        first = min(max(1, round(share * many)), many - keep)
        for rank, (_, members) in enumerate(sorted(ranked[label])):
            (parts.hidden if rank < first else parts.students).extend(members)
    for part in (parts.students, parts.hidden):
        part.sort(key=lambda one: (items.keys[one], one))
    return parts


def _commonest(labels: Iterable[int]) -> int:
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label))


def _elsewhere(same: Iterable[Sequence[int]], labels: Sequence[int], label: int) -> Counter[int]:
    """How many items of a class are equal to some of another, and count there, by that class."""
    counted: Counter[int] = Counter()
    for members in same:
        told = [labels[one] for one in members]
        if label in told and (other := _commonest(told)) != label:
            counted[other] += told.count(label)
    return counted


def _too_few(items: Items, label: int, many: int, where: object, fewest: int, elsewhere: Counter[int]) -> str:
    whose = f"Class “{items.classes[label]}” of {where}" if items.classes else f"{where}"
    if items.classes and not many and not elsewhere:
        return f"{whose} has no items. Number the classes from 0 without leaving one out, or add some."
    todo = "Add some, or leave the class out."
    for other, copies in elsewhere.most_common(1):
        todo = f"{copies:,} of its items are also in class “{items.classes[other]}”, and count there: keep each in one."
    return (
        f"{whose} has {many} different item{'' if many == 1 else 's'}, and {fewest} are the fewest that can be split. "
        f"{todo}"
    )
