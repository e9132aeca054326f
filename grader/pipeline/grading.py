"""Grading a class: collect, plan, grade, each step stored before the next.

A grading goes on where an earlier one stopped, because what is finished is in the store before the next begins.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from grader import datasets, intake
from grader.errors import InvalidLab, RosterUnusable, SandboxLost, StoreError
from grader.examine import engine, holding
from grader.examine.gpus import AUTO, Found, Wanted, available, lend
from grader.examine.pool import Pool, Task, WorkerSetup
from grader.labs import Course, Lab
from grader.model import Ending, Recount, Refusal, Run, RunKey, Student, Submission
from grader.store import Store

Launcher: TypeAlias = Literal["docker", "local"]
Isolation: TypeAlias = engine.Isolation
SuiteName: TypeAlias = Literal["hidden", "public"]


@dataclass(frozen=True, slots=True)
class Work:
    """One content to grade, and the submissions (ids in the store) that have it."""

    key: RunKey
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """How a batch went.

    Attributes:
        graded: submissions that have a new result.
        kept: submissions whose result was on record already.
        refusals: what could not be taken in.
        ungraded: (student's name, what went wrong) of each submission whose run broke or could not begin.
        ungraded_ids: of the same submissions in the store, in the same order.
        recounts: whose score changed because other rules than before say what counts.
        moved: whose score changed otherwise: what was taken in told when it came, or was an earlier attempt again; or
            another attempt is the best now.
    """

    graded: int
    kept: int
    refusals: tuple[Refusal, ...]
    ungraded: tuple[tuple[str, str], ...]
    recounts: Sequence[Recount] = ()
    moved: Sequence[Recount] = ()
    ungraded_ids: tuple[int, ...] = ()


class Unread(Protocol):
    """What was handed in, found and not read yet, as an `intake.Survey` is."""

    def take(self) -> Iterator[Submission | Refusal]:
        """Read it, one by one as the iterator advances."""


class Watcher(Protocol):
    """Somebody who looks on while a class is graded."""

    def collected(self, found: int, refused: int) -> None:
        """`found` submissions are read so far, of which so many are not taken in."""

    def planned(self, todo: int, gradings: int, kept: int) -> None:
        """`todo` submissions will be graded now, equal ones by one grading; `kept` are graded already."""

    def warned(self, sentence: str) -> None:
        """There is something that the operator should know and may want to change."""

    def started(self, content: str, name: str, submissions: int) -> None:
        """The grading of a content (its digest) begins, again where it is tried again.

        So many submissions have it; one of them is the student's of this name.
        """

    def finished(self, content: str, run: Run, submissions: int) -> None:
        """It is done, and stored for so many submissions; a `broken` run is no result."""


class Terms(Protocol):
    """By what is graded: equal for all who take part, on whatever machine they are."""

    @property
    def dataset(self) -> str:
        """The dataset's name, see `datasets.named`."""

    def identity(self) -> str:
        """What student code runs with, for the run key.

        Raises:
            SetupError: that cannot be told.
        """


class Graders(Protocol):
    """Who grades: processes of this machine, or workers anywhere."""

    @property
    def terms(self) -> Terms:
        """By what they grade."""

    @property
    def jobs(self) -> int:
        """How many submissions they have at once."""

    def grade(self, todo: Sequence[Work], store: Store, watcher: Watcher) -> dict[int, str]:
        """Examine and store; what went wrong, by the ids of the submissions that have no result because of it.

        Raises:
            SetupError: the machine or the lab is not ready. What fails later, sandboxes or the database, is no
                exception.
        """


def worker_setup(
    course: Course,
    lab: Lab,
    launcher: Launcher,
    isolation: Isolation,
    dataset: str,
    data: Path | None,
    suite: SuiteName = "hidden",
    gpus: Wanted = AUTO,
) -> WorkerSetup:
    """What workers need to know to grade by a suite.

    Args:
        gpus: which GPUs may be lent to submissions, if the lab asks for one.

    Raises:
        SetupError: no engine, no image, no dataset; no hidden suite; no GPU where the lab needs one.
    """
    setup = setup_without_gpus(course, lab, launcher, isolation, dataset, data, suite)
    return with_gpus(setup, lab, gpus, lambda: held_gpus(setup, gpus))


def setup_without_gpus(
    course: Course,
    lab: Lab,
    launcher: Launcher,
    isolation: Isolation,
    dataset: str,
    data: Path | None,
    suite: SuiteName = "hidden",
) -> WorkerSetup:
    """What workers need to know to grade by a suite, before it is known which GPUs there are.

    Raises:
        SetupError: no engine, no image, no dataset; no hidden suite.
    """
    check_gradable(lab, suite)
    image = engine.image_id() if launcher == "docker" else ""
    name = datasets.named(lab.spec.dataset, dataset, data)
    return WorkerSetup(course.root, lab.name, suite, launcher, isolation, image, name, data)


def with_gpus(setup: WorkerSetup, lab: Lab, gpus: Wanted, find: Callable[[], Found]) -> WorkerSetup:
    """The setup with those GPUs that submissions to the lab are lent.

    Args:
        find: see `held_gpus`.

    Raises:
        SetupError: there is none where the lab needs one, or none that was named.
    """
    lent = lend(lab.name, lab.spec.gpu, gpus, find)
    return replace(setup, gpus=lent.gpus, gpu_share=lent.share, notes=lent.notes)


def held_gpus(setup: WorkerSetup, gpus: Wanted) -> Found:
    """The GPUs that submissions may be lent, which this process holds from then on.

    To be looked for before any is lent: what uses them then is not the grader.

    Raises:
        SetupError: no engine, no image; one that was named is not there, or another grader's.
    """
    return available(gpus.named, setup.find_gpus(), holding.hold)


def check_gradable(lab: Lab, suite: SuiteName) -> None:
    """Look whether there is what to grade by.

    Raises:
        SetupError: there is not.
    """
    if suite == "hidden" and not lab.hidden_suite.is_file():
        raise InvalidLab(
            f"{lab.hidden_suite} is missing, and nobody can be graded without the hidden suite. "
            "Name a course that has it with --course DIR."
        )


def grade_class(
    lab: Lab,
    found: Unread,
    store: Store,
    graders: Graders,
    watcher: Watcher,
    *,
    regrade: bool = False,
) -> Summary:
    """Take in what was handed in and grade what has no result yet.

    Raises:
        SetupError: the machine, the lab or the database is not ready.
    """
    before = store.scores(lab.name)
    names, refusals = collect(found, store, watcher)
    moved = differing(before, store.scores(lab.name))
    names |= _rivals(lab, names, store)
    summary = grade_known(lab, names, store, graders, watcher, regrade=regrade)
    return replace(summary, refusals=refusals, moved=moved)


def differing(before: Mapping[Student, float | None], after: Mapping[Student, float | None]) -> list[Recount]:
    """Who has a score before and after, and another one; a name may have become known in between."""
    earlier = {student.key: score for student, score in before.items()}
    both = ((student, earlier.get(student.key), score) for student, score in after.items())
    return [Recount(who, was, now) for who, was, now in both if was is not None and now is not None and was != now]


def _rivals(lab: Lab, taken_in: Collection[int], store: Store) -> dict[int, str]:
    """Where the best attempt counts, all attempts of those who handed these in: results compare by one suite only.

    Where it is to count from now on, those of the whole class.
    """
    if lab.policy.attempt != "best":
        return {}
    found = store.counting(lab.name, "best")
    already = store.policy(lab.name).attempt == "best"
    whose = {one.student.key for one in found if one.id in taken_in or not already}
    return {one.id: one.student.name for one in found if one.student.key in whose}


def grade_known(
    lab: Lab,
    names: Mapping[int, str],
    store: Store,
    graders: Graders,
    watcher: Watcher,
    *,
    regrade: bool = False,
) -> Summary:
    """Grade those submissions in the store, given by the students' names by their ids, that have no result yet.

    The lab's rules, which attempt counts and what lateness costs, are put into effect before the first is graded.

    Raises:
        SetupError: the machine, the lab or the database is not ready.
    """
    todo, kept = plan(lab, names, store, graders.terms, regrade=regrade)
    recounts = known_scores(store.set_policy(lab.name, lab.policy))
    watcher.planned(sum(len(work.ids) for work in todo), len(todo), kept)
    faults = graders.grade(todo, store, watcher) if todo else {}
    ungraded = tuple((names[id_], fault) for id_, fault in faults.items())
    return Summary(len(names) - kept - len(ungraded), kept, (), ungraded, recounts, ungraded_ids=tuple(faults))


def known_scores(recounts: Iterable[Recount]) -> list[Recount]:
    """Those who have a score by other rules, too; the others' is known once all that competes is graded."""
    return [one for one in recounts if one.new_score is not None]


def read_roster(path: Path) -> intake.Roster:
    """The roster in a file.

    Raises:
        RosterUnusable: it cannot be read, or contradicts itself.
    """
    try:
        with path.open("rb") as file:
            return intake.read_roster(file.read(intake.ROSTER_MOST + 1))
    except OSError as error:
        raise RosterUnusable(f"{path} cannot be read: {error.strerror}.") from error


def known(lab: Lab, store: Store) -> intake.Known:
    """Whom the database has."""
    here = frozenset(store.grades(lab.name).keys())  # first: others may take somebody in meanwhile, and nobody goes
    return intake.Known({who.key: who.name for who in store.students()}, here)


def collect(found: Unread, store: Store, watcher: Watcher) -> tuple[dict[int, str], tuple[Refusal, ...]]:
    """Take everything into the store: (students' names by the submissions' ids, what is not taken in)."""
    names: dict[int, str] = {}
    refusals: list[Refusal] = []
    for taken in found.take():
        if isinstance(taken, Refusal):
            store.refuse(taken)
            refusals.append(taken)
        else:
            names[store.add(taken)] = taken.student.name
        watcher.collected(len(names) + len(refusals), len(refusals))
    return names, tuple(refusals)


def plan(lab: Lab, ids: Collection[int], store: Store, terms: Terms, *, regrade: bool) -> tuple[list[Work], int]:
    """(what has no finished run under the present suite, dataset and sandbox, how many submissions have one).

    A submission that has such a run from before is given it back. One that has none is ungraded from now on, so that
    results of two suites never stand side by side, whenever this grading is interrupted.
    """
    keys = present_keys(lab, store.digests(ids), terms)
    kept = store.adopt(keys)
    if regrade:
        kept = set()
    todo: dict[RunKey, list[int]] = {}
    for id_ in ids:
        if id_ not in kept:
            todo.setdefault(keys[id_], []).append(id_)
    return [Work(key, tuple(same)) for key, same in todo.items()], len(kept)


def present_keys(lab: Lab, digests: Mapping[int, str], terms: Terms) -> dict[int, RunKey]:
    """What contents are graded by now; by the submissions' ids, as their digests are."""
    sandbox, suite = terms.identity(), lab.suite_digest(terms.dataset)
    return {id_: RunKey(digest, lab.name, lab.spec.version, suite, sandbox) for id_, digest in digests.items()}


@dataclass(frozen=True, slots=True)
class Machine:
    """Grades on this machine.

    Attributes:
        setup: what its processes need to know.
        jobs: how many submissions run at once.
    """

    setup: WorkerSetup
    jobs: int

    @property
    def terms(self) -> Terms:
        """See `Graders.terms`."""
        return self.setup

    def grade(self, todo: Sequence[Work], store: Store, watcher: Watcher) -> dict[int, str]:
        """See `Graders.grade`."""
        works = {work.key.submission: work for work in todo}
        done: dict[int, str] = {}
        lost = ""
        try:
            with Pool(
                replace(self.setup, digest=todo[0].key.suite),
                min(self.jobs, len(todo)),
                on_start=lambda task: _begun(task, works, watcher),
                on_missing=lambda missing: watcher.warned(exposed(missing)),
            ) as pool:
                for task, run in pool.run(Task(store.submission(work.ids[0])) for work in todo):
                    work = works[task.submission.digest]
                    store.save(work.ids, work.key, run)
                    for id_ in work.ids:
                        done[id_] = run.fault if run.ending is Ending.BROKEN else ""
                    watcher.finished(work.key.submission, run, len(work.ids))
        except (SandboxLost, StoreError) as error:
            lost = str(error)
        faults = {id_: done.get(id_, lost) for work in todo for id_ in work.ids}
        return {id_: fault for id_, fault in faults.items() if fault}


def _begun(task: Task, works: Mapping[str, Work], watcher: Watcher) -> None:
    found = task.submission
    watcher.started(found.digest, found.student.name, len(works[found.digest].ids))


def exposed(missing: Sequence[str]) -> str:
    """What it means that this much of the isolation cannot be had."""
    return (
        f"This machine cannot set student code apart: {'; '.join(missing)}. Students' code may read what you can read, "
        "the hidden suite included. Grade with --sandbox docker what you do not trust."
    )
