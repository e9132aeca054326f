"""The wheel: what is in it, and that it works where nothing else of this repository is."""

import errno
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import grader

ROOT = Path(__file__).parents[1]
LARGE = ("torch", "torchvision", "scikit-learn")
"""Gigabytes with what they require: taken from here, not fetched anew."""
OF_EXTRAS = {"alembic", "celery", "copydetect", "docker", "matplotlib", "psycopg", "pyyaml", "requests", "sqlalchemy"}
LIGHT = "needs more than a student's install. Run: pip install"


def pip(*words, python=sys.executable):
    """Without an index the test is skipped, or fails where one is required."""
    command = [sys.executable, "-m", "pip", "--python", str(python), *map(str, words), "--disable-pip-version-check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    unreachable = "Failed to establish a new connection" in done.stderr or "Temporary failure in name" in done.stderr
    if unreachable and os.environ.get("GRADER_REQUIRE_INDEX") != "1":
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (made,) = folder.iterdir()
    return made


def files(*folders):
    """What lies in these folders of the repository, as paths in it, without caches."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_wheel_has_the_packages_the_templates_and_this_course_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert len(names) == len(set(names))
    own = {name for name in names if not name.startswith("torch_lab_grader-")}
    example = {f"grader/example/{name}" for name in files("assignments", "reference")}
    templates = {f"grader/{name}" for name in files("templates")}
    assert own == files("grader", "sandbox") | example | templates | {"sandbox/versions.txt"}
    assert {"grader/py.typed", "sandbox/py.typed", "sandbox/Dockerfile", "sandbox/modules.txt"} <= own
    assert not [name for name in names if name.endswith((".pyc", ".db"))]


def test_what_the_wheel_says_of_itself_is_what_the_repository_says(wheel):
    with zipfile.ZipFile(wheel) as packed:
        (about,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        said = packed.read(about).decode().partition("\n\n")[0].splitlines()
        assert packed.read(about.replace("METADATA", "licenses/LICENSE")) == (ROOT / "LICENSE").read_bytes()
    citation = (ROOT / "CITATION.cff").read_text().splitlines()
    for fact in ("License-Expression: MIT", f"Version: {grader.__version__}"):
        assert fact in said
        assert fact.replace("License-Expression", "license").replace("Version", "version") in citation


def test_an_editable_install_copies_no_solution_to_where_student_code_may_read(tmp_path):
    pip("install", "--quiet", "--no-deps", "--no-compile", "--target", tmp_path, "--editable", ROOT)
    assert (tmp_path / "sandbox" / "versions.txt").is_file(), "what is copied lies here"
    assert list(tmp_path.rglob("*.toml")) == []


def distributions(names):
    """What is installed here of these and of all that they require, by name and extra."""
    found = {}
    waiting = [(name, "") for name in names]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in found:
            continue
        try:
            found[name, extra] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # which pip installs, then
        for needed in map(Requirement, found[name, extra].requires or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                waiting += [(needed.name, each) for each in ("", *needed.extras)]
    return {one.name: one for one in found.values()}.values()


def link(place, to):
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(place, to)
    except OSError as error:
        if error.errno != errno.EXDEV:  # another disk
            raise
        shutil.copy2(place, to)


class Environment:
    """A virtual environment that has nothing but `LARGE`, and a folder to work in that is no course."""

    def __init__(self, folder):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        self.bin = folder / "venv" / "bin"
        self.packages = folder / "venv" / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
        self.here = folder / "here"
        self.here.mkdir()
        for each in distributions(LARGE):
            for file in each.files or ():
                if ".." not in file.parts and (place := Path(file.locate())).is_file():
                    link(place, self.packages / file)

    def install(self, what):
        """The wheel or its extra from the index, at the versions that are tested, with nothing that contradicts."""
        pip(
            "install",
            "--quiet",
            "--no-compile",
            "--constraint",
            ROOT / "versions.txt",
            what,
            python=self.bin / "python",
        )
        assert pip("check", python=self.bin / "python") == "No broken requirements found.\n"

    def installed(self):
        listed = metadata.distributions(path=[str(self.packages)])
        return {each.name.lower() for each in listed}

    def grader(self, *words, here=None):
        """Exit status and what was said, in one line."""
        kept = {key: os.environ[key] for key in ("GRADER_CACHE", "LANG", "TMPDIR") if key in os.environ}
        env = {**kept, "PATH": os.defpath, "HOME": str(self.here), "DOCKER_HOST": f"unix://{self.here}/none.sock"}
        command = [self.bin / "grader", *map(str, words)]
        done = subprocess.run(command, cwd=here or self.here, env=env, capture_output=True, text=True, check=False)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def example(self, part):
        return self.packages / "grader" / "example" / part


def test_in_an_environment_of_its_own_a_student_checks_and_with_the_extra_an_instructor_grades(wheel, tmp_path):
    """One test, for making the environment takes longer than all that is asked in it."""
    bare = Environment(tmp_path)
    bare.install(wheel)
    assert not OF_EXTRAS & bare.installed()
    _check_as_a_student(bare)
    bare.install(f"{wheel}[grading]")
    assert OF_EXTRAS - bare.installed() == {"celery", "psycopg"}
    _grade_the_sample_classes(bare)


def _check_as_a_student(bare):
    assert bare.grader("--version") == (0, f"grader, version {grader.__version__}")
    status, said = bare.grader("--help")
    assert status == 0
    assert "check Run a lab's public checks on one file, on this machine." in said
    for verb in (["batch", "lab1_tensors", "."], ["demo"]):
        status, said = bare.grader(*verb, "--course", bare.example(""))
        assert (status, said) == (2, f'Error: `grader {verb[0]}` {LIGHT} "torch-lab-grader[grading]"')
    course = bare.here / "course"
    shutil.copytree(bare.example("assignments"), course / "assignments")
    for lab in ("lab1_tensors", "lab3_classifier"):  # the latter with scikit-learn's digits
        status, said = bare.grader("check", lab, bare.example(f"reference/{lab}/solution.py"), here=course)
        assert status == 0, said
        assert "Next: hand it in." in said
    starter = "assignments/lab1_tensors/lab1_tensors.py"
    status, said = bare.grader("check", "lab1_tensors", starter, here=course)
    assert status == 1, said
    assert "0 of 20 public checks passed" in said


def _grade_the_sample_classes(bare):
    for part in ("assignments", "reference"):
        shutil.rmtree(bare.example(part) / "lab3_classifier")  # whose four students train for a minute
    (bare.example("reference") / "lab1_tensors" / "sample_class" / "emil_hansen.py").unlink()  # who never ends
    before = contents(bare.packages / "grader")
    status, said = bare.grader("demo")
    assert status == 0, said
    assert "No container engine answers" in said
    assert "jonas_weber 53/100" in said
    pages = bare.here / "out" / "demo" / "lab1_tensors"
    assert len(list((pages / "students").glob("*.html"))) == 9
    assert "<style>" in (pages / "index.html").read_text()
    assert contents(bare.packages / "grader") == before


def contents(folder):
    return {path for path in folder.rglob("*") if path.suffix != ".pyc" and path.name != "__pycache__"}
