"""Commands shown in the documentation exist, with the options shown; every verb is documented."""

import re
import shlex
from pathlib import Path

import click
import pytest

from grader.cli import VERBS, program

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("assignments/*/README.md"))]


def _commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```(?:sh|console|bash)\n(.*?)```", page.read_text(), re.DOTALL):
            lines = (line.split("#")[0].strip().removeprefix("$ ") for line in block.splitlines())
            found += [(page.name, line) for line in lines if line.startswith("grader ")]
    return found


@pytest.mark.parametrize(("page", "line"), _commands())
def test_a_documented_command_and_its_options_exist(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    context = click.Context(program)
    command: click.Command = program
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, f"{page}: {line}"
        command = found
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= options | {"--help"}, f"{page}: {line}"


def test_every_verb_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert [verb for verb in VERBS if f"grader {verb}" not in text and f"`{verb}`" not in text] == []
