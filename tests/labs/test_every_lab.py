"""What holds for every lab: the solution gets everything, the starter nothing, a mistake costs what it must."""

import doctest
import re

import pytest
from grading import BUNDLED, COURSE, POINTS, ROWS, Grading, told

from grader.examine.plugin import Dataset
from grader.model import Ending, Outcome

LABS = {name: COURSE.lab(name) for name in POINTS}
EXAMPLES = {
    "lab1_tensors": 10, "lab2_regression": 12, "lab3_classifier": 4, "lab4_gan": 5, "lab5_cnn": 11, "lab6_data": 24,
}  # fmt: skip
"""How many lines of each handout's examples are tried."""
SUITES = pytest.mark.parametrize("suite", ["hidden", "public"])


@pytest.fixture(params=LABS.values(), ids=LABS)
def lab(request):
    return request.param


@pytest.fixture
def graded(lab, slots, known):
    return Grading(lab, slots, Dataset() if lab.spec.dataset == "none" else BUNDLED, known)


@SUITES
def test_the_solution_earns_everything(graded, lab, suite):
    run = graded(lab.solution.read_bytes(), suite)
    assert told(run) == {}
    assert (run.ending, run.flags, run.score, run.max_score) == (Ending.COMPLETED, (), 100, 100)


@SUITES
def test_the_starter_earns_nothing(graded, lab, suite):
    run = graded(lab.starter.read_bytes(), suite)
    assert (run.ending, run.score) == (Ending.COMPLETED, 0)
    assert {check.outcome for check in run.checks} <= {Outcome.ERROR, Outcome.SKIPPED}


@SUITES
def test_each_row_is_worth_what_the_contract_says(graded, lab, suite):
    found = dict.fromkeys(POINTS[lab.name], 0)
    for check in graded(b"", suite).checks:
        name = re.match(r"\w+", check.title)[0]
        found[ROWS.get(name, name)] += check.max_points
    assert found == POINTS[lab.name]


def test_every_check_is_lost_by_some_mistake(graded, lab):
    checks = {check.id for check in graded(b"").checks}
    assert set().union(*lab.mutant_losses().values()) == checks


def test_every_check_says_why_it_matters_in_a_sentence_or_two_of_its_own(graded):
    for check in graded(b"").checks:
        why, said = (set(re.split(r"(?<=[.?!]) ", text)) for text in (check.why, f"{check.hint} {check.asked}"))
        assert check.why.endswith("."), check.id
        assert len(why) <= 2, check.id
        assert not why & said, check.id


def test_every_group_of_checks_has_its_section_in_the_handout(graded, lab):
    sections = re.findall(r"^## (.+)$", (lab.assignment / "README.md").read_text("utf-8"), re.MULTILINE)
    assert {check.group for check in graded(b"").checks} <= set(sections)


def test_the_handout_states_the_limits(lab):
    limits = lab.spec.limits
    told = (lab.starter.parent / "README.md").read_text(encoding="utf-8").rpartition("\nLimits: ")[2]
    for limit in (limits.call_seconds, limits.plain_seconds, limits.run_seconds):
        assert re.search(rf"\b{limit:,.0f}\b", told), f"{limit} seconds"
    assert f"{limits.memory_mb // 1024} GB" in told


def test_there_are_mistakes_enough(lab):
    assert len(lab.mutant_losses()) >= 12


def test_the_handout_says_what_each_row_is_worth(lab):
    text = (lab.assignment / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `?(\w+)(?:`?\(| \|).*\| (\d+) \|$", text, re.MULTILINE)
    assert {name: int(worth) for name, worth in rows if name in POINTS[lab.name]} == POINTS[lab.name]


def test_the_examples_of_the_handout_are_true(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = re.sub(r"^```.*$", "", (lab.assignment / "README.md").read_text("utf-8"), flags=re.MULTILINE)
    names = {}
    exec(lab.solution.read_bytes(), names)
    example = doctest.DocTestParser().get_doctest(text, names, "README.md", "README.md", 0)
    assert doctest.DocTestRunner().run(example) == (0, EXAMPLES[lab.name])
