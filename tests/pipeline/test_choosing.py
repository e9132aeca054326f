"""What somebody means who says `grader check` with a lab and a file, one of them, or nothing."""

import shutil
from pathlib import Path

import pytest

from grader.errors import CourseNotFound, NoSubmissions, UnknownLab
from grader.pipeline.checking import choose

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A handout as a student has it."""
    folder = Path(shutil.copytree(TINY / "assignments" / "double", tmp_path / "home" / "double"))
    (folder / "double.py").touch()
    return folder


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with two labs, `double` and `half`."""
    course = Path(shutil.copytree(TINY, tmp_path / "course"))
    shutil.copytree(course / "assignments" / "double", course / "assignments" / "half")
    for name in ("double", "half"):
        (course / "assignments" / name / f"{name}.py").touch()
    return course


def test_in_an_unpacked_handout_nothing_has_to_be_said(unpacked: Path) -> None:
    lab, file = choose([], unpacked, None)
    assert (lab.name, lab.assignment, file) == ("double", unpacked.resolve(), unpacked / "double.py")
    (unpacked / "drafts").mkdir()
    assert choose([], unpacked / "drafts", None) == (lab, unpacked.resolve() / "double.py")
    assert choose(["other.py"], unpacked, None) == (lab, unpacked / "other.py")
    assert choose([str(unpacked / "double.py")], unpacked.parent.parent, None)[0] == lab


@pytest.mark.parametrize("called", ["double (1)", "double-main", "homework"])
def test_a_handout_is_known_whatever_its_folder_is_called(unpacked: Path, called: str) -> None:
    folder = unpacked.rename(unpacked.with_name(called))
    lab, file = choose([], folder, None)
    assert (lab.name, file.name) == ("double", "double.py")


def test_of_a_file_and_a_notebook_nobody_knows_which_is_meant(unpacked: Path) -> None:
    (unpacked / "double.ipynb").touch()
    with pytest.raises(NoSubmissions, match=r"double\.py and double\.ipynb are both here\. Say which"):
        choose([], unpacked, None)
    assert choose(["double.ipynb"], unpacked, None)[1].name == "double.ipynb"


def test_in_a_course_the_lab_is_the_files_or_that_of_the_folder(course: Path, tmp_path: Path) -> None:
    for words, here in (
        (["half", "any.py"], course),
        (["half.py"], tmp_path),
        (["Half (1).ipynb"], course),
        ([], course / "assignments" / "half"),
        (["half"], course),
        (["any.py"], course / "assignments" / "half"),
        ([str(course / "assignments" / "half" / "any.py")], course),
    ):
        lab, _ = choose(words, here, course)
        assert lab.name == "half", words
    assert choose(["half"], course, None)[1] == course.resolve() / "assignments" / "half" / "half.py"


def test_what_cannot_be_told_is_asked(course: Path, tmp_path: Path) -> None:
    for words in ([], ["any.py"]):
        with pytest.raises(UnknownLab, match=r"^Which lab.*The labs here are: double, half\.$"):
            choose(words, course, None)
    with pytest.raises(UnknownLab, match="Did you mean “double”"):
        choose(["doubel"], course, None)
    (course / "assignments" / "half" / "half.py").unlink()
    with pytest.raises(NoSubmissions, match=r"There is no half\.py or half\.ipynb here"):
        choose(["half"], course, None)
    with pytest.raises(CourseNotFound):
        choose([], tmp_path, None)
