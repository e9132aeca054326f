"""The bundled sample class: what to grade, and where."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import grader
from grader.errors import EngineUnreachable, ImageMissing, NoSubmissions
from grader.examine import engine
from grader.examine.pool import WorkerSetup
from grader.labs import Course, Lab
from grader.pipeline.grading import Launcher, worker_setup


def sample_labs(course: Course) -> list[Lab]:
    """The labs that bring a sample class.

    Raises:
        NoSubmissions: none does.
    """
    labs = [lab for lab in map(course.lab, course.names()) if lab.sample_class.is_dir()]
    if not labs:
        raise NoSubmissions(
            f"No lab in {course.root} has a sample class, a folder reference/LAB/sample_class. Add one; or run "
            "`grader demo` outside of any course, where it grades the bundled one."
        )
    return labs


def pages(course: Course) -> Path:
    """Where pages go unless said otherwise: into the course, but not into the installed package."""
    installed = course.root.is_relative_to(Path(grader.__file__).parent)
    return (Path.cwd() if installed else course.root) / "out" / "demo"


def sample_setup(course: Course, lab: Lab, launcher: Launcher) -> WorkerSetup:
    """How the sample class is graded: on the bundled data, and as code that may run here whatever the machine gives.

    Raises:
        SetupError: the lab is not ready.
    """
    return replace(worker_setup(course, lab, launcher, "warm", "digits", None), own=True)


def sample_launcher(say: Callable[[str], None]) -> Launcher:
    """Docker where an engine answers, with the image built if it is not there yet; otherwise this machine.

    Args:
        say: is told which and why, and how the build goes.
    """
    try:
        engine.build_image(say)
    except EngineUnreachable:
        say("No container engine answers: the sample class runs on this machine, without a container.")
        return "local"
    except ImageMissing as error:
        say(f"{error} So the sample class runs on this machine, without a container.")
        return "local"
    say("A container engine answers: the sample class runs in Docker sandboxes.")
    return "docker"
