"""Lab 6 as it is graded: the solution, the starter, what is wrong, and what is right in another way."""

import grading
import pytest
from grading import COURSE, lost, told

from grader.model import Ending

LAB = COURSE.lab("lab6_data")
POINTS = grading.POINTS[LAB.name]
RIGHT = grading.right("lab6_right")
FUNCTIONS = (*POINTS, "compose")
CHECKS = set().union(*LAB.mutant_losses().values())
BATCHES = {name for name in CHECKS if name.startswith("batches")}


# ---------------------------------------------------------------- the solution and the starter


def test_the_solution_earns_everything_whatever_is_drawn(graded):
    runs = [graded(LAB.solution.read_bytes(), salt=f"{salt}") for salt in range(20)]
    assert [told(run) for run in runs if run.score < 100] == []


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(("mutant", "losses"), LAB.mutant_losses().items())
def test_a_mistake_costs_its_own_checks_and_no_other(graded, mutant, losses):
    run = graded(LAB.mutant_source(LAB.mutants / mutant))
    assert lost(run) == set(losses), told(run)
    assert run.ending is Ending.COMPLETED


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_is_missing_costs_its_own_checks_and_no_other(graded, name):
    run = graded(LAB.solution.read_bytes() + f"\n\ndel {name}\n".encode())
    for check in run.checks:
        assert (check.points == 0) == check.title.startswith(name), check.title


ANSWERS = [
    "None", "0", "0.5", "{}", "[]", "()", "[1, 2]", "'x'", "given[0]", "given", "(given[0], given[0])", "dict",
    "torch.zeros(5)", "torch.zeros(3, 784)", "torch.nn.Identity()", "[(0, torch.zeros(784), torch.zeros(10))] * 6",
    "[[torch.zeros(4), torch.zeros(4, 784), torch.zeros(4, 10)]] * 9", "lambda *pair: pair", "lambda *pair: None",
    "(torch.zeros(3), torch.ones(3))", "[None, None]", "iter(int, 1)", "[(None, None, None)] * 6", "[object()] * 6",
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_ignores_the_question_earns_nothing(graded, answer):
    functions = "".join(f"def {name}(*given, transform=None):\n    return {answer}\n\n\n" for name in FUNCTIONS)
    run = graded(f"import torch\n\n\n{functions}".encode())
    assert (run.ending, [check.id for check in run.checks if check.points]) == (Ending.COMPLETED, []), run.fault


def test_a_transform_that_leaves_all_as_it_is_earns_nothing(graded):
    source = (
        "def add_mult(add, mul):\n    return lambda pair: pair\n\n\ndef compose(*_):\n    return lambda pair: pair\n"
    )
    run = graded(source.encode())
    assert (run.ending, run.score) == (Ending.COMPLETED, 0)


def test_a_loop_without_end_costs_its_own_row(graded):
    endless = (
        b"\n\ndef batches(dataset, batch_size, seed):\n    while True:\n        yield default_collate([dataset[0]])\n"
    )
    run = graded(LAB.solution.read_bytes() + b"\nfrom torch.utils.data import default_collate\n" + endless)
    assert (run.ending, run.score) == (Ending.COMPLETED, 80)


def item(answer):
    """A DigitCSV whose items are these."""
    start = "class DigitCSV(DigitCSV):\n    def __getitem__(self, index):\n"
    return f"{start}        label, image, target = super().__getitem__(index)\n        return {answer}"


TARGET, LABEL = {"csv-target", "csv-target-form"}, {"csv-label"}
SPLIT = {"split-cover", "split-fraction", "split-seed"}


@pytest.mark.parametrize(
    ("changed", "losses"),
    [
        (item("label, image, [target]"), TARGET),
        (item("label, image, [target[:5], target[5:]]"), TARGET),
        (item("label, image, {'one': target, 'two': target.numpy()}"), TARGET),
        (item("label, image, target.to_sparse()"), TARGET),
        (item("(label, target), image, target"), LABEL),
        (item("{'label': label}, image, target.numpy()"), LABEL | {"csv-target-form"}),
        (item("image.new_zeros(200_000)"), {name for name in CHECKS if name.startswith("csv")}),
        ("def split(dataset, fraction, seed):\n    return torch.zeros(200_000), torch.zeros(200_000)", SPLIT),
        ("def split(dataset, fraction, seed):\n    return np.array([]), torch.zeros(())", SPLIT),
        ("torch.utils.data.TensorDataset = lambda *parts: None", BATCHES | SPLIT),
        ("torch.utils.data.DataLoader = lambda *parts, **options: 7", {"split-cover", "split-seed"}),
    ],
)
def test_an_unusual_answer_costs_what_is_wrong_with_it_and_the_run_is_graded(graded, changed, losses):
    run = graded(LAB.solution.read_bytes() + f"\n\n{changed}\n".encode())
    assert run.ending is Ending.COMPLETED, run.fault
    assert lost(run) == losses, told(run)


# ---------------------------------------------------------------- what is right in another way


@pytest.mark.parametrize("suite", ["hidden", "public"])
@pytest.mark.parametrize("path", RIGHT, ids=[path.stem for path in RIGHT])
def test_right_in_any_style_earns_everything(graded, path, suite):
    run = graded(path.read_bytes(), suite, entry=f"lab6_data{path.suffix}")
    assert (run.score, told(run)) == (100, {})
