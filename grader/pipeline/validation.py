"""What the runs of a lab's own solutions say about it: from what was found out to what is to be put right. Pure."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Final, TypeAlias

from grader.examine.checks import Check
from grader.examine.falsification import Falsified
from grader.examine.mistakes import near
from grader.examine.sentences import NOT_IMPORTED
from grader.model import CheckResult, Ending, Flag, Run
from grader.pipeline.grading import SuiteName
from grader.scoring import written

MUTANTS_ENOUGH: Final = 12
Losses: TypeAlias = Mapping[str, Sequence[str]]
Declared: TypeAlias = Mapping[str, Check] | str
"""The checks of a suite by id, or why it cannot be used."""


class Kind(StrEnum):
    """What a solution is to the lab."""

    REFERENCE = "reference"
    STARTER = "starter"
    MUTANT = "mutant"
    BORDERLINE = "borderline"


@dataclass(frozen=True, slots=True)
class Solution:
    """One of the instructor's own files, as if it were handed in.

    Attributes:
        name: the file's.
        above: lines that stand above its own when it is handed in: a mutant follows the reference.
    """

    kind: Kind
    name: str
    above: int = 0


@dataclass(frozen=True, slots=True)
class Graded:
    """A solution and its run.

    Attributes:
        repeat: 0 with the questions that grading asks, else 1, 2, … with others each time.
    """

    solution: Solution
    suite: SuiteName
    run: Run
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about a lab.

    Attributes:
        points: that the lab is worth.
        run_seconds: computing time that a run may take.
        suites: what each suite declares; the public one may be missing.
        losses: what each mutant declares, or why mutants.toml cannot be used.
        lacking: kinds of solutions that the lab has none of.
        files: what could be told without running anything.
        falsified: None where the suite was not tried with false answers.
        repeats: how often gradings were repeated.
        drift: how the starter is not what the solution gives, where the solution says what students write.
        data: what is wrong with data of the lab's own, a sentence each; None where it has none.
        unmarked: what the suites ask for and the starter has whole; None where it is not made from the solution.
    """

    points: float
    run_seconds: float
    suites: Mapping[SuiteName, Declared]
    losses: Losses | str
    graded: Sequence[Graded]
    lacking: frozenset[Kind] = frozenset()
    falsified: Falsified | None = None
    repeats: int = 0
    drift: tuple["Issue", ...] = ()
    files: "Section | None" = None
    data: Sequence[str] | None = None
    unmarked: Sequence[str] | None = None

    def runs(self, kind: Kind, suite: SuiteName) -> list[Graded]:
        """The gradings of a kind of solution with the questions that grading asks."""
        return [one for one in self.graded if (one.solution.kind, one.suite, one.repeat) == (kind, suite, 0)]

    def halted(self, suite: SuiteName) -> bool:
        """Whether not even the reference can be graded by a suite, so that no other run by it says anything."""
        runs = self.runs(Kind.REFERENCE, suite)
        return any(one.run.ending is Ending.BROKEN or _unimported(one) for one in runs)


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that is not as it should be.

    Attributes:
        what: a sentence.
        todo: what to do about it.
        details: a line each, e.g. which check and what it said.
    """

    what: str
    todo: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of check of the lab.

    Attributes:
        figures: how it went, in a few words.
        findings: what has to be put right.
        remarks: what is worth knowing.
        looked: whether there was something to look at.
        seconds: on the clock, of all runs that it needed.
    """

    title: str
    figures: str
    findings: tuple[Issue, ...] = ()
    remarks: tuple[Issue, ...] = ()
    looked: bool = True
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """The values that a metric of a check took, one for each repeat that measured it.

    Attributes:
        low, high: see `Metric`.
    """

    check: str
    metric: str
    values: tuple[float, ...]
    low: float
    high: float

    @property
    def spread(self) -> tuple[float, float, float]:
        """(min, median, max)."""
        return min(self.values), median(self.values), max(self.values)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A solution graded again and again, with other questions each time."""

    solution: Solution
    scores: tuple[float, ...]
    spreads: tuple[Spread, ...]

    @property
    def spread(self) -> tuple[float, float, float]:
        """(min, median, max) of the scores."""
        return min(self.scores), median(self.scores), max(self.scores)

    @property
    def equal(self) -> int:
        """How many scores are the most frequent one."""
        return max(Counter(self.scores).values())


@dataclass(frozen=True, slots=True)
class Report:
    """How a lab stands."""

    sections: tuple[Section, ...]
    repeated: tuple[Repeated, ...] = ()

    @property
    def findings(self) -> int:
        """How many things have to be put right."""
        return sum(len(section.findings) for section in self.sections)

    @property
    def remarks(self) -> int:
        """How many things are worth knowing."""
        return sum(len(section.remarks) for section in self.sections)


def unreadable(sentence: str) -> Report:
    """The report on a lab whose lab.toml cannot be used."""
    return Report((Section("Suites", "lab.toml cannot be used", (Issue(sentence),)),))


def judge(found: Found) -> Report:
    """Decide what of a lab has to be put right."""
    repeats = repeated(found.graded)
    sections = [
        suites(found),
        *([found.files] if found.files else []),
        *([own_data(found.data)] if found.data is not None else []),
        reference(found),
        starter(found),
        mutants(found),
        coverage(found),
        messages(found.falsified),
        *([stability(repeats, found)] if found.repeats else []),
    ]
    return Report(tuple(sections), repeats)


# ---------------------------------------------------------------- suites, reference, starter


def suites(found: Found) -> Section:
    """The suites load; their ids, points and dependencies are right."""
    told, findings = [], []
    for name, declared in found.suites.items():
        if isinstance(declared, str):
            findings.append(Issue(declared))
            told.append(f"{name} unusable")
        else:
            points = written(sum(check.points for check in declared.values()))
            told.append(f"{name} {_count(len(declared), 'check')}, {points} points")
    without = Issue(
        "There is no public suite.", "Write test_public.py, so that students can check before they hand in."
    )
    return Section("Suites", "; ".join(told), tuple(findings), () if "public" in found.suites else (without,))


def own_data(faults: Sequence[str]) -> Section:
    """Students have their part of the lab's own data, and nothing of the hidden one."""
    figures = "the students' part is not as it should be" if faults else "students have their part, and no more"
    return Section("Data", figures, tuple(map(Issue, faults)))


def reference(found: Found) -> Section:
    """The reference earns everything."""
    graded = [*found.runs(Kind.REFERENCE, "hidden"), *found.runs(Kind.REFERENCE, "public")]
    findings = []
    for one in graded:
        missed = lost(one.run)
        if unimported := _unimported(one):
            findings = [unimported]
            continue
        if unfinished := _unfinished(one):
            findings.append(unfinished)
        if missed:
            findings.append(_imperfect(one, missed))
        if flagged := [flag for flag in one.run.flags if flag is not Flag.DEFINES_NOTHING]:  # the rows say that
            flags = ", ".join(flag.value for flag in flagged)
            findings.append(Issue(f"The {one.suite} suite flags the reference: {flags}.", "Put the suite right."))
    if Kind.REFERENCE in found.lacking:
        findings.append(
            Issue(
                "There is no solution.", "Write solution.py, or solution.ipynb: without it nothing below can be tried."
            )
        )
    used = max((one.run.cpu_seconds for one in graded), default=0.0)
    figures = f"{_scores(graded)}; {_seconds(used)} of {found.run_seconds:g} s allowed"
    return _section("Reference", figures, graded, findings)


def _imperfect(one: Graded, missed: Mapping[str, CheckResult]) -> Issue:
    return Issue(
        f"The reference earns {_score(one.run)} points on the {one.suite} suite.",
        "Put the solution right, or the check.",
        tuple(map(_told, missed.values())),
    )


def starter(found: Found) -> Section:
    """The starter earns nothing, and is what the solution gives."""
    graded = [*found.runs(Kind.STARTER, "hidden"), *found.runs(Kind.STARTER, "public")]
    findings: list[Issue | None] = list(found.drift)
    for one in graded:
        given = [row for row in one.run.checks if row.points > 0]
        if found.halted(one.suite) and one.run.ending is Ending.BROKEN:
            continue
        if unimported := _unimported(one):
            findings = [*found.drift, unimported]
        elif one.run.ending is not Ending.COMPLETED or one.run.fault:
            findings.append(_unfinished(one))
        elif given:
            findings.append(
                Issue(
                    f"The starter earns {_score(one.run)} points on the {one.suite} suite.",
                    _without_code(found.unmarked),
                    tuple(f"“{row.title}” ({row.id}) gives {_points(row)}" for row in given),
                )
            )
    remarks = _lacking(found, Kind.STARTER, "Write it: what students begin with, and must score 0.")
    return _section("Starter", _scores(graded), graded, [issue for issue in findings if issue], remarks)


def _without_code(unmarked: Sequence[str] | None) -> str:
    """What to do about a starter that earns points."""
    if unmarked is None:
        return "Let its functions raise NotImplementedError, and the checks look at what is returned."
    inside = f" in {', '.join(unmarked)}" if unmarked else ""
    return (
        f"It is made from the solution: put # BEGIN SOLUTION and # END SOLUTION there round what students write{inside}"
        ", and let the checks look at what is returned."
    )


# ---------------------------------------------------------------- mutants


def mutants(found: Found) -> Section:
    """Every mutant loses exactly what mutants.toml declares."""
    graded = found.runs(Kind.MUTANT, "hidden")
    if isinstance(found.losses, str):
        return Section("Mutants", "mutants.toml cannot be used", (Issue(found.losses),))
    if graded and found.halted("hidden"):
        return Section("Mutants", "nothing to look at until the reference can be graded", looked=False)
    inherited = {id_ for one in found.runs(Kind.REFERENCE, "hidden") for id_ in lost(one.run)}
    deviations = [issue for one in graded if (issue := _deviation(one, found.losses, inherited))]
    todo = "Write one for each classic mistake; they show that the suite finds it and charges it to the right check."
    remarks = _lacking(found, Kind.MUTANT, todo)
    if inherited and graded:
        remarks.append(Issue(f"What the reference loses is not held against mutants: {', '.join(sorted(inherited))}."))
    if 0 < len(graded) < MUTANTS_ENOUGH:
        remarks.append(Issue(f"There are {_count(len(graded), 'mutant')}, fewer than {MUTANTS_ENOUGH}.", todo))
    figures = f"{len(graded) - len(deviations)} of {len(graded)} lose what they declare"
    return _section("Mutants", figures, graded, [*_unknown_ids(found), *deviations], remarks)


def _unknown_ids(found: Found) -> list[Issue]:
    declared = found.suites.get("hidden", "")
    if isinstance(declared, str) or isinstance(found.losses, str):
        return []
    return [
        Issue(
            f"mutants.toml says that {name} loses “{id_}”, and the hidden suite has no check with that id."
            f"{near(id_, declared)}",
            "Put the id right.",
        )
        for name, ids in found.losses.items()
        for id_ in ids
        if id_ not in declared
    ]


def _deviation(one: Graded, losses: Losses, inherited: Collection[str]) -> Issue | None:
    """How a mutant did not do what it declares; `inherited` is what the reference loses, too."""
    if one.run.fault:
        return _unfinished(one)
    if unimported := _unimported(one):
        return unimported
    declared, rows = set(losses[one.solution.name]), {row.id: row for row in one.run.checks}
    unexpected = [row for id_, row in lost(one.run).items() if id_ not in declared and id_ not in inherited]
    kept = [row for id_, row in rows.items() if id_ in declared and row.points >= row.max_points]
    if not unexpected and not kept:
        return None
    faults = [f"loses {_count(len(unexpected), 'check')} too many"] if unexpected else []
    faults += [f"keeps {_count(len(kept), 'check')} that it should lose"] if kept else []
    todo = " ".join(
        sentence
        for told, sentence in (
            (unexpected, "Add what it rightly loses to mutants.toml; else the check charges for another's mistake."),
            (kept, "A check that it keeps does not find the mistake, or is not about it."),
        )
        if told
    )
    details = (*(f"lost: {_told(row)}" for row in unexpected), *(f"kept: “{row.title}” ({row.id})" for row in kept))
    return Issue(f"{one.solution.name} {' and '.join(faults)}.", todo, details)


def coverage(found: Found) -> Section:
    """Every check is lost by some mutant."""
    graded, declared = found.runs(Kind.MUTANT, "hidden"), found.suites.get("hidden", "")
    if not graded and not (found.falsified and found.falsified.silent):
        return Section("Coverage", "nothing to look at", looked=False)
    if isinstance(declared, str) or found.halted("hidden"):
        return Section("Coverage", "nothing to look at", looked=False)
    silent = [declared[id_] for id_ in found.falsified.silent] if found.falsified else []
    touched = {check.id for check in silent} | {id_ for one in graded if not one.run.fault for id_ in lost(one.run)}
    untouched = [check for id_, check in declared.items() if id_ not in touched]
    figures = f"{len(declared) - len(untouched) - len(silent)} of {_count(len(declared), 'check')} are lost by a mutant"
    issues = [
        Issue(
            f"The check “{check.title}” ({check.id}) asks the submission nothing, so it cannot fail.",
            "Call submission.NAME(…) in it, and look at the answer through expect.",
        )
        for check in silent
    ]
    each, they = ("it", "it") if len(untouched) == 1 else ("each", "they")
    issue = Issue(
        f"No mutant loses {_count(len(untouched), 'check')}, so nothing shows that {they} can fail.",
        f"Write a mutant for {each}: a classic mistake that it is there to find.",
        tuple(f"“{check.title}” ({check.id})" for check in untouched),
    )
    return Section("Coverage", figures, (*issues, *([issue] if untouched and graded else [])))


# ---------------------------------------------------------------- what checks say


def messages(falsified: Falsified | None) -> Section:
    """Messages of failed hidden checks tell no right value, and no wrong answer upsets the suite."""
    if falsified is None or not (falsified.messages or falsified.faults):
        return Section("Messages", "nothing to look at", looked=False)
    findings = [
        Issue(
            f"The check “{leak.check}” tells right values: {', '.join(leak.values)}.",
            "Say what is wrong, not what is right; where the value is published, mark the check reveals=True.",
            (leak.message,),
        )
        for leak in falsified.leaks
    ]
    findings += [
        Issue(
            f"A wrong answer breaks the suite: {fault}",
            "Look at every answer through expect before using it: a student's may be anything.",
        )
        for fault in falsified.faults
    ]
    figures = f"{falsified.messages} messages to false answers, {len(falsified.leaks)} that tell right values"
    return Section("Messages", figures, tuple(findings), seconds=falsified.seconds)


# ---------------------------------------------------------------- repeats


def repeated(graded: Iterable[Graded]) -> tuple[Repeated, ...]:
    """What the repeats of each solution came to; runs that broke are left out."""
    runs: dict[Solution, list[Run]] = {}
    for one in sorted(graded, key=lambda one: one.repeat):
        if one.repeat and one.run.ending is not Ending.BROKEN:
            runs.setdefault(one.solution, []).append(one.run)
    return tuple(Repeated(solution, tuple(run.score for run in same), spreads(same)) for solution, same in runs.items())


def spreads(runs: Iterable[Run]) -> tuple[Spread, ...]:
    """The values of each metric, where it could be measured."""
    found: dict[tuple[str, str], list[float]] = {}
    thresholds = {}
    for row in (row for run in runs for row in run.checks):
        for metric in row.metrics:
            if not math.isnan(metric.value):
                found.setdefault((row.id, metric.name), []).append(metric.value)
                thresholds[row.id, metric.name] = metric.low, metric.high
    return tuple(Spread(*key, tuple(values), *thresholds[key]) for key, values in found.items())


def stability(repeats: Sequence[Repeated], found: Found) -> Section:
    """The reference earns the same, whatever is asked."""
    broken = [one for one in found.graded if one.repeat and one.run.fault]
    findings = [issue for one in broken if (issue := _unfinished(one))]
    remarks = []
    for one in repeats:
        if one.solution.kind is Kind.REFERENCE and one.equal < len(one.scores):
            findings.append(
                Issue(
                    f"The score of the reference changed in {len(one.scores) - one.equal} of {len(one.scores)} repeats:"
                    f" {', '.join(map(written, sorted(set(one.scores))))}.",
                    "Move a threshold away from what the reference reaches, grant a second training in [best_of], or"
                    " make the solution steadier.",
                    tuple(_unsteady(found.graded)),
                )
            )
        if one.solution.kind is Kind.BORDERLINE and set(one.scores) in ({0.0}, {found.points}):
            remarks.append(
                Issue(f"{one.solution.name} always earns {written(one.scores[0])} points: it is not borderline.")
            )
    if any(one.spreads for one in repeats):
        todo = "Write one or two that earn some of the points for what is measured, in reference/LAB/borderline/."
        remarks += _lacking(found, Kind.BORDERLINE, todo)
    graded = [one for one in found.graded if one.repeat]
    steady = sum(one.equal == len(one.scores) for one in repeats)
    figures = f"{found.repeats} times each; {steady} of {_count(len(repeats), 'solution')} kept the score"
    return _section("Repeats", figures, graded, findings, remarks)


def _unsteady(graded: Iterable[Graded]) -> list[str]:
    """Which checks the reference lost points in, and how often."""
    missed = Counter(
        (row.id, row.title)
        for one in graded
        if one.repeat and one.solution.kind is Kind.REFERENCE
        for row in lost(one.run).values()
    )
    return [f"“{title}” ({id_}): points lost {_count(many, 'time')}" for (id_, title), many in missed.items()]


# ---------------------------------------------------------------- words


def lost(run: Run) -> dict[str, CheckResult]:
    """The checks that did not earn everything, by id."""
    return {row.id: row for row in run.checks if row.points < row.max_points}


def _section(
    title: str, figures: str, graded: Sequence[Graded], findings: Iterable[Issue], remarks: Iterable[Issue] = ()
) -> Section:
    seconds = sum(one.run.wall_seconds for one in graded)
    looked = bool(graded)
    return Section(title, figures if looked else "nothing to look at", tuple(findings), tuple(remarks), looked, seconds)


def _lacking(found: Found, kind: Kind, todo: str) -> list[Issue]:
    return [Issue(f"There is no {_CALLED.get(kind, kind)}.", todo)] if kind in found.lacking else []


_CALLED: Final = {Kind.BORDERLINE: "borderline solution"}


def _unfinished(one: Graded) -> Issue | None:
    """A run that did not get to its end."""
    who = one.solution.name if one.solution.kind in {Kind.MUTANT, Kind.BORDERLINE} else f"The {one.solution.kind}"
    if one.run.ending is Ending.BROKEN:
        todo = "Put the suite right: it fails by itself, and nobody can be graded by it."
        return Issue(f"{who} cannot be graded: {one.run.fault}", todo)
    if one.run.fault:
        return Issue(f"{who} breaks a check: {one.run.fault}", "Put the suite right: nobody's answer may upset it.")
    if one.run.ending is Ending.COMPLETED:
        return None
    return Issue(f"{who} did not run to its end on the {one.suite} suite. {one.run.message}", "Put the file right.")


_TRACED: Final = re.compile(r"line (\d+)(?:, in [^\n]*)?\n\s*(\S[^\n]*)")


def _unimported(one: Graded) -> Issue | None:
    """A file that raised before anything could be asked of it."""
    said = one.run.message.removeprefix(NOT_IMPORTED)
    if one.run.ending is not Ending.CRASHED or said == one.run.message:
        return None
    traced = [line for row in one.run.checks[:1] for line in _TRACED.findall(row.traceback)]
    where, shown = one.solution.name, ""
    if traced and int(traced[-1][0]) > one.solution.above:
        where = f"{where}:{int(traced[-1][0]) - one.solution.above}"
        shown = f" The line is “{traced[-1][1].strip()}”."
    why = ": as it is, it loses every check" if one.solution.kind is Kind.MUTANT else ""
    return Issue(f"{where} cannot be imported: {said.rstrip('.')}.{shown}", f"Put the file right{why}.")


def _told(row: CheckResult) -> str:
    return f"“{row.title}” ({row.id}): {row.message or _points(row)}"


def _points(row: CheckResult) -> str:
    return f"{written(row.points)} of {written(row.max_points)} points"


def _score(run: Run) -> str:
    return f"{written(run.score)} of {written(run.max_score)}"


def _scores(graded: Iterable[Graded]) -> str:
    return ", ".join(f"{one.suite} {written(one.run.score)}/{written(one.run.max_score)}" for one in graded)


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _count(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"
