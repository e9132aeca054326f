"""The page about suites: its examples say what it says, and it has every name as the code has it, and no other."""

import inspect
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader import disguises, metrics
from grader.datasets import Digits
from grader.examine import controls, expect, suite
from grader.examine.draw import Draw
from grader.examine.examination import with_suite
from grader.examine.figures import Figures
from grader.examine.plugin import FIXTURES, Dataset
from grader.examine.slots import Slots
from grader.examine.submission import Handle, Submission
from grader.examine.trials import Trials
from grader.judge import Judge
from grader.labs import Lab, LabSpec, LimitSpec
from grader.model import Flag, Metric, Outcome, Run, Student
from grader.model import Submission as HandedIn

(PAGE,) = (Path(__file__).parents[1] / "docs").rglob("suite-api.md")
TEXT = PAGE.read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOTES = re.compile(r"earns (?P<points>[\d.]+) of (?P<most>[\d.]+)|flagged (?P<flag>[\w-]+)|drawn (?P<figure>.+)")


@dataclass
class Example:
    """A suite of the page, a file that passes it, and others with what they are noted for and what is said of them."""

    suite: str
    settings: str = ""
    right: str = ""
    wrong: list[tuple[str, str, str]] = field(default_factory=list)


def examples() -> Iterator[Example]:
    """The examples, and the imports that the page gives them."""
    header, settings, example = "", "", None
    for kind, content in FENCE.findall(TEXT):
        if kind == "toml":
            settings = content
        elif kind == "text":
            file, notes, _ = example.wrong[-1]
            example.wrong[-1] = file, notes, content.rstrip("\n")
        elif content.startswith("# "):
            right, wrong, *_ = [*re.split(r"^# wrong", content, flags=re.MULTILINE), ""]
            example.right = right or example.right
            notes, _, file = wrong.partition("\n")
            example.wrong.append((file, notes, "not said"))
        elif re.fullmatch(r"((import|from) .*\n|\n)+", content):
            header = content
        else:
            if example:
                yield example
            example, settings = Example(header + as_suite(content), settings), ""
    yield example


def as_suite(content: str) -> str:
    """A check around what stands for one."""
    if "@check(" in content:
        return content
    body = "".join(f"    {line}\n" for line in content.splitlines())
    return f'@check("one", title="One", points=10)\ndef test_one(submission, draw, figures, flags):\n{body}'


EXAMPLES = list(examples())


class OneSlot:
    """A launcher that has one slot for all."""

    def __init__(self, slot):
        self._slot = slot

    def open(self):
        return self._slot


@pytest.fixture
def runs(local_slot, tmp_path):
    """The runs of files by an example's suite."""

    def go(example: Example, files: list[str]) -> list[Run]:
        lab = Lab("lab", spec(example), tmp_path / "assignments" / "lab", tmp_path / "reference" / "lab")
        lab.reference.mkdir(parents=True)
        lab.hidden_suite.write_text(example.suite)
        slots = Slots(OneSlot(local_slot))
        ada = Student("ada", "Ada")
        handed_in = [HandedIn(ada, "lab", {"lab.py": each.encode()}, "lab.py", "0" * 64, "") for each in files]
        return with_suite(
            lab, lab.hidden_suite, lambda examine: [examine(one, slots) for one in handed_in], dataset=Dataset("digits")
        )

    return go


def spec(example: Example) -> LabSpec:
    points = sum(float(points) for points in re.findall(r"^@check\(.*points=([\d.]+)", example.suite, re.MULTILINE))
    settings = tomllib.loads(example.settings)
    return LabSpec(title="Lab", version="1", limits=LimitSpec(call_seconds=30), points=points, **settings)


def said(run: Run) -> str:
    return "\n".join(row.message for row in run.checks if row.outcome is not Outcome.PASSED)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: re.search(r"def (test_\w+)", example.suite)[1])
def test_an_example_says_what_the_page_says(example, runs):
    right, *wrong = runs(example, [example.right, *(file for file, _, _ in example.wrong)])
    assert (said(right), right.flags, right.score) == ("", (), right.max_score)
    assert [said(run) for run in wrong] == [text for _, _, text in example.wrong]
    for run, (_, notes, _) in zip(wrong, example.wrong, strict=True):
        check_notes(run, notes)


def check_notes(run: Run, notes: str) -> None:
    """What the page says of a wrong file beside its message."""
    noted = NOTES.search(notes)
    assert bool(noted) == bool(notes), notes
    if noted and noted["points"]:
        assert (run.score, run.max_score) == (float(noted["points"]), float(noted["most"]))
    if noted and noted["flag"]:
        assert run.flags == (noted["flag"],)
    if noted and noted["figure"]:
        assert [figure.title for figure in run.figures] == [noted["figure"]]


def test_every_example_has_a_right_file_and_a_wrong_one():
    assert len(EXAMPLES) > 30
    assert [example.suite for example in EXAMPLES if not example.right or not example.wrong] == []


# ---------------------------------------------------------------- the page and the code

OBJECTS = {
    "expect": expect,
    "controls": controls,
    "metrics": metrics,
    "disguises": disguises,
    "figures": Figures,
    "draw": Draw,
    "submission": Submission,
    "handle": Handle,
    "trials": Trials,
    "digits": Digits,
    "judge": Judge,
    "metric": Metric,
}
NOT_FOR_AUTHORS = {"draw.within", "submission.NAME"}
"""The runner's own; what stands for a name of the student's file."""


def own(owner) -> list[str]:
    """The public functions that are the module's or the class's own."""
    home = owner.__name__ if inspect.ismodule(owner) else owner.__module__
    functions = ((name, found) for name, found in vars(owner).items() if inspect.isfunction(found))
    return [name for name, found in functions if not name.startswith("_") and found.__module__ == home]


def written(name: str, function) -> str:
    """A signature as the page writes it: without types, and without self."""
    signature = inspect.signature(function)
    plain = [each.replace(annotation=each.empty) for each in signature.parameters.values() if each.name != "self"]
    return f"{name}{signature.replace(parameters=plain, return_annotation=signature.empty)}"


@pytest.mark.parametrize(
    "called", ["expect", "controls", "metrics", "disguises", "figures", "draw", "submission", "handle"]
)
def test_every_public_function_is_on_the_page_with_its_signature(called):
    functions = {f"{called}.{name}": getattr(OBJECTS[called], name) for name in own(OBJECTS[called])}
    lacking = [written(name, found) for name, found in functions.items() if f"`{written(name, found)}`" not in TEXT]
    assert [each for each in lacking if each.partition("(")[0] not in NOT_FOR_AUTHORS] == []


def test_every_name_of_the_module_is_on_the_page():
    assert [name for name in suite.__all__ if not re.search(rf"`(controls\.)?{name}\b", TEXT)] == []
    for name in ("Line", "Dots", "Mark", "Verdict", "Metric", "check"):
        assert f"`{written(name, getattr(suite, name))}`" in TEXT


def test_every_fixture_is_on_the_page():
    assert [name for name in FIXTURES if f"fixture `{name}`" not in TEXT] == []


def test_the_page_names_nothing_that_is_not_there():
    examples_left_out = re.sub(r"^```python\n.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"\b([a-z]+\.[A-Za-z_]+)", "\n".join(re.findall(r"`([^`\n]+)`", examples_left_out))))
    known = {name for name in named if name.partition(".")[0] in OBJECTS} - NOT_FOR_AUTHORS
    gone = [name for name in known if not _has(*name.split("."))]
    assert len(known) > 40
    assert gone == []
    assert [name for name in re.findall(r"\bFlag\.(\w+)", TEXT) if name not in Flag.__members__] == []


def _has(called: str, name: str) -> bool:
    owner = OBJECTS[called]
    made = {"draw": {"generator"}}  # in `__init__`
    return hasattr(owner, name) or name in getattr(owner, "__dataclass_fields__", made.get(called, ()))
