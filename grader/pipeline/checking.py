"""A student's pre-check: the public suite on one file, on this machine, nothing recorded."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import datasets, intake
from grader.errors import NoSubmissions
from grader.examine import gpus
from grader.examine.libraries import imported_for_good
from grader.examine.local import LocalLauncher
from grader.examine.slots import Slots
from grader.labs import Lab
from grader.model import CheckResult, Outcome, Refusal, Run


def check_file(lab: Lab, file: Path, dataset: str, data: Path | None, on_check: Callable[[CheckResult], None]) -> Run:
    """Run the public checks on one file.

    Args:
        on_check: is told each result as soon as it is there.

    Raises:
        NoSubmissions: there is no such file, or it cannot be taken in.
        SetupError: the lab or the machine is not ready.
        SandboxLost: this machine would not run it.
    """
    submission = next(intake.collect([file], lab.name))
    if isinstance(submission, Refusal):
        raise NoSubmissions(submission.reason)
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
