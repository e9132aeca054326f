"""`grader export`: what it shows, and what it writes."""

import getpass
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest

from grader.cli.export import FEEDBACK, WORKSHEETS, export
from grader.export import FORMATS, RETURNS
from grader.labs import Course
from grader.model import CheckResult, Ending, Outcome, Refusal, Run, RunKey, Student, Submission
from grader.pipeline import publishing
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


def run(place: Path, *words: object, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    code = "from grader.cli import main; main()"
    asked = ["export", "double", "--course", TINY, "--db", place / "grades.db", *words]
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, asked)],
        cwd=place,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "LC_ALL": "C.UTF-8"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )


def command(place: Path, *words: object) -> subprocess.CompletedProcess[str]:
    done = run(place, *words)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


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


def on_record(place: Path) -> dict[str, dict[str, tuple[str, float | None, float | None, bool]]]:
    with Store.open(place / "grades.db") as store:
        return {
            form: {key: (told.by, told.score, told.max_score, told.in_file) for key, told in given.items()}
            for form, given in store.handed_out("double").items()
        }


def test_a_file_that_is_written_is_on_record_with_who_made_it(place: Path) -> None:
    words = ("--format", "moodle", "--gradebook", "moodle.csv")
    assert command(place, *words, "--output", "upload.csv", "--by", "Prof. Kim").returncode == 0
    new, already = ("Prof. Kim", 4.0, 10.0, True), ("Prof. Kim", 4.0, 10.0, False)
    assert on_record(place) == {"moodle": {"1": new, "2": new, "3": already, "eve": already}}


def test_who_made_it_is_the_machines_user_unless_said_otherwise(place: Path) -> None:
    assert command(place, "--format", "csv").returncode == 0
    assert {told[0] for told in on_record(place)["csv"].values()} == {getpass.getuser()}


@pytest.mark.parametrize("form", sorted(set(FORMATS) - set(WORKSHEETS)))
def test_what_goes_to_the_standard_output_is_on_record_and_the_output_stays_as_it_was(place: Path, form: str) -> None:
    whole = {key for key, _ in STUDENTS} | ({"bo"} if form != "gradescope" else set())
    done = run(place, "--format", form, "--by", "kim")
    assert (done.returncode, done.stderr.decode().count("record")) == (0, 0)
    told = on_record(place)
    assert {form: set(given) for form, given in told.items()} == {form: whole}
    assert told[form]["1"] == ("kim", 4.0, 10.0, True)
    with Store.open(place / "grades.db") as store:
        results = publishing.class_results(Course(TINY).lab("double"), store)
        assert done.stdout == publishing.export_grades(results, form).content


@pytest.mark.parametrize(
    "words",
    [
        ["--dry-run"],
        ["--dry-run", "--output", "upload.csv"],
        ["--output", "no/upload.csv"],
        ["--feedback", "no/pages.zip"],
        ["--output", "upload.csv", "--assignment", "nothing"],
    ],
)
def test_what_was_not_delivered_is_not_on_record(place: Path, words: list[str]) -> None:
    command(place, "--format", "moodle", "--gradebook", "moodle.csv", *words)
    assert on_record(place) == {}
    assert not (place / "upload.csv").exists()


def test_what_its_reader_did_not_take_is_not_on_record(place: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(place, "--format", "csv", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
    assert on_record(place) == {}


@pytest.mark.parametrize("output", [[], ["--output", "class.csv"]])
def test_an_export_that_cannot_be_put_on_record_is_delivered_all_the_same_and_that_is_said(
    place: Path, output: list[str]
) -> None:
    with Store.open(place / "grades.db") as store, store._writing():
        done = command(place, "--format", "csv", "--db", f"sqlite:///{place}/grades.db?timeout=0", *output)
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1].startswith(
        "The export is complete, and could not be put on record. The database "
    )
    assert (done.stdout or (place / "class.csv").read_text()).count("\n") == len(STUDENTS) + 2
    assert on_record(place) == {}


@pytest.mark.parametrize("called", [[], ["  "]])
def test_a_machine_that_does_not_say_who_asks_exports_and_says_so(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], called: list[str]
) -> None:
    def user() -> str:
        return dict(enumerate(called))[0]

    monkeypatch.setattr(getpass, "getuser", user)
    words = ["double", "--course", str(TINY), "--db", str(place / "grades.db"), "--format", "csv"]
    export.main(words, standalone_mode=False)
    said = capsys.readouterr()
    assert said.out.startswith('"student_id"')
    assert said.err == (
        "The export is complete, and could not be put on record. This machine does not say who you are. "
        "Say it with --by NAME.\n"
    )
    export.main([*words, "--by", "kim"], standalone_mode=False)
    assert on_record(place)["csv"]["1"] == ("kim", 4.0, 10.0, True)


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
