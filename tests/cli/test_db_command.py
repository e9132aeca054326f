"""`grader db` as people call it."""

import re
import sqlite3
from pathlib import Path

import pytest

from grader.cli import main
from grader.intake import digest
from grader.model import CheckResult, Ending, Outcome, Run, RunKey, Student, Submission
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A database with two students."""
    run = Run(Ending.COMPLETED, (CheckResult("double", "double", "", Outcome.PASSED, 10.0, 10.0),))
    with Store.open(tmp_path / "grades.db") as store:
        for name in ("ana", "ben"):
            files = {"double.py": f"# {name}\n".encode()}
            found = Submission(Student(name, name), "double", files, "double.py", digest("double.py", files), "a.py")
            store.save([store.add(found)], RunKey(found.digest, "double", "1", "suite", "image"), run)
    return tmp_path / "grades.db"


@pytest.fixture
def db(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Calls `grader db …` for a database: its exit status and all that it says."""

    def call(address: Path, *words: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["grader", "db", *map(str, words), "--course", str(TINY), "--db", str(address)])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(str(end.code))
        return status, "".join(capsys.readouterr())

    return call


def test_a_whole_database_is_said_to_be_whole(place: Path, db) -> None:
    status, said = db(place, "check")
    assert status == 0
    first, second = said.splitlines()
    assert first.startswith(f"{place} has 2 students, 2 submissions, 2 runs, 2 check results, version 0")
    assert second == "Nothing is wrong."


def test_what_is_wrong_is_said_with_what_to_do_and_a_backup_says_it_too(place: Path, db) -> None:
    with sqlite3.connect(place) as connection:
        connection.execute("DELETE FROM check_results WHERE run_id = 2")
    connection.close()
    wrong = (
        "BAD  A run of double lacks check results. It grades ben.\n"
        "     → Grade what is concerned again: grader batch double … --regrade.\n"
    )
    status, said = db(place, "check")
    assert (status, said.split("\n", 1)[1]) == (1, wrong)
    status, said = db(place, "backup", place.with_name("backup.db"))
    assert (status, said.split("\n", 1)[1]) == (1, wrong)
    status, said = db(place, "restore", place.with_name("backup.db"), "--replace")
    assert status == 1
    assert said.split("\n", 1)[1].startswith(wrong)
    assert said.splitlines()[-1].startswith("What was there before is now ")


def test_a_backup_that_is_not_whole_is_not_restored(place: Path, db) -> None:
    with sqlite3.connect(place) as connection:
        connection.execute("DELETE FROM runs WHERE id = 2")
    connection.close()
    new = place.with_name("new.db")
    status, said = db(new, "restore", place)
    assert status == 2
    assert "is not whole, and nothing was restored. 1 of check_results belong to runs that are not there." in said
    assert not new.exists()


def test_a_backup_is_made_and_restored(place: Path, db) -> None:
    backup = place.with_name("backup.db")
    status, said = db(place, "backup", backup)
    assert (status, said.split(",")[0]) == (0, f"{backup} has 2 students")
    new = place.with_name("new.db")
    status, said = db(new, "restore", backup)
    assert (status, said.split(",")[0]) == (0, "Restored: 2 students")
    with Store.open(new, must_exist=True) as store:
        assert [grade.score for grade in store.grades("double")] == [10.0, 10.0]


def test_a_backup_overwrites_only_when_told_to(place: Path, db) -> None:
    backup = place.with_name("backup.db")
    backup.touch()
    assert db(place, "backup", backup) == (
        2,
        f"Error: {backup} is there already. Name another file, or overwrite this one with --force.\n",
    )
    assert backup.read_bytes() == b""
    assert db(place, "backup", backup, "--force")[0] == 0


def test_a_database_is_replaced_only_when_told_to_and_then_kept(place: Path, db) -> None:
    backup = place.with_name("backup.db")
    db(place, "backup", backup)
    status, said = db(place, "restore", backup)
    assert status == 2
    assert said == (
        f"Error: There are records in {place} already. A backup is no addition to others: "
        "put that one aside with --replace.\n"
    )
    status, said = db(place, "restore", backup, "--replace")
    assert status == 0
    aside = re.search(r"What was there before is now (.*)\.\n", said)
    assert aside
    assert Path(aside[1]).parent == place.parent
    assert db(Path(aside[1]), "check")[0] == 0


def test_a_mistyped_database_is_neither_checked_nor_made(tmp_path: Path, db) -> None:
    for words in (("check",), ("backup", tmp_path / "backup.db")):
        status, said = db(tmp_path / "grade.db", *words)
        assert status == 2
        assert said.startswith(f"Error: There is no database {tmp_path / 'grade.db'}.")
    assert list(tmp_path.iterdir()) == []
