"""Courses as people have them: whole, the students' half alone, with files that are not right."""

import codecs
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.errors import CourseNotFound, InvalidLab
from grader.labs import find_course
from grader.scoring import Policy

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
    with pytest.raises(InvalidLab, match=r"lab\.toml:\d+: “scratch_mb” of \[limits\] must be .* of at least 24\."):
        find_course(course).lab("double")


def test_a_lab_toml_in_another_encoding_is_said(course: Path) -> None:
    file = course / "assignments" / "double" / "lab.toml"
    file.write_bytes('title = "Übung"\nversion = "1"\n[limits]\ncall_seconds = 5\n'.encode("latin-1"))
    with pytest.raises(InvalidLab) as raised:
        find_course(course).lab("double")
    assert str(raised.value) == f"{file.resolve()}: line 1 is not UTF-8. Save the file in that encoding."


def test_a_lab_toml_begins_with_the_mark_of_windows_editor_and_is_read(course: Path) -> None:
    file = course / "assignments" / "double" / "lab.toml"
    file.write_bytes(codecs.BOM_UTF8 + file.read_bytes())
    lab = find_course(course).lab("double")
    first = lab.suite_digest("digits")
    file.write_bytes(file.read_bytes() + b'\n[grade]\nattempt = "best"\n')
    assert lab.suite_digest("digits") == first


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


def test_data_of_a_labs_own_is_part_of_the_suites_identity(course: Path) -> None:
    settings = course / "assignments" / "double" / "lab.toml"
    settings.write_text(settings.read_text() + '[dataset]\nkind = "csv"\ntarget = "y"\ntask = "numbers"\n')
    lab = find_course(course).lab("double")
    with pytest.raises(InvalidLab, match=r"reference/double/data\.csv is missing"):
        lab.suite_digest("csv")
    seen = set()
    for content in ("x,y\n1,2\n", "x,y\n1,20\n"):
        (lab.reference / "data.csv").write_text(content)
        seen.add(lab.suite_digest("csv"))
    assert len(seen) == 2
    lab.assignment.joinpath("data.csv").write_text("x,y\n3,4\n")
    assert lab.suite_digest("csv") in seen, "what students have decides nothing"


RULES = '[grade]\ndue = 2026-11-20T23:59:00\nzone = "Europe/Berlin"\nlate_per_day = 10\n'


def test_rules_of_lateness_are_no_part_of_the_suites_identity(course: Path) -> None:
    lab = find_course(course).lab("double")
    spec = lab.assignment / "lab.toml"
    text, first = spec.read_text(), lab.suite_digest("digits")
    for rules in (RULES, RULES.replace("10", "20"), f"{RULES}\n# no more\n", '[ grade ] # ours\nattempt = "best"'):
        spec.write_text(f"{text}\n{rules}")
        assert lab.suite_digest("digits") == first
        spec.write_text(text.replace("[limits]", f"{rules}\n[limits]"))
        assert lab.suite_digest("digits") == first


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("[limits]", '[grade]\nattempt = "best"\n\n[limits]'),
        ("[limits]", '[grade]\nattempt = "best"\n\n  [limits]'),
        ('"Doubling"', '"""\n[grade]\ncall_seconds = 5\n[limits]"""'),
    ],
    ids=["next", "indented", "in a text"],
)
def test_what_stands_behind_the_rules_is_part_of_the_suites_identity(course: Path, place: str, text: str) -> None:
    lab = find_course(course).lab("double")
    spec = lab.assignment / "lab.toml"
    text = spec.read_text().replace(place, text)
    spec.write_text(text)
    first = lab.suite_digest("digits")
    spec.write_text(text.replace("call_seconds = 5", "call_seconds = 6", 1))
    assert lab.suite_digest("digits") != first


def test_rules_are_read_with_the_time_of_their_zone(course: Path) -> None:
    with (course / "assignments" / "double" / "lab.toml").open("a") as spec:
        spec.write(f"\n{RULES}grace_hours = 2\nlate_floor = 50\n")
    due = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
    assert find_course(course).lab("double").policy == Policy("latest", due, "Europe/Berlin", 2.0, 10.0, 50.0)


def test_without_rules_the_latest_counts_and_nobody_is_late(course: Path) -> None:
    assert find_course(course).lab("double").policy == Policy()


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("late_per_day = 10", "nothing is late without `due`"),
        ("due = 2026-11-20T23:59:00", "`due` needs a `zone`"),
        ('due = 2026-11-20T23:59:00\nzone = "Mars/Olympus"', "nobody knows the time zone"),
        ('due = 2026-11-20T23:59:00\nzone = "../etc/passwd"', "nobody knows the time zone"),
        ('due = 2026-11-20T23:59:00+01:00\nzone = "UTC"', "“due” of [grade] must be"),
        ('due = 2026-11-20\nzone = "UTC"', "“due” of [grade] must be"),
        ('due = 9999-12-31T23:59:00\nzone = "America/New_York"', "out of the calendar"),
        ('due = 2026-11-20T23:59:00\nzone = "UTC"\nlate_per_day = 101', "“late_per_day” of [grade] must be"),
        ('due = 2026-11-20T23:59:00\nzone = "UTC"\nlate_floor = -1', "“late_floor” of [grade] must be"),
        ('due = 2026-11-20T23:59:00\nzone = "UTC"\ngrace_hours = inf', "“grace_hours” of [grade] must be"),
        ('due = 2026-11-20T23:59:00\nzone = "UTC"\ngrace_hours = nan', "“grace_hours” of [grade] must be"),
        ('attempt = "first"', "“attempt” of [grade] must be"),
    ],
)
def test_rules_that_are_not_right_are_said(course: Path, rules: str, said: str) -> None:
    with (course / "assignments" / "double" / "lab.toml").open("a") as spec:
        spec.write(f"\n[grade]\n{rules}\n")
    with pytest.raises(InvalidLab, match=re.escape(said)):
        find_course(course).lab("double")
