"""A page's commands, followed literally: one after the other, in one shell, in a folder of their own."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?:<!-- (?P<note>[^\n]*?) -->\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_AWAY = "not run: "


_EDIT = """
import sys
from pathlib import Path
how, path, text = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
if how == "change":
    lines = text.splitlines()
    old, new = ("\\n".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
    before = path.read_text()
    assert before.count(old) == 1, f"{path}: {old}"
    path.write_text(before.replace(old, new))
else:
    path.open("a" if how == "append" else "w").write(text)
"""


@dataclass(frozen=True)
class Block:
    """A block of a page.

    Attributes:
        note: what the comment above it says, see CONTRIBUTING.md.
        kind: its language: `sh` is run, `text` has to come out of the commands before it.
    """

    note: str
    kind: str
    text: str

    @property
    def is_run(self) -> bool:
        return self.kind == "sh" and not self.note.startswith(_AWAY)


def blocks(page: Path) -> list[Block]:
    return [
        Block(*(found[name] or "" for name in ("note", "kind", "text"))) for found in _FENCE.finditer(page.read_text())
    ]


def _script(page: list[Block]) -> Iterator[str]:
    """Bash that ends with the first command that fails; what each block prints goes into a file of its number."""
    yield "set -eu"
    for number, block in enumerate(page):
        how, _, what = block.note.partition(" ")
        if block.is_run:
            expected = int(what) if how == "status" else 0
            yield f'exec >"$TOLD/{number}" 2>&1'
            yield f"status=0; {{ {block.text}\n}} || status=$?; test $status = {expected}" if expected else block.text
        elif how in {"write", "append", "change"}:
            yield shlex.join([sys.executable, "-c", _EDIT, how, what.removeprefix("to "), block.text])
    yield 'exec >"$TOLD/end"'


def follow(page: Path, folder: Path, told: Path) -> None:
    """Do what `page` says, in `folder`; what it prints goes to `told`.

    Raises:
        AssertionError: a command failed, or something else was printed than the page shows.
    """
    _put_grader_on_path(told)
    shown = blocks(page)
    environment = {**os.environ, "PATH": f"{told}:{os.environ['PATH']}", "COLUMNS": "80", "TOLD": str(told)}
    command = ["bash", "-c", "\n".join(_script(shown))]
    subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, timeout=900, check=False)
    printed = {
        number: (told / str(number)).read_text() for number in range(len(shown)) if (told / str(number)).exists()
    }
    last = max(printed, default=None)
    assert (told / "end").exists(), f"{page.name}, {shown[last].text if last is not None else ''}{printed.get(last)}"
    before = 0
    for number, block in enumerate(shown):
        before = number if block.is_run else before
        if block.kind == "text":
            assert _pattern(block.text).search(_plain(printed[before])), (
                f"{page.name}:\n{block.text}\n{printed[before]}"
            )


def _put_grader_on_path(folder: Path) -> None:
    folder.mkdir()
    program = folder / "grader"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom grader.cli import main\nmain()\n"
    )
    program.chmod(0o755)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _pattern(shown: str) -> re.Pattern[str]:
    """`shown`, whatever blanks and ends of lines stand between words, and anything for `…`."""
    return re.compile(".*?".join(re.escape(_plain(piece)).strip() for piece in re.split(r"\s*…\s*", shown)))
