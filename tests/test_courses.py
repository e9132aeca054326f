"""Courses as people have them: whole, the students' half alone, with files that are not right."""

import shutil
from pathlib import Path

import pytest

from grader.errors import CourseNotFound, InvalidLab
from grader.labs import find_course

TINY = Path(__file__).parent / "courses" / "tiny"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "course"))


def test_the_students_half_alone_is_a_course(course: Path) -> None:
    shutil.rmtree(course / "reference")
    for start in (course, course / "assignments", course / "assignments" / "double"):
        assert find_course(start).root == course.resolve()
    assert find_course(Path("/"), course).names() == ["double"]


def test_a_folder_without_labs_is_no_course(tmp_path: Path) -> None:
    (tmp_path / "assignments").mkdir()
    with pytest.raises(CourseNotFound) as raised:
        find_course(tmp_path, tmp_path)
    assert str(raised.value) == (
        f"{tmp_path} is not a course: a course has a folder assignments/ with a folder for each lab, and lab.toml in "
        "it. Go into one, or name it with --course DIR."
    )


def test_a_lab_that_leaves_no_room_for_what_may_be_handed_in_is_refused(course: Path) -> None:
    """A submission may take 20 MB: one that does not fit would end before any of its code ran."""
    settings = course / "assignments" / "double" / "lab.toml"
    settings.write_text(settings.read_text() + "scratch_mb = 23\n")
    with pytest.raises(InvalidLab, match=r"lab\.toml: Expected `int` >= 24 - at `\$\.limits\.scratch_mb`\."):
        find_course(course).lab("double")


def test_a_lab_toml_in_another_encoding_is_said(course: Path) -> None:
    file = course / "assignments" / "double" / "lab.toml"
    file.write_bytes('title = "Übung"\nversion = "1"\n[limits]\ncall_seconds = 5\n'.encode("latin-1"))
    with pytest.raises(InvalidLab) as raised:
        find_course(course).lab("double")
    assert str(raised.value) == f"{file.resolve()}: line 1 is not UTF-8. Save the file in that encoding."


def test_a_mutants_toml_in_another_encoding_is_said(course: Path) -> None:
    lab = find_course(course).lab("double")
    lab.mutants.mkdir()
    (lab.mutants / "mutants.toml").write_bytes('# one\n"für.py" = ["a"]\n'.encode("latin-1"))
    with pytest.raises(InvalidLab, match=r"mutants\.toml: line 2 is not UTF-8\."):
        lab.mutant_losses()


def test_the_suites_identity_changes_with_what_decides_a_score_and_with_nothing_else(course: Path) -> None:
    lab = find_course(course).lab("double")
    first = lab.suite_digest("digits")
    assert lab.suite_digest("mnist") != first
    for harmless in (lab.solution, lab.public_suite, lab.reference / "notes.py"):
        harmless.write_text("# another\n")
    assert lab.suite_digest("digits") == first
    seen = {first}
    for decisive in (lab.hidden_suite, lab.assignment / "lab.toml"):
        decisive.write_bytes(decisive.read_bytes() + b"\n# more\n")
        seen.add(lab.suite_digest("digits"))
    assert len(seen) == 3
