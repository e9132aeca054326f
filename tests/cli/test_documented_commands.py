"""Commands that pages show exist, with the options shown; those of README, tutorials and one how-to are followed."""

import re
import shlex
import shutil
import zipfile
from pathlib import Path

import click
import pytest
from followed import ROOT, blocks, follow
from PIL import Image

from grader.cli import VERBS, main, program

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("deploy/**/*.md")),
    *sorted(ROOT.glob("assignments/*/README.md")),
]
TUTORIALS = ROOT / "docs" / "tutorials"
DATA = ROOT / "docs" / "how-to" / "datasets.md"
FOLLOWED = [ROOT / "README.md", DATA, *sorted(TUTORIALS.glob("*.md"))]


def _commands() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for block in re.findall(r"```(?:sh|console|bash)\n(.*?)```", page.read_text(), re.DOTALL):
            lines = (line.split("#")[0].strip().removeprefix("$ ") for line in block.splitlines())
            found += [(page.name, line) for line in lines if line.startswith("grader ")]
    return found


@pytest.mark.parametrize(("page", "line"), _commands())
def test_a_documented_command_and_its_options_exist(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    context = click.Context(program)
    command: click.Command = program
    while isinstance(command, click.Group):
        if words[0].startswith("-"):
            break
        found = command.get_command(context, words.pop(0))
        assert found is not None, f"{page}: {line}"
        command = found
    options = {
        name for parameter in command.get_params(context) for name in (*parameter.opts, *parameter.secondary_opts)
    }
    assert {word for word in words if word.startswith("--")} <= options, f"{page}: {line}"


def test_every_verb_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert [verb for verb in VERBS if f"grader {verb}" not in text and f"`{verb}`" not in text] == []


@pytest.mark.docker
def test_the_tutorial_of_a_class_can_be_followed(tmp_path: Path) -> None:
    follow(TUTORIALS / "first-class.md", tmp_path, tmp_path / "told")


def test_the_tutorial_of_a_lab_can_be_followed(tmp_path: Path) -> None:
    """And the lab that `grader new` makes, as it is and with a check more, is one of which validate has no remark."""
    follow(TUTORIALS / "first-lab.md", tmp_path, tmp_path / "told")
    assert not [file for file in (tmp_path / "told").iterdir() if "Remarks:" in file.read_text()]


def test_the_tutorial_for_students_can_be_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zip_ = tmp_path / "lab1_tensors.zip"
    monkeypatch.setattr("sys.argv", ["grader", "handout", "lab1_tensors", "--out", str(zip_), "--course", str(ROOT)])
    main()
    follow(TUTORIALS / "for-students.md", tmp_path, tmp_path / "told")


def test_the_page_of_a_lab_with_data_of_its_own_can_be_followed(tmp_path: Path) -> None:
    """With twenty photos of each class, which differ."""
    for name, light in (("day", 236), ("night", 0)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(20):
            Image.new("RGB", (64, 40), (light, light + number, light)).save(tmp_path / f"photos/{name}/{number}.png")
    follow(DATA, tmp_path, tmp_path / "told")


@pytest.mark.docker
def test_the_readme_can_be_followed(tmp_path: Path) -> None:
    """With what somebody has who grades: a course, a class, its gradebook; the environment is there already."""
    lab, sample = ROOT / "reference" / "lab1_tensors", ROOT / "reference" / "lab1_tensors" / "sample_class"
    for part in ("assignments", "reference"):
        shutil.copytree(ROOT / part / "lab1_tensors", tmp_path / part / "lab1_tensors")
    rules = tmp_path / "assignments" / "lab1_tensors" / "lab.toml"
    rules.write_text(f'{rules.read_text()}\n[grade]\ndue = 2026-11-20T23:59:00\nzone = "Europe/Berlin"\n')
    shutil.copy(lab / "solution.py", tmp_path / "lab1_tensors.py")
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        for name in ("ana_lopez.py", "goran_ilic.py"):
            archive.write(sample / name, name)
    (tmp_path / "gradebook.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,lab1_tensors (7)\n"
        "    Points Possible,,,,,100\n"
        '"López, Ana",1,,ana_lopez,A,\n'
        '"Ilić, Goran",2,,goran_ilic,A,\n'
    )
    follow(ROOT / "README.md", tmp_path, tmp_path / "told")


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.name)
def test_what_is_not_run_says_why(page: Path) -> None:
    notes = [block.note for block in blocks(page) if block.note]
    assert all(re.match(r"not run: \w|status [1-9]$|(write|append to|change) \S+$", note) for note in notes), notes
    assert any(block.is_run for block in blocks(page))


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.name)
def test_a_file_that_a_block_stands_for_is_named_above_it_where_readers_see_it(page: Path) -> None:
    """The comments that tests follow are in nobody's browser."""
    before = ""
    for text, path in re.findall(r"(?ms)(.*?)^<!-- (?:write|append to|change) (\S+) -->$", page.read_text()):
        before += re.sub(r"(?ms)<!--.*?-->|^```.*?^```$", "", text)
        assert f"{Path(path).name}`" in before, path
