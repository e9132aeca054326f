"""A student's install: what `check` takes, without the libraries that grading a class takes."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from grader.cli import VERBS

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "courses" / "tiny"
SOLUTION = TINY / "reference" / "double" / "solution.py"
HEAVY = {"alembic", "celery", "copydetect", "docker", "jinja2", "kombu", "markdown_it", "matplotlib", "psycopg"}
HEAVY |= {"redis", "requests", "sqlalchemy", "yaml"}
ABSENT = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def python(code: str, *, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "80"}
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def light(*words: object) -> subprocess.CompletedProcess[str]:
    """The program where the libraries are absent."""
    return python(f"{ABSENT}\nsys.argv = {['grader', *map(str, words)]!r}\nfrom grader.cli import main\nmain()")


def test_check_works() -> None:
    done = light("check", "double", SOLUTION, "--course", TINY)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 public checks passed" in done.stdout


def test_what_check_is_made_of_can_be_imported() -> None:
    modules = ("cli.check", "pipeline.checking", "examine.examination", "examine.suite", "judge", "generative")
    done = python(f"{ABSENT}\n" + "\n".join(f"import grader.{name}" for name in modules))
    assert done.stderr == ""


def test_help_of_every_verb_and_the_version_are_told() -> None:
    """In one process: each costs half a second otherwise."""
    done = python(f"""{ABSENT}
from click.testing import CliRunner
from grader.cli import program
for words in (["--help"], ["--version"], *([verb, "--help"] for verb in {list(VERBS)})):
    found = CliRunner().invoke(program, words)
    assert found.exit_code == 0, (words, found.exception)
""")
    assert done.stderr == ""


TOLD = {
    ("batch", "double", SOLUTION, "--sandbox", "local"): "grading",
    ("results", "double"): "grading",
    ("sandbox", "doctor"): "grading",
    ("demo",): "grading",
    ("worker", "--db", "postgresql://host/grades", "--broker", "redis://host"): "distributed",
    ("batch", "double", SOLUTION, "--queue", "--db", "postgresql://host/grades", "--broker", "redis://host"): (
        "distributed"
    ),
}


@pytest.mark.parametrize(("words", "extra"), TOLD.items(), ids=lambda one: one[0] if isinstance(one, tuple) else one)
def test_a_verb_that_takes_more_names_the_extra_to_install(words: tuple[object, ...], extra: str) -> None:
    course = () if words[0] == "sandbox" else ("--course", TINY)
    done = light(*words, *course)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: `grader {words[0]}` needs more than a student's install. "
        f'Run: pip install "torch-lab-grader[{extra}]"\n'
    )


def test_a_module_of_the_grader_that_is_lacking_is_a_bug_and_not_told_as_an_extra() -> None:
    absent = "import sys; sys.modules['grader.pipeline.checking'] = None; "
    words = ["check", "double", str(SOLUTION)]
    done = python(f"{absent}sys.argv = {['grader', *words]!r}\nfrom grader.cli import main\nmain()", cwd=TINY)
    assert done.returncode == 1
    assert done.stderr.endswith("import of grader.pipeline.checking halted; None in sys.modules\n")


@pytest.mark.parametrize(
    ("library", "raised", "told"),
    [
        ("torch", "ModuleNotFoundError(f'No module {name}', name=name)", "torch .* (No module torch)"),
        ("numpy", "ImportError('\\n\\nIMPORTANT: read this.\\nCause: x')", "A library .* (IMPORTANT: read this.)"),
    ],
)
def test_a_library_that_is_lacking_or_broken_is_said_in_a_sentence(library: str, raised: str, told: str) -> None:
    absent = ABSENT.replace(f"in {HEAVY!r}", f"== {library!r}").replace(
        'ModuleNotFoundError(f"No module named {name!r}", name=name)', raised
    )
    assert raised in absent
    words = ["grader", "check", "double", str(SOLUTION), "--course", str(TINY)]
    done = python(f"{absent}\nsys.argv = {words!r}\nfrom grader.cli import main\nmain()")
    which, why = told.split(" .* ")
    assert done.returncode == 2
    assert done.stderr == (
        f"Error: {which} cannot be imported here {why}, and comes with the grader. Make a new environment "
        "(python -m venv grader-env), and install the grader there.\n"
    )


@pytest.mark.parametrize("behind", ["links", "PYTHONPATH"])
def test_check_works_where_libraries_lie_outside_of_pythons_folders(tmp_path: Path, behind: str) -> None:
    """As installers that link their cache put them, and clusters whose modules set a variable."""
    venv.create(tmp_path, symlinks=True)
    libraries = Path(sysconfig.get_path("purelib"))
    (ours,) = (tmp_path / "lib").glob("python3*/site-packages")
    for library in libraries.iterdir() if behind == "links" else ():
        (ours / library.name).symlink_to(library)
    folders = [ROOT] if behind == "links" else [ROOT, libraries]
    words = ["grader", "check", "double", str(SOLUTION), "--course", str(TINY)]
    done = subprocess.run(
        [tmp_path / "bin" / "python", "-c", f"import sys; sys.argv = {words!r}; from grader.cli import main; main()"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of 1 public checks passed" in done.stdout
