"""What a large class costs: memory, and how often its grades are gone through."""

from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import pytest

from grader.feedback import write_report
from grader.model import Student

FEEDBACK = 100_000
"""Characters of one student's."""
KEPT = 8_000
"""Bytes that may be kept of a student: names, a line of the class page and its text."""


class Crowd:
    """A class of so many that is made up while one goes through it, as a store reads one."""

    def __init__(self, pattern, students):
        self._pattern = pattern
        self._students = students
        self.readings = 0

    def __len__(self):
        return self._students

    def __iter__(self):
        self.readings += 1
        for number in range(self._students):
            grade = self._pattern[number % len(self._pattern)]
            run = replace(grade.run, output=f"{number}" + "x" * FEEDBACK, notes=(f"{number}" * 1000,))
            yield replace(grade, student=Student(f"k{number}", f"Student {number}"), run=run)


@pytest.fixture
def crowd(lab1):
    """Makes the results of a class."""
    return lambda students: replace(lab1, grades=Crowd(lab1.grades, students))


def test_a_report_goes_through_the_grades_once(crowd, tmp_path):
    results = crowd(30)
    write_report(results, tmp_path)
    assert results.grades.readings == 1


def test_the_memory_that_a_report_takes_does_not_grow_with_the_feedback_of_the_class(crowd, tmp_path, peak):
    write_report(crowd(1), tmp_path)  # templates are compiled once
    few, many = 30, 120
    peaks = [
        peak(lambda students=students: write_report(crowd(students), Path(mkdtemp(dir=tmp_path))))
        for students in (few, many)
    ]
    assert peaks[0] > FEEDBACK  # it does hold one student's
    assert peaks[1] - peaks[0] < (many - few) * KEPT
