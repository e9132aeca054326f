"""Options that several verbs share, and what they mean."""

import getpass
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from grader.errors import CourseNotFound
from grader.labs import Course, Lab, bundled_course, find_course

Command = TypeVar("Command", bound=Callable[..., Any])

JOBS: Final = os.cpu_count() or 1
"""How many submissions run at once, unless said otherwise."""
_WORKERS: Final = {
    "launcher": "--sandbox",
    "isolation": "--isolation",
    "jobs": "--jobs",
    "dataset": "--dataset",
    "data": "--data",
    "gpus": "--gpus",
    "gpu_share": "--gpu-share",
}
"""What workers decide: a parameter, and its option."""
_OF_QUEUE: Final = {"broker": "--broker", "patience": "--patience"}
"""What says how workers are asked: a parameter, and its option."""
_PATIENCE_LEAST: Final = 10.0
"""Seconds; in less no worker is heard of again that is there."""


class _Folder(click.Path):
    """A folder that has a name: one without, of a variable that is not set, would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType`."""
        if not str(value).strip():
            self.fail("it is empty. Name a folder, or give “.” for this one.", param, ctx)
        return super().convert(value, param, ctx)


FOLDER: Final = _Folder(file_okay=False, path_type=Path)
FILE: Final = click.Path(dir_okay=False, path_type=Path)


def _course(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Course:
    return find_course(Path.cwd(), value)


def course_option(command: Command) -> Command:
    """Give the command a `course`."""
    return _course_option(callback=_course)(command)


def course_folder_option(command: Command) -> Command:
    """Give the command a `course` that is only a folder yet; None where none is named."""
    return _course_option()(command)


def _course_option(**more: Any) -> Callable[[Command], Command]:
    return click.option(
        "--course",
        type=FOLDER,
        envvar="GRADER_COURSE",
        help="The course folder.  [default: the one that the current folder lies in; also GRADER_COURSE]",
        **more,
    )


def labs_of(course: Course, named: tuple[str, ...]) -> tuple[str, ...]:
    """The labs that are named, each once; all of the course where none is.

    Raises:
        UsageError: it has none.
        UnknownLab: it has not one that is named.
    """
    for unknown in sorted({*named} - {*course.names()}):
        course.lab(unknown)
    if not named and not course.names():
        raise click.UsageError(f"There is no lab in {course.root} yet. Begin one: grader new LAB")
    return tuple(dict.fromkeys(named or course.names()))


def _course_or_bundled(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Course:
    try:
        return find_course(Path.cwd(), value)
    except CourseNotFound:
        if value:
            raise
        return bundled_course()


def sample_course_option(command: Command) -> Command:
    """Give the command a `course`, the bundled one where there is none."""
    return click.option(
        "--course",
        type=FOLDER,
        envvar="GRADER_COURSE",
        callback=_course_or_bundled,
        help="The course folder.  [default: the one that the current folder lies in, else the bundled one]",
    )(command)


def db_option(command: Command) -> Command:
    """Give the command a `db`, None for the course's own."""
    return click.option(
        "--db",
        metavar="URL",
        envvar="GRADER_DB",
        help="The database.  [default: grades.db in the course folder; also GRADER_DB]",
    )(command)


def data_option(command: Command) -> Command:
    """Give the command a `data` folder."""
    return click.option(
        "--data",
        type=FOLDER,
        envvar="GRADER_DATA",
        help="The folder that holds MNIST, or Fashion-MNIST, as torchvision lays it out; also GRADER_DATA.",
    )(command)


def data_options(command: Command) -> Command:
    """Give the command a `dataset` and a `data` folder."""
    command = data_option(command)
    return click.option(
        "--dataset",
        type=click.Choice(["auto", "mnist", "digits"]),
        default="auto",
        show_default=True,
        help="Which 28x28 digits, where the lab asks for them: MNIST where it is, or scikit-learn's bundled set.",
    )(command)


def isolation_option(sentence: str) -> Callable[[Command], Command]:
    """Give the command an `isolation`, "warm" or "container"; `sentence` is its help."""
    return click.option(
        "--isolation",
        type=click.Choice(["warm", "container"]),
        default="warm",
        show_default=True,
        callback=_isolation,
        help=sentence,
    )


def _isolation(ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if value == "container" and ctx.params.get("launcher") == "local":
        raise click.UsageError("--isolation container is for --sandbox docker: “local” has no containers.")
    return value


def grading_options(launcher: str) -> Callable[[Command], Command]:
    """Give the command `launcher`, with this default, `isolation` and `jobs`."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "--jobs",
            type=click.IntRange(1),
            default=JOBS,
            show_default="the number of cores",
            help="How many submissions run at once.",
        )(command)
        command = isolation_option(
            "Docker only: one long-lived container per job that forks, or a new container per submission."
        )(command)
        return click.option(
            "--sandbox",
            "launcher",
            type=click.Choice(["docker", "local"]),
            default=launcher,
            show_default=True,
            is_eager=True,  # --isolation asks for it
            help="Where submissions run. “local” has no container around it.",
        )(command)

    return decorate


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    found = re.fullmatch(r"([0-9]{1,6})([smh]?)", value)
    if not found:
        raise click.BadParameter(f"“{value}” is no time. Write 90s, 15m or 2h.", ctx, param)
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def _patience(ctx: click.Context, param: click.Parameter, value: str) -> float:
    seconds = _seconds(ctx, param, value)
    if seconds < _PATIENCE_LEAST:
        raise click.BadParameter(f"“{value}” is too short for workers to begin. Write 10s or more.", ctx, param)
    return seconds


def broker_option(command: Command) -> Command:
    """Give the command a `broker`, None where none is named."""
    return click.option(
        "--broker",
        metavar="URL",
        envvar="GRADER_BROKER",
        help="Redis or RabbitMQ: redis://HOST:6379/0 or amqp://USER:PASSWORD@HOST/VHOST; also GRADER_BROKER.",
    )(command)


def queue_options(command: Command) -> Command:
    """Give the command a `queue`, which says that workers grade, a `broker` and a `patience`."""
    command = click.option(
        "--patience",
        metavar="TIME",
        callback=_patience,
        default="10m",
        show_default=True,
        help="With --queue: how long to wait where no worker could go on, such as 90s, 15m or 2h.",
    )(command)
    command = broker_option(command)
    return click.option(
        "--queue",
        is_flag=True,
        help="Have `grader worker` programs grade, on whatever machines; the database is PostgreSQL then.",
    )(command)


def asked_of_workers(queue: bool, broker: str | None, db: str | None) -> str:  # noqa: FBT001 - as click has it
    """The URL of the broker that carries messages to workers, "" where this machine grades.

    Raises:
        UsageError: no broker or no database is named for them; or something was given that has no effect.
        StoreError: see `check_reachable`.
    """
    if not queue:
        if name := _given(_OF_QUEUE):
            raise click.UsageError(f"{name} has no effect without --queue: this machine would grade.")
        return ""
    if name := _given(_WORKERS):
        raise click.UsageError(f"{name} has no effect with --queue: it is an option of `grader worker`.")
    url = named_broker(broker)
    check_reachable(db)
    return url


def _given(options: Mapping[str, str]) -> str | None:
    """The first of these that stands on the command line."""
    ctx = click.get_current_context()
    sources = ((name, ctx.get_parameter_source(key)) for key, name in options.items())
    return next((name for name, source in sources if source is ParameterSource.COMMANDLINE), None)


def check_reachable(db: str | None) -> None:
    """See that a database is named that workers could reach, before one is made of a file that they could not.

    Raises:
        UsageError: none is named.
        StoreError: it is a file, or the address is none.
    """
    if not db:
        raise click.UsageError(
            "Which database do workers share? Name one on a PostgreSQL server with --db postgresql://USER@HOST/NAME or "
            "GRADER_DB."
        )
    from grader.store.database import check_shared  # noqa: PLC0415 - kept out of --help

    check_shared(db)


def named_broker(broker: str | None) -> str:
    """The broker's URL.

    Raises:
        UsageError: none is named.
    """
    if not broker:
        raise click.UsageError("Which broker carries messages to workers? Name it with --broker URL or GRADER_BROKER.")
    return broker


def by_option(sentence: str) -> Callable[[Command], Command]:
    """Give the command a `by`, who does it; "" where the machine does not say. `sentence` is its help."""
    return click.option(
        "--by",
        metavar="NAME",
        default="",
        callback=_who,
        help=f"{sentence}  [default: your user name on this machine]",
    )


def _who(_ctx: click.Context, _param: click.Parameter, by: str) -> str:
    try:
        return by.strip() or getpass.getuser().strip()
    except (KeyError, OSError):
        return ""


def database(course: Course, db: str | None) -> str | Path:
    """The URL asked for, or the course's own SQLite file."""
    return db or course.root / "grades.db"


def report_folder(course: Course, lab: Lab, out: Path | None) -> Path:
    """The folder asked for, or the course's own."""
    return out or course.root / "out" / lab.name


def gpu_options(command: Command) -> Command:
    """Give the command `gpus` and `gpu_share`, for `gpus.Wanted`."""
    command = click.option(
        "--gpu-share",
        type=click.IntRange(1),
        metavar="N",
        default=1,
        show_default=True,
        help="Lend each GPU to N submissions at once. They are not kept apart on it as they are elsewhere.",
    )(command)
    return click.option(
        "--gpus",
        metavar="WHICH",
        default="auto",
        show_default=True,
        help="GPUs for labs that ask for one (gpu in lab.toml): none, auto or all; or numbers or UUIDs as “grader "
        "sandbox doctor” shows them, with commas between. Each submission gets one to itself.",
    )(command)


def time_option(name: str, default: str, sentence: str) -> Callable[[Command], Command]:
    """Give the command a stretch of time, in seconds; `sentence` is its help."""
    return click.option(name, metavar="TIME", callback=_seconds, default=default, show_default=True, help=sentence)
