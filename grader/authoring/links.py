"""Links of a lab's README that lead to nothing that students get."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from grader.labs import Lab

_LINK: Final = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_FENCE: Final = re.compile(r"\s*(```|~~~)")
_ADDRESS: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


def to_nothing(lab: Lab) -> Iterator[tuple[str, str]]:
    """A sentence for each, and what to do."""
    root = lab.assignment.resolve()
    for number, path in _linked(lab):
        where = f"{lab.handout.name}:{number} links to {path}"
        if not (root / path).resolve().is_relative_to(root):
            yield f"{where}, which students do not get.", "Put the file into the lab's folder."
        elif not (root / path).exists():
            yield f"{where}, which is not there.", "Add the file, or take the link out."


def _linked(lab: Lab) -> Iterator[tuple[int, str]]:
    """(line, path) of each link to a file."""
    text = lab.handout.read_text(encoding="utf-8", errors="replace") if lab.handout.is_file() else ""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fenced ^= bool(_FENCE.match(line))
        for target in _LINK.findall("" if fenced else re.sub(r"`[^`]*`", "", line)):
            path = unquote(target.partition("#")[0])
            if path and not _ADDRESS.match(path):
                yield number, path
