"""A class as a table, however large it is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Self

from rich.cells import cell_len
from rich.text import Text

from grader.cli import screen
from grader.model import ClassResults, Ending, Grade, Outcome, Override, Run, Student
from grader.scoring import written

_NAME_MOST: Final = 32
_NAME_LEAST: Final = 8
_PASSED: Final = len("passed")
_BLOCK: Final = 100
"""Lines that are printed at once."""

_ENDINGS: Final = {
    Ending.TIMEOUT: "ran into the time limit",
    Ending.MEMORY: "ran out of memory",
    Ending.CRASHED: "could not be run",
    Ending.REJECTED: "not taken in",
    Ending.BROKEN: "not graded yet",
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Cells of what is as wide as it has to be; what is left is for remarks."""

    student: int
    score: int
    remarks: int
    gap: str

    @classmethod
    def fitting(cls, names: Iterable[str], max_score: float) -> Self:
        """As wide as the longest name needs, within bounds; scores with two decimals, which rows need not have."""
        gap = " " * (3 if screen.WIDTH >= 50 else 1)
        most = written(max_score)
        score = max(len("score"), len(most.partition(".")[0]) + len(".00/") + len(most))
        room = screen.WIDTH - 1 - score - _PASSED - 3 * len(gap)
        longest = max(map(cell_len, names), default=0)
        student = min(max(longest, _NAME_LEAST), _NAME_MOST, max(_NAME_LEAST, room * 3 // 5))
        return cls(student, score, room - student, gap)

    def row(self, student: str, score: str, passed: str, remarks: str) -> Iterator[str]:
        """The lines of a row: a long name, or long remarks, take more of them."""
        for number, (name, remark) in enumerate(
            zip_longest(_folded(student, self.student), _folded(remarks, self.remarks), fillvalue="")
        ):
            figures = (score, passed) if number == 0 else ("", "")
            cells = (
                screen.isolated(name) + " " * (self.student - cell_len(name)),
                " " * (self.score - cell_len(figures[0])) + figures[0],
                figures[1].rjust(_PASSED),
                screen.isolated(remark),
            )
            yield f" {self.gap.join(cells)}".rstrip()


def _folded(text: str, width: int) -> Sequence[str]:
    if "\n" not in text and cell_len(text) <= width:
        return (text,)  # almost every one
    return [line.plain for line in screen.wrapped(text, width)]


def show(results: ClassResults, students: Iterable[Student]) -> None:
    """Print a class, a row each, with the key of who has a name that another has. Long names take more lines.

    All rows are made before the first is printed: whoever reads them slowly, page by page, keeps no transaction open.

    Args:
        students: whose grades they are.
    """
    known = list(students)
    names = Counter(student.name for student in known)
    layout = _Layout.fitting((_called(student, names) for student in known), results.max_score)
    lines = [line for grade in results.grades for line in layout.row(*_cells(grade, names))]
    head = "\n".join(layout.row("student", "score", "passed", "remarks"))
    screen.console.print(Text(f"\n{head}", "bold"), soft_wrap=True)
    screen.console.print(Text(" " + screen.plain("─" * (screen.WIDTH - 2))), soft_wrap=True)
    for start in range(0, len(lines), _BLOCK):
        screen.console.out("\n".join(lines[start : start + _BLOCK]), highlight=False)
    screen.say("")


def _called(student: Student, names: Counter[str]) -> str:
    return screen.plain(f"{student.name} ({student.key})" if names[student.name] > 1 else student.name)


def _cells(grade: Grade, names: Counter[str]) -> tuple[str, str, str, str]:
    passed = sum(check.outcome is Outcome.PASSED for check in grade.run.checks)
    return (
        _called(grade.student, names),
        f"{written(grade.score)}/{written(grade.max_score)}" if grade.graded else screen.plain("–"),
        f"{passed}/{len(grade.run.checks)}" if grade.run.checks else "",
        screen.plain(remarks(grade)),
    )


def remarks(grade: Grade) -> str:
    """What is unusual about a grade, in a few words."""
    words = [] if grade.run.ending is Ending.COMPLETED or not grade.attempts else [_ending(grade.run)]
    flags = ", ".join(flag.value for flag in grade.run.flags)
    words += [f"look at it: {flags}"] if flags else []
    if grade.override:
        words.append(_set_by_hand(grade, grade.override))
    elif grade.late and grade.earned is not None:
        words.append(f"{grade.late}, earned {written(grade.earned)}")
    return "; ".join(words)


def _set_by_hand(grade: Grade, override: Override) -> str:
    if grade.earned is None:
        earned = ""
    elif grade.superseded:
        earned = f" (a run since then earned {written(grade.earned)}, which does not count)"
    else:
        earned = f" (the run earned {written(grade.earned)})"
    return f"set by {override.set_by}{earned}: {override.reason}"


def _ending(run: Run) -> str:
    judged = any(check.outcome not in {Outcome.ERROR, Outcome.SKIPPED} for check in run.checks)
    return "a call crashed" if run.ending is Ending.CRASHED and judged else _ENDINGS[run.ending]
