"""Which earlier calls a fresh child has to repeat before a question about their results can be asked. Pure."""

from dataclasses import dataclass

from grader.errors import Finding
from sandbox.protocol.messages import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was put.

    Attributes:
        body: the bulk of its arguments.
        handles: ids of the handles in it.
        doing: what it does, as the subject of a sentence.
        seconds: CPU time it may use.
    """

    question: Question
    body: bytes
    handles: frozenset[str]
    doing: str
    seconds: float


@dataclass(slots=True, eq=False)
class Entry:
    """A question that was answered.

    Attributes:
        touches: ids of the handles that it was given or made.
        failure: how repeating it went wrong, if it did; what came from it is lost.
    """

    asked: Asked
    touches: frozenset[str]
    failure: Finding | None = None


class Journal:
    """The answered questions in which handles occur, in order."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def record(self, asked: Asked, made: frozenset[str]) -> Entry | None:
        """Remember an answered question; None if no handle occurs in it."""
        touches = asked.handles | made
        if not touches:
            return None
        entry = Entry(asked, touches)
        self._entries.append(entry)
        return entry

    def needed(self, handles: frozenset[str]) -> list[Entry]:
        """What has to be repeated, in order, for `handles` to be what they were.

        These are the questions that made or touched one of them, or a handle that occurs beside it in such a question,
        and so on: an optimiser's step changes the model that only its making mentions.
        """
        known, found = set(handles), set[int]()
        grew = bool(known)
        while grew:
            new = [n for n, entry in enumerate(self._entries) if n not in found and not known.isdisjoint(entry.touches)]
            found.update(new)
            known.update(*(self._entries[n].touches for n in new))
            grew = bool(new)
        return [self._entries[n] for n in sorted(found)]
