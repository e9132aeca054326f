"""Grades to export, and what came of them."""

import csv
import io
from datetime import UTC, datetime

from grader.export import FORMATS, Export, Request
from grader.model import CheckResult, ClassResults, Ending, Grade, Outcome, Run, Student

DIFFICULT = [
    ("O'Brien", "Ana María"),
    ("Doe, Jr", "Jane"),
    ("de_la_Cruz", "Jo"),
    ("李", "小龙"),
    ("N\u0303andu\u0301", "Zoe\u0308"),
    ('=HYPERLINK("http://x")', "Eve"),
    ("+1", "-cmd|' /C calc'!A0"),
    ("C:\\", 'Back\\"'),
    ("Doe", "Jane"),
    ("Doe", "Jane"),
    ('"Q"', 'Quo"te;\t'),
    ("عل\u200cی", "@SUM(A1)"),
]
"""Last and first names of a class; the student at place n has the number 1000 + n."""
NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def grade(key, score=80.0, *, name=None, ending=Ending.COMPLETED, maximum=100.0):
    """The grade of a student with one check, who has the points for it that are asked for."""
    earned = score if ending is Ending.COMPLETED else 0.0
    outcome = Outcome.PASSED if earned == maximum else Outcome.PARTIAL
    check = CheckResult("all", "Everything", "", outcome, earned, maximum)
    run = Run(ending, checks=(check,) if ending is Ending.COMPLETED else ())
    return Grade(Student(key, name or key), "lab1_tensors", "ab12", f"{key}.py", run, earned, maximum, NOW)


def difficult():
    """The grades of that class: as many points as the student's place, from 0 on."""
    return [grade(f"{1000 + at}", at * 5.0, name=f"{last}, {first}") for at, (last, first) in enumerate(DIFFICULT)]


def written(*rows, **options):
    """A table as programs write one."""
    text = io.StringIO()
    csv.writer(text, **options).writerows(rows)
    return text.getvalue()


def export(form, *grades, gradebook=None, title="Tensors", **options):
    content = gradebook.encode() if isinstance(gradebook, str) else gradebook
    results = ClassResults("lab1_tensors", title, "1", 100.0, tuple(grades))
    return FORMATS[form](results, Request(gradebook=content, **options))


def why(exported: Export):
    """Who is left out -> the reason."""
    return {left.student.key: left.why for left in exported.left_out}
