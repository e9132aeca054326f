"""What a worker program grades with, whatever lab is asked for."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from grader import datasets
from grader.errors import DatasetMissing, GpuUnavailable, InvalidLab
from grader.examine.gpus import AUTO, Found, Wanted
from grader.examine.pool import WorkerSetup
from grader.labs import Course
from grader.model import Need
from grader.pipeline.grading import Isolation, Launcher, held_gpus, setup_without_gpus, with_gpus


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker program grades with; see `worker_setup`.

    GPUs are looked for once, and held from then on: each lab that gets some gets the same.
    """

    course: Course
    launcher: Launcher
    isolation: Isolation
    dataset: str
    data: Path | None
    gpus: Wanted = AUTO
    _found: list[Found] = field(default_factory=list, init=False, repr=False, compare=False)

    def setup(self, lab: str, need: Need) -> WorkerSetup:
        """What grading a lab takes; no GPU where none is asked for, since a class is graded on GPUs, or none of it is.

        Raises:
            SetupError: it is not there.
        """
        gpus = self.gpus if need is Need.GPU else Wanted("none")
        return with_gpus(self._without_gpus(lab), self.course.lab(lab), gpus, self._held_gpus)

    def identity(self) -> str:
        """What student code runs with, whatever lab it is for.

        Raises:
            SetupError: no engine, no image; no lab that can be graded.
        """
        return self._any_setup().identity()

    def digits(self) -> str:
        """Which digits labs are graded with that ask for some, "none" where no lab does.

        Raises:
            DatasetMissing: they are not there.
        """
        wanted = any(map(self._asks_for_digits, self.course.names()))
        return datasets.choose(self.dataset, self.data) if wanted else "none"

    def at_once(self, needs: frozenset[Need], jobs: int) -> int:
        """How many of `jobs` submissions there can be at once; where some need a GPU, no more than can have one.

        More places than GPUs would go round and round with messages that there is no GPU for, and seem to be free.

        Raises:
            GpuUnavailable: there is none for what needs one.
        """
        if Need.GPU not in needs:
            return jobs
        found = self._held_gpus() if self.gpus.which != "none" else Found(why="--gpus none")
        if not found.gpus:
            raise GpuUnavailable(
                f"The queue gpu cannot be served: no GPU can be lent here ({found.lacking}). `grader sandbox doctor` "
                "shows what this machine can lend; --queues cpu serves labs that need none."
            )
        return min(jobs, len(found.gpus) * self.gpus.share)

    def described(self) -> str:
        """What it is, in a line.

        Raises:
            SetupError: see `identity`.
        """
        sandbox = self.identity().removeprefix(f"{self.launcher}:")
        return f"course {self.course.root}, sandbox {self.launcher} {sandbox}, dataset {self.digits()}"

    def _without_gpus(self, lab: str) -> WorkerSetup:
        return setup_without_gpus(
            self.course, self.course.lab(lab), self.launcher, self.isolation, self.dataset, self.data
        )

    def _asks_for_digits(self, lab: str) -> bool:
        try:
            return self.course.lab(lab).spec.dataset == "digits28"
        except InvalidLab:
            return False  # nothing is graded of it

    def _any_setup(self) -> WorkerSetup:
        for name in self.course.names():
            with suppress(InvalidLab, DatasetMissing):  # another lab may do without
                return self._without_gpus(name)
        raise InvalidLab(
            f"No lab in {self.course.root} can be graded. Name a course that has reference/ with --course."
        )

    def _held_gpus(self) -> Found:
        if not self._found:
            self._found.append(held_gpus(self._any_setup(), self.gpus))
        return self._found[0]
