"""`grader sandbox build` and `grader sandbox doctor`."""

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from grader.cli import options

if TYPE_CHECKING:
    from grader.examine.engine import Finding, Isolation

_NAMES: Final = 14
"""How wide the longest name of a finding is."""
_MARGIN: Final = _NAMES + 10
_COLOURS: Final = {"BAD": "red", "note": "yellow"}
_HEADINGS: Final = {
    ("Container", "warm"): "A warm container",
    ("Container", "container"): "A container for each submission",
}


@click.group()
def sandbox() -> None:
    """Build or examine the sandbox that student code runs in."""


@sandbox.command(
    epilog="""\b
Examples:
  grader sandbox build
  grader sandbox build --base python:3.12-slim --index https://packages.example.edu/simple
"""
)
@click.option("--base", default="python:3.12-slim", show_default=True, help="Debian-based, with Python 3.11 or newer.")
@click.option("--index", metavar="URL", help="The package index that pip uses inside.  [default: pip's own]")
@click.option("--extra-index", metavar="URL", help="A further index, e.g. one with CPU-only builds of torch.")
@click.option(
    "--network", metavar="NAME", help="The network of the build, for example “host”.  [default: the engine's]"
)
def build(base: str, index: str | None, extra_index: str | None, network: str | None) -> None:
    """Build the sandbox image. Does nothing if it is there already."""
    from grader.examine import engine  # noqa: PLC0415 - kept out of --help

    image = engine.build_image(click.echo, base=base, index=index, extra_index=extra_index, network=network)
    click.echo(f"Sandbox image: {image}")


@sandbox.command(
    short_help="Say what this machine gives a sandbox.",
    epilog="""\b
Examples:
  grader sandbox doctor
  grader sandbox doctor --isolation container
  grader sandbox doctor --clean
""",
)
@options.isolation_option("Which kind of container to look at, as in “grader batch”.")
@click.option("--clean", is_flag=True, help="Remove what graders that died left, and look at nothing else.")
def doctor(isolation: "Isolation", *, clean: bool) -> None:
    """Say what this machine's engine gives a sandbox, what is safe and what not.

    Exit status 0 means that “grader batch” can grade here, 2 that it would refuse; every BAD line says what to do.
    """
    from grader.examine import engine  # noqa: PLC0415 - kept out of --help

    if clean:
        _clean()
        return
    found = engine.diagnose(isolation)
    for group, lines in groupby(found, key=lambda each: each.group):
        click.secho(_HEADINGS.get((group, isolation), group), bold=True)
        for each in lines:
            _show(each)
    bad = any(each.level is engine.Level.BAD for each in found)
    command = "grader batch" if isolation == "warm" else "grader batch --isolation container"
    click.echo(f"{command} would refuse to grade here: see BAD." if bad else f"{command} can grade here.")
    raise SystemExit(2 if bad else 0)


def _clean() -> None:
    """Remove what graders that died left, and name it."""
    from grader.examine import engine, local  # noqa: PLC0415 - as above

    folders = local.remove_orphans()
    for folder in folders:
        click.echo(f"Removed folder {folder}, left by a process that has ended.")
    containers = engine.remove_orphans()
    for container, process in containers:
        click.echo(f"Removed container {container[:12]}, left by process {process}, which has ended.")
    if not folders and not containers:
        click.echo("Nothing to remove: no grader that died left a container or a folder on this machine.")


def _show(finding: "Finding") -> None:
    """One finding, and what to do about it, in columns."""
    rows = _wrapped(finding.sentence)
    first = f"  {finding.level:4}  {finding.name:{_NAMES}}  {rows[0]}"
    click.secho("\n".join((first, *rows[1:])).rstrip(), fg=_COLOURS.get(finding.level))
    if finding.advice:
        click.echo(" " * _MARGIN + "\n".join(_wrapped(f"→ {finding.advice}")))


def _wrapped(text: str) -> list[str]:
    """Lines for the last column, all but the first indented; a word, which may be part of a command, stays whole."""
    lines = textwrap.wrap(text, 80 - _MARGIN, break_long_words=False, break_on_hyphens=False) or [""]
    return lines[:1] + [" " * _MARGIN + line for line in lines[1:]]
