"""`grader demo`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course


@click.command(epilog="Example:  grader demo --out /tmp/demo")
@click.option(
    "--out",
    type=options.FOLDER,
    help="Where the pages go.  [default: out/demo in the course folder; here, if it is the bundled one]",
)
@options.sample_course_option
def demo(out: Path | None, course: Course) -> None:
    """Grade the bundled sample class, or those of your course.

    Uses Docker where an engine answers, building the sandbox image the first time, and otherwise runs the sample
    class's code on this machine without a container. Small bundled data, a database of its own, nothing to set up.
    """
    from grader.cli import screen  # noqa: PLC0415 - kept out of --help
    from grader.cli.classroom import grade_and_show  # noqa: PLC0415 - likewise
    from grader.pipeline import sample  # noqa: PLC0415 - likewise
    from grader.pipeline.grading import Machine  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    labs = sample.sample_labs(course)
    folder = out or sample.pages(course)
    folder.mkdir(parents=True, exist_ok=True)
    launcher = sample.sample_launcher(screen.say)
    statuses = [0]
    with Store.open(str(folder / "grades.db")) as store:
        for lab in labs:
            screen.say(f"\n{lab.spec.title}", "bold")
            graders = Machine(sample.sample_setup(course, lab, launcher), options.JOBS)
            statuses.append(grade_and_show(lab, [lab.sample_class], store, graders, folder / lab.name))
    raise SystemExit(max(statuses))
