"""Lab 5 as it is graded: the solution, the starter, what is wrong, what is right in another way, how it is judged."""

import dataclasses
import re
import runpy

import grading
import msgspec
import pytest
import torch
from grading import COURSE, earned, lost, told, unpacked

from grader import datasets, disguises
from grader.examine.draw import Draw
from grader.model import Ending, FigureKind, Flag, Outcome

LAB = COURSE.lab("lab5_cnn")
POINTS = grading.POINTS[LAB.name]
RIGHT = grading.right("lab5_right")
SUITE = runpy.run_path(str(LAB.hidden_suite))
ONCE = dataclasses.replace(LAB, spec=msgspec.structs.replace(LAB.spec, best_of={**LAB.spec.best_of, "train-cnn": 1}))
"""For mistakes that cost points in each training: another one would show the same once more."""


# ---------------------------------------------------------------- the solution and the starter


@pytest.mark.parametrize("salt", ["a", "b"])
def test_the_solution_earns_everything_whatever_is_drawn(graded, salt):
    assert told(graded(LAB.solution.read_bytes(), salt=salt)) == {}


@pytest.mark.parametrize("salt", ["", "a"])
def test_the_solution_earns_everything_on_mnist(graded, mnist, salt):
    run = graded(LAB.solution.read_bytes(), salt=salt, dataset=mnist)
    assert (run.score, run.flags, told(run)) == (100, (), {})


# ---------------------------------------------------------------- what is wrong

MUTANTS = {LAB.mutants / name: set(losses) for name, losses in LAB.mutant_losses().items()}
TRAININGS = {"train-cnn", "train-autoencoder"}
APART = ("feature", "accuracy", "freeze")  # rows of functions that no training calls
NO_CNN = b"\n\ndef train_cnn(*_, **__):\n    raise ValueError\n"
"""Its trainings take most of a run; `grader validate lab5_cnn` grades mistakes that do not concern them as they are."""
NO_TRAINING = NO_CNN + b"\n\ntrain_autoencoder = train_cnn\n"


def may_train(losses):
    return any(not id_.startswith(APART) for id_ in losses)


@pytest.mark.parametrize(
    "mutant", [path for path, losses in MUTANTS.items() if may_train(losses)], ids=lambda path: path.stem
)
def test_a_mistake_costs_its_own_checks_and_no_other(graded, mutant):
    source, losses = LAB.mutant_source(mutant), MUTANTS[mutant]
    if "train-cnn" not in losses:
        source, losses = source + NO_CNN, losses | {"train-cnn"}
    run = graded(source, lab=ONCE)
    assert lost(run) == losses, told(run)
    assert run.ending is Ending.COMPLETED


def test_a_mistake_that_no_training_meets_costs_its_own_checks(graded):
    for mutant, losses in MUTANTS.items():
        if not may_train(losses):
            run = graded(LAB.mutant_source(mutant) + NO_TRAINING)
            assert lost(run) == losses | TRAININGS, (mutant, told(run))


@pytest.mark.parametrize(
    ("mutant", "flags", "sentence"),
    [
        ("public_labels.py", (Flag.PUBLIC_LABELS,), "Points begin above 90 %"),
        ("upright_by_majority.py", (), "Points begin above 90 %"),
        ("table_of_public_labels.py", (), "Points begin above 90 %"),
        ("model_kept.py", (Flag.MEMORISED,), "Make a new model in every call"),
        ("turned_back_by_majority.py", (Flag.MEMORISED,), "Any training learns such a mark"),
        ("normalised_by_the_batch.py", (), "when the same input is asked alone"),
    ],
)
def test_each_defence_catches_what_it_is_for(graded, mutant, flags, sentence):
    run = graded(LAB.mutant_source(LAB.mutants / mutant), salt="again")
    assert earned(run, "train-cnn") == 0
    assert run.flags == flags
    assert sentence in told(run)["train-cnn"]


def test_who_counts_calls_gets_what_is_learnt_in_the_later_ones(graded):
    run = graded(LAB.mutant_source(LAB.mutants / "calls_counted.py"), salt="c")
    assert 0 < earned(run, "train-cnn") < 30
    assert run.flags == ()
    assert "Train in the same way in every call" in told(run)["train-cnn"]


@pytest.mark.parametrize("file", ["few_steps.py", "autoencoder_few_steps.py"])
def test_a_training_that_stops_early_earns_a_part(graded, file):
    run = graded(LAB.mutant_source(LAB.reference / "borderline" / file))
    id_ = "train-cnn" if file == "few_steps.py" else "train-autoencoder"
    assert lost(run) <= {id_}, told(run)
    (found,) = [check for check in run.checks if check.id == id_]
    assert found.outcome in {Outcome.PARTIAL, Outcome.PASSED}
    assert all(metric.share > 0 for metric in found.metrics)


@pytest.mark.parametrize(
    "answer",
    ["None", "0", "0.5", "{}", "[]", "(16, 7, 7)", "torch.zeros(5, 10)", "torch.zeros(5, 784)", "torch.nn.Identity()",
     "torch.nn.Linear(784, 10)", "torch.nn.Conv2d(1, 10, 28)", "given[0] if given else torch.nn.Identity()"],
)  # fmt: skip
def test_an_answer_that_ignores_the_question_earns_nothing(graded, answer):
    functions = [*POINTS, "train_autoencoder"]
    source = "".join(f"def {name}(*given, seed=0):\n    return {answer}\n\n\n" for name in functions)
    run = graded(f"import torch\n\n\n{source}".encode())
    assert (run.ending, {check.id for check in run.checks if check.points}) == (Ending.COMPLETED, set())


ANOTHERS_GRADIENT = """
class Operation:
    def __hash__(self):
        return 7

    def name(self):
        return "Convolution"

    class Metadata:
        shape = (7, [1], torch.zeros(2), 3)

    _input_metadata = (Metadata(),)
    next_functions = ()


class Answer(torch.Tensor):
    @property
    def grad_fn(self):
        return Operation()


class ConvNet(ConvNet):
    def forward(self, x):
        return super().forward(x).as_subclass(Answer)
"""
MANY_PARAMETERS = """
class ConvNet(ConvNet):
    def __init__(self):
        super().__init__()
        self.more = nn.Parameter(torch.zeros(1).expand(10**10))
        nn.init.zeros_(self.classify[2].weight)
"""
FREEZE = {"freeze-frozen", "freeze-fc", "freeze-kept"}


@pytest.mark.parametrize(
    ("changed", "losses"),
    [
        (ANOTHERS_GRADIENT, {"convnet-convolutions", "feature-shape"}),
        (MANY_PARAMETERS, {"convnet", "convnet-logits", "convnet-modes"}),
        ("def feature_shape(model, images):\n    return list(images[:, 0])", {"feature-shape"}),
        ("def feature_shape(model, images):\n    return torch.zeros(200_000)", {"feature-shape"}),
        ("import torchvision\ntorchvision.models.resnet18 = lambda **options: 5", FREEZE),
        ("nn.BatchNorm1d = lambda size: None", {"accuracy-eval"}),
    ],
    ids=["anothers-gradient", "many-parameters", "maps-as-a-shape", "a-long-shape", "no-resnet", "no-norm"],
)
def test_an_unusual_answer_costs_what_is_wrong_with_it_and_the_run_is_graded(graded, changed, losses):
    run = graded(LAB.solution.read_bytes() + f"\n\n{changed}\n".encode() + NO_TRAINING)
    assert run.ending is Ending.COMPLETED, run.fault
    assert lost(run) == losses | TRAININGS, told(run)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("torch.full((len(x), 10), float('nan'))", "is NaN or infinite for"),
        ("torch.zeros(len(x))", "the shape asked for is"),
        ("torch.zeros(len(x), 10, dtype=torch.int64)", "the dtype asked for is a floating dtype"),
        ("None", "is a return statement missing?"),
        ("torch.rand(len(x), 10)", "when the same input is asked alone"),
    ],
)
def test_an_answer_that_cannot_be_judged_is_explained(graded, answer, sentence):
    source = (
        "import torch\n\n\nclass Model(torch.nn.Module):\n    def forward(self, x):\n"
        f"        return {answer}\n\n\ndef train_cnn(images, labels, seed=0):\n    return Model()\n"
    )
    run = graded(source.encode())
    assert sentence in told(run)["train-cnn"]
    assert run.score == 0


@pytest.mark.parametrize("reaction", ["raise ValueError('what is this?')", "return None"])
def test_a_control_that_fails_costs_nothing_and_is_for_a_person_to_look_at(graded, reaction):
    source = f"""
_train_well = train_cnn


def train_cnn(images, labels, seed=0):
    if ((images.flatten(2) == 1).sum(dim=2) >= 80).float().mean() > 0.02:
        print("gives up", flush=True)
        {reaction}
    return _train_well(images, labels, seed)
"""
    run = graded(LAB.solution.read_bytes() + source.encode())
    assert run.output == "gives up\n"
    assert (run.score, run.flags) == (100, (Flag.CONTROL_FAILED,))


def test_a_network_that_is_trained_on_and_on_learns_what_it_is_given(graded):
    source = """
_model = ConvNet()


def ConvNet():
    return _model
"""
    run = graded(LAB.solution.read_bytes() + source.encode())
    assert earned(run, "train-cnn") == 35
    assert run.flags == ()


# ---------------------------------------------------------------- what is right in another way


@pytest.mark.parametrize("path", RIGHT, ids=[path.stem for path in RIGHT])
def test_right_in_any_style_earns_everything(graded, path):
    run = graded(path.read_bytes(), entry=f"lab5_cnn{path.suffix}")
    assert (run.score, run.flags, told(run)) == (100, (), {})


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_the_public_checks_take_any_style_too(graded, path):
    run = graded(path.read_bytes(), "public", entry=f"lab5_cnn{path.suffix}")
    assert (run.score, told(run)) == (100, {})


CONV = "nn.Conv2d(1, 8, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.BatchNorm2d(16), nn.ReLU()"


@pytest.mark.parametrize(
    ("layers", "shape", "right"),
    [
        (f"{CONV}, nn.Flatten(), nn.Linear(16 * 144, 10)", "(16, 12, 12)", True),
        (f"{CONV}, nn.Flatten(), nn.Linear(16 * 144, 10)", "[torch.tensor(16), 12.0, numpy.int64(12)]", True),
        (f"{CONV}, nn.Flatten(), nn.Linear(16 * 144, 10)", "torch.tensor([16, 12, 12])", True),
        (f"{CONV}, nn.Flatten(), nn.Linear(16 * 144, 10)", "(8, 14, 14)", False),
        (f"{CONV}, nn.Flatten(), nn.Linear(16 * 144, 10)", "(2304,)", False),
        (f"{CONV}, nn.Flatten(), nn.Linear(16 * 144, 10)", "(len(images), 16, 12, 12)", False),
        (f"{CONV}, nn.MaxPool2d(3), nn.Flatten(), nn.Linear(256, 10)", "(16, 12, 12)", True),
        (f"{CONV}, nn.MaxPool2d(3), nn.Flatten(), nn.Linear(256, 10)", "(16, 4, 4)", True),
        (f"{CONV}, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10)", "(16, 1, 1)", True),
        (f"{CONV}, nn.Conv2d(16, 10, 12), nn.Flatten()", "(10, 1, 1)", True),
        (f"{CONV}, nn.Conv2d(16, 10, 12), nn.Flatten()", "(16, 12, 12)", True),
        ("nn.Flatten(), nn.Linear(784, 10), nn.Dropout(0.5)", "(1, 28, 28)", False),
    ],
)  # fmt: skip
def test_the_shape_of_anything_between_the_last_convolution_and_the_flatten_is_right(graded, layers, shape, right):
    source = (
        "import numpy\nimport torch\nfrom torch import nn\n\n\n"
        f"def ConvNet():\n    return nn.Sequential({layers})\n\n\n"
        f"def feature_shape(model, images):\n    return {shape}\n"
    )
    assert earned(graded(source.encode()), "feature-shape") == (10 if right else 0)


LAYERS = f"nn.Sequential({CONV}, nn.Flatten(), nn.Dropout(0.5))"


@pytest.mark.parametrize(
    ("last", "answer", "points"),
    [
        ("torch.randn(16 * 144, 10)", "self.layers(x) @ self.last", (6, 2, 3)),
        ("torch.zeros(16 * 144, 10)", "self.layers(x) @ self.last", (6, 2, 3)),
        ("torch.zeros(16 * 144, 10)", "(self.layers(x) @ self.last).softmax(dim=1)", (6, 0, 3)),
        ("torch.zeros(16 * 144, 10)", "self.layers(x) @ self.last * 0 + 5", (0, 0, 0)),
        ("torch.randn(16 * 144, 10)", "nn.functional.dropout(self.layers(x)) @ self.last", (6, 2, 0)),
        ("torch.zeros(16 * 144, 10)", "nn.functional.dropout(self.layers(x)) @ self.last", (6, 2, 0)),
        ("torch.randn(16 * 144, 10)", "self.layers(x - x.mean(dim=0)) @ self.last", (0, 2, 3)),
        ("torch.randn(16 * 144, 10)", "(self.layers(x) @ self.last)[:, :0]", (0, 0, 0)),
    ],
)
def test_each_row_of_the_network_is_judged_by_itself_whatever_it_starts_from(graded, last, answer, points):
    source = (
        "import torch\nfrom torch import nn\n\n\n"
        "class ConvNet(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.layers, self.last = {LAYERS}, nn.Parameter({last})\n\n"
        f"    def forward(self, x):\n        return {answer}\n"
    )
    run = graded(source.encode())
    assert tuple(earned(run, id_) for id_ in ("convnet", "convnet-logits", "convnet-modes")) == points, told(run)


@pytest.mark.parametrize(
    ("layers", "answer", "points"),
    [
        ("nn.Conv2d(1, 8, 3)", "(h := self.layers(x)) * torch.sigmoid(h)", 0),
        ("nn.Conv2d(1, 8, 3)", "torch.cat([nn.functional.max_pool2d(h := self.layers(x), 2), h[..., :13, :13]])", 0),
        ("nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3)", "(h := self.layers(x)) * torch.sigmoid(h)", 4),
        ("nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3)", "self.layers(x) + self.layers[0](x)[..., 1:-1, 1:-1]", 4),
        ("nn.Conv2d(1, 8, 3)", "self.layers(x)[..., 1:-1, 1:-1] + self.beside(x)[..., 2:-2, 2:-2]", 4),
    ],
)
def test_a_convolution_that_several_ways_lead_to_is_one(graded, layers, answer, points):
    source = (
        "import torch\nfrom torch import nn\n\n\n"
        "class ConvNet(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.layers, self.beside = nn.Sequential({layers}), nn.Conv2d(1, 8, 1)\n\n"
        f"    def forward(self, x):\n        return ({answer}).mean(dim=(2, 3))\n"
    )
    run = graded(source.encode())
    assert earned(run, "convnet-convolutions") == points, told(run)


FREEZE = "    for parameter in model.parameters():\n        parameter.requires_grad = False\n"


@pytest.mark.parametrize(
    ("body", "points"),
    [
        (FREEZE, (5, 0, 4)),
        ("", (0, 0, 0)),
        ("    model.fc = torch.nn.Linear(512, classes)\n", (0, 6, 4)),
    ],
    ids=["frozen, fc forgotten", "untouched", "not frozen"],
)
def test_half_of_a_borrowed_network_costs_its_own_rows(graded, body, points):
    source = f"import torch\n\n\ndef freeze_and_replace(model, classes):\n{body}    return model\n"
    run = graded(source.encode())
    rows = "freeze-frozen", "freeze-fc", "freeze-kept"
    assert tuple(earned(run, id_) for id_ in rows) == points, told(run)


@pytest.mark.parametrize(
    ("share", "points"),
    [
        ("100 * (model(images).argmax(dim=1) == labels).float().mean().item()", (0, 3, 1, 2)),
        ("int((model(images).argmax(dim=1) == labels).sum())", (0, 3, 1, 2)),
        ("0.5", (0, 0, 0, 0)),
        ("labels.float().mean().item()", (0, 0, 0, 0)),
        ("model(images).max().item()", (0, 0, 0, 0)),
    ],
)
def test_how_accuracy_asks_is_judged_whatever_it_makes_of_the_answers(graded, share, points):
    source = (
        "import torch\n\n\n@torch.no_grad()\ndef accuracy(model, images, labels):\n"
        f"    before = model.training\n    model.eval()\n    share = {share}\n"
        "    model.train(before)\n    return share\n"
    )
    run = graded(source.encode())
    rows = "accuracy", "accuracy-eval", "accuracy-gradients", "accuracy-mode"
    assert tuple(earned(run, id_) for id_ in rows) == points, told(run)


@pytest.mark.parametrize(
    "answer", ["found.squeeze()", "found if len(x) > 1 else found[5:].mean(dim=0, keepdim=True).item()"]
)
def test_a_network_that_cannot_answer_to_an_image_alone_loses_five_points(graded, answer):
    source = f"""
_train_well = train_cnn


class Sociable(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        found = self.network(x)
        return {answer}


def train_cnn(images, labels, seed=0):
    return Sociable(_train_well(images, labels, seed)).eval()
"""
    run = graded(LAB.solution.read_bytes() + source.encode(), lab=ONCE)
    assert lost(run) == {"train-cnn"}, told(run)
    assert earned(run, "train-cnn") == pytest.approx(30)
    assert "Five points less" in told(run)["train-cnn"]


MLP = "nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 16))"
BACK = "nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 784))"
CONVOLVED = (
    "nn.Sequential(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),"
    " nn.Linear(8 * 169, 16))"
)


@pytest.mark.parametrize(
    ("down", "up", "encode", "forward", "right"),
    [
        (MLP, BACK, "self.down(x)", "self.up(self.encode(x))", True),
        (CONVOLVED, BACK, "self.down(x)", "self.up(self.encode(x))", True),
        (f"{MLP}.double()", f"{BACK}.double()", "self.down(x.double())", "self.up(self.encode(x))", True),
        (MLP, BACK, "self.down(x.sub_(0.5))", "self.up(self.encode(x))", True),
        (MLP, BACK, "torch.from_numpy(numpy.asarray(x)[:, :16] ** 2)", "self.up(self.encode(x))", True),
        (MLP, BACK, "(4 * self.down(x)).round() / 4", "self.up(self.encode(x))", True),
        (MLP, BACK, "self.down(x)", "self.up(self.encode(x)) * 0 + x.detach()", False),
        (MLP, BACK, "self.down(x)", "self.up(self.encode(x)) + 0.3 * x", False),
        (CONVOLVED, BACK, "self.down(x)", "self.up(self.encode(x)) + 0.3 * x", False),
        (MLP, "nn.Linear(800, 784)", "self.down(x)", "self.up(torch.cat([self.encode(x), x], dim=1))", False),
        (MLP, BACK, "x[:, :16]", "self.up(self.down(x))", False),
        (MLP, BACK, "(4 * self.down(x)).round() / 4", "self.up(self.down(x))", False),
    ],
)
def test_an_autoencoder_goes_through_its_bottleneck_if_it_answers_to_nothing_that_encode_does_not_notice(
    graded, down, up, encode, forward, right
):
    source = (
        "import numpy\nimport torch\nfrom torch import nn\n\n\n"
        "class Autoencoder(nn.Module):\n    def __init__(self, bottleneck):\n        super().__init__()\n"
        f"        self.down, self.up = {down}, {up}\n\n"
        f"    def encode(self, x):\n        return {encode}\n\n"
        f"    def forward(self, x):\n        return {forward}\n"
    )
    run = graded(source.encode())
    assert (earned(run, "autoencoder"), earned(run, "autoencoder-bottleneck")) == (3, 3 if right else 0), told(run)


# ---------------------------------------------------------------- how the thirty-five points are given


@pytest.mark.parametrize(
    ("right", "in_train_mode", "points"),
    [
        (0.90, False, 0),
        (0.90, True, 0),
        (0.901, True, 0),
        (0.934, False, 17.5),
        (0.934, True, 15.5),
        (0.968, False, 35),
        (0.9684, False, 35),
        (1.0, True, 33),
    ],
)
def test_the_thirty_five_points_are_given_as_the_handout_says(right, in_train_mode, points):
    found = SUITE["verdict"](right, in_train_mode=in_train_mode)
    assert 35 * found.share == pytest.approx(points)
    assert ("train mode" in found.message) == in_train_mode
    (metric,) = found.metrics
    assert (metric.value, metric.low, metric.high) == (right, 0.90, 0.968)


@pytest.mark.parametrize(("most", "points"), [(1.0, 35), (0.97, 35), (0.934, 17.5), (0.90, 0)])
def test_what_a_control_lets_count_bounds_the_points(most, points):
    found = SUITE["verdict"](0.98, in_train_mode=False, most=most)
    assert 35 * found.share == pytest.approx(points)
    assert "your model is right for 98.00 %" in found.message
    assert (f"so {100 * most:.2f} % is what counts" in found.message) == (most < 0.98)


def test_the_page_shows_what_was_judged_wrongly(graded):
    figure = graded(LAB.mutant_source(LAB.mutants / "untrained.py"), lab=ONCE).figures[-1]
    assert figure.kind is FigureKind.IMAGES
    assert len(unpacked(figure.data)) == len(figure.data["captions"]) == 12
    assert all(re.fullmatch(r"\d, and it is \d", caption) for caption in figure.data["captions"])


def test_the_handout_states_how_much_memory_there_is():
    assert f"{LAB.spec.limits.memory_mb // 1024} GB of memory" in (LAB.assignment / "README.md").read_text()


# ---------------------------------------------------------------- how the task is drawn


def task(symmetry=0, key="a test"):
    return SUITE["make_task"](Draw(key), datasets.load("digits", None), symmetry)


def test_the_training_part_has_the_shapes_and_ranges_of_the_contract():
    found = task()
    assert found.images.shape == (6000, 1, 28, 28)
    assert found.images.dtype == torch.float32
    assert (found.images.min(), found.images.max()) == (0, 1)
    assert found.labels.shape == (6000,)
    assert found.labels.dtype == torch.int64
    assert found.labels.unique().tolist() == found.test_labels.unique().tolist() == list(range(10))


def test_twelve_thousand_images_of_mnist_are_given(mnist):
    found = SUITE["make_task"](Draw("a test"), datasets.load(mnist.name, mnist.root), 1)
    assert found.images.shape == (12_000, 1, 28, 28)
    assert found.test_images.shape == (10_000, 28, 28)


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_no_class_keeps_its_public_number(key):
    found = task(key=key)
    assert not (found.test_labels == found.public_labels).any()


@pytest.mark.parametrize("symmetry", range(1, 8))
def test_both_parts_are_turned_alike(symmetry):
    upright, found = task(), task(symmetry)
    assert torch.equal(found.images[:, 0], disguises.turned(upright.images[:, 0], symmetry))
    assert torch.equal(found.test_images, disguises.turned(upright.test_images, symmetry))
    assert torch.equal(found.upright, upright.test_images)


def test_no_image_is_one_that_everybody_knows():
    found, digits = task(), datasets.load("digits", None)
    everybodys = disguises.enlarged(torch.cat([digits.train_images, digits.test_images]), torch.zeros(1797))[0]
    known = {image.numpy().tobytes() for image in everybodys}
    given = (255 * found.images).round().to(torch.uint8)[:, 0]
    assert not any(image.numpy().tobytes() in known for image in (*given, *found.test_images))


def test_no_image_that_decides_was_given_for_training():
    found = task()
    given = {(255 * image).round().to(torch.uint8).numpy().tobytes() for image in found.images}
    assert not any(image.numpy().tobytes() in given for image in found.test_images)
