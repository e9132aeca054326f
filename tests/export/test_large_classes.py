"""What a large class costs: it is read while one goes through it, once, and a file is all that is held."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from grader.export import FORMATS, Request
from grader.model import CheckResult, ClassResults, Ending, Grade, Outcome, Run, Student

CANVAS = b"""\
Student,ID,SIS User ID,SIS Login ID,Section,Tensors (90311)
    Points Possible,,,,,4
"Silva, Ana",1001,s0001,ana,Sec A,
"Berg, Bo",1002,s0002,bo,Sec A,
"""
MOODLE = b"""\
Identifier,Full name,Username,Grade,Maximum grade
Participant 1,Ana Silva,ana,,4.00
Participant 2,Bo Berg,bo,,4.00
"""
BLACKBOARD = b"""\
Last Name,First Name,Username,Tensors |7
Silva,Ana,ana,
Berg,Bo,bo,
"""
BRIGHTSPACE = b"""\
Username,Tensors Points Grade,End-of-Line Indicator
#ana,,#
#bo,,#
"""
SAKAI = b"""\
"Tensors","SCORE_GRADE_TYPE"
""
"Display ID","ID","Last Name","First Name","grade"
"ana","ana","Silva","Ana",""
"bo","bo","Berg","Bo",""
"""
GRADEBOOKS = {
    "blackboard": BLACKBOARD, "brightspace": BRIGHTSPACE, "canvas": CANVAS, "moodle": MOODLE, "sakai": SAKAI,
}  # fmt: skip


@dataclass
class Read:
    """Grades that are read anew each time."""

    keys: tuple[str, ...]
    checks: int = 1
    times: int = 0

    def __len__(self):
        return len(self.keys)

    def __iter__(self):
        self.times += 1
        check = CheckResult("a", "a", "", Outcome.PASSED, 4.0, 4.0)
        run = Run(Ending.COMPLETED, (check,) * self.checks)
        now = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
        for key in self.keys:
            yield Grade(Student(key, key), "lab1_tensors", "ab12", "x.py", run, run.score, run.max_score, now)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_goes_through_the_grades_once(form):
    grades = Read(("ana", "bo"))
    results = ClassResults("lab1_tensors", "Tensors", "1", 4.0, grades)
    made = FORMATS[form](results, Request(gradebook=GRADEBOOKS.get(form)))
    assert [placed.student.key for placed in made.placed] == ["ana", "bo"]
    assert grades.times == 1


def test_json_takes_the_memory_of_the_file_and_not_of_the_class(peak):
    results = ClassResults("lab1_tensors", "Tensors", "1", 4.0, Read(tuple(map(str, range(300))), checks=20))
    made = FORMATS["json"](results, Request())
    assert peak(lambda: FORMATS["json"](results, Request())) < 1.5 * len(made.content)
