import pytest

from grader.intake.choose import Member
from grader.intake.layout import is_one_submission, take_apart, tree

LAB = "lab1_tensors"


def found(*paths):
    return tree(Member(path, 1, None) for path in paths)


def students(*paths):
    """Who handed in what: key -> names within the submission."""
    return {item.student.key: sorted(item.files) for item in take_apart(found(*paths), LAB).hand_ins}


@pytest.mark.parametrize(
    ("paths", "folder", "archive"),
    [
        (["lab1_tensors.py"], True, True),
        (["lab1_tensors.ipynb", "helper.py"], True, True),
        (["LAB1_tensors.py", "data/points.csv"], True, True),
        (["ana.py", "bo.py"], False, False),
        (["solution.py"], False, True),
        (["solution.py", "points.csv"], False, True),
        (["hw/lab1_tensors.py", "hw/helper.py"], False, True),
        (["hw/solution.py"], False, True),
        (["ana/lab1_tensors.py", "bo/lab1_tensors.py"], False, False),
        (["class/ana/lab1_tensors.py"], False, False),
        (["class/ana.py", "class/bo.py"], False, False),
        (["silvaana_1001_55001_lab1_tensors.py"], False, False),
        (["subs/silvaana_1001_55001_lab1_tensors.py"], False, False),
        (["ana.zip"], False, False),
    ],
)
def test_one_students_submission_is_told_from_a_class(paths, folder, archive):
    assert is_one_submission(found(*paths), LAB, zipped=False) is folder
    assert is_one_submission(found(*paths), LAB, zipped=True) is archive


def test_each_file_is_a_students():
    assert students("ana.py", "bo.ipynb", "cy.zip") == {"ana": ["ana.py"], "bo": ["bo.ipynb"], "cy": ["cy.zip"]}


def test_each_folder_is_a_students_with_all_that_is_in_it():
    assert students("ana/lab1_tensors.py", "ana/net/blocks.py", "bo/hw/lab1_tensors.py") == {
        "ana": ["lab1_tensors.py", "net/blocks.py"],
        "bo": ["hw/lab1_tensors.py"],
    }


def test_files_that_canvas_named_go_together_by_user():
    assert students(
        "silvaana_1001_55001_lab1_tensors.py", "silvaana_1001_55002_helper.py", "bo_LATE_1002_55003_lab1_tensors-1.py"
    ) == {"1001": ["helper.py", "lab1_tensors.py"], "1002": ["lab1_tensors-1.py"]}


def test_what_teachers_keep_beside_submissions_is_nobodys():
    assert students("ana.py", "roster.csv", "README", "grades.xlsx", "grader.db", "grader.db-wal") == {
        "ana": ["ana.py"]
    }


def test_code_is_somebodys_though_its_name_begins_like_a_teachers_file():
    assert set(students("licenciada.py", "license.py", "readmelia.zip", "LICENSE", "readme.md")) == {
        "licenciada",
        "license",
        "readmelia",
    }


def test_a_file_that_is_neither_code_nor_a_teachers_is_somebodys():
    assert students("ana.py", "bo.docx", "cy.rar") == {"ana": ["ana.py"], "bo": ["bo.docx"], "cy": ["cy.rar"]}


def test_one_folder_around_a_class_is_looked_through():
    assert set(students("class/ana/lab1_tensors.py", "class/bo/lab1_tensors.py")) == {"ana", "bo"}
    assert set(students("class/ana.py", "class/bo.py")) == {"ana", "bo"}
    assert set(students("class/ana.zip", "class/bo.zip")) == {"ana", "bo"}
    assert set(students("class/silvaana_1001_55001_lab1_tensors.py")) == {"1001"}


def test_a_class_of_one_folder_is_one_student():
    assert set(students("ana/lab1_tensors.py")) == {"ana"}
    assert set(students("ana/hw/lab1_tensors.py")) == {"ana"}
    assert set(students("ana/work.zip")) == {"ana"}
    assert set(students("ana/essay.pdf")) == {"ana"}


def test_a_lone_zip_is_looked_into_only_where_there_is_no_code_beside_it():
    (zipped,) = take_apart(found("ana/work.zip", "ana/readme.txt"), LAB).hand_ins
    (beside,) = take_apart(found("ana/lab1_tensors.py", "ana/old.zip"), LAB).hand_ins
    assert zipped.archive == Member("ana/work.zip", 1, None)
    assert beside.archive is None
