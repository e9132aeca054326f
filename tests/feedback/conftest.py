"""A class of thirty with everything that can happen, and the pages made of it."""

import base64
import hashlib
import math
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grader.feedback import sections
from grader.model import (
    Alike,
    Attempt,
    CheckResult,
    ClassResults,
    Ending,
    Figure,
    FigureKind,
    Flag,
    Grade,
    Metric,
    Outcome,
    Override,
    Passage,
    Run,
    SandboxFacts,
    Similar,
    SimilarPair,
    Student,
    Visibility,
)

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
DOCKER = SandboxFacts("docker", "warm", "sha256:4f1c")

HOSTILE = (
    "<script>document.documentElement.dataset.pwned = 1</script>",
    '"><img src=x onerror="document.documentElement.dataset.pwned = 1">',
    "{{7*7}} {% for x in y %}",
    "</pre></details></main><h1>SCORE 100</h1>",
    "javascript:document.documentElement.dataset.pwned=1",
    "\u202eevil\u202c \x1b[31mred\x1b[0m \x00\x07 \ud800",
    "x" * 400,
)

# fmt: off
LAB1 = (
    ("first_row", "Indexing", 4, "first_row(x) returns the first row: [n, m] -> [m].", "x[0] is the first row."),
    ("first_column", "Indexing", 4, "first_column(x): [n, m] -> [n].", "x[:, 0] takes column 0 of every row."),
    ("transpose", "Indexing", 4, "transpose(x) swaps rows and columns: [n, m] -> [m, n].", "x.T"),
    ("squeeze_all", "Shapes", 5, "squeeze_all(x) drops every dimension of size 1.", "Look at squeeze."),
    ("squeeze_dim", "Shapes", 5, "squeeze_dim(x, dim) drops dimension dim if its size is 1.", "squeeze takes dim."),
    ("add_dim", "Shapes", 5, "add_dim(x, dim) puts a dimension of size 1 at dim.", "Look at unsqueeze."),
    ("view_as", "Shapes", 6, "view_as(x, shape) shows the same elements in another shape.", "-1 fills in."),
    ("standardise", "Batches", 5, "standardise(x): columns of mean 0 and deviation 1.", "What is 0 / 0? Guard it."),
    ("perceptron", "Batches", 5, "perceptron(x, w, b) is 1 where x·w + b > 0, else 0.", "The answer is int64."),
    ("cubic_gradient", "Gradients", 5, "cubic_gradient(x) is the derivative at x.", "Call backward(), read x.grad."),
    ("mse_gradient", "Gradients", 5, "mse_gradient(x, y, w) is d/dw of mean((x*w - y)**2).", "requires_grad=True"),
)
# fmt: on

TRACEBACK = """Traceback (most recent call last):
  File "lab1_tensors.py", line 41, in standardise
    return (x - x.mean(0)) / x.std(0, correction=0).reshape(-1, 3)
RuntimeError: shape '[-1, 3]' is invalid for input of size 5"""


def check(row, outcome, *, points=None, message="", traceback="", **more):
    name, group, most, asked, hint = row
    earned = {Outcome.PASSED: most}.get(outcome, 0) if points is None else points
    return CheckResult(name, name, group, outcome, float(earned), float(most), asked, message, hint, traceback, **more)


def lab1_checks(seed):
    """Plausible results: pupils with a larger seed know less."""
    checks = []
    for at, row in enumerate(LAB1):
        luck = (math.sin(seed * 12.9898 + at * 78.233) + 1) / 2
        if luck > seed / 34:
            checks.append(check(row, Outcome.PASSED))
        elif at == 7:
            checks.append(
                check(
                    row,
                    Outcome.ERROR,
                    message="standardise(x) raised RuntimeError: shape '[-1, 3]' is invalid for input of size 5",
                    traceback=TRACEBACK,
                )
            )
        elif at == 10 and checks[9].outcome is not Outcome.PASSED:
            checks.append(check(row, Outcome.SKIPPED, depends=("cubic_gradient",)))
        elif luck > seed / 60:
            checks.append(
                check(
                    row, Outcome.PARTIAL, points=row[2] / 2, message=f"{row[0]}(x) is right for square matrices only."
                )
            )
        else:
            checks.append(
                check(row, Outcome.FAILED, message=f"{row[0]}(x) should have shape (4, 3), but has shape (3, 4).")
            )
    return tuple(checks)


def digit(stroke):
    """A crude picture of 28x28, light on dark."""
    return [
        min(255, int(255 * math.exp(-((((x - 14) ** 2 + (y - 14) ** 2) ** 0.5 - 4 - stroke % 5) ** 2) / 3)))
        for y in range(28)
        for x in range(28)
    ]


FIGURES = (
    Figure(
        FigureKind.CONFUSION,
        "Confusion matrix",
        "Of 1,000 unseen pictures, half of them the digit, the model judged 912 rightly.",
        {"tp": 431, "fp": 19, "tn": 481, "fn": 69, "positive": "the digit"},
    ),
    Figure(
        FigureKind.IMAGES,
        "Pictures that your model got wrong",
        "Twelve of the 88 pictures on which the model and the label disagree.",
        {
            "shape": [28, 28],
            "images": [digit(n) for n in range(12)],
            "captions": [f"a {n % 10}, said “the digit” with {0.5 + n / 30:.2f}" for n in range(12)],
        },
    ),
)


def sheet(name, count, stroke=0):
    pixels = bytes(value for n in range(count) for value in digit(n + stroke))
    return {"name": name, "shape": [count, 28, 28], "pixels": base64.b64encode(zlib.compress(pixels)).decode()}


def figure(kind, title, alt, data, about=""):
    return Figure(FigureKind(kind), title, alt, data, about)


EPOCHS = [float(n) for n in range(1, 41)]
CLOUD = [math.sin(12.9898 * n) * 1.5 for n in range(60)]
LOSS = figure(
    "plot",
    "Loss of both networks",
    "The discriminator’s loss falls from 0.69 to 0.31 in 40 epochs, the generator’s rises from 0.8 to 2.1.",
    {
        "x": "epoch",
        "y": "loss",
        "lines": [
            {"name": "discriminator", "x": EPOCHS, "y": [0.3 + 0.4 * math.exp(-n / 9) for n in EPOCHS]},
            {
                "name": "generator",
                "x": EPOCHS,
                "y": [None if n == 20 else 2.2 - 1.4 * math.exp(-n / 15) + 0.1 * math.sin(n) for n in EPOCHS],
            },
        ],
        "dots": [],
        "marks": [],
    },
    "train",
)
FIT = figure(
    "plot",
    "Your fit",
    "60 points around a line; your line lies below them, by 0.62 on average.",
    {
        "x": "x",
        "y": "y",
        "lines": [{"name": "your line", "x": [-1.5, 1.5], "y": [-2.0, 2.6]}],
        "dots": [
            {
                "name": "points",
                "x": CLOUD,
                "y": [1.8 * x + 0.9 + 0.5 * math.sin(99 * x) for x in CLOUD],
                "fit": [1.5333 * x + 0.3 for x in CLOUD],
            }
        ],
        "marks": [],
    },
)
CURVE = figure(
    "plot",
    "Precision and recall",
    "Precision against recall for every threshold; yours, 0.5, has a recall of 0.86 and a precision of 0.96.",
    {
        "x": "recall",
        "y": "precision",
        "lines": [
            {"name": "your model", "x": [n / 50 for n in range(51)], "y": [1 - (n / 50) ** 8 / 2 for n in range(51)]}
        ],
        "dots": [],
        "marks": [
            {"name": "your threshold, 0.5", "x": 0.86, "y": 0.85},
            {"name": "best F1, at 0.41", "x": 0.9, "y": 0.79},
        ],
    },
    "train",
)
SAMPLES = figure(
    "sheets",
    "What your generator draws",
    "64 images of your generator beside 64 real ones.",
    {"sheets": [sheet("your samples", 64), sheet("real digits", 64, 3)], "columns": 8},
    "quality",
)
NEAREST = figure(
    "sheets",
    "The nearest training images",
    "Eight samples, and below each the training image that it is nearest to.",
    {"sheets": [sheet("samples and their nearest", 16)], "columns": 8},
    "quality",
)
CLASSES = figure(
    "bars",
    "How well each digit is recognised",
    "The 8 is recognised least, 71.2 % of the time; the 1 best, 99.1 %.",
    {
        "x": "digit",
        "y": "recognised",
        "labels": [str(n) for n in range(10)],
        "values": [0.97, 0.991, 0.93, 0.91, 0.95, 0.88, 0.96, 0.94, 0.712, 0.9],
    },
)
SWAPPED = figure(
    "shapes",
    "Shapes",
    "The shape asked for is (4, 3); what came back is (3, 4).",
    {"expected": [4, 3], "actual": [3, 4]},
)
FLAT = figure("shapes", "Shapes", "in words", {"expected": [None, 3, 28, 28], "actual": [8, 28, 28]})

HANDOUT = """# Lab 4

## Indexing

`x: float32 [n, d]` reads "a float32 tensor of shape (n, d)". See [PyTorch](https://pytorch.org/docs).

| function | contract | points |
|---|---|---|
| `first_row(x)` | `[n, m] -> [m]`, and more words to make this wide | 4 |

### In detail

- **A transpose is not a reshape.** Both turn `[2, 3]` into `[3, 2]`.

## The game

Two networks play against each other.

```python
>>> loss.backward()   # the discriminator's turn
```

## What it draws

Ten thousand samples are judged by four figures.
"""

# fmt: off
LAB4 = (
    CheckResult("net", "Generator(): the network", "The game", Outcome.PASSED, 10, 10, "Generator() is an nn.Module.",
        why="Everything that follows is drawn by it."),
    CheckResult(
        "shape", "Generator(): from noise to images", "The game", Outcome.FAILED, 0, 10,
        "Generator()(z) takes [n, 64] to [n, 784].",
        "Generator()(z) has shape (784, 16); the shape asked for is (16, 784).",
        "A batch comes first, always.",
        why="A batch is a list of examples: whatever you do with one row, you must be able to do with all of them.",
    ),
    CheckResult(
        "train", "train_gan: it learns at all", "The game", Outcome.PARTIAL, 12.5, 20,
        "train_gan(images, seed) returns a generator.", "The discriminator wins every round from epoch 12 on.",
        "Train the generator twice for each step of the discriminator.",
        why="When one network wins every round the other has no gradient to learn from.",
    ),
    CheckResult(
        "quality", "train_gan: what it draws", "What it draws", Outcome.PARTIAL, 21, 50,
        "Samples look like digits, and differ.", "The samples look like digits, but half of them are alike.",
        "Look at the samples below: which digits are missing?",
        metrics=(
            Metric("distance to real digits", 61.3, 90.0, 45.0), Metric("variety", 0.41, 0.5, 0.9),
            Metric("copies", 0.01, math.nextafter(0.05, 1), 0.05), Metric("read as digits", math.nan, 0.6, 0.9),
        ),
        why="A generator that draws one good digit has learnt to please, not to draw.",
    ),
    CheckResult(
        "interpolate", "interpolate: between two samples", "What it draws", Outcome.SKIPPED, 0, 10,
        "interpolate(generator, a, b) draws the way from a to b.", depends=("shape", "quality"),
    ),
)
LAB3 = (
    CheckResult("confusion", "confusion", "Counting", Outcome.PASSED, 8, 8, "confusion(predicted, actual) counts."),
    CheckResult(
        "metrics", "metrics", "Counting", Outcome.PARTIAL, 6, 8,
        "metrics(tp, fp, tn, fn) computes accuracy, precision, recall and f1.",
        "precision is NaN when nothing was called positive; the contract asks for 0.0 there.",
        "Look at the denominator before you divide.",
    ),
    CheckResult(
        "train", "train_classifier: accuracy on unseen pictures", "The model", Outcome.PARTIAL, 24.8, 40,
        "train_classifier(images, labels, digit) tells one digit from the rest, from 85 % on.",
        "91.2 % of unseen pictures are judged rightly, on the way from 85 % to 95 %.",
        "Is the loss still falling when training ends?",
        metrics=(Metric("accuracy", 0.912, 0.85, 0.95), Metric("noise called the digit", 0.03, 0.1, 0.05)),
    ),
    CheckResult(
        "noise", "noise_images", "The model", Outcome.FAILED, 0, 5,
        "noise_images(n) draws pictures of noise, uniform in [0, 1).",
        "noise_images(100) holds values from -3.1 to 3.4, but should stay in [0, 1).",
        "torch.rand is uniform, torch.randn is not.",
    ),
    CheckResult(
        "alarm", "false_alarm_rate", "The model", Outcome.SKIPPED, 0, 5,
        "false_alarm_rate(model, images) is the share of pictures called the digit.", depends=("noise",),
    ),
    CheckResult(
        "hidden", "A look at the training loop", "The model", Outcome.FAILED, 0, 4,
        "SECRET-ASKED", "SECRET-MESSAGE", "SECRET-HINT", "SECRET-TRACEBACK", visibility=Visibility.STAFF,
    ),
    CheckResult(
        "points", "train_points", "Points in the plane", Outcome.ERROR, 0, 12,
        "train_points(x, y, classes) learns circles and blobs.",
        "train_points was stopped after 180 s of computing time.",
        "An epoch over 2,000 points should take a blink.",
    ),
)
# fmt: on


def grade(key, name, run, *, lab="lab1_tensors", most=53.0, score=None, **more):
    return Grade(
        Student(key, name),
        lab,
        hashlib.sha256(repr(name).encode()).hexdigest() if run.ending is not Ending.REJECTED else "",
        f"/home/teacher/{lab}/{name[:40]}/{lab}.py",
        run,
        run.score if score is None else score,
        most,
        NOW,
        **more,
    )


def by_hand(made, score, reason, *, who="kim"):
    """A grade whose score a person set."""
    override = Override(score, made.max_score, reason, who, NOW - timedelta(hours=1))
    return replace(made, score=score, override=override, superseded=made.earned is not None)


NAMES = """Ana O’Brien|Bo Li|Chidi Anagonye|Dolores García Márquez|Eve Adams|Fatima al-Fihri|Grace Hopper|Hedy Lamarr
Ivo Robotnik|李小龙|Kurt Gödel|Lise Meitner|محمد الخوارزمي|Noor Khan|Ørsted Hans|Pál Erdős|Quinn Fabray
Rosalind Franklin|Sofja Kowalewskaja|Tu Youyou|Uma Thurman|Vera Rubin""".replace("\n", "|").split("|")


def lab1_class():
    """Thirty students: twenty-two ordinary ones, and one for each thing that can go wrong."""
    grades = [
        grade(
            f"{1000 + n}",
            name,
            Run(Ending.COMPLETED, lab1_checks(n), sandbox=DOCKER, cpu_seconds=1.4),
            received_at=NOW - timedelta(hours=7 * n + 3),
        )
        for n, name in enumerate(NAMES)
    ]
    some = lab1_checks(12)
    crash = "It raised SyntaxError: invalid syntax (line 12)."
    imported = tuple(check(row, Outcome.ERROR, message=crash, traceback=TRACEBACK) for row in LAB1)
    grades += [
        grade(
            "1101",
            "Tim E. Out",
            Run(Ending.TIMEOUT, some[:6], "The whole run used more than 120 s of computing time.", sandbox=DOCKER),
        ),
        grade(
            "1102",
            "Mem O’Ry",
            Run(Ending.MEMORY, some[:4], "Your program asked for more than 2048 MB of memory.", sandbox=DOCKER),
        ),
        grade(
            "1103",
            "Cora Crash",
            Run(Ending.CRASHED, imported, f"Your file could not be imported. {crash}"),
        ),
        grade(
            "1104", "Rex Jected", Run(Ending.REJECTED, message="The zip is encrypted. Hand in lab1_tensors.py itself.")
        ),
        grade(
            "1105",
            "Brooke Enn",
            Run(Ending.BROKEN, some[:3], fault="test_hidden.py: AssertionError in check “add_dim”"),
        ),
        grade(
            "1106",
            "Max Imus",
            Run(
                Ending.COMPLETED,
                tuple(check(row, Outcome.PASSED) for row in LAB1),
                notes=("Cell 3 of your notebook was not run: it starts with %timeit.",),
                flags=(Flag.PUBLIC_LABELS,),
            ),
            attempts=3,
        ),
        grade(
            HOSTILE[0],
            HOSTILE[1],
            Run(
                Ending.COMPLETED,
                tuple(
                    check(row, Outcome.ERROR, message=HOSTILE[at % 7], traceback=HOSTILE[at % 7])
                    for at, row in enumerate(LAB1)
                ),
                flags=(Flag.TAMPERING,),
            ),
        ),
        by_hand(
            grade("1108", "Wolfeschlegelsteinhausenbergerdorff" * 6, Run(Ending.COMPLETED, lab1_checks(9))),
            40.0,
            "Explained every step in the lab.",
        ),
    ]
    return ClassResults("lab1_tensors", "Lab 1: Tensors", "1.2", 53.0, tuple(grades))


HOSTILE_HANDOUT = "\n\n".join(
    f"""## {text}

{text} [run](javascript:document.documentElement.dataset.pwned=1) <javascript:document.documentElement.dataset.pwned=1>
[data](data:text/html,<script>1</script>) [file](file:///etc/passwd) [page](solution.html) [Ja](  JAVASCRIPT:1 "{text}")
![a picture](https://example.org/x.png "{text}") [web](https://example.org/) <mailto:help@example.org>

| a | b |
|:-:|--:|
| {text} | {text} |

``` "><script>1</script>
{text}
```

#### More: {text}

<h1 onclick="document.documentElement.dataset.pwned = 1">SCORE 100</h1>
"""
    for text in HOSTILE
)


def hostile_figures():
    def series(text):
        return {"name": text, "x": [0.0, 1.0, 1e308, 2.0], "y": [0.0, -1.0, None, 1.0], "fit": []}

    yield from (
        Figure(
            FigureKind.PLOT,
            text,
            text,
            {
                "x": text,
                "y": text,
                "lines": [series(text)],
                "dots": [series(text) | {"fit": [1.0, 1.0, 1.0, -1e300]}],
                "marks": [{"name": text, "x": 0.0, "y": 0.0}],
            },
            HOSTILE[0],
        )
        for text in HOSTILE
    )
    yield Figure(
        FigureKind.BARS,
        HOSTILE[1],
        HOSTILE[2],
        {"x": HOSTILE[3], "y": HOSTILE[4], "labels": list(HOSTILE), "values": [0.1 * n for n in range(len(HOSTILE))]},
    )
    yield Figure(
        FigureKind.SHEETS, HOSTILE[3], HOSTILE[4], {"sheets": [sheet(HOSTILE[1], 2)], "columns": 2}, HOSTILE[1]
    )
    yield Figure(FigureKind.SHAPES, HOSTILE[3], HOSTILE[4], {"expected": [HOSTILE[0]], "actual": [1]}, HOSTILE[1])
    yield replace(FLAT, about=HOSTILE[2], data={"expected": [None, 10**9, 10**9], "actual": [10**9] * 8})


def hostile_run():
    checks = tuple(
        CheckResult(
            text, text, text, Outcome.ERROR, 0.0, 5.0, text, text, text, text,
            metrics=(Metric(text, 1e308, -1e308, 0.0), Metric(text, math.inf, 0.0, 0.0)), why=text,
        )
        for text in HOSTILE
    )  # fmt: skip
    figures = (
        Figure(
            FigureKind.CONFUSION, HOSTILE[0], HOSTILE[1], {"tp": 1, "fp": 0, "tn": 0, "fn": 0, "positive": HOSTILE[0]}
        ),
        Figure(
            FigureKind.IMAGES,
            HOSTILE[1],
            HOSTILE[6],
            {"shape": [28, 28], "images": [digit(1)], "captions": [HOSTILE[1]]},
        ),
        Figure(FigureKind.IMAGES, "Broken", "A picture that cannot be drawn.", {"shape": [28], "images": "no"}),
        *hostile_figures(),
    )
    output = "\n".join(HOSTILE) + "\r 10%|#\r100%|##########\nSCORE 100\n" + "long line " * 300
    return Run(
        Ending.TIMEOUT, checks, HOSTILE[0], notes=HOSTILE, flags=(Flag.TAMPERING,), figures=figures, output=output
    )


def hostile_grade():
    """Every text that a student, or a suite that quotes one, could bring onto a page."""
    trail = (attempt(1, 5.0, HOSTILE[:3]), attempt(2, 7.0, HOSTILE[2:], counts=True))
    made = grade(HOSTILE[0], HOSTILE[1], hostile_run(), lab=HOSTILE[0], most=35.0, trail=trail)
    return by_hand(made, 7.0, "\n".join(HOSTILE), who=HOSTILE[1])


def lab3_grade():
    output = "\n".join(f"epoch {n}: loss {math.exp(-n / 7):.4f}" for n in range(1, 21))
    gpu = SandboxFacts("docker", "warm", "sha256:4f1c", "NVIDIA H100 (GPU-5a1b)")
    run = Run(
        Ending.COMPLETED,
        LAB3,
        figures=FIGURES,
        output=output,
        sandbox=gpu,
        cpu_seconds=48.31,
        notes=("Cell 7 was not run: it starts with “!pip”.",),
    )
    return grade(
        "1007", "Grace Hopper", run, lab="lab3_classifier", most=82.0, received_at=NOW - timedelta(hours=5), attempts=2
    )


def attempt(day, earned, passed, *, ending=Ending.COMPLETED, counts=False):
    return Attempt(NOW - timedelta(days=9 - day), ending, earned, 100.0, frozenset(passed), counts)


TRAIL = (
    attempt(1, None, (), ending=Ending.BROKEN),
    attempt(2, 3.25, ("net",), ending=Ending.TIMEOUT),
    attempt(4, 52, ("net", "shape")),
    attempt(6, 43.5, ("net", "train"), counts=True),
)


def lab4_grade():
    figures = (
        replace(SWAPPED, about="shape", data={"expected": [16, 784], "actual": [784, 16]}),
        LOSS,
        SAMPLES,
        NEAREST,
        CLASSES,
    )
    run = Run(Ending.COMPLETED, LAB4, figures=figures, output="epoch 1", sandbox=DOCKER, cpu_seconds=312.4)
    return grade(
        "1008",
        "Hedy Lamarr",
        run,
        lab="lab4_gan",
        most=100.0,
        received_at=NOW - timedelta(hours=5),
        attempts=4,
        trail=TRAIL,
    )


def pictures_grade():
    """A page with a drawing of every kind."""
    figures = (FIT, CURVE, *FIGURES, SWAPPED, FLAT, CLASSES)
    return grade("1009", "Ivo Robotnik", Run(Ending.COMPLETED, LAB4, figures=figures), lab="lab4_gan", most=100.0)


@pytest.fixture(scope="session")
def handout():
    return sections(f"{HANDOUT}\n\n{HOSTILE_HANDOUT}")


@pytest.fixture(scope="session")
def lab4():
    return lab4_grade()


@pytest.fixture(scope="session")
def pictures():
    return pictures_grade()


@pytest.fixture(scope="session")
def lab1():
    return lab1_class()


@pytest.fixture(scope="session")
def lab3():
    return lab3_grade()


@pytest.fixture(scope="session")
def hostile():
    return hostile_grade()


def alike(text, *students, share=0.8):
    return Alike(tuple(Student(*student) for student in students), share, text, cut=False)


def similar_pairs():
    """An ordinary pair, one file that was handed in three times, and a pair with everything hostile."""
    left = "import torch\n\ndef first_row(x):\n    return x[0]\n\n\ndef add_dim(x, dim):\n\treturn x.unsqueeze(dim)\n"
    right = "# mine\ndef add_dim(a, b):\n\treturn a.unsqueeze(b)\n\ndef first_row(a):\n    return a[0]"
    passages = (Passage((3, 4), (5, 6)), Passage((7, 8), (2, 3)))
    hostile = "\n".join([*HOSTILE, "</code></mark></div><h1>GUILTY</h1>", "\t" + "long line " * 300, "x\u2028y", ""])
    wicked = [
        alike(hostile, (HOSTILE[at], HOSTILE[at + 1]), ("1001", "Bo Li"), share=share)
        for at, share in ((0, 1.0), (3, 0.576))
    ]
    pairs = (
        SimilarPair("a1-a1", alike("x = 1\n", ("1000", "Ana"), ("1001", "Bo Li"), ("1002", "Chidi")), None, ()),
        SimilarPair("a1-b2", alike(left, ("1003", "Dolores")), alike(right, ("1004", "Eve"), share=0.6), passages),
        SimilarPair("c3-d4", wicked[0], wicked[1], (Passage((1, 3), (4, 6)), Passage((5, 99), (1, 2)))),
    )
    return Similar(NOW, 0.5, 30, 2, 5, 4, 0, pairs)


@pytest.fixture(scope="session")
def similar():
    return similar_pairs()
