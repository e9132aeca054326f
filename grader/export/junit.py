"""JUnit XML: a suite for each student and a case for each check, for programs that show test results.

It has no points, so they stand in properties. A wrong answer is a failure; an error is our fault.
"""

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.export.shape import Export, Placed, Request
from grader.model import CheckResult, ClassResults, Ending, Grade, Outcome
from grader.scoring import written

_UNFIT: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML has no way to write."""


def export(results: ClassResults, request: Request) -> Export:  # noqa: ARG001 - an Exporter's signature
    """The class, student by student: all of its elements at once would take many times the memory of the file."""
    suites = io.StringIO()
    counts: Counter[str] = Counter()
    placed: list[Placed] = []
    for grade in results.grades:
        suite = _suite(grade)
        counts.update({name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")})
        indent(suite)
        suites.write(tostring(suite, encoding="unicode") + "\n")
        placed.append(Placed(grade.student, grade.student.name, "results", now=_points(grade), out_of=grade.max_score))
    whole = Element("testsuites", {"name": _fit(results.lab_title), **{name: str(n) for name, n in counts.items()}})
    whole.text = "\n"
    start, end = tostring(whole, encoding="unicode").split("\n")
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{start}\n{suites.getvalue()}{end}\n'
    return Export(text.encode(), f"{results.lab}-junit.xml", tuple(placed))


def _suite(grade: Grade) -> Element:
    cases = list(_cases(grade))
    kinds = Counter(child.tag for case in cases for child in case)
    suite = Element(
        "testsuite",
        {
            "name": _fit(grade.student.key),
            "tests": str(len(cases)),
            "failures": str(kinds["failure"]),
            "errors": str(kinds["error"]),
            "skipped": str(kinds["skipped"]),
            "time": f"{grade.run.wall_seconds:.3f}",
            "timestamp": grade.graded_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        },
    )
    _properties(suite, grade)
    suite.extend(cases)
    return suite


def _properties(suite: Element, grade: Grade) -> None:
    """Who it is, how it ended, the points, how late, and why a person set them; no score where there is none."""
    found = {
        "student": grade.student.name,
        "ending": grade.status,
        "score": _points(grade),
        "max_score": written(grade.max_score) if grade.graded else "",
        "late": str(grade.late) if grade.late else "",
        "override": grade.override.reason if grade.override else "",
    }
    properties = SubElement(suite, "properties")
    for name, value in found.items():
        if value:
            SubElement(properties, "property", {"name": name, "value": _fit(value)})


def _points(grade: Grade) -> str:
    return written(grade.score) if grade.graded else ""


def _cases(grade: Grade) -> Iterator[Element]:
    for check in grade.run.checks:
        yield _case(grade, check)
    if grade.run.ending is not Ending.COMPLETED:
        case = Element("testcase", {"name": "the run as a whole", "classname": _classname(grade)})
        message = grade.run.message or grade.run.fault or grade.status
        SubElement(case, _kind(grade), {"message": _fit(message), "type": grade.status})
        yield case


def _kind(grade: Grade) -> str:
    if grade.pending:
        return "skipped"
    return "error" if grade.run.ending is Ending.BROKEN else "failure"


def _case(grade: Grade, check: CheckResult) -> Element:
    case = Element("testcase", {"name": _fit(check.title), "classname": _classname(grade)})
    if check.outcome is Outcome.SKIPPED:
        SubElement(case, "skipped", {"message": _fit(check.message)})
    elif check.outcome is not Outcome.PASSED:
        what = SubElement(case, "failure", {"message": _fit(check.message), "type": check.outcome.value})
        what.text = _fit(check.traceback or check.message)
    properties = SubElement(case, "properties")
    for name, points in (("score", check.points), ("max_score", check.max_points)):
        SubElement(properties, "property", {"name": name, "value": written(points)})
    return case


def _classname(grade: Grade) -> str:
    return _fit(f"{grade.lab}.{grade.student.key}")


def _fit(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
