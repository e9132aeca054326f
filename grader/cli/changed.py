"""What `grader regrade` shows: what it would grade, and whose points are others now."""

from collections import Counter
from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from grader.cli import rules, screen
from grader.export import CheckChange, ScoreChange
from grader.model import CheckResult, Ending, Run
from grader.pipeline.regrading import Affected
from grader.scoring import kept, written


def show_affected(found: Affected) -> None:
    """Print how many submissions would be graded, by why."""
    for why, many in found.why.most_common():
        screen.say(f"Would grade {many}: {why}.")
    if found.back:
        screen.say(f"Would give back to {found.back} an earlier result, by what is there now again.")
    screen.say(f"{found.kept} graded by what is there now already.")
    rules.show_recounts(found.recounts, "Other rules in lab.toml would change")
    screen.say("This was a dry run: nothing is graded, and all results are as they were.")


def show_changes(found: Iterable[ScoreChange]) -> None:
    """Print whose points changed, check by check; of many students the first, and each check with how many it hit."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=None)
    table.add_column("student", overflow="fold", max_width=24)
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("now", justify="right", no_wrap=True)
    table.add_column("check by check", overflow="fold")
    many = given = 0
    hit: Counter[str] = Counter()
    for change in found:
        many += 1
        given += change.override is not None
        hit.update(f"{_points(check)}  {check.title}" for check in change.checks)
        if many <= screen.ROWS_MOST:
            table.add_row(
                Text(screen.plain(change.student.name)), _score(change.old), _score(change.new), Text(_checks(change))
            )
    if not many:
        screen.say("Nobody's points changed.")
        return
    screen.console.print(table, width=screen.WIDTH)
    if many > screen.ROWS_MOST:
        screen.say(f"… and {many - screen.ROWS_MOST} more: --changes FILE lists all of them.")
    unmoved = f", of whom {given} keep what a person set" if given else ""
    screen.say(f"Other points: {many} {'student' if many == 1 else 'students'}{unmoved}.", "bold")
    for what, students in hit.most_common(screen.ROWS_MOST):
        screen.say(f"{students} times {what}", indent=2)


def _score(run: Run) -> str:
    return "–" if run.ending is Ending.BROKEN else f"{written(run.score)}/{written(run.max_score)}"


def _checks(change: ScoreChange) -> str:
    rows = [f"{_points(check)}  {check.title}" for check in change.checks]
    if change.new.ending is Ending.BROKEN:
        rows.append("not graded yet")
    elif change.late is not None and change.override is None:
        rows.append(f"{written(kept(change.new.score, change.late))} counts, {change.late}")
    if change.override is not None:
        rows.append(f"{written(change.override.score)} counts, which {change.override.set_by} set")
    return screen.plain("\n".join(rows))


def _points(change: CheckChange) -> str:
    """What a check earned and earns; what it is worth is told where that changed."""
    old, new = change.old, change.new
    if old is None or new is None:
        return f"{_worth(old, 'new')} → {_worth(new, 'gone')}"
    if old.max_points != new.max_points:
        return f"{_worth(old, '')} → {_worth(new, '')}"
    return f"{written(old.points)} → {written(new.points)}"


def _worth(check: CheckResult | None, otherwise: str) -> str:
    return f"{written(check.points)}/{written(check.max_points)}" if check else otherwise
