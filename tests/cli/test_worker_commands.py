"""What `worker`, and `batch` and `regrade` with --queue, say where something is missing; nothing is served here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
NOWHERE = "redis://grader:secret@127.0.0.1:1/0"


def grader(*words: object, first: str = "", **environment: str) -> str:
    """The sentence that a command ends with, which has no effect; `first` is executed before."""
    command = [sys.executable, "-c", f"{first}from grader.cli import main; main()", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **environment}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


@pytest.fixture
def batch(tmp_path: Path) -> list[object]:
    (tmp_path / "ana.py").write_text("def double(n): return 2 * n\n")
    return ["batch", "double", tmp_path / "ana.py", "--course", TINY, "--db", f"sqlite:///{tmp_path}/g.db", "--queue"]


def test_a_queue_needs_a_broker(batch: list[object]) -> None:
    said = grader(*batch)
    assert said == "Error: Which broker carries messages to workers? Name it with --broker URL or GRADER_BROKER."


@pytest.mark.parametrize(
    "words",
    [
        ["worker", "--sandbox", "local"],
        ["batch", "double", "ana.py", "--queue"],
        ["regrade", "double", "--queue"],
        ["watch", "double", TINY / "assignments", "--queue"],
    ],
)
def test_a_database_that_no_worker_could_reach_is_refused_and_not_made(tmp_path: Path, words: list[object]) -> None:
    file = tmp_path / "g.db"
    said = grader(*words, "--course", TINY, "--broker", NOWHERE, "--db", f"sqlite:///{file}")
    assert said.startswith(f"Error: Workers on other machines cannot reach the database {file}. Put it on a PostgreSQL")
    assert not file.exists()


@pytest.mark.parametrize("option", [("--sandbox", "local"), ("--jobs", "2"), ("--dataset", "digits"), ("--data", ".")])
def test_what_workers_decide_is_no_option_of_who_asks(batch: list[object], option: tuple[str, str]) -> None:
    said = grader(*batch, *option, "--broker", NOWHERE)
    assert said == f"Error: {option[0]} has no effect with --queue: it is an option of `grader worker`."


@pytest.mark.parametrize("option", [("--broker", NOWHERE), ("--patience", "30s")])
def test_what_says_how_workers_are_asked_is_refused_where_none_is(batch: list[object], option: tuple[str, str]) -> None:
    """Who forgets --queue would grade a class on a laptop."""
    said = grader(*batch[:-1], "--sandbox", "local", *option)
    assert said == f"Error: {option[0]} has no effect without --queue: this machine would grade."


def test_a_watch_takes_the_same_options_as_a_batch(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    watch = ["watch", "double", tmp_path / "in", "--course", TINY, "--db", f"sqlite:///{tmp_path}/g.db"]
    said = grader(*watch, "--sandbox", "local", "--broker", NOWHERE)
    assert said == "Error: --broker has no effect without --queue: this machine would grade."
    said = grader(*watch, "--queue", "--jobs", "2", "--broker", NOWHERE)
    assert said == "Error: --jobs has no effect with --queue: it is an option of `grader worker`."


@pytest.mark.parametrize("words", [["worker", "--sandbox", "local"], ["batch", "double", "ana.py", "--queue"]])
def test_no_database_is_made_that_no_worker_could_reach(tmp_path: Path, words: list[str]) -> None:
    course = shutil.copytree(TINY, tmp_path / "course")
    said = grader(*words, "--course", course, "--broker", NOWHERE, GRADER_DB="")
    assert said.startswith("Error: Which database do workers share?")
    assert not (course / "grades.db").exists()


@pytest.mark.parametrize("verb", [["batch", "double", "ana.py"], ["regrade", "double"], ["watch", "double", "."]])
def test_pages_that_cannot_be_written_are_told_of_before_workers_are_waited_for(verb: list[str]) -> None:
    words = ["--queue", "--course", TINY, "--broker", NOWHERE, "--db", "postgresql://127.0.0.1:1/grades"]
    assert "cannot be written to /proc/nope" in grader(*verb, *words, "--out", "/proc/nope")


@pytest.mark.parametrize("words", [["worker", "--sandbox", "local"], ["batch", "double", "ana.py", "--queue"]])
def test_where_celery_is_not_installed_that_is_a_sentence(postgresql: str, words: list[str]) -> None:
    absent = "import sys; sys.modules['celery'] = None; "
    said = grader(*words, "--course", TINY, "--db", postgresql, "--broker", NOWHERE, first=absent)
    assert said.endswith('Run: pip install "torch-lab-grader[distributed]"')


def test_without_queue_a_broker_in_the_environment_changes_nothing(batch: list[object]) -> None:
    said = grader(*batch[:-1], DOCKER_HOST="unix:///nowhere.sock", GRADER_BROKER=NOWHERE)
    assert "--sandbox local" in said


@pytest.mark.parametrize("time", ["soon", "-1", "5 minutes", "1d"])
def test_a_patience_that_is_no_time_is_told(batch: list[object], time: str) -> None:
    assert grader(*batch, "--patience", time).endswith(f"“{time}” is no time. Write 90s, 15m or 2h.")


@pytest.mark.parametrize("time", ["0", "9s"])
def test_a_patience_in_which_no_worker_could_begin_is_told(batch: list[object], time: str) -> None:
    assert grader(*batch, "--patience", time).endswith(
        f"“{time}” is too short for workers to begin. Write 10s or more."
    )


def test_an_address_that_names_no_broker_is_told() -> None:
    said = grader("worker", "--course", TINY, "--db", "postgresql://host/grades", GRADER_BROKER="redis://:p/w@host/0")
    assert said.startswith("Error: --broker or GRADER_BROKER names no broker: write redis://:PASSWORD@HOST")
    assert "%2F for /" in said


def test_a_queue_that_does_not_exist_is_told() -> None:
    said = grader("worker", "--queues", "cpu,tpu", "--course", TINY, "--broker", NOWHERE)
    assert said.endswith("“cpu,tpu” is no queue. Write cpu, gpu, or both with a comma.")


def test_a_broker_that_does_not_answer_is_a_sentence_without_its_password(postgresql: str) -> None:
    database = ["--course", TINY, "--db", postgresql]
    said = grader("worker", *database, "--broker", NOWHERE, "--sandbox", "local")
    assert said.startswith("Error: The broker redis://127.0.0.1:1/0 does not answer as it should (")
    assert said.endswith("and that its address is right (--broker or GRADER_BROKER).")
    assert "secret" not in said
