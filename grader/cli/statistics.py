"""How a class did, on the terminal, as JSON and as CSV."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Final

from rich.text import Text

from grader import stats
from grader.cli import screen
from grader.export.text import encodable, inert
from grader.labs import Lab
from grader.model import Json
from grader.scoring import written
from grader.stats import CheckStatistics, ClassStatistics, Kind, Spread

ANSWERS_MOST: Final = 3
"""Kinds of wrong answers to a check that are shown; JSON has all."""
ANSWERED_LEAST: Final = 2
"""What fewer were told is not common."""
_BAR: Final = 30
_COLUMNS: Final = (
    "id", "title", "group", "results", "passed", "share_passed", "mean_points", "max_points", "asked", "discrimination",
    "undefined", "doubts", "commonest_wrong_answer", "told",
)  # fmt: skip


def show(lab: Lab, found: ClassStatistics) -> None:
    """Print how the class did: in all, then the checks, those that fewest pass first."""
    screen.say(lab.spec.title, "bold")
    for line in _numbers(found):
        screen.say(line)
    if found.scores and found.scores.bins:
        _histogram(found.scores, found.most)
    if found.checks:
        _checks(sorted(found.checks, key=lambda check: check.share))
        screen.say(f"`grader report {lab.name}` writes pages that say who gave which answer.")


def _numbers(found: ClassStatistics) -> Iterator[str]:
    scores = found.scores
    students = "1 student" if found.students == 1 else f"{found.students} students"
    yield f"{students}, {scores.count if scores else 0} with a score."
    if scores:
        yield (
            f"Median {written(scores.median)}, mean {written(scores.mean)} of {written(found.most)};"
            f" the middle half from {written(scores.lower)} to {written(scores.upper)}."
        )
    if found.concerns:
        yield f"{', '.join(f'{stats.CALLED[concern]}: {count}' for concern, count in found.concerns.items())}."


def _histogram(scores: Spread, most: float) -> None:
    """A line for each tenth of the points."""
    screen.say("")
    labels = stats.bin_labels(most)
    broad, tallest = max(map(len, labels)), max(scores.bins)
    for label, count in zip(labels, scores.bins, strict=True):
        bar = "█" * max(round(_BAR * count / tallest), count > 0)
        _line(Text.assemble("  ", label.rjust(broad), " ", (bar, "cyan"), f" {count}" if count else ""))


def _checks(checks: list[CheckStatistics]) -> None:
    """A line for each check, and below it what is odd and what was commonly answered."""
    room = screen.WIDTH - 45
    screen.say("")
    _line(Text(f"{'check'.ljust(room)} {'passed':>17}  {'mean':>9}  discrimination", style="bold"))
    for check in checks:
        title = screen.plain(check.title).replace("\n", " ")
        shown = title if len(title) <= room else title[: room - 1] + "…"
        passed = f"{check.passed} of {check.scored}  {check.percent:>4}"
        mean = f"{written(check.mean)}/{written(check.most)}"
        _line(Text(f"{shown.ljust(room)} {passed:>17}  {mean:>9}  {_discrimination(check)}"))
        for suspicion in check.suspicions:
            screen.say(f"! {stats.advice(check, suspicion)}", "yellow", indent=4)
        for kind in check.wrong[:ANSWERS_MOST]:
            if kind.count >= ANSWERED_LEAST:
                screen.say(f"{kind.count} × {_one_line(kind.example)}", "dim", indent=4)


def _discrimination(check: CheckStatistics) -> str:
    return (
        "–"
        if check.discrimination is None
        else f"{stats.shown(check.discrimination):5.2f} {stats.word(check.discrimination)}"
    )


def _one_line(text: str) -> str:
    line = " ".join(text.split()) or "(no message)"
    return line if len(line) <= 140 else line[:139] + "…"


def _line(text: Text) -> None:
    screen.console.print(text, no_wrap=True, overflow="crop", width=screen.WIDTH)


def as_json(found: ClassStatistics) -> str:
    """All of it; `undefined` says why a check has no discrimination."""
    scores = found.scores
    data: Json = {
        "students": found.students,
        "max_score": found.most,
        "scores": _scores(scores) if scores else None,
        "counts": {concern.value: count for concern, count in found.concerns.items()},
        "flags": {flag.value: count for flag, count in found.flags.items()},
        "ungraded": [_kind(kind) for kind in found.ungraded],
        "refused": [_kind(kind) for kind in found.refused],
        "checks": [_check(check) for check in found.checks],
    }
    return encodable(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2)) + "\n"


def _scores(scores: Spread) -> Json:
    return {
        "count": scores.count,
        "mean": scores.mean,
        "lower_quartile": scores.lower,
        "median": scores.median,
        "upper_quartile": scores.upper,
        "tenths": list(scores.bins),
    }


def _check(check: CheckStatistics) -> Json:
    return {
        "id": check.id,
        "title": check.title,
        "group": check.group,
        "results": check.scored,
        "passed": check.passed,
        "mean_points": check.mean,
        "max_points": check.most,
        "asked": check.asked,
        "discrimination": check.discrimination,
        "undefined": check.undefined,
        "doubts": {suspicion.value: stats.advice(check, suspicion) for suspicion in check.suspicions},
        "wrong_answers": [_kind(kind) for kind in check.wrong],
        "other_wrong_answers": check.others,
    }


def _kind(kind: Kind) -> Json:
    return {"count": kind.count, "example": kind.example, "students": [who.key for who in kind.who]}


def as_csv(found: ClassStatistics) -> str:
    """A row for each check, for people and their spreadsheets."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    table.writerow(_COLUMNS)
    for check in found.checks:
        table.writerow(_row(check))
    return text.getvalue()


def _row(check: CheckStatistics) -> list[str]:
    told = check.wrong[0] if check.wrong else None
    return [
        *map(inert, (check.id, check.title, check.group)),
        str(check.scored),
        str(check.passed),
        f"{check.share:.4f}",
        written(check.mean),
        written(check.most),
        str(check.asked),
        "" if check.discrimination is None else f"{check.discrimination:.4f}",
        check.undefined,
        " ".join(check.suspicions),
        inert(told.example) if told else "",
        str(told.count) if told else "",
    ]
