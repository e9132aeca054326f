"""JUnit XML of a class, as readers of such files expect it."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from exporting import NOW, export, grade

from grader.model import CheckResult, Ending, Grade, Outcome, Override, Run, Student

CHECKS = (
    CheckResult("a", "Adds", "", Outcome.PASSED, 2.0, 2.0),
    CheckResult("b", "Subtracts", "", Outcome.FAILED, 0.0, 2.0, message="It is wrong."),
    CheckResult("c", "Trains", "", Outcome.PARTIAL, 1.5, 2.0, message="80 %"),
    CheckResult("d", "Divides", "", Outcome.ERROR, 0.0, 2.0, message="It raised.", traceback="line 3\nline 4"),
    CheckResult("e", "Goes on", "", Outcome.SKIPPED, 0.0, 2.0, message="It needs Divides."),
)
RUN = Run(Ending.COMPLETED, CHECKS, wall_seconds=1.25)


def ana(run=RUN, **changes):
    made = Grade(Student("ana", "Ana Silva"), "lab1_tensors", "ab12", "x.py", run, run.score, run.max_score, NOW)
    return replace(made, **changes)


def junit(content):
    """Suite -> (its properties, case -> what became of it); counts that do not add up are an error."""
    root = ET.fromstring(content)
    assert root.tag == "testsuites"
    found = {}
    for suite in root:
        cases = suite.findall("testcase")
        assert [int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")] == [
            len(cases), *(len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")),
        ]  # fmt: skip
        kinds = {}
        for case in cases:
            ends = [child for child in case if child.tag in {"failure", "error", "skipped"}]
            assert len(ends) <= 1
            kinds[case.get("name")] = ends[0].tag if ends else "passed"
        properties = {each.get("name"): each.get("value") for each in suite.findall("properties/property")}
        found[suite.get("name")] = (properties, kinds)
    for name in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(name, "0")) == sum(int(suite.get(name)) for suite in root)
    return found


def test_a_student_is_a_suite_a_check_a_case_and_points_are_properties():
    made = export("junit", ana(), grade("bo", 100))
    found = junit(made.content)
    assert list(found) == ["ana", "bo"]
    assert found["ana"] == (
        {"student": "Ana Silva", "ending": "completed", "score": "3.5", "max_score": "10"},
        {"Adds": "passed", "Subtracts": "failure", "Trains": "failure", "Divides": "failure", "Goes on": "skipped"},
    )
    case = ET.fromstring(made.content).find("testsuite/testcase[@name='Divides']")
    assert (case.find("failure").get("message"), case.find("failure").text) == ("It raised.", "line 3\nline 4")
    assert [each.get("value") for each in case.findall("properties/property")] == ["0", "2"]
    assert made.file_name == "lab1_tensors-junit.xml"


@pytest.mark.parametrize(
    ("run", "kind"),
    [
        (Run(Ending.BROKEN, fault="The engine went away."), "error"),
        (Run(Ending.REJECTED, message="RAR is not read."), "failure"),
        (Run(Ending.TIMEOUT, CHECKS[:1], message="It took too long."), "failure"),
    ],
)
def test_our_fault_is_an_error_and_the_students_is_a_failure(run, kind):
    properties, cases = junit(export("junit", ana(run)).content)["ana"]
    assert cases["the run as a whole"] == kind
    assert ("score" in properties) == (run.ending is Ending.TIMEOUT)


def test_why_a_person_set_the_score_is_a_property():
    given = ana(score=4.5, override=Override(4.5, 5.0, "On paper.", "kim", NOW))
    properties, _ = junit(export("junit", given).content)["ana"]
    assert (properties["score"], properties["override"]) == ("4.5", "On paper.")


def test_what_nothing_has_run_for_yet_is_skipped_and_has_no_score():
    properties, cases = junit(export("junit", ana(Run(Ending.BROKEN), pending=True)).content)["ana"]
    assert cases == {"the run as a whole": "skipped"}
    assert properties == {"student": "Ana Silva", "ending": "pending"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\x1b[2J\0", "\ufffd[2J\ufffd"),
        ("\ud800\udfff", "\ufffd\ufffd"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("]]><a>&\"'", "]]><a>&\"'"),
        ("李 🎓\r\n\tb", "李 🎓\n\tb"),
        ("\x85\u2028", "\x85\u2028"),
    ],
)
def test_whatever_the_text_the_file_can_be_read(text, read):
    run = Run(Ending.COMPLETED, (replace(CHECKS[3], title=text, message=text, traceback=text),))
    made = export("junit", ana(run, student=Student(f"k{text}", text)), grade("next"), title=f"t{text}")
    assert list(junit(made.content))[1] == "next"
    assert ET.fromstring(made.content).find(".//failure").text == read


def test_an_empty_class_is_an_empty_file_of_suites():
    assert junit(export("junit").content) == {}
