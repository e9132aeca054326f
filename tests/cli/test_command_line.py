"""The program as people call it: help, mistakes, exit statuses."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli import VERBS, options
from grader.labs import Course
from grader.model import Student, Submission
from grader.store import Store

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"


def grader(*words: object, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from grader.cli import main; main()", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **environment}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_help_names_every_verb_and_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from grader.cli import main\n"
        "sys.argv = ['grader', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'numpy', 'sqlalchemy', 'docker', 'jinja2', 'rich', 'pytest') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    for verb in VERBS:
        assert f"  {verb}" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


GROUPS = {"db": ("check", "backup", "restore"), "sandbox": ("build", "doctor")}


@pytest.mark.parametrize(
    "verb",
    [
        *(verb for verb in VERBS if verb not in GROUPS),
        *(f"{group} {verb}" for group, verbs in GROUPS.items() for verb in verbs),
    ],
)
def test_help_of_every_verb_shows_an_example(verb: str) -> None:
    done = grader(*verb.split(), "--help")
    assert done.returncode == 0, done.stderr
    assert f"grader {verb}" in done.stdout.split("Example", 1)[1]


@pytest.fixture
def needing(tmp_path: Path) -> Callable[[str], Path]:
    """Makes the tiny course, whose lab says this of a GPU."""

    def course(need: str) -> Path:
        made = Path(shutil.copytree(TINY, tmp_path / "course"))
        settings = made / "assignments" / "double" / "lab.toml"
        settings.write_text(f'gpu = "{need}"\n{settings.read_text()}')
        return made

    return course


@pytest.mark.parametrize("words", [("batch", "double", "nothing.zip", "--sandbox", "local"), ("validate", "double")])
def test_a_lab_that_needs_a_gpu_is_not_graded_without(needing: Callable[[str], Path], words: tuple[str, ...]) -> None:
    done = grader(*words, "--course", needing("required"), "--gpus", "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert "The lab double needs a GPU (gpu in lab.toml), and none can be lent: --gpus none lets none" in flat(done)


@pytest.mark.parametrize("verb", ["batch", "regrade"])
def test_what_is_no_list_of_gpus_is_said_also_where_the_lab_asks_for_none(verb: str) -> None:
    files = ["nothing.zip"] if verb == "batch" else []
    done = grader(verb, "double", *files, "--course", TINY, "--sandbox", "local", "--gpus", "0,")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--gpus 0, is no list of GPUs. Say none, auto or all;" in flat(done)


def test_a_lab_that_asks_for_no_gpu_is_lent_none_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "ada.py").write_text("def double(n): return 2 * n\n")
    course = shutil.copytree(TINY, tmp_path / "course")
    done = grader("batch", "double", tmp_path / "ada.py", "--course", course, "--sandbox", "local", "--gpus", "all")
    assert done.returncode == 0, done.stderr
    assert "The lab double asks for no GPU (gpu in lab.toml), so --gpus all lends it none." in flat(done)


def flat(done: subprocess.CompletedProcess[str]) -> str:
    """What was said, in one line."""
    return " ".join((done.stdout + done.stderr).split())


def test_an_unknown_lab_is_answered_with_the_nearest_name() -> None:
    done = grader("results", "lab1_tensor")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: There is no lab “lab1_tensor”. Did you mean “lab1_tensors”?\n"


def test_outside_a_course_the_way_in_is_named(tmp_path: Path) -> None:
    done = grader("results", "lab1_tensors", cwd=tmp_path)
    assert done.returncode == 2
    assert "a course has a folder assignments/" in done.stderr
    assert "--course DIR" in done.stderr


def test_what_a_students_file_says_is_repeated_without_what_a_terminal_would_obey(tmp_path: Path) -> None:
    done = grader(
        "batch", "double", tmp_path / "\x1b[2Jana.py", "--course", TINY, "--sandbox", "local",
        "--db", f"sqlite:///{tmp_path}/g.db",
    )  # fmt: skip
    assert done.returncode == 2
    assert "[2Jana.py" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    done = grader("check", "double", tmp_path / "nothing.py", "--course", TINY)
    assert done.returncode == 2
    assert "nothing.py" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_folder_is_a_sentence(tmp_path: Path) -> None:
    done = grader(
        "batch", "double", tmp_path, "--course", TINY, "--sandbox", "local", "--db", f"sqlite:///{tmp_path}/g.db"
    )
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert "Traceback" not in done.stderr


def test_no_engine_is_a_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "ana.py").write_text("def double(n): return 2 * n\n")
    done = grader(
        "batch", "double", tmp_path / "ana.py", "--course", TINY, "--db", f"sqlite:///{tmp_path}/g.db",
        DOCKER_HOST=f"unix://{tmp_path}/none.sock",
    )  # fmt: skip
    assert done.returncode == 2
    assert "--sandbox local" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unusable_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "g.db").write_text("this is no database, " * 100)
    done = grader("results", "double", "--course", TINY, "--db", f"sqlite:///{tmp_path}/g.db")
    assert done.returncode == 2
    assert "g.db" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "verb", [("results",), ("report",), ("regrade", "--sandbox", "local"), ("export", "--format", "csv")]
)
def test_a_mistyped_database_is_a_sentence_and_is_not_made(tmp_path: Path, verb: tuple[str, ...]) -> None:
    done = grader(verb[0], "double", *verb[1:], "--course", TINY, "--db", tmp_path / "grade.db")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: There is no database {tmp_path / 'grade.db'}.")
    assert list(tmp_path.iterdir()) == []


def test_results_call_what_is_still_to_be_graded_pending(tmp_path: Path) -> None:
    place = f"sqlite:///{tmp_path}/g.db"
    files = {"double.py": b""}
    with Store.open(place) as store:
        store.add(Submission(Student("ana", "Ana"), "double", files, "double.py", "0" * 64, "double.py"))
    found = {
        form: grader("results", "double", "--course", TINY, "--db", place, "--format", form).stdout
        for form in ("json", "csv", "table")
    }
    assert json.loads(found["json"])[0]["ending"] == "pending"
    assert '"pending"' in found["csv"]
    assert "not graded yet" in found["table"]


def test_a_course_may_lie_in_a_folder_of_any_name(tmp_path: Path) -> None:
    course = Path(shutil.copytree(TINY, tmp_path / "odd?x=1 [b]"))
    assert options.database(Course(course), None) == course / "grades.db"
    done = grader("results", "double", "--course", course)
    assert str(course / "grades.db") in done.stderr


def test_check_works_in_the_labs_own_folder_without_the_teachers_half(tmp_path: Path) -> None:
    shutil.copytree(TINY / "assignments", tmp_path / "assignments")
    (tmp_path / "assignments" / "double" / "double.py").write_text("def double(n): return n + n\n")
    done = grader("check", "double", "double.py", cwd=tmp_path / "assignments" / "double")
    assert done.returncode == 0, done.stderr


def test_check_imports_nothing_that_only_a_class_needs() -> None:
    code = (
        "import sys\n"
        "from grader.cli import main\n"
        f"sys.argv = ['grader', 'check', 'double', {str(TINY / 'reference' / 'double' / 'solution.py')!r}]\n"
        f"sys.argv += ['--course', {str(TINY)!r}]\n"
        "try: main()\n"
        "except SystemExit as stop: print(stop.code)\n"
        "print([m for m in ('sqlalchemy', 'alembic', 'docker', 'jinja2', 'matplotlib', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["0", "[]"], done.stdout


def test_check_leaves_nothing_where_temporary_files_lie(tmp_path: Path) -> None:
    (place := tmp_path / "temporary").mkdir()
    done = grader("check", "double", TINY / "reference" / "double" / "solution.py", "--course", TINY, TMPDIR=str(place))
    assert (done.returncode, done.stderr) == (0, "")
    assert list(place.iterdir()) == []


def test_check_passes_a_right_file_and_fails_a_wrong_one(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text("def double(n): return n + n\n")
    wrong.write_text("def double(n): return n * n * n\n")
    good, bad = (grader("check", "double", file, "--course", TINY) for file in (right, wrong))
    assert good.returncode == 0, good.stderr
    assert "1 of 1 public checks passed, 5 of 5 points." in good.stdout
    assert bad.returncode == 1, bad.stderr
    assert "0 of 1 public checks passed, 0 of 5 points." in bad.stdout
    assert max(map(len, bad.stdout.splitlines())) <= 80


def test_check_says_what_the_sandbox_has_not_and_does_not_send_off_what_would_fail_there(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text("import xdist\ndef double(n): return n + n\n")
    done = grader("check", "double", tmp_path / "right.py", "--course", TINY)
    assert done.returncode == 0, done.stderr
    assert "Your course's grader has no xdist: take that import out." in done.stdout
    assert "1 of 1 public checks passed" in done.stdout
    assert "Next: do without xdist, then run this command again." in done.stdout


def test_of_a_file_that_is_not_there_no_checks_are_announced(tmp_path: Path) -> None:
    done = grader("check", "double", tmp_path / "missing.py", "--course", TINY)
    assert (done.returncode, done.stdout) == (2, "")
    assert "missing.py" in done.stderr


def test_a_check_that_fails_itself_is_told_as_such_and_has_an_exit_status_of_its_own(tmp_path: Path) -> None:
    public = shutil.copytree(TINY, tmp_path / "course") / "assignments" / "double" / "test_public.py"
    public.write_text(public.read_text().replace("want=4", "want=4 // 0"))
    done = grader("check", "double", TINY / "reference" / "double" / "solution.py", "--course", tmp_path / "course")
    assert (done.returncode, done.stderr) == (3, "")
    assert "That says nothing about your file." in done.stdout
    assert "ZeroDivisionError" in done.stdout
    assert "public checks passed" not in done.stdout
    assert "Next:" not in done.stdout


def test_students_text_cannot_command_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / "loud.py"
    file.write_text("print('\\x1b[2J[bold red]SCORE 100[/]')\ndef double(n): raise ValueError('\\x1b]0;owned\\x07')\n")
    done = grader("check", "double", file, "--course", TINY, FORCE_COLOR="1")
    assert done.returncode == 1, done.stderr
    assert "\x1b[2J" not in done.stdout
    assert "\x1b]0" not in done.stdout
    assert "[bold red]SCORE 100[/]" in done.stdout


def test_what_ends_every_check_alike_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("def first_row(x:\n")
    done = grader("check", "lab1_tensors", file)
    assert done.returncode == 1, done.stderr
    assert done.stdout.count("SyntaxError") == 1
    assert "0 of 20 public checks passed, 0 of 100 points." in done.stdout


@pytest.mark.parametrize("verb", ["sandbox", "db"])
def test_help_of_a_group_cuts_no_line_short(verb: str) -> None:
    assert "..." not in grader(verb, "--help").stdout.partition("Commands:")[2]


def test_an_isolation_that_would_have_no_effect_is_refused(tmp_path: Path) -> None:
    done = grader("batch", "lab1_tensors", tmp_path, "--isolation", "container", "--sandbox", "local")
    assert done.returncode == 2
    assert "--isolation container is for --sandbox docker" in done.stderr


def test_pages_that_could_not_be_written_are_told_before_anything_is_graded(tmp_path: Path) -> None:
    (tmp_path / "ana.py").write_text("")
    (tmp_path / "index.html").write_text("mine")
    words = ("--sandbox", "local", "--db", f"sqlite:///{tmp_path / 'grades.db'}", "--out", tmp_path)
    done = grader("batch", "lab1_tensors", tmp_path / "ana.py", *words)
    assert done.returncode == 2
    assert "not one of the grader's pages" in done.stderr
    assert done.stdout == ""
