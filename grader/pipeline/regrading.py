"""Grading again what a changed suite, lab or sandbox affects, from the store alone, and what that changed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader import export
from grader.errors import NoSubmissions
from grader.labs import Lab
from grader.model import Counting, Recount, RunKey
from grader.pipeline import grading
from grader.pipeline.grading import Graders, Summary, Terms, Watcher
from grader.store import Store

NOT_GRADED: Final = "not graded yet"
BROKE: Final = "its grading went wrong"
_PARTS: Final = {
    "lab_version": "the lab's version",
    "suite": "the hidden suite, lab.toml or the dataset",
    "sandbox": "the sandbox's software",
}


@dataclass(frozen=True, slots=True)
class Affected:
    """What a regrade would do.

    Attributes:
        why: how many submissions would be graded for each reason.
        back: how many would get a result back that they had by the same suite and sandbox earlier.
        kept: how many have a result by what is there now.
        recounts: whose score other rules would change, as far as it is known now.
    """

    why: Counter[str]
    back: int
    kept: int
    recounts: Sequence[Recount] = ()


def regrade(lab: Lab, store: Store, graders: Graders, watcher: Watcher) -> Summary:
    """Grade again each attempt that may count and has no result under what is there now.

    Raises:
        NoSubmissions: the store has none for the lab.
        SetupError: the machine, the lab or the database is not ready.
    """
    names = {counting.id: counting.student.name for counting in _counting(lab, store)}
    watcher.collected(len(names), 0)
    before = store.scores(lab.name)
    summary = grading.grade_known(lab, names, store, graders, watcher)
    moved = grading.differing(before, store.scores(lab.name))
    if moved:
        told = {change.student for change in changes(lab, store)} | {one.student for one in summary.recounts}
        moved = [one for one in moved if one.student not in told]
    return replace(summary, moved=moved)


def affected(lab: Lab, store: Store, terms: Terms) -> Affected:
    """What `regrade` would grade, and why; nothing is changed.

    Raises:
        NoSubmissions: the store has none for the lab.
        SetupError: the machine or the database is not ready.
    """
    counting = _counting(lab, store)
    keys = grading.present_keys(lab, {one.id: one.content for one in counting}, terms)
    done = store.finished(keys.values())
    todo = [one for one in counting if keys[one.id] not in done]
    back = sum(keys[one.id] in done and one.key != keys[one.id] for one in counting)
    why = Counter(_why(one.key, keys[one.id]) for one in todo)
    return Affected(
        why, back, len(counting) - len(todo) - back, grading.known_scores(store.recounts(lab.name, lab.policy))
    )


def _counting(lab: Lab, store: Store) -> list[Counting]:
    found = store.counting(lab.name, lab.policy.attempt)
    if not found:
        raise NoSubmissions(f"Nothing is there to grade again for {lab.name}. `grader batch {lab.name} …` takes it in.")
    return found


def _why(old: RunKey | None, new: RunKey) -> str:
    if old is None:
        return NOT_GRADED
    changed = [words for part, words in _PARTS.items() if getattr(old, part) != getattr(new, part)]
    return f"{' and '.join(changed)} changed" if changed else BROKE


def changes(lab: Lab, store: Store) -> Iterator[export.ScoreChange]:
    """Those students whose result is another than before, read from the store as one goes through them."""
    return export.changes(store.regraded(lab.name))


def changes_csv(lab: Lab, store: Store) -> bytes:
    """All of `changes` as a file, a row for each check."""
    return export.changes_csv(changes(lab, store))
