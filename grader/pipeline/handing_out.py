"""What was exported, on record, and what has changed since."""

from grader import export
from grader.errors import StoreError
from grader.model import ClassResults
from grader.store import Store


def record(results: ClassResults, store: Store, form: str, by: str, made: export.Export) -> str:
    """Put an export on record, once it is delivered: what is on record, somebody has.

    A program that is killed in between leaves a file that is not on record; `history` and `results` then speak of the
    export before it, until the next one.

    Args:
        by: who made it; "" where nobody knows.

    Returns:
        Why it could not be put on record, a sentence; "" if it could.
    """
    if not by:
        return "This machine does not say who you are. Say it with --by NAME."
    try:
        store.record_export(results.lab, form, by, made.grades)
    except StoreError as error:
        return str(error)
    return ""


def outdated(results: ClassResults, store: Store) -> list[export.Outdated]:
    """By format, whose grade is another now than was exported last."""
    handed_out = store.handed_out(results.lab)
    return export.outdated(results.grades, handed_out) if handed_out else []  # who exports nothing reads no class twice
