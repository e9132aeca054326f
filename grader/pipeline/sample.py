"""The bundled sample class: what to grade, and where."""

from collections.abc import Callable, Iterator

from grader.errors import EngineUnreachable, ImageMissing
from grader.examine import engine
from grader.labs import Course, Lab
from grader.pipeline.grading import Launcher


def sample_labs(course: Course) -> Iterator[Lab]:
    """The labs that bring a sample class."""
    return (lab for lab in map(course.lab, course.names()) if lab.sample_class.is_dir())


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
