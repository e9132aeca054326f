"""A results.json for each student, as Gradescope's autograder contract has it."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from exporting import NOW, export, grade, why

from grader.model import CheckResult, Ending, Flag, Grade, Outcome, Override, Run, Student, Visibility

FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITY = {"visible", "hidden", "after_due_date", "after_published"}
FAILED = CheckResult(
    "add", "Adds", "Basics", Outcome.FAILED, 0.0, 2.0, asked="Adds two tensors.", message="It is\nwrong.", hint="Look."
)
RUN = Run(
    Ending.COMPLETED,
    (FAILED, CheckResult("sub", "Subtracts", "", Outcome.PASSED, 3.0, 3.0, hint="Never shown.")),
    flags=(Flag.TAMPERING,),
    notes=("Cell 3 was not run.",),
    wall_seconds=3.25,
)


def ana(run=RUN, score=None, student=None):
    student = student or Student("ana@uni.example", "Ana")
    score = run.score if score is None else score
    return Grade(student, "lab1_tensors", "ab12", "x.py", run, score, run.max_score, NOW)


def gradescope(content):
    """Folder -> score, as Gradescope works it out of the results there; what its contract lacks is an error."""

    def number(value):
        assert type(value) in {int, float}
        return value

    def refuse(constant):
        raise ValueError(constant)

    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        for name in files.namelist():
            folder, file = name.split("/")
            assert file == "results.json"
            got = json.loads(files.read(name).decode("utf-8"), parse_constant=refuse)
            number(got["execution_time"])
            assert {got["output_format"], got["test_output_format"], got["test_name_format"]} <= FORMATS
            assert got["visibility"] in VISIBILITY
            for test in got["tests"]:
                number(test["score"])
                number(test["max_score"])
                assert test["status"] in {"passed", "failed"}
                assert test["output_format"] in FORMATS
                assert test["visibility"] in VISIBILITY
                assert isinstance(test["number"], str)
                assert isinstance(test["extra_data"], dict)
                assert all(isinstance(tag, str) for tag in test["tags"])
            found[folder] = number(got["score"]) if "score" in got else sum(test["score"] for test in got["tests"])
    return found


def read(made, folder="ana@uni.example"):
    with zipfile.ZipFile(io.BytesIO(made.content)) as files:
        return json.loads(files.read(f"{folder}/results.json"))


def test_a_students_results_are_written_field_by_field():
    made = export("gradescope", ana())
    assert made.file_name == "lab1_tensors-gradescope.zip"
    assert read(made) == {
        "score": 3.0,
        "execution_time": 3.25,
        "output": "Cell 3 was not run.",
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "tests": [
            {
                "name": "Adds",
                "number": "1",
                "score": 0.0,
                "max_score": 2.0,
                "status": "failed",
                "output": "Adds two tensors.\nIt is\nwrong.\nHint: Look.",
                "output_format": "text",
                "tags": ["Basics"],
                "visibility": "visible",
                "extra_data": {"id": "add", "outcome": "failed"},
            },
            {
                "name": "Subtracts",
                "number": "2",
                "score": 3.0,
                "max_score": 3.0,
                "status": "passed",
                "output": "",
                "output_format": "text",
                "tags": [],
                "visibility": "visible",
                "extra_data": {"id": "sub", "outcome": "passed"},
            },
        ],
        "extra_data": {
            "student": "ana@uni.example",
            "lab": "lab1_tensors",
            "submission": "ab12",
            "max_score": 5.0,
            "ending": "completed",
        },
    }


def test_the_class_arrives_in_gradescope():
    assert gradescope(export("gradescope", ana(), grade("0001", 80)).content) == {"ana@uni.example": 3.0, "0001": 80.0}


def test_points_that_a_person_gave_count_and_not_the_sum_of_the_checks():
    given = replace(ana(score=4.5), override=Override(4.5, 5.0, "On paper.", "kim", NOW))
    made = export("gradescope", given)
    assert gradescope(made.content) == {"ana@uni.example": 4.5}
    assert read(made)["output"] == "This score was set by your instructor: On paper.\nCell 3 was not run."


@pytest.mark.parametrize("ending", [Ending.BROKEN, Ending.REJECTED])
def test_who_has_no_score_has_no_file(ending):
    made = export("gradescope", grade("1", ending=ending), ana())
    assert gradescope(made.content) == {"ana@uni.example": 3.0}
    assert ending.value in why(made)["1"]


def test_a_check_for_staff_shows_its_title_and_points_alone():
    run = Run(Ending.COMPLETED, (replace(FAILED, visibility=Visibility.STAFF),))
    (test,) = read(export("gradescope", ana(run)))["tests"]
    assert (test["name"], test["score"], test["output"], test["visibility"]) == ("Adds", 0.0, "", "visible")


def test_what_a_person_should_look_at_is_not_told_where_a_student_may_read_it():
    assert "tampering" not in json.dumps(read(export("gradescope", ana())))


def test_what_is_no_number_never_gets_into_a_file():
    with pytest.raises(ValueError, match=r"JSON compliant|not a number"):
        export("gradescope", ana(score=float("nan")))


@pytest.mark.parametrize("text", ["\x1b[2J\0", "\ud800", "李 🎓", "</script>", "a\u2028b"])
def test_any_text_can_be_written(text):
    run = Run(Ending.CRASHED, (replace(FAILED, message=text),), message=text)
    made = export("gradescope", ana(run))
    assert gradescope(made.content) == {"ana@uni.example": 0.0}
    assert read(made)["output"] == text.encode("utf-8", "replace").decode().strip()


KEYS = ["../../etc/passwd", "/root", "C:\\x", "a/b",
        "a_b", "A_B", "CON", "nul.txt", ".", "..", ".x", "x.", "x ", "x" * 200,
        "李" * 100, "Zoe\u0308", "Zo\u00eb2", "a\0b", "", "a~b", "O'Brien, Ana", "é@x"]  # fmt: skip


def test_no_name_leaves_its_place_or_hides_another():
    made = export("gradescope", *[ana(student=Student(key, key)) for key in KEYS])
    with zipfile.ZipFile(io.BytesIO(made.content)) as files:
        folders = [name.removesuffix("/results.json") for name in files.namelist()]
    assert len({folder.casefold() for folder in folders}) == len(KEYS)
    assert not [folder for folder in folders if set(folder) & set('/\\:*?"<>|\0') or folder.startswith(".")]
    assert max(len(folder.encode()) for folder in folders) <= 120
    assert [read(made, folder)["extra_data"]["student"] for folder in folders] == KEYS
    assert {"a_b", "O'Brien, Ana", "é@x"} <= set(folders)


def test_the_same_grades_make_the_same_file():
    assert export("gradescope", ana(), grade("1")).content == export("gradescope", ana(), grade("1")).content
