"""What somebody means who says `grader check` with a lab and a file, one of them, or nothing."""

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from grader.authoring import handouts
from grader.errors import CourseNotFound, InvalidLab, NoSubmissions, UnknownLab
from grader.labs import Course, find_course
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


@pytest.mark.parametrize("called", ["double (1)", "homework", "assignments/double (1)"])
def test_a_handout_says_its_name_whatever_else_is_in_its_folder(tmp_path: Path, called: str) -> None:
    with zipfile.ZipFile(io.BytesIO(handouts.packed(Course(TINY).lab("double")))) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "double" / "double.py").touch()
    folder = tmp_path / called
    folder.parent.mkdir(exist_ok=True)
    folder = (tmp_path / "double").rename(folder)
    (folder / "scratch.py").touch()
    for words, file in (([], "double.py"), (["double", "scratch.py"], "scratch.py"), (["scratch.py"], "scratch.py")):
        lab, chosen = choose(words, folder, None)
        assert (lab.name, chosen) == ("double", folder / file)


def test_in_a_handout_without_a_name_no_file_is_named_that_is_not_there(unpacked: Path) -> None:
    (unpacked / "scratch.py").touch()
    folder = unpacked.rename(unpacked.with_name("homework"))
    with pytest.raises(
        NoSubmissions, match=r"^Which file is yours: double\.py or scratch\.py\? Say it: grader check FILE$"
    ):
        choose([], folder, None)


def test_a_lab_that_says_its_name_is_its_courses_where_there_is_a_reference(course: Path) -> None:
    folder = course / "assignments" / "half"
    (folder / "lab.toml").write_text('name = "half"\n' + (folder / "lab.toml").read_text())
    assert find_course(folder) == Course(course.resolve())


@pytest.mark.parametrize("line", ['name = "../double"', "name = 3", "name = [", 'name = "a\\nb"', 'name = ""'])
def test_a_name_that_no_file_has_is_none(unpacked: Path, line: str) -> None:
    (unpacked / "lab.toml").write_text(f"{line}\n{(unpacked / 'lab.toml').read_text()}")
    assert find_course(unpacked).names() == ["double"]


def test_a_student_who_is_elsewhere_is_told_where_to_go(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for words in ([], ["double.py"], ["double", "double.py"]):
        with pytest.raises(CourseNotFound) as raised:
            choose(words, tmp_path / "elsewhere", None)
        assert str(raised.value) == (
            "This is no lab's folder. Go into the folder of the zip that your course gave you: START_HERE.md and "
            "lab.toml are in it."
        )
        with pytest.raises(CourseNotFound) as raised:
            choose(words, unpacked.parent, None)
        assert str(raised.value) == "This is no lab's folder. Go into “double” here, and give the command again."
    (tmp_path / "double.py").touch()
    with pytest.raises(CourseNotFound, match="This is no lab's folder"):
        choose(["double.py"], tmp_path, None)
    with pytest.raises(CourseNotFound, match="is not a course"):
        choose([], unpacked, tmp_path / "elsewhere")


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


def test_a_folder_may_be_named(unpacked: Path, course: Path) -> None:
    for words, here in (
        (["."], unpacked),
        (["double"], unpacked.parent),
        (["double/"], unpacked.parent),
        ([str(unpacked)], unpacked.parents[1]),
    ):
        assert choose(words, here, None)[1].resolve() == unpacked / "double.py", words
    assert choose(["assignments/half"], course, None)[1].name == "half.py"
    with pytest.raises(UnknownLab, match=r"Which lab\?"):
        choose(["."], course, None)


def test_a_folder_that_is_called_like_its_lab_is_meant_before_a_file_beside_it(unpacked: Path, course: Path) -> None:
    for folder in (unpacked.parent, course):
        (folder / "double.py").touch()
    (course / "double").mkdir()
    assert choose(["double"], unpacked.parent, None)[1].resolve() == unpacked / "double.py"
    assert choose(["double"], unpacked.parent, course)[1] == unpacked.parent / "double.py"
    assert choose(["double"], course, None)[1] == course / "double.py"


def test_the_labs_own_suite_is_nobodys_work(unpacked: Path) -> None:
    with pytest.raises(NoSubmissions, match=r"^test_public\.py has the lab's checks, and is nobody's work\. Say which"):
        choose(["test_public.py"], unpacked, None)


def test_a_lab_without_public_checks_says_so_in_its_handout(tmp_path: Path) -> None:
    course = Path(shutil.copytree(TINY, tmp_path / "course"))
    (course / "assignments" / "double" / "test_public.py").unlink()
    with zipfile.ZipFile(io.BytesIO(handouts.packed(Course(course).lab("double")))) as archive:
        archive.extractall(tmp_path)
    (tmp_path / "double" / "double.py").touch()
    text = (tmp_path / "double" / "START_HERE.md").read_text("utf-8")
    assert "grader check" not in text
    assert "## Hand in" in text
    for words in ([], ["double.py"], ["double"]):
        with pytest.raises(InvalidLab, match=r"^double has no public checks: there is nothing to run"):
            choose(words, tmp_path / "double", None)
