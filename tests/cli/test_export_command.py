"""`grader export`: what it shows, and what it writes."""

import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest

from grader.cli.export import FEEDBACK, WORKSHEETS, export
from grader.export import FORMATS, RETURNS
from grader.model import CheckResult, Ending, Outcome, Refusal, Run, RunKey, Student, Submission
from grader.store import Store

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
LONG = "Maximiliane-Theodora Ñandú von Hohenstein-Wittgenstein und zu Oberkirchen"
MOODLE = (
    "Identifier,Full name,Grade,Maximum grade,Grade can be changed,Last modified (grade)\n"
    "Participant 1,Ana Silva,,10.00,Yes,-\n"
    f"Participant 2,{LONG},8.50,10.00,Yes,-\n"
    "Participant 3,李 小龙,4.00,10.00,Yes,-\n"
    "Participant 4,Jane Doe,4.00,10.00,No,-\n"
    "Participant 5,Eve,4.00,10.00,Yes,-\n"
)
STUDENTS = [
    ("1", "Ana Silva"),
    ("2", LONG),
    ("eve", "Eve"),
    ("3", "李 小龙"),
    ("4", "Jane Doe"),
    ("9", "\x1b[2JX"),
]

SOURCES = {"1": "class.zip/Ana Silva_1_assignsubmission_file"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a database, in which everybody has 4 points but Bo, who handed in nothing usable."""
    with Store.open(tmp_path / "grades.db") as store:
        for number, (key, name) in enumerate(STUDENTS):
            digest = f"{number:064}"
            made = Submission(
                Student(key, name),
                "double",
                {"double.py": b"%d" % number},
                "double.py",
                digest,
                SOURCES.get(key, "x.py"),
            )
            checks = (CheckResult("a", "Doubles", "", Outcome.PARTIAL, 4.0, 10.0),)
            store.save(
                [store.add(made)], RunKey(digest, "double", "1", "suite", "image"), Run(Ending.COMPLETED, checks)
            )
        store.refuse(Refusal(Student("bo", "Bo"), "double", "bo.rar", "RAR is not read."))
    (tmp_path / "moodle.csv").write_text(MOODLE)
    return tmp_path


def command(place: Path, *words: object) -> subprocess.CompletedProcess[str]:
    code = "from grader.cli import main; main()"
    asked = ["export", "double", "--course", TINY, "--db", place / "grades.db", *words]
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, asked)],
        cwd=place,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_dry_run_shows_the_differences_in_80_columns_through_a_pipe_and_writes_nothing(place: Path) -> None:
    before = sorted(place.iterdir())
    done = command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--dry-run", "--output", "upload.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(place.iterdir()) == before
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "\x1b" not in done.stdout
    lines = {line.split()[0]: " ".join(line.split()) for line in done.stdout.splitlines() if line.strip()}
    assert lines["1"] == "1 Ana Silva – 4"
    assert lines["3"] == "3 李 小龙 4 4 unchanged"
    assert lines["eve"] == "eve Eve 4 4 unchanged, by name only"
    told = " ".join(done.stdout.split())
    assert "Left out: Jane Doe (4) has a grade that is locked in Moodle's gradebook" in told
    assert "Left out: Bo (bo) has no score: what was handed in could not be taken in." in told
    assert "[2JX (9) is not in the gradebook" in told
    start, end = done.stdout.index("Maximiliane"), done.stdout.index("eve ")
    assert " 8.5 " in done.stdout[start:end]
    assert "2 of 5 students in the gradebook get a new score" in done.stdout


def test_the_file_that_is_written_holds_what_the_dry_run_showed(place: Path) -> None:
    done = command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--output", "upload.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith("Wrote 2 students to upload.csv.\n")
    first = MOODLE.partition("Participant 3")[0]
    assert (place / "upload.csv").read_text() == first.replace(",8.50,", ",4,").replace("Silva,,", "Silva,4,")


def test_feedback_pages_are_written_beside_and_who_has_none_is_named(place: Path) -> None:
    done = command(
        place, "--format", "moodle", "--gradebook", "moodle.csv", "--output", "upload.csv", "--feedback", "pages.zip"
    )
    assert done.returncode == 0
    assert "Wrote 1 feedback pages to pages.zip.\n" in done.stderr
    assert "李 小龙 (3) has no page in the archive: what they handed in does not bear the name" in done.stderr
    with zipfile.ZipFile(place / "pages.zip") as archive:
        assert archive.namelist() == ["Ana Silva_1_assignsubmission_file/feedback.html"]
        assert "Ana Silva" in archive.read(archive.namelist()[0]).decode()


def test_where_pages_cannot_be_written_it_says_so(place: Path) -> None:
    done = command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--feedback", "no/pages.zip")
    assert done.returncode == 2
    assert "no/pages.zip cannot be written: No such file or directory. Name another file." in done.stderr


def test_a_dry_run_writes_no_feedback_pages(place: Path) -> None:
    done = command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--dry-run", "--feedback", "pages.zip")
    assert done.returncode == 0
    assert not (place / "pages.zip").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--format", "csv", "--feedback", "p.zip"], "csv hands out no pages"),
        (["--format", "moodle", "--gradebook", "m.csv", "--output", "p", "--feedback", "x/../p"], "Name two files"),
        (["--format", "moodle", "--gradebook", "m.csv", "--feedback", "m.csv"], "--feedback m.csv is the gradebook"),
    ],
)
def test_what_would_be_written_over_or_is_no_platforms_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.csv").touch()
    (tmp_path / "x").mkdir()
    with pytest.raises(click.UsageError, match=says):
        export.main(["double", "--course", str(TINY), *words], standalone_mode=False)


@pytest.mark.parametrize("words", [[], ["--dry-run"]])
@pytest.mark.parametrize("called", ["moodle.csv", "./sub/../moodle.csv", "link.csv", "hard.csv"])
def test_the_gradebook_is_not_written_over_whatever_it_is_called(place: Path, called: str, words: list[str]) -> None:
    (place / "sub").mkdir()
    (place / "link.csv").symlink_to("moodle.csv")
    (place / "hard.csv").hardlink_to(place / "moodle.csv")
    done = command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--output", called, *words)
    assert (done.returncode, done.stdout) == (2, "")
    told = " ".join(done.stderr.replace("│", " ").split())
    assert "is the gradebook itself, which would be written over. Name another file to write." in told
    assert (place / "link.csv").is_symlink()
    assert (place / "hard.csv").samefile(place / "moodle.csv")
    assert (place / "moodle.csv").read_text() == MOODLE


def test_a_file_of_before_is_written_over(place: Path) -> None:
    (place / "upload.csv").write_text("of before")
    assert command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--output", "upload.csv").returncode == 0
    assert (place / "upload.csv").read_text().startswith("Identifier,")


def test_a_link_to_a_file_of_before_stays_one(place: Path) -> None:
    (place / "real.csv").write_text("of before")
    (place / "upload.csv").symlink_to("real.csv")
    assert command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--output", "upload.csv").returncode == 0
    assert (place / "upload.csv").is_symlink()
    assert (place / "real.csv").read_text().startswith("Identifier,")


def test_a_terminal_or_pipe_may_be_written_to(place: Path) -> None:
    done = command(place, "--format", "moodle", "--gradebook", "moodle.csv", "--output", "/dev/stdout")
    assert (done.returncode, done.stdout[:11]) == (0, "Identifier,")


@pytest.mark.parametrize("form", sorted(set(FORMATS) - set(WORKSHEETS)))
@pytest.mark.parametrize("words", [["--dry-run"], ["--gradebook", "moodle.csv"]])
def test_a_format_that_fills_in_nothing_takes_no_gradebook_and_has_no_differences(form: str, words: list[str]) -> None:
    with pytest.raises(click.UsageError, match=f"{form} fills in nothing"):
        export.main(["double", "--course", str(TINY), "--format", form, *words], standalone_mode=False)


@pytest.mark.parametrize("form", WORKSHEETS)
def test_a_format_that_fills_in_a_gradebook_asks_for_one(place: Path, form: str) -> None:
    done = command(place, "--format", form)
    assert done.returncode == 2
    assert "--gradebook FILE" in done.stderr


def test_every_format_can_be_asked_for_and_has_an_example() -> None:
    offered = next(parameter for parameter in export.params if parameter.name == "form").type
    assert sorted(offered.choices) == sorted(FORMATS)
    assert sorted(FEEDBACK) == sorted(RETURNS)
    shown = {form for form in FORMATS if f"--format {form} " in (export.epilog or "")}
    assert shown == set(FORMATS) - {"json"}
