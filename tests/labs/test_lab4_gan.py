"""Lab 4 as it is graded: the solution, the starter, what is wrong, what is right in other styles, and the quality.

A training takes ten seconds, and a run has two: what the quality is judged on, and the same again. So what a mistake
costs but for the quality is seen with trainings of a few steps, which earn none of its points, and whether it costs the
quality with the first training alone; `grader validate lab4_gan` grades mistakes as they are.
"""

import dataclasses
import json
import re
import runpy

import grading
import msgspec
import pytest
import torch
from grading import COURSE, earned, lost, told

from grader import datasets
from grader.disguises import turned
from grader.errors import CheckFailed
from grader.examine.draw import Draw
from grader.examine.session import Session
from grader.examine.submission import Desk
from grader.examine.submission import Submission as Proxy
from grader.judge import judge_for
from grader.model import Ending, Flag, Outcome, Student, Submission

LAB = COURSE.lab("lab4_gan")
POINTS = grading.POINTS[LAB.name]
RIGHT = grading.right("lab4_right")
ONCE = dataclasses.replace(LAB, spec=msgspec.structs.replace(LAB.spec, best_of={"quality": 1}))
SUITE = runpy.run_path(str(LAB.hidden_suite))
UNTRAINED = b"\n\nSTEPS = 20\n"
TRAINED_ONCE = b"""

_trained, _train = [], train_gan


def train_gan(images, latent_size=64, seed=0):
    if _trained:
        raise ValueError("is not asked whether it does the same again")
    _trained.append(seed)
    return _train(images, latent_size, seed)
"""


# ---------------------------------------------------------------- the solution and the starter


@pytest.mark.parametrize("salt", ["a", "b"])
def test_the_solution_earns_everything_whichever_digit_is_drawn(graded, salt):
    assert told(graded(LAB.solution.read_bytes(), salt=salt)) == {}


def test_the_solution_earns_everything_on_mnist(graded, mnist):
    run = graded(LAB.solution.read_bytes(), dataset=mnist)
    assert (run.score, told(run)) == (100, {})


@pytest.mark.parametrize("name", [name for name in POINTS if name != "quality"])
def test_a_function_that_is_missing_earns_nothing_of_its_row(graded, name):
    run = graded(LAB.solution.read_bytes() + UNTRAINED + f"\ndel {name}\n".encode())
    row = [check for check in run.checks if re.match(r"\w+", check.title)[0] == name]
    assert sum(check.points for check in row) == 0
    others = {"Generator", "Discriminator"} - {name}
    kept = [check for check in run.checks if re.match(r"\w+", check.title)[0] in others]
    assert all(check.outcome is Outcome.PASSED for check in kept), told(run)


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(("mutant", "losses"), LAB.mutant_losses().items())
def test_a_mistake_costs_its_own_checks_and_no_other(graded, mutant, losses):
    source = LAB.mutant_source(LAB.mutants / mutant)
    run = graded(source + UNTRAINED, lab=ONCE)
    assert lost(run) == {*losses, "quality"}, told(run)
    assert run.ending is Ending.COMPLETED


def trains_long(mutant):
    """Whether it trains as the solution does, or by as many steps: else all is seen above."""
    text = (LAB.mutants / mutant).read_text("utf-8")
    return "def train_gan" not in text or "STEPS" in text


@pytest.mark.parametrize(
    ("mutant", "losses"),
    [(mutant, losses) for mutant, losses in LAB.mutant_losses().items() if "quality" in losses and trains_long(mutant)],
)
def test_a_mistake_costs_the_quality_of_a_long_training(graded, mutant, losses):
    run = graded(LAB.mutant_source(LAB.mutants / mutant) + TRAINED_ONCE, lab=ONCE)
    assert lost(run) == {*losses, "train-gan-seed"}, told(run)
    assert run.ending is Ending.COMPLETED


KINDS = [path.stem.removeprefix("replayed_") for path in sorted(LAB.mutants.glob("replayed_*.py"))]


@pytest.mark.parametrize("kind", KINDS)
def test_real_images_earn_no_quality_in_any_disguise_and_are_flagged(graded, kind):
    run = graded(LAB.mutant_source(LAB.mutants / f"replayed_{kind}.py"), salt="again")
    assert earned(run, "quality") == 0
    assert run.flags == (Flag.REPLAYED,)
    assert "of your images are real ones" in told(run)["quality"]
    assert not any("nearest" in figure.title for figure in run.figures), "which calls a copy that was turned a new one"


@pytest.mark.parametrize("kind", ["shifted", "rotated"])
def test_images_of_mnist_are_flagged(graded, mnist, kind):
    run = graded(LAB.mutant_source(LAB.mutants / f"replayed_{kind}.py"), dataset=mnist)
    assert (earned(run, "quality"), run.flags) == (0, (Flag.REPLAYED,))


def test_a_collapsed_generator_earns_little_although_its_image_is_recognised(graded):
    run = graded(LAB.mutant_source(LAB.mutants / "noise_ignored.py") + TRAINED_ONCE, lab=ONCE)
    metrics = {metric.name: metric.value for check in run.checks for metric in check.metrics}
    assert metrics["diversity"] < 0.1
    assert earned(run, "quality") <= 6


@pytest.mark.parametrize("answer", ["None", "0.5", "{}", "torch.zeros(5, 784)", "torch.zeros(0, 1)", "given[0]",
    "torch.nn.Identity()", "torch.nn.Linear(64, 784), dict(generator_loss=[0.5], discriminator_loss=[0.5])"],
)  # fmt: skip
def test_an_answer_that_ignores_the_question_earns_nothing(graded, answer):
    functions = "".join(f"def {name}(*given, latent_size=64, seed=0):\n    return {answer}\n\n\n" for name in POINTS)
    run = graded(f"import torch\n\n\n{functions}".encode())
    right = {"train-gan", "train-gan-history"} if "Linear" in answer else set()
    assert (run.ending, {check.id for check in run.checks if check.points} - right) == (Ending.COMPLETED, set())


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("torch.full((n, 784), float('nan'))", "NaN or infinite"),
        ("torch.zeros(n, 10)", "has shape (1000, 10)"),
        ("None", "is a return statement missing?"),
    ],
)
def test_samples_that_cannot_be_judged_are_explained(graded, answer, sentence):
    source = f"\n\ndef sample(generator, n, seed=0):\n    return {answer}\n".encode()
    run = graded(LAB.solution.read_bytes() + UNTRAINED + source, lab=ONCE)
    assert sentence in told(run)["quality"]
    assert lost(run) == {"sample", "sample-seed", "quality"}


def test_what_raises_in_training_costs_the_training_alone(graded):
    source = b"\n\ndef train_gan(images, latent_size=64, seed=0):\n    raise ValueError('no idea')\n"
    run = graded(LAB.solution.read_bytes() + source)
    assert lost(run) == {"train-gan", "train-gan-history", "train-gan-seed", "quality"}


ONE_ANSWER_TO_ALL = """
class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())

    def forward(self, images):
        return self.layers(images).mean()


def loss_of(answer, target):
    return nn.functional.binary_cross_entropy(answer, target.mean())
"""
LAYERS_IN_A_STEP = """
only_step = generator_step


def generator_step(generator, discriminator, optimizer, batch_size):
    {}generator.register_module(f"extra{{len(list(generator.children()))}}", nn.Linear(3, 3))
    return only_step(generator, discriminator, optimizer, batch_size)
"""
MEAN_OF_PIXELS = """
class Generator(Generator):
    def forward(self, noise):
        return super().forward(noise).mean(dim=1)
"""
NO_MODULES = """
class Generator(Generator):
    def named_modules(self, *given, **named):
        return iter([])
"""
MANY_PARAMETERS = """
class Generator(Generator):
    def __init__(self, latent_size=64):
        super().__init__(latent_size)
        self.more = nn.Parameter(torch.zeros(1).expand(10**10), requires_grad=False)
"""


@pytest.mark.parametrize(
    ("changed", "losses"),
    [
        (ONE_ANSWER_TO_ALL, {"discriminator", "discriminator-range"}),
        (LAYERS_IN_A_STEP.format('hasattr(generator, "extra1") or '), set()),
    ],
    ids=["one-answer-to-all", "a-layer-in-a-step"],
)
def test_an_unusual_network_costs_what_is_wrong_with_it_and_the_run_is_graded(graded, changed, losses):
    run = graded(LAB.solution.read_bytes() + UNTRAINED + changed.encode(), lab=ONCE)
    assert run.ending is Ending.COMPLETED, run.fault
    assert lost(run) - {"quality"} == losses, told(run)


@pytest.mark.parametrize(
    ("changed", "check", "sentence"),
    [
        (LAYERS_IN_A_STEP.format(""), "generator-step-gradients", "make all layers in __init__"),
        (MEAN_OF_PIXELS, "generator-noise", "makes no image of each row of noise, and has shape (6,)"),
        (NO_MODULES, "generator", "has no parameters that could be trained"),
        (MANY_PARAMETERS, "generator-range", "Your network has 10,000,243,600 parameters"),
    ],
    ids=["layers-in-steps", "one-pixel", "no-modules", "many-parameters"],
)
def test_an_odd_network_is_told_what_is_odd_and_the_run_is_graded(graded, changed, check, sentence):
    run = graded(LAB.solution.read_bytes() + UNTRAINED + changed.encode(), lab=ONCE)
    assert run.ending is Ending.COMPLETED, run.fault
    assert sentence in told(run)[check]
    assert not lost(run) & {"discriminator", "discriminator-range"}


DRAWS = ("0", "4", "10")
"""Where both networks learn from an optimizer of the step's own, one of two steps in a row hardly moves anything."""
OWN_ADAM_OVER_BOTH = b"""

def generator_step(generator, discriminator, optimizer, batch_size):
    both = torch.optim.Adam([*generator.parameters(), *discriminator.parameters()], lr=1e-3, betas=(0.5, 0.999))
    loss = loss_of(discriminator(generator(noise_for(generator, batch_size))), torch.ones(batch_size, 1))
    both.zero_grad()
    loss.backward()
    both.step()
    return loss.item()
"""


def applies_stale_gradients(session, step, key):
    proxy = Proxy(Desk(session, Draw("the sandbox", key), LAB.spec.limits.seconds))
    try:
        SUITE["check_fresh"](proxy, Draw("a draw", key), task(), step)
    except CheckFailed as failed:
        return "optimizer.zero_grad() first" in str(failed)
    return False


@pytest.mark.parametrize(
    ("step", "source", "stale"),
    [
        ("generator_step", LAB.solution.read_bytes() + OWN_ADAM_OVER_BOTH, False),
        ("generator_step", LAB.solution.read_bytes(), False),
        ("discriminator_step", LAB.solution.read_bytes(), False),
        ("generator_step", LAB.mutant_source(LAB.mutants / "generator_accumulates.py"), True),
        ("discriminator_step", LAB.mutant_source(LAB.mutants / "discriminator_accumulates.py"), True),
        ("discriminator_step", LAB.mutant_source(LAB.mutants / "zero_grad_of_the_own_network_afterwards.py"), True),
    ],
    ids=["both-learn", "right-g", "right-d", "never-g", "never-d", "afterwards-d"],
)
def test_stale_gradients_are_told_whatever_is_drawn_and_no_others(slots, step, source, stale):
    name = f"{LAB.name}.py"
    session = Session(Submission(Student("ada", "Ada"), LAB.name, {name: source}, name, "", "a test"), LAB.spec, slots)
    try:
        session.open()
        assert [applies_stale_gradients(session, step, key) for key in DRAWS] == [stale] * len(DRAWS)
    finally:
        session.close()


def test_a_detached_image_is_named_and_no_stale_gradients_are(graded):
    run = graded(LAB.mutant_source(LAB.mutants / "generator_detached.py") + UNTRAINED, lab=ONCE)
    found = {check.id: check.message + check.hint for check in run.checks}
    for name in ("generator-step", "generator-step-gradients"):
        assert "is the generated image detached, or made under no_grad?" in found[name]
        assert "zero_grad" not in found[name]


# ---------------------------------------------------------------- what is right in another style


FEWER_IMAGES = """
_train_on_all = train_gan


def train_gan(images, latent_size=64, seed=0):
    return _train_on_all(images[:1280], latent_size, seed)
"""


def shortened(path):
    """The same with a training of twenty steps or one epoch of twenty."""
    text = re.sub(r"in range\(1500\)", "in range(20)", path.read_text("utf-8"))
    text = re.sub(r"(for epoch in range\(|EPOCHS = )\d+", r"\g<1>1", text)
    if path.suffix == ".py":
        return (text + FEWER_IMAGES).encode()
    notebook = json.loads(text)
    notebook["cells"].append({**notebook["cells"][0], "source": FEWER_IMAGES})
    return json.dumps(notebook).encode()


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_another_style_earns_everything_but_the_quality_of_a_short_training(graded, path):
    run = graded(shortened(path), lab=ONCE, entry=f"lab4_gan{path.suffix}")
    assert lost(run) == {"quality"}, told(run)


@pytest.mark.parametrize("name", ["logits_while_training.py", "notebook.ipynb"])
def test_another_style_that_is_trained_earns_everything(graded, name):
    path = RIGHT[0].with_name(name)
    run = graded(path.read_bytes(), entry=f"lab4_gan{path.suffix}")
    assert (run.score, told(run)) == (100, {})


# ---------------------------------------------------------------- the quality


def points(recognised=1.0, diversity=1.0, frechet=0.1, novelty=1.0, copies=0.0):
    return 35 * SUITE["verdict"](SUITE["Quality"](recognised, diversity, frechet, novelty, copies)).share


@pytest.mark.parametrize(
    ("quality", "worth"),
    [
        ({}, 35),
        ({"recognised": 0.85, "diversity": 0.65, "frechet": 0.40, "novelty": 0.70}, 35),
        ({"copies": 0.09}, 35),
        ({"copies": 0.10}, 0),
        ({"frechet": 0.60}, 28.5),
        ({"frechet": 0.80}, 22),
        ({"novelty": 0.50}, 33),
        ({"novelty": 0.0}, 31),
        ({"diversity": 0.525}, 27),
        ({"diversity": 0.40}, 19),
        ({"diversity": 0.03, "frechet": 1.2}, 6),
        ({"recognised": 0.725}, 24),
        ({"recognised": 0.60, "frechet": 3.0}, 0),
    ],
)
def test_the_points_are_given_as_the_handout_says(quality, worth):
    assert points(**quality) == pytest.approx(worth)


def message(recognised=1.0, diversity=1.0, frechet=0.1, novelty=1.0, copies=0.0):
    return SUITE["verdict"](SUITE["Quality"](recognised, diversity, frechet, novelty, copies)).message


def test_what_each_figure_earned_is_told_in_a_line_of_its_own_that_says_why_not_all():
    assert message(diversity=0.05, frechet=0.6).split("\n") == [
        "Recognised: 6 of 6 points.",
        f"Diversity: 0 of 12 points. {SUITE['_ALIKE']}",
        "Fréchet distance: 6.5 of 13 points. As a crowd, your images are still far from real ones.",
        "Novelty: 0 of 4 points. None, as diversity earned none: it counts only as far as that does.",
    ]


def test_figures_that_count_only_as_far_as_others_do_say_so():
    lines = message(recognised=0.725).split("\n")
    assert lines[1] == "Diversity: 6 of 12 points. It counts only as far as recognised does."
    assert message(novelty=0.5).split("\n")[3] == (
        "Novelty: 2 of 4 points. Your images are too close to the training images."
    )


def test_copies_are_told_what_took_the_points():
    assert message(copies=0.5) == (
        "At least 50% of your images are real ones, as they were or only turned, moved, distorted, blurred or with some"
        " noise.\nThat takes all 35 points: a generator draws new ones."
    )


@pytest.fixture(scope="module")
def judge():
    return judge_for(datasets.load("digits", None))


def quality(samples, found, judge):
    return SUITE["verdict"](SUITE["look_at"](samples, found, judge))


def unflagged(found, samples, judge):
    """What samples earn apart from being copies, 0..1."""
    look = dataclasses.replace(SUITE["look_at"](samples, found, judge), copies=0.0)
    return SUITE["verdict"](look).share


def test_real_images_that_were_not_given_have_everything_but_that_they_are_copies(judge):
    found = task()
    samples = found.held_out[torch.arange(1000) % len(found.held_out)]
    assert unflagged(found, samples, judge) == 1
    assert quality(samples, found, judge).share == 0


@pytest.mark.parametrize("other", [4, 9])
def test_another_digit_earns_nothing(judge, other):
    assert quality(task(other).held_out, task(), judge).share == 0


@pytest.mark.parametrize("kind", ["uniform", "grey"])
def test_noise_earns_nothing(judge, kind):
    noise = torch.rand(1000, 784, generator=torch.Generator().manual_seed(0))
    assert quality(noise if kind == "uniform" else 0.5 + 0.1 * noise, task(), judge).share == 0


def test_one_image_drawn_again_and_again_earns_what_being_recognised_is_worth(judge):
    found = task()
    blend = found.training[:200].mean(dim=0).expand(1000, -1)
    assert quality(blend, found, judge).share * 35 <= 6


# ---------------------------------------------------------------- how the task is drawn


def task(digit=3, symmetry=5, key="a test"):
    return SUITE["make_task"](Draw(key), datasets.load("digits", None), digit, symmetry)


def test_what_is_given_has_the_shapes_and_ranges_of_the_contract():
    found = task().images
    assert found.shape[1] == 784
    assert found.dtype == torch.float32
    assert (found.min(), found.max()) == (0, 1)
    assert 5000 <= len(found) < 6500


@pytest.mark.parametrize("digit", range(10))
def test_half_of_all_images_of_mnist_are_given_and_the_other_half_is_held_out(mnist, digit):
    digits = datasets.load(mnist.name, mnist.root)
    found = SUITE["make_task"](Draw("a test"), digits, digit, 0)
    images = int((digits.train_labels == digit).sum() + (digits.test_labels == digit).sum())
    assert len(found.training) + len(found.held_out) == images
    assert len(found.training) - len(found.held_out) in (0, 1)
    assert 5000 <= len(found.images) < 10000


def test_which_half_is_given_is_drawn():
    halves = [{image.numpy().tobytes() for image in task(key=key).training} for key in ("a", "b")]
    assert 0.4 < len(halves[0] & halves[1]) / len(halves[0]) < 0.6


@pytest.mark.parametrize("symmetry", range(1, 8))
def test_what_is_given_is_turned_and_what_is_judged_is_upright_again(symmetry):
    found = task(symmetry=symmetry)
    given = found.images[:50]
    assert not torch.equal(given, found.training[:50])
    assert torch.equal(given, turned(found.training[:50].view(-1, 28, 28), symmetry).flatten(1))
    assert torch.equal(found.upright(given), found.training[:50])


def test_no_image_that_the_samples_are_compared_with_was_given():
    found = task()
    given = {image.numpy().tobytes() for image in found.training}
    assert not any(image.numpy().tobytes() in given for image in found.held_out)


def test_the_same_file_gets_the_same_points_again_and_its_page_shows_what_it_drew(graded):
    source = LAB.solution.read_bytes() + UNTRAINED
    run = graded(source, lab=ONCE)
    assert run.checks == graded(source, lab=ONCE, afresh=True).checks
    losses, sheets, nearest = run.figures
    assert [line["name"] for line in losses.data["lines"]] == ["generator", "discriminator"]
    assert [sheet["shape"] for sheet in sheets.data["sheets"]] == [[36, 28, 28]] * 2
    assert nearest.data["shape"] == [8, 28, 58]
