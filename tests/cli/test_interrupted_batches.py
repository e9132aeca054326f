"""What an interrupted batch says, keeps and leaves, whenever the interrupt comes."""

import shlex
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from grader import cli
from grader.cli import main
from grader.model import CheckResult, Ending, Outcome, Run
from grader.pipeline import grading
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
STUDENTS = ("ana", "ben", "cem")


@pytest.fixture
def words(tmp_path):
    """A command that grades three."""
    (tmp_path / "class").mkdir()
    for student in STUDENTS:
        (tmp_path / "class" / f"{student}.py").write_text(f"# {student}\ndef double(n): return 2 * n\n")
    command = ["batch", "double", str(tmp_path / "class"), "--course", str(TINY), "--sandbox", "local", "--jobs", "1"]
    return [*command, "--db", f"sqlite:///{tmp_path / 'grades.db'}", "--out", str(tmp_path / "my pages")]


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command: its exit status, its last words, and what it showed before."""

    def run(words):
        monkeypatch.setattr(sys, "argv", ["grader", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        shown, said = capsys.readouterr()
        return ended.value.code, said.strip(), shown

    return run


@contextmanager
def interrupted(owner, name, at, before=lambda *_: None):
    """Within the block, the n-th call of a function is interrupted, after `before`."""
    calls, real = count(1), getattr(owner, name)

    def called(*args, **options):
        if next(calls) == at:
            before(*args)
            raise KeyboardInterrupt
        return real(*args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, called)
        yield


def write_half(path, content):
    with path.open("wb") as file:
        file.write(content[: len(content) // 2])


@pytest.fixture
def graded(monkeypatch):
    """Without workers, everybody is graded at once."""

    def grade(self, todo, store, watcher):
        for work in todo:
            check = CheckResult("double", "double", "", Outcome.PASSED, 10.0, 10.0)
            store.save(work.ids, work.key, Run(Ending.COMPLETED, (check,)))
        return {}

    monkeypatch.setattr(grading.Machine, "grade", grade)


def again(words):
    return f"\nRun the same command again: {shlex.join(['grader', *words])}"


def test_while_submissions_are_read_nothing_is_graded_yet(words, run):
    with interrupted(Store, "add", 2):
        status, said, shown = run(words)
    assert (status, said) == (130, f"Stopped. Nothing new was graded yet.{again(words)}")
    assert shown.endswith("is the student's key.\n3 students, 3 submissions.\n")


def test_while_a_result_is_stored_those_before_it_are_kept_and_the_same_command_grades_the_others(words, run):
    with interrupted(Store, "save", 3):
        status, said, _ = run(words)
    assert status == 130
    assert said == f"Stopped. Graded 2 of 3: what is graded is kept, 1 to go.{again(words)}"
    status, said, shown = run(words)
    assert (status, said) == (0, "")
    assert "Graded 1, already graded 2, not taken in 0." in shown


def test_with_regrade_the_same_command_would_begin_again(words, run, graded):
    assert run(words)[0] == 0
    with interrupted(grading.Machine, "grade", 1):
        status, said, _ = run([*words, "--regrade"])
    assert status == 130
    assert said.splitlines()[0] == (
        "Stopped. Nothing new was graded yet. "
        "--regrade grades all of them again; without it, the others keep what they had."
    )


def test_a_command_that_is_as_long_as_a_class_is_not_repeated(words, run):
    with interrupted(Store, "add", 1):
        status, said, _ = run([*words[:3], *[words[2]] * 50, *words[3:]])
    assert (status, said) == (130, "Stopped. Nothing new was graded yet.\nRun the same command again.")


@pytest.mark.parametrize(
    "word",
    [
        *("my\x1b]0;pwned\x07class", "a\nGraded 3 of 3.py", "\udce4.py"),
        *("--db=postgresql://grader:secret@host/grades", "postgresql+psycopg://grader:sec/ret@host/grades"),
        "postgresql://host/grades?user=grader&password=secret",
    ],
)
def test_a_command_that_a_terminal_would_obey_or_that_holds_a_password_is_not_repeated(word):
    assert cli._again(["batch", "double", word]) == "Run the same command again."


def test_other_addresses_and_names_are_repeated():
    words = ["batch", "double", "Übung 3", "--db", "sqlite:////srv/grades@home.db"]
    assert cli._again(words) == f"Run the same command again: {shlex.join(['grader', *words])}"


@pytest.mark.parametrize("page", [1, 3, 4])
def test_while_pages_are_written_no_half_page_is_left(words, run, graded, tmp_path, page):
    with interrupted(Path, "write_bytes", page, write_half):
        status, said, _ = run(words)
    assert status == 130
    assert said == f"Stopped. All results are kept; not all pages are written.{again(words)}"
    left = [path for path in (tmp_path / "my pages").rglob("*") if path.is_file()]
    assert len(left) == page - 1
    assert all(path.read_text().rstrip().endswith("</html>") for path in left)
    assert run(words)[0] == 0
    pages = sorted(path.name for path in (tmp_path / "my pages").rglob("*.html"))
    assert pages == ["ana.html", "ben.html", "cem.html", "index.html"]
