"""A student's pre-check: the public suite on one file, on this machine, nothing recorded."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from grader import datasets, intake
from grader.errors import CourseNotFound, InvalidLab, NoSubmissions, UnknownLab
from grader.examine import gpus
from grader.examine.libraries import imported_for_good
from grader.examine.local import LocalLauncher
from grader.examine.slots import Slots
from grader.labs import Course, Lab, find_course, handouts_in
from grader.model import CheckResult, Outcome, Refusal, Run, Submission
from grader.notebooks import FORMS


def choose(words: Sequence[str], here: Path, course: Path | None) -> tuple[Lab, Path]:
    """The lab and the file that somebody means, who says both, one of them, or nothing.

    Args:
        here: the folder that they are in.
        course: its folder, where it was named.

    Raises:
        CourseNotFound, UnknownLab, InvalidLab: the lab cannot be told, or has no public checks.
        NoSubmissions: the file cannot be told.
    """
    lab, file = _chosen(words, here, course)
    if not lab.public_suite.is_file():
        raise InvalidLab(f"{lab.name} has no public checks: there is nothing to run before you hand in.")
    if file.name == lab.public_suite.name:
        raise NoSubmissions(
            f"{file.name} has the lab's checks, and is nobody's work. Say which file is yours: grader check FILE"
        )
    return lab, file


def _chosen(words: Sequence[str], here: Path, course: Path | None) -> tuple[Lab, Path]:
    named = here / words[-1] if words else here
    found = _course(here, course, named)
    if len(words) > 1:
        return found.lab(words[0]), named
    elsewhere = course is None and not here.resolve().is_relative_to(found.root.resolve())
    if words and named.is_dir() and (elsewhere or words[0] not in found.names()):
        return _chosen((), named, course)
    if words and (named.is_file() or named.suffix in FORMS) and words[0] not in found.names():
        return found.lab(_lab_of(found, named, here)), named
    lab = found.lab(words[0] if words else _lab_of(found, None, here))
    return lab, _own_file(lab, here)


def _course(here: Path, course: Path | None, named: Path) -> Course:
    """The course that was named, or somebody is in; failing that, the one that what was named lies in."""
    try:
        return find_course(here, course)
    except CourseNotFound:
        if course:
            raise
        if named.exists():
            with suppress(CourseNotFound):
                return find_course(named.resolve() if named.is_dir() else named.resolve().parent)
        raise CourseNotFound(_no_lab(here)) from None


def _no_lab(here: Path) -> str:
    """For a student who is somewhere else than in a handout."""
    if below := handouts_in(here):
        names = " or ".join(f"“{folder.name}”" for folder in below[:5])
        return f"This is no lab's folder. Go into {names} here, and give the command again."
    return (
        "This is no lab's folder. Go into the folder of the zip that your course gave you: START_HERE.md and lab.toml "
        "are in it."
    )


def _lab_of(course: Course, file: Path | None, here: Path) -> str:
    """The lab that a file is for, by its name or else by where it lies and where somebody is."""
    names = course.names()
    if file:
        like = [name for name in names if re.match(rf"{re.escape(name)}(?!\w)", file.stem, re.IGNORECASE)]
        if like or (like := list(filter(None, [course.lab_around(file)]))):
            return like[0]
    if around := course.lab_around(here) or (names[0] if len(names) == 1 else ""):
        return around
    meant = f"Which lab is {file.name} for?" if file else "Which lab?"
    raise UnknownLab(f"{meant} Say it: grader check LAB FILE. The labs here are: {', '.join(names) or 'none yet'}.")


def _own_file(lab: Lab, here: Path) -> Path:
    """The file that is called like the lab: here, or else beside the starter."""
    for folder in (here, lab.assignment):
        found = [path for suffix in FORMS if (path := folder / f"{lab.name}{suffix}").is_file()]
        if len(found) > 1:
            both = " and ".join(path.name for path in found)
            raise NoSubmissions(f"{both} are both here. Say which to check: grader check FILE")
        if found:
            return found[0]
    if others := sorted(path.name for path in here.iterdir() if _may_be_meant(path)):
        raise NoSubmissions(f"Which file is yours: {' or '.join(others[:5])}? Say it: grader check FILE")
    raise NoSubmissions(f"There is no {lab.name}.py or {lab.name}.ipynb here. Say which file: grader check FILE")


def _may_be_meant(path: Path) -> bool:
    return path.suffix in FORMS and path.stem != "test_public" and path.is_file()


def taken_in(lab: Lab, file: Path) -> Submission:
    """A file as what is checked.

    Raises:
        NoSubmissions: there is no such file, or it cannot be taken in.
    """
    submission = next(intake.collect([file], lab.name))
    if isinstance(submission, Refusal):
        raise NoSubmissions(submission.reason)
    return submission


def check(
    lab: Lab, submission: Submission, dataset: str, data: Path | None, on_check: Callable[[CheckResult], None]
) -> Run:
    """Run the public checks.

    Args:
        on_check: is told each result as soon as it is there.

    Raises:
        SetupError: the lab or the machine is not ready.
        SandboxLost: this machine would not run it.
    """
    name = datasets.named(lab.spec.dataset, dataset, data)
    lent = gpus.lend(lab.name, lab.spec.gpu, gpus.Wanted(), LocalLauncher(own=True).gpus).gpus
    launcher = LocalLauncher(own=True, lent=gpus.Lent(lent[0]) if lent else None)
    with Slots(launcher) as slots, ThreadPoolExecutor(1) as aside:
        opened = aside.submit(slots.open)  # importing torch takes seconds: there and here at once
        with imported_for_good():
            from grader.examine.examination import examine  # noqa: PLC0415 - see above
            from grader.examine.plugin import Dataset  # noqa: PLC0415 - see above

        opened.result()
        return examine(lab, lab.public_suite, submission, slots, dataset=Dataset(name, data), on_check=on_check)


def all_passed(run: Run) -> bool:
    """Whether there is nothing left to mend."""
    return bool(run.checks) and all(check.outcome is Outcome.PASSED for check in run.checks)
