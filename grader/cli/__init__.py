"""The command line: one file per verb, imported when that verb is used.

`main` is the program `grader`. What its exit status means is said in docs/reference/exit-status.md.
"""

import importlib
import io
import keyword
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

import grader
from grader.cli import signs
from grader.errors import GraderError, SetupError

VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "check": ("grader.cli.check", "Run a lab's public checks on one file, on this machine."),
    "init": ("grader.cli.init", "Begin a course."),
    "new": ("grader.cli.new", "Begin a lab that works, to be made one's own."),
    "import": ("grader.cli.import_", "Make a lab of an Otter-Grader or nbgrader assignment."),
    "starter": ("grader.cli.starter", "Write what students begin with, from the solution."),
    "dataset": ("grader.cli.dataset", "Show a lab's own data, and write the part that students get."),
    "validate": ("grader.cli.validate", "Try labs on their own solutions before they are published."),
    "handout": ("grader.cli.handout", "Pack what students get."),
    "batch": ("grader.cli.batch", "Grade a whole class."),
    "watch": ("grader.cli.watch", "Grade what arrives in a folder, as a service."),
    "regrade": ("grader.cli.regrade", "Grade a lab again after its suite changed, and list whose points changed."),
    "results": ("grader.cli.results", "Show the grades of a lab."),
    "stats": ("grader.cli.stats", "Show how a class did: scores, odd checks, common wrong answers."),
    "override": ("grader.cli.override", "Set a student's score by hand, with a reason."),
    "extend": ("grader.cli.extend", "Give a student more time, with a reason."),
    "history": ("grader.cli.history", "Show what happened to a student's grade."),
    "similar": ("grader.cli.similar", "Find submissions to look at side by side."),
    "report": ("grader.cli.report", "Write the feedback pages of a lab."),
    "export": ("grader.cli.export", "Write a file for a gradebook."),
    "db": ("grader.cli.db", "Check the database, back it up, restore a backup."),
    "sandbox": ("grader.cli.sandbox", "Build or examine the sandbox that student code runs in."),
    "worker": ("grader.cli.worker", "Grade what `batch --queue` asks for, on any number of machines."),
    "demo": ("grader.cli.demo", "Grade the bundled sample class."),
}
"""Verb -> (module, one line of help). The module is imported only when its verb is called."""

_EXTRAS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("alembic", "copydetect", "docker", "jinja2", "markdown_it", "sqlalchemy", "yaml"), "grading"),
    **dict.fromkeys(("celery", "kombu"), "distributed"),
}
"""Library that a student's install lacks -> the extra that brings it. Any other that is missing is a broken install."""
_OURS: Final = {"grader", "sandbox"}
_SERVER: Final = re.compile("(?<!sqlite)://")
"""In the address of a database that may hold a password, of which there are many forms; a file's holds none."""
_UNREAD: Final = 141
"""Exit status where nobody reads the output any more, as shells count it (128 and SIGPIPE)."""
_COMMAND_MOST: Final = 1000
"""Characters of a command that is repeated to whoever interrupted it."""


class _Verbs(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if name not in VERBS:
            return None
        function = f"{name}_" if keyword.iskeyword(name) else name
        command = getattr(importlib.import_module(VERBS[name][0]), function)
        assert isinstance(command, click.Command)  # noqa: S101 - a wrong table is a bug, found by the first test
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="“grader COMMAND --help” explains a command and shows examples.",
)
@click.version_option(grader.__version__, prog_name="grader")
def program() -> None:
    """Grade PyTorch lab assignments in sandboxes.

    Students:     grader check lab1_tensors lab1_tensors.py

    Instructors:  grader batch lab1_tensors submissions.zip
    """


def _again(words: Sequence[str]) -> str:
    """How to go on.

    The command itself unless it is as long as a class, as `submissions/*` is, or is not to be shown: names of files are
    students' text, which a terminal may obey, and the address of a database may hold a password.
    """
    command = shlex.join(["grader", *words])
    shown = len(command) <= _COMMAND_MOST and command.isprintable() and not any(_SERVER.search(word) for word in words)
    return f"Run the same command again{f': {command}' if shown else '.'}"


def _visible(sentence: str) -> str:
    """`sentence` without what a terminal would obey: it may repeat what stands in a student's file."""
    from grader.intake.names import visible  # noqa: PLC0415 - kept out of --help

    return "\n".join(map(visible, sentence.split("\n")))


def main() -> None:
    """Run the program; the people's mistakes end it with one sentence and without a traceback."""
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=signs.SPELLED)
    try:
        try:
            _run()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # where what is left goes at the very end
        raise SystemExit(_UNREAD) from None


def _open_what_is_closed() -> None:
    """Connect standard streams that whoever called closed, as services do, to nowhere.

    Otherwise the next files to be opened, the database among them, got their numbers, and what is printed.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - until the end


def _verb(words: Sequence[str]) -> None:
    """Run the program.

    Raises:
        SetupError: a library is lacking or broken; what brings it, of an extra for workers at once all.
    """
    try:
        program(standalone_mode=False, color=False if os.environ.get("NO_COLOR") else None)  # click does not ask
    except ImportError as error:
        library = (error.name or "").partition(".")[0]
        if library in _OURS:
            raise
        raise SetupError(_lacking(words, library, error)) from error


def _lacking(words: Sequence[str], library: str, error: ImportError) -> str:
    """What to do about a library that cannot be imported; "" is one that does not say its name."""
    if library in _EXTRAS:
        extra = "distributed" if words[0] == "worker" or "--queue" in words else _EXTRAS[library]
        return f'`grader {words[0]}` needs more than a student\'s install. Run: pip install "torch-lab-grader[{extra}]"'
    why = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return (
        f"{library or 'A library'} cannot be imported here ({why}), and comes with the grader. Make a new environment "
        "(python -m venv grader-env), and install the grader there."
    )


def _run() -> None:
    stdout = sys.stdout
    try:
        _verb(sys.argv[1:])
    except click.exceptions.Exit as stop:
        raise SystemExit(stop.exit_code) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except (click.Abort, KeyboardInterrupt) as stop:
        click.echo(f"{f'Stopped. {stop}'.strip()}\n{_again(sys.argv[1:])}", err=True)
        raise SystemExit(130) from None
    except GraderError as error:
        click.echo(f"Error: {_visible(str(error))}", err=True)
        raise SystemExit(2) from None
    except SystemExit:
        if sys.stdout is not stdout:  # which click puts aside where nobody reads it any more
            raise BrokenPipeError from None
        raise
    except BrokenPipeError:
        raise
    except OSError as error:
        click.echo(f"Error: {error.filename or 'This machine'}: {error.strerror or error}.", err=True)
        raise SystemExit(2) from None
