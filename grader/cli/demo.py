"""`grader demo`."""

from pathlib import Path

import click

from grader.cli import options
from grader.labs import Course


@click.command(epilog="Example:  grader demo --out /tmp/demo")
@click.option("--out", type=options.FOLDER, help="Where the pages go.  [default: out/demo in the course folder]")
@options.course_option
def demo(out: Path | None, course: Course) -> None:
    """Grade the bundled sample class.

    Uses Docker where an engine answers, building the sandbox image the first time, and otherwise runs the sample
    class's code on this machine without a container. Small bundled data, a database of its own, nothing to set up.
    """
    from grader.cli import screen  # noqa: PLC0415 - kept out of --help
    from grader.pipeline import grading, publishing, sample  # noqa: PLC0415 - likewise
    from grader.store import Store  # noqa: PLC0415 - likewise

    folder = out or course.root / "out" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    launcher = sample.sample_launcher(screen.say)
    with Store.open(f"sqlite:///{folder / 'grades.db'}") as store:
        for lab in sample.sample_labs(course):
            screen.say(f"\n{lab.spec.title}", "bold")
            setup = grading.worker_setup(course, lab, launcher, "warm", "digits", None)
            with screen.batch_progress() as progress:
                summary = grading.grade_class(lab, [lab.sample_class], store, setup, options.JOBS, progress)
            results = publishing.class_results(lab, store)
            screen.class_table(results)
            screen.batch_summary(summary)
            screen.say(f"Class page: {publishing.write_pages(results, folder / lab.name)}")
