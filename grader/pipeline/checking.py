"""A student's pre-check: the public suite on one file, on this machine, nothing recorded."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import datasets, intake
from grader.errors import NoSubmissions
from grader.examine import gpus, imports
from grader.examine.libraries import imported_for_good
from grader.examine.local import LocalLauncher
from grader.examine.slots import Slots
from grader.labs import Lab
from grader.model import CheckResult, Outcome, Refusal, Run, Submission


def check_file(lab: Lab, file: Path, dataset: str, data: Path | None, on_check: Callable[[CheckResult], None]) -> Run:
    """Run the public checks on one file.

    Args:
        on_check: is told each result as soon as it is there.

    Raises:
        NoSubmissions: there is no such file, or it cannot be taken in.
        SetupError: the lab or the machine is not ready.
        SandboxLost: this machine would not run it.
    """
    submission = _taken_in(lab, file)
    digits = "none" if lab.spec.dataset == "none" else datasets.choose(dataset, data)
    lent = gpus.lend(lab.name, lab.spec.gpu, gpus.Wanted(), LocalLauncher(own=True).gpus).gpus
    launcher = LocalLauncher(own=True, lent=gpus.Lent(lent[0]) if lent else None)
    with Slots(launcher) as slots, ThreadPoolExecutor(1) as aside:
        opened = aside.submit(slots.open)  # importing torch takes seconds: there and here at once
        with imported_for_good():
            from grader.examine.examination import examine  # noqa: PLC0415 - see above
            from grader.examine.plugin import Dataset  # noqa: PLC0415 - see above

        opened.result()
        return examine(lab, lab.public_suite, submission, slots, dataset=Dataset(digits, data), on_check=on_check)


def imported(lab: Lab, file: Path) -> imports.Imports:
    """What the file imports that this machine has and the sandbox of the hidden checks has not, or the other way round.

    Raises:
        NoSubmissions: there is no such file, or it cannot be taken in.
    """
    return imports.compared(_taken_in(lab, file))


def _taken_in(lab: Lab, file: Path) -> Submission:
    submission = next(intake.collect([file], lab.name))
    if isinstance(submission, Refusal):
        raise NoSubmissions(submission.reason)
    return submission


def all_passed(run: Run) -> bool:
    """Whether there is nothing left to mend."""
    return bool(run.checks) and all(check.outcome is Outcome.PASSED for check in run.checks)
