"""`grader sandbox doctor` as people see it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli import sandbox
from grader.examine.engine import Finding, Level

ROOT = Path(__file__).parents[2]


def doctor(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from grader.cli import main; main()", "sandbox", "doctor", *options]
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("options", "heading", "command"),
    [
        ((), "A warm container", "grader batch"),
        (("--isolation", "container"), "A container for each submission", "grader batch --isolation container"),
    ],
)
def test_a_machine_that_is_fit_is_called_so(options, heading, command):
    done = doctor(*options)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in lines if not line.startswith(" ")] == [
        "Engine",
        "Image",
        heading,
        f"{command} can grade here.",
    ]
    assert max(map(len, lines)) <= 80


def test_without_an_engine_one_is_told_what_to_do_and_that_grading_would_refuse(tmp_path):
    done = doctor(DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (2, "")
    assert lines[0] == "Engine"
    assert lines[1].startswith("  BAD   engine          No container engine answers. Start Docker")
    assert lines[-1] == "grader batch would refuse to grade here: see BAD."


def test_a_finding_stands_in_columns_with_what_to_do_below(capsys):
    advice = "Boot with systemd.unified_cgroup_hierarchy=1, which is a word that no line may break."
    sandbox._show(Finding("Container", "memory", Level.BAD, "no limit is in force; 3.5 GiB was asked for", advice))
    sandbox._show(Finding("Container", "network", Level.FINE, "none"))
    assert capsys.readouterr().out == (
        "  BAD   memory          no limit is in force; 3.5 GiB was asked for\n"
        "                        → Boot with systemd.unified_cgroup_hierarchy=1, which is\n"
        "                        a word that no line may break.\n"
        "  ok    network         none\n"
    )
