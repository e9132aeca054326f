"""What of the reference lies among the files that students would get: whole files, and lines by which one knows them.

Looked at is text in whatever encoding, all that a notebook holds, what HTML shows, and what is in archives. A line
decides nothing by itself: what anybody writes who uses PyTorch, and what students get in the starter, are nobody's
secret.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from grader import opened
from grader.authoring import cells, regions, starters
from grader.datasets.kinds import ImagesSpec
from grader.labs import Lab
from grader.notebooks import NO_PYTHON

SEEN: Final = ", public"
"""What in an imported hidden suite ends the comment above a test that students saw, and get in the public one."""
_SIGNS_LEAST: Final = 40
"""Signs of all lines together by which what students are to write is known again."""
_SUITE_LONG: Final = 20
"""Lines from which on half of a suite tells it; a shorter one has much in common with the public one."""
_LINES_LEAST: Final = 3
_ANYBODYS: Final = re.compile(
    r"(import|from|def|async def|class|for|with|while|raise NotImplementedError)\b.*|@.*"
    r"|(\w+\.)*(zero_grad|step|backward|train|eval|requires_grad_|manual_seed)\(.*\)"
    r"|\w+ = (torch\.)?(optim\.)?\w+\([\w.]+\.parameters\(\)[^()]*\)"
    r"|[\w.]+ = [\w.]+\.to\(\w+\)|device = .*|super\(\).__init__\(.*\)|self\.(?P<own>\w+) = (?P=own)"
    r"|return len\([\w.]+\)|return self\.\w+\(\w+\)|if __name__ == .*"
)
"""A line that says nothing of a solution, however long it is."""
_FRAME: Final = re.compile(r'[@#]|"""|(async def|def|class|import|from)\b')
"""What a hidden suite and a public one have in common: titles, points, names, what they say of themselves."""
_CASE: Final = re.compile(rf"# \S.*({SEEN}|, hidden)")
"""A comment of the importer's above a test."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Lines by which a lab's reference is known again.

    Attributes:
        stretches: of the solution, those that follow one another with nothing between them that students get.
        suite: of the hidden suite's tests, see `_secret`.
    """

    stretches: tuple[tuple[str, ...], ...]
    suite: frozenset[str]


def found(lab: Lab, files: Mapping[str, bytes]) -> Iterator[str]:
    """A sentence for each thing of the reference that lies among the files.

    Raises:
        HandoutRefused: one cannot be looked into.
        InvalidLab: the solution's markers are not right, or the hidden suite is not UTF-8.
    """
    originals = _originals(lab)
    originals.pop(files.get(lab.starter.name, b""), None)  # somebody of a sample class may have handed it in as it is
    known = _known(lab, files)
    for name, content in opened.files(files):
        if content.strip() and content in originals:
            yield f"{name} is the same file as {originals[content]} of the reference. Take it out."
            continue
        lines = {_bare(line) for line in opened.lines(content)}
        if told := _solved(known.stretches, lines):
            yield f"{name} has what students are to write: “{told}”. Take it out, or give it in the starter, too."
        elif mark := min(filter(regions.has_markers, lines), default=""):
            yield f"{name} has a line “{mark}”, as solutions have: what stands below may be one. Take it out."
        if _is_suite(known.suite, lines):
            yield f"{name} has most of the hidden suite. Take it out."
    if starters.from_solution(lab) is None and _is_solution(lab, files):
        yield f"{lab.starter.name} is the solution. Take out what students are to write."


def _originals(lab: Lab) -> dict[bytes, str]:
    """What the reference's files hold, and where. Of own images students get some, which `datasets` looks at."""
    data = lab.own_data.place if isinstance(lab.own_data, ImagesSpec) else None
    paths = (path for path in sorted(lab.reference.rglob("*")) if path.is_file())
    return {
        path.read_bytes(): path.relative_to(lab.reference).as_posix()
        for path in paths
        if path.relative_to(lab.reference).parts[0] != data
    }


# ---------------------------------------------------------------- what is known


def _known(lab: Lab, files: Mapping[str, bytes]) -> _Known:
    made = starters.from_solution(lab)
    given = made.text.encode() if made else files.get(lab.starter.name, b"")
    started = {_bare(line) for line in opened.lines(given)}
    suite = _secret(starters.read(lab.hidden_suite).split("\n")) if lab.hidden_suite.is_file() else set()
    return _Known(
        tuple(_stretches(_solution(lab), started)),
        frozenset(line for line in suite if len(line) >= regions.SUBSTANCE and not _FRAME.match(line)),
    )


def _secret(suite: Sequence[str]) -> set[str]:
    """The bare lines of a hidden suite's tests; of an imported one's without what students saw.

    What stands around the tests, public suites may have, too: helpers, above all the importer's.
    """
    secret, given = set[str](), set[str]()
    for test in _tests(suite):
        into = secret
        for line in map(_bare, test):
            if case := _CASE.fullmatch(line):
                into = given if case[1] == SEEN else secret
            into.add(line)
    return secret - given


def _tests(suite: Sequence[str]) -> Iterator[Sequence[str]]:
    """The lines of each function that pytest would run; of what is no Python, all."""
    try:
        nodes = list(ast.walk(ast.parse("\n".join(suite))))
    except NO_PYTHON:
        yield suite
        return
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield suite[node.lineno - 1 : node.end_lineno]


def _solution(lab: Lab) -> list[str]:
    """The bare lines of a solution's code."""
    if not lab.solution.is_file():
        return []
    text = starters.read(lab.solution)
    if lab.solution.suffix == ".ipynb":
        text = "\n".join(source for _, source in cells.code(text, lab.solution.name))
    return [bare for line in text.splitlines() if (bare := _bare(line)) and not regions.has_markers(bare)]


def _stretches(solution: Iterable[str], given: Collection[str]) -> Iterator[tuple[str, ...]]:
    for between, group in groupby(solution, key=lambda line: _is_between(line, given)):
        lines = () if between else tuple(dict.fromkeys(line for line in group if _tells(line) and line not in given))
        if lines:
            yield lines


def _is_between(line: str, given: Collection[str]) -> bool:
    """Whether a line of a solution ends a stretch: students get it, or a definition begins."""
    return (len(line) >= regions.SUBSTANCE and line in given) or bool(re.match(r"(async def|def|class)\b", line))


def _tells(line: str) -> bool:
    """Whether a line is known again; comments are not, which a copy may lack."""
    return len(line) >= regions.SUBSTANCE and not line.startswith("#") and not _ANYBODYS.fullmatch(line)


# ---------------------------------------------------------------- what is found


def _solved(stretches: Sequence[Sequence[str]], lines: Collection[str]) -> str:
    """The first line of what of a solution is among the lines: half of a stretch, or of all; else ""."""
    everything = [line for stretch in stretches for line in stretch]
    for stretch, least in [*((stretch, 1) for stretch in stretches), (everything, _LINES_LEAST)]:
        has = [line for line in stretch if line in lines]
        if len(has) >= least and 2 * len(has) >= len(stretch) and sum(map(len, has)) >= _SIGNS_LEAST:
            return has[0]
    return ""


def _is_suite(suite: Collection[str], lines: Collection[str]) -> bool:
    many, share = len(suite), 0.5 if len(suite) > _SUITE_LONG else 0.8
    return many >= _LINES_LEAST and sum(line in lines for line in suite) > share * many


def _is_solution(lab: Lab, files: Mapping[str, bytes]) -> bool:
    """Whether a starter that was written by hand has every line of code of the solution."""
    solution = {line for line in _solution(lab) if not line.startswith("#")}
    return bool(solution) and solution <= {_bare(line) for line in opened.lines(files.get(lab.starter.name, b""))}


def _bare(line: str) -> str:
    (bare,) = regions.bare_lines(line)
    return bare
