"""Hidden suite of lab 1. The published figures are asked first, with their answers; everything else is drawn."""

from itertools import pairwise

import torch
from torch import Tensor

from grader.examine.suite import Draw, Submission, check, expect

SHAPES = "Shapes and views"
NUMBERS = "From labels and images to numbers"
NETWORKS = "Networks by hand"
GRADIENTS = "Gradients"
CONVOLUTIONS = "The arithmetic of convolutions"


def call(name: str, x: Tensor, *rest: object) -> str:
    """How a message calls an answer, e.g. "squeeze_dim(x, 1) with x of shape (24, 1, 1)"."""
    return f"{name}({', '.join(['x', *map(str, rest)])}) with x of shape {tuple(x.shape)}"


def halves(draw: Draw, *shape: int) -> Tensor:
    """Multiples of 0.5 between -10 and 10: float32 adds and multiplies them without rounding."""
    return draw.integers(*shape, low=-20, high=21) / 2


# ---------------------------------------------------------------- shapes and views


@check(
    "first-row",
    title="first_row",
    points=4,
    group=SHAPES,
    hint="x[0] is the first row of x.",
    why="A dataset is a matrix with an example in each row. Looking at one of them is how people find out"
    " what their data really are.",
)
def test_first_row(submission: Submission, draw: Draw) -> None:
    """first_row(x) returns the first row of a matrix: [n, m] -> [m]."""
    n, m = draw.sizes(2, 2, 9)
    for x in draw.normal(n, m), draw.normal(n, 1):
        expect.close(submission.first_row(x), x[0], what=call("first_row", x))


@check(
    "first-column",
    title="first_column",
    points=4,
    group=SHAPES,
    hint="x[:, 0] takes element 0 of every row and has shape [n]; x[:, :1] keeps the dimension and has shape [n, 1].",
    why="A column is one feature of all examples. Kept as a matrix by mistake, it broadcasts against vectors,"
    " and a loss is wrong without any error.",
)
def test_first_column(submission: Submission, draw: Draw) -> None:
    """first_column(x) returns the first column of a matrix: [n, m] -> [n]."""
    n, m = draw.sizes(2, 2, 9)
    for x in draw.normal(n, m), draw.normal(1, m):
        expect.close(submission.first_column(x), x[:, 0], what=call("first_column", x))


@check(
    "transpose",
    title="transpose",
    points=4,
    group=SHAPES,
    hint="Element [i, j] goes to [j, i]: x.T. A reshape to [m, n] leaves the elements in the old order.",
    why="Layers keep their weights as [out, in], so the data meet them transposed. If numbers change their"
    " places there, a network learns from scrambled examples.",
)
def test_transpose(submission: Submission, draw: Draw) -> None:
    """transpose(x) turns rows into columns: [n, m] -> [m, n]."""
    n, m = draw.sizes(2, 2, 9)
    for x in draw.normal(n, m), draw.normal(1, m):
        expect.close(submission.transpose(x), x.T, what=call("transpose", x))


@check(
    "squeeze-all",
    title="squeeze_all",
    points=5,
    group=SHAPES,
    hint="x.squeeze() without arguments does this.",
    why="Files and layers leave dimensions of size 1 behind, and a loss that meets [n, 1] and [n] compares"
    " everything with everything.",
)
def test_squeeze_all(submission: Submission, draw: Draw) -> None:
    """squeeze_all(x) drops every dimension of size 1: [24, 1, 1] -> [24]; [12, 2] stays as it is."""
    a, b = draw.sizes(2, 2, 9)
    for shape in (24, 1, 1), (12, 2), (1, a, 1, b, 1), (a, 1):
        x = draw.normal(*shape)
        expect.close(submission.squeeze_all(x), x.squeeze(), what=call("squeeze_all", x))


@check(
    "squeeze-dim",
    title="squeeze_dim: a dimension of size 1",
    points=3,
    group=SHAPES,
    hint="x.squeeze(dim) drops that dimension alone; x.squeeze() drops all of size 1.",
    why="The last batch of an epoch may hold a single image. Code that drops whatever has size 1 then loses"
    " the batch's dimension, too, and fails there and nowhere else.",
)
def test_squeeze_dim(submission: Submission, draw: Draw) -> None:
    """squeeze_dim(x, dim) drops dimension dim if its size is 1: [24, 1, 1], 1 -> [24, 1]."""
    a, b = draw.sizes(2, 2, 9)
    for shape, dim in ((24, 1, 1), 1), ((1, a, 1, b), 0), ((1, a, 1, b), 2):
        x = draw.normal(*shape)
        expect.close(submission.squeeze_dim(x, dim), x.squeeze(dim), what=call("squeeze_dim", x, dim))


@check(
    "squeeze-dim-kept",
    title="squeeze_dim: any other dimension",
    points=2,
    group=SHAPES,
    depends=("squeeze-dim",),
    hint="Return x as it is where x.shape[dim] is not 1; x.squeeze(dim) does so by itself.",
    why="The same line has to work for one image and for a hundred: training and use differ in nothing but"
    " the size of the batch.",
)
def test_squeeze_dim_kept(submission: Submission, draw: Draw) -> None:
    """squeeze_dim(x, dim) returns x unchanged if the size of dimension dim is not 1."""
    a, b = draw.sizes(2, 2, 9)
    for shape, dim in ((a, 1, b), 0), ((a, 1, b), 2):
        x = draw.normal(*shape)
        expect.close(submission.squeeze_dim(x, dim), x, what=call("squeeze_dim", x, dim))


@check(
    "add-dim",
    title="add_dim",
    points=5,
    group=SHAPES,
    hint="x.unsqueeze(dim) puts a dimension of size 1 there.",
    why="Networks take batches and nothing else: a single image needs a dimension for the batch, and a grey"
    " one a dimension for the channel, before a convolution will look at it.",
)
def test_add_dim(submission: Submission, draw: Draw) -> None:
    """add_dim(x, dim) puts a dimension of size 1 at position dim: [12, 2], 1 -> [12, 1, 2]."""
    for shape in (12, 2), draw.sizes(2, 2, 9):
        x = draw.normal(*shape)
        for dim in 0, 1, 2:
            expect.close(submission.add_dim(x, dim), x.unsqueeze(dim), what=call("add_dim", x, dim))


@check(
    "view-as",
    title="view_as: possible shapes",
    points=4,
    group=SHAPES,
    hint="x.view(shape) and x.reshape(shape) keep the order of the elements and understand -1.",
    why="Between the convolutions and the last layer of most networks stands this step, from maps to rows. If"
    " elements change their order there, pixels meet the wrong weights.",
)
def test_view_as(submission: Submission, draw: Draw) -> None:
    """view_as(x, shape) has the same elements in the same order; one entry may be -1: [24], (2, -1, 4) -> [2, 3, 4]."""
    a, b, c = draw.sizes(3, 2, 7)
    for start, shape in ((24,), (2, -1, 4)), ((a, b), (b, a)), ((a, b * c), (-1, c)), ((a, b, c), (-1,)):
        x = draw.normal(*start)
        expect.close(submission.view_as(x, shape), x.reshape(shape), what=call("view_as", x, shape))


@check(
    "view-as-impossible",
    title="view_as: impossible shapes",
    points=2,
    group=SHAPES,
    depends=("view-as",),
    hint="Let the RuntimeError of view or reshape through: no try, no padding, no cutting.",
    why="An error at the line where sizes do not fit costs a minute. Padding or cutting in silence costs an"
    " evening, since the network merely learns badly.",
)
def test_view_as_impossible(submission: Submission, draw: Draw) -> None:
    """view_as(x, shape) raises RuntimeError for a shape that x cannot have, such as [12, 2] -> (8, 6)."""
    a, b = draw.sizes(2, 3, 9)
    for start, shape in ((12, 2), (8, 6)), ((a, b), (a, b + 1)), ((2 * a + 1,), (2, -1)):
        x = draw.normal(*start)
        expect.raises(
            ("RuntimeError",), lambda x=x, shape=shape: submission.view_as(x, shape), what=call("view_as", x, shape)
        )


@check(
    "to-column",
    title="to_column",
    points=4,
    group=SHAPES,
    hint="x.unsqueeze(1), x[:, None] or x.view(-1, 1): the new dimension comes last.",
    why="A network with one output answers with a column. Targets that are a vector broadcast against it into"
    " a matrix, and all that is learnt is their mean.",
)
def test_to_column(submission: Submission, draw: Draw) -> None:
    """to_column(x) makes a vector a matrix of one column: [n] -> [n, 1]."""
    for n in draw.integer(3, 9), 1:
        x = draw.normal(n)
        expect.close(submission.to_column(x), x.unsqueeze(1), what=call("to_column", x))


# ---------------------------------------------------------------- from labels and images to numbers


def pictures(draw: Draw) -> Tensor:
    """uint8 [n, h, w], no pixel twice in an image, 0 and 255 in each."""
    n, h, w = draw.sizes(3, 3, 9)
    middle = torch.stack([draw.permutation(254)[: h * w - 2] + 1 for _ in range(n)])
    pixels = torch.cat([middle, torch.tensor([[0, 255]]).expand(n, 2)], dim=1)
    return pixels[:, draw.permutation(h * w)].reshape(n, h, w).to(torch.uint8)


@check(
    "images-to-rows",
    title="images_to_rows: one image, one row",
    points=3,
    group=NUMBERS,
    hint="images.flatten(start_dim=1) keeps the images apart and reads each one row by row.",
    why="A fully connected layer has a weight for each place in the image. Where pixels of several images"
    " mix, or change places, no weight means anything.",
)
def test_images_to_rows(submission: Submission, draw: Draw) -> None:
    """images_to_rows(images) puts each image into one row, pixels in reading order: uint8 [n, h, w] -> [n, h*w]."""
    images = pictures(draw)
    pixels = images.flatten(start_dim=1)
    what = f"images_to_rows(images) with images of shape {tuple(images.shape)}"
    rows = expect.tensor(submission.images_to_rows(images), shape=tuple(pixels.shape), what=what)
    # No pixel comes twice: from dark to bright, the values may only rise, whatever the scale.
    dark_to_bright = rows.double().gather(1, pixels.argsort(dim=1))
    rising = (dark_to_bright.diff(dim=1) >= 0).all() and (dark_to_bright[:, 0] < dark_to_bright[:, -1]).all()
    expect.that(rising, f"{what}: the pixels of an image are not in its row in reading order (row by row).")


@check(
    "images-to-rows-scale",
    title="images_to_rows: values from 0 to 1",
    points=3,
    group=NUMBERS,
    hint="images.float() / 255, also where no pixel is 255. Convert first: uint8 holds whole numbers only, and // drops"
    " the fraction.",
    why="The weights of a layer start out for inputs of about size 1: with hundreds the first steps"
    " overshoot. And a pixel has to be the same number in every batch.",
)
def test_images_to_rows_scale(submission: Submission, draw: Draw) -> None:
    """images_to_rows(images) scales 0..255 to 0..1, as float32, whichever values the images hold."""
    # Neither 0 nor 255 is among them: who divides by the brightest, or stretches dark to bright, scales otherwise.
    images = draw.integers(*draw.sizes(3, 3, 9), low=20, high=231).to(torch.uint8)
    what = f"images_to_rows(images) with images of shape {tuple(images.shape)}"
    rows = expect.tensor(submission.images_to_rows(images), dtype=torch.float32, what=what)
    expect.that(
        rows.numel() == images.numel(),
        f"{what} has {rows.numel()} values, but the images have {images.numel()} pixels.",
    )
    want = images.flatten().sort().values.float() / 255
    expect.close(rows.flatten().sort().values, want, what="images_to_rows(images), its values from small to large,")


@check(
    "digit-targets",
    title="digit_targets: where the digit is",
    points=3,
    group=NUMBERS,
    hint="labels == digit compares every label at once.",
    why="These are the answers that a yes-or-no network is trained on. Each one in the wrong place teaches it"
    " the opposite of what the image shows.",
)
def test_digit_targets(submission: Submission, draw: Draw) -> None:
    """digit_targets(labels, digit) holds 1 where the label is the digit and 0 elsewhere."""
    for digit in draw.integer(1, 9), 0:
        labels = draw.integers(draw.integer(6, 12), low=0, high=10)
        labels[1], labels[4] = digit, (digit + 1) % 10
        what = f"digit_targets({labels.tolist()}, {digit})"
        targets = expect.tensor(submission.digit_targets(labels, digit), what=what)
        expect.that(targets.numel() == len(labels), f"{what} has {targets.numel()} values for {len(labels)} labels.")
        right = torch.equal(targets.flatten().double(), (labels == digit).double())
        expect.that(right, f"{what}: the ones are not where the label is {digit}, or another value is not zero.")


@check(
    "digit-targets-form",
    title="digit_targets: a float32 column",
    points=2,
    group=NUMBERS,
    depends=("digit-targets",),
    hint="(labels == digit).float().unsqueeze(1): a net answers with a column [n, 1], so the targets are one too.",
    why="nn.BCELoss refuses targets of another shape or dtype than the answers; other losses take them, and"
    " compute something else than you think.",
)
def test_digit_targets_form(submission: Submission, draw: Draw) -> None:
    """digit_targets(labels, digit) is a float32 column: int64 [n] -> float32 [n, 1]."""
    for n in draw.integer(3, 9), 1:
        labels = draw.integers(n, low=0, high=10)
        what = f"digit_targets({labels.tolist()}, 3)"
        expect.tensor(submission.digit_targets(labels, 3), shape=(n, 1), dtype=torch.float32, what=what)


@check(
    "one-hot",
    title="one_hot: a one in its place",
    points=3,
    group=NUMBERS,
    hint="The width is `classes` even if no label is that large: torch.nn.functional.one_hot(labels, classes).",
    why="Class numbers have an order that means nothing: a 7 is not more than a 2. A place for each class"
    " tells a network that classes are merely different.",
)
def test_one_hot(submission: Submission, draw: Draw) -> None:
    """one_hot(labels, classes) gives each label a row of zeros with a 1 at the label's place: [n] -> [n, classes]."""
    for n, classes in (draw.integer(7, 12), draw.integer(4, 6)), (1, 3):
        labels = draw.integers(n, low=0, high=classes - 1)  # the last class never comes
        what = f"one_hot({labels.tolist()}, {classes})"
        rows = expect.tensor(submission.one_hot(labels, classes), shape=(n, classes), what=what)
        right = torch.equal(rows.double(), torch.eye(classes, dtype=torch.float64)[labels])
        expect.that(right, f"{what}: not every row is zero except for a 1 at the place that its label names.")


@check(
    "one-hot-dtype",
    title="one_hot: float32",
    points=2,
    group=NUMBERS,
    depends=("one-hot",),
    hint="torch.nn.functional.one_hot answers in int64; .float() makes it what a loss can work with.",
    why="A loss computes with answers and targets together, and several refuse to where one of them is whole numbers.",
)
def test_one_hot_dtype(submission: Submission, draw: Draw) -> None:
    """one_hot(labels, classes) is float32."""
    labels = draw.integers(5, low=0, high=4)
    expect.tensor(submission.one_hot(labels, 4), dtype=torch.float32, what=f"one_hot({labels.tolist()}, 4)")


def varied(draw: Draw, n: int, d: int) -> Tensor:
    """[n, d] without a constant column."""
    x = halves(draw, n, d)
    x[0], x[1] = 12.0, -12.5
    return x


@check(
    "standardise",
    title="standardise: mean 0, deviation 1",
    points=3,
    group=NUMBERS,
    hint="Mean and deviation are per column: dim=0. Population means dividing by n: x.std(dim=0, correction=0).",
    why="A feature counted in thousands drowns one counted in fractions: their slopes differ as much, and no"
    " learning rate suits both.",
)
def test_standardise(submission: Submission, draw: Draw) -> None:
    """standardise(x) gives each column mean 0 and population standard deviation 1: [n, d] -> [n, d]."""
    n, d = draw.sizes(2, 3, 9)
    x = varied(draw, n, d)
    want = (x - x.mean(dim=0)) / x.std(dim=0, correction=0)
    expect.close(submission.standardise(x), want, what=call("standardise", x))


@check(
    "standardise-constant",
    title="standardise: a constant column",
    points=2,
    group=NUMBERS,
    depends=("standardise",),
    hint="A constant column has deviation 0, and 0/0 is NaN: divide by 1 there, for instance with torch.where.",
    why="The corner pixels of digits are black in every image. One NaN from there reaches every weight with"
    " the first step, and all answers are NaN from then on.",
)
def test_standardise_constant(submission: Submission, draw: Draw) -> None:
    """standardise(x) turns a constant column into zeros, never NaN; the other columns are as ever."""
    n = draw.choice([4, 8, 16])  # powers of two: the mean of the constants is exact however it is computed
    x = varied(draw, n, 4)
    want = (x - x.mean(dim=0)) / x.std(dim=0, correction=0)
    for column, constant in zip(draw.permutation(4)[:3].tolist(), (2.0, -8.5, 0.0), strict=True):
        x[:, column], want[:, column] = constant, 0.0
    answer = submission.standardise(x)
    # 1e-3: batch_norm scales before it subtracts the mean, which leaves rounding behind where zeros should be.
    expect.close(answer, want, atol=1e-3, what=f"{call('standardise', x)}, three columns constant,")


# ---------------------------------------------------------------- networks by hand


def weights(draw: Draw) -> Tensor:
    """Whole numbers other than 0, as float32 [d], so that every x·w below is exact."""
    d = draw.integer(3, 6)
    return (draw.integers(d, low=1, high=6) * (2 * draw.integers(d, low=0, high=2) - 1)).float()


@check(
    "perceptron",
    title="perceptron",
    points=3,
    group=NETWORKS,
    hint="x @ w + b is a vector of n numbers; (… > 0) compares each, and .long() makes int64 of True and False.",
    why="It is the smallest network there is. Every layer since is many of these: a weighted sum, a bias, and"
    " something that bends or decides.",
)
def test_perceptron(submission: Submission, draw: Draw) -> None:
    """perceptron(x, w, b) is 1 where x·w + b > 0, else 0: [n, d], [d], float -> int64 [n]."""
    w, b = weights(draw), draw.integer(1, 5) + 0.5  # x·w is whole, so x·w + b is never 0
    fixed = torch.stack([w, -5 * w, 0 * w])  # 1, 0, and 1 because of b alone
    x = torch.cat([fixed, draw.integers(draw.integer(4, 8), len(w), low=-5, high=6).float()])
    x = x[draw.permutation(len(x))]
    what = f"perceptron(x, w, {b}) with x of shape {tuple(x.shape)}"
    expect.same(submission.perceptron(x, w, b), (x @ w + b > 0).long(), dtype=torch.int64, what=what)


@check(
    "perceptron-tie",
    title="perceptron: at equality",
    points=2,
    group=NETWORKS,
    depends=("perceptron",),
    hint="Exactly on the line, where x·w + b is 0, the answer is 0: > rather than >=.",
    why="Whoever counts decisions has to decide the same way at the border, or two programs that should agree"
    " report different figures.",
)
def test_perceptron_tie(submission: Submission, draw: Draw) -> None:
    """perceptron(x, w, b) is 0 where x·w + b is exactly 0."""
    w = weights(draw)
    b = -float(w @ w)
    x = torch.stack([w, 2 * w, 0 * w])[draw.permutation(3)]
    what = f"perceptron(x, w, {b}), where x·w + b is 0 for one row of x,"
    expect.same(submission.perceptron(x, w, b), (x @ w + b > 0).long(), dtype=torch.int64, what=what)


@check(
    "forward",
    title="forward",
    points=6,
    group=NETWORKS,
    hint="hidden = sigmoid(x @ w1.T + b1) is [n, h]; the output hidden @ w2.T + b2 is [n, k] and has no sigmoid.",
    why="nn.Linear and nn.Sigmoid do this for you in every later lab. Who has written it once can read the"
    " shapes in an error message.",
)
def test_forward(submission: Submission, draw: Draw) -> None:
    """forward(x, w1, b1, w2, b2) has a sigmoid hidden layer and a linear output: [n, d] -> [n, k]."""
    for n, d, h, k in draw.sizes(4, 2, 9), (1, *draw.sizes(2, 2, 9), 1):
        x, w1, b1, w2, b2 = (draw.normal(*shape) for shape in ((n, d), (h, d), (h,), (k, h), (k,)))
        want = torch.sigmoid(x @ w1.T + b1) @ w2.T + b2
        what = f"forward(x, w1, b1, w2, b2) with n={n}, d={d}, h={h}, k={k}"
        expect.close(submission.forward(x, w1, b1, w2, b2), want, what=what)


@check(
    "parameter-count",
    title="parameter_count",
    points=5,
    group=NETWORKS,
    hint="From a to b neurons there are a*b weights and b biases; add this up over neighbouring sizes.",
    why="The number of parameters decides how much memory, time and data a network takes; it is among the"
    " first things that one says of it.",
)
def test_parameter_count(submission: Submission, draw: Draw) -> None:
    """parameter_count(sizes) counts the weights and biases of a fully connected net: [10, 10, 10, 10] -> 330."""
    published = [10, 10, 10, 10]
    answer = submission.parameter_count(published)
    expect.integer(answer, want=330, reveal=True, what=f"parameter_count({published})")
    for length in 2, 3, 5:
        sizes = list(draw.sizes(length, 2, 60))
        want = sum(a * b + b for a, b in pairwise(sizes))
        expect.integer(submission.parameter_count(sizes), want=want, what=f"parameter_count({sizes})")


# ---------------------------------------------------------------- gradients


def quarters(draw: Draw, count: int) -> list[float]:
    """Distinct multiples of 0.25 from -3 to 6, which float32 holds exactly."""
    return [(size - 13) / 4 for size in draw.sizes(count, 1, 37)]


@check(
    "cubic-gradient",
    title="cubic_gradient",
    points=5,
    group=GRADIENTS,
    hint="Make x a tensor with requires_grad=True, compute y, call y.backward() and return x.grad, not y.",
    why="Training is this with a million variables in place of one: autograd finds the slope of the loss at"
    " every weight.",
)
def test_cubic_gradient(submission: Submission, draw: Draw) -> None:
    """cubic_gradient(x) is the derivative of (x-1)(x-2)(x-3): 5.75 at 3.5."""
    expect.close_number(submission.cubic_gradient(3.5), 5.75, reveal=True, what="cubic_gradient(3.5)")
    for x in quarters(draw, 3):  # three, as two points share each slope
        expect.close_number(submission.cubic_gradient(x), 3 * x**2 - 12 * x + 11, what=f"cubic_gradient({x})")


@check(
    "partials",
    title="partials",
    points=5,
    group=GRADIENTS,
    hint="After f.backward(), df/du is u.grad and df/dv is v.grad; return them in this order.",
    why="Each weight of a network moves by its own partial derivative. Mixed up, weights walk along somebody"
    " else's slope.",
)
def test_partials(submission: Submission, draw: Draw) -> None:
    """partials(u, v) is (df/du, df/dv) of f = u*v + u**2: (4, 1) at (1, 2)."""
    drawn = quarters(draw, 4)
    for u, v, published in (1.0, 2.0, True), (*drawn[:2], False), (*drawn[2:], False):
        what = f"partials({u}, {v})"
        to_u, to_v = expect.sequence(submission.partials(u, v), length=2, what=what)
        expect.close_number(to_u, v + 2 * u, reveal=published, what=f"df/du in {what}")
        expect.close_number(to_v, u, reveal=published, what=f"df/dv in {what}")


@check(
    "mse-gradient",
    title="mse_gradient",
    points=5,
    group=GRADIENTS,
    hint="Make w a tensor with requires_grad=True; loss = ((x * w - y) ** 2).mean(); loss.backward(); return w.grad.",
    why="Minus this number, times a learning rate, is one step of gradient descent. Lab 2 makes some thousand of them.",
)
def test_mse_gradient(submission: Submission, draw: Draw) -> None:
    """mse_gradient(x, y, w) is d/dw of mean((x*w - y)**2): -9.3333 at x=[1, 2, 3], y=[2, 4, 6], w=1."""
    x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([2.0, 4.0, 6.0])
    what = "mse_gradient([1., 2., 3.], [2., 4., 6.], 1.0)"
    expect.close_number(submission.mse_gradient(x, y, 1.0), -28 / 3, reveal=True, what=what)
    for n, w in zip((draw.integer(4, 9), 1), quarters(draw, 2), strict=True):
        x, y = halves(draw, n), halves(draw, n)
        want = float((2 * x * (x * w - y)).double().mean())
        expect.close_number(
            submission.mse_gradient(x, y, w), want, what=f"mse_gradient({x.tolist()}, {y.tolist()}, {w})"
        )


# ---------------------------------------------------------------- the arithmetic of convolutions


@check(
    "conv-output-size",
    title="conv_output_size: the kernel fits",
    points=4,
    group=CONVOLUTIONS,
    hint="(size - kernel + 2*padding)/stride + 1. Padding counts twice: it is added at both ends.",
    why="The linear layer behind the convolutions has to know how many numbers will arrive. Off by one, the"
    " network does not even run.",
)
def test_conv_output_size(submission: Submission, draw: Draw) -> None:
    """conv_output_size(size, kernel, stride, padding) counts the kernel's positions: 28, 5, 1, 0 -> 24."""
    answer = submission.conv_output_size(28, 5, 1, 0)
    expect.integer(answer, want=24, reveal=True, what="conv_output_size(28, 5, 1, 0)")
    for stride in 1, draw.integer(2, 4):
        steps, kernel, padding = draw.integer(4, 12) + 6 // stride, draw.integer(2, 7), draw.integer(1, 3)
        case = (steps * stride + kernel - 2 * padding, kernel, stride, padding)
        expect.integer(submission.conv_output_size(*case), want=steps + 1, what=f"conv_output_size{case}")


@check(
    "conv-output-size-floor",
    title="conv_output_size: the kernel would hang over",
    points=2,
    group=CONVOLUTIONS,
    depends=("conv-output-size",),
    hint="Round down, to a whole number: // or math.floor. round() goes up from one half, and / leaves a fraction.",
    why="Pixels that the kernel cannot reach are not seen at all. A size that counts them promises the next"
    " layer numbers that never come.",
)
def test_conv_output_size_floor(submission: Submission, draw: Draw) -> None:
    """conv_output_size(size, kernel, stride, padding) rounds down: 28, 5, 3, 0 -> 8."""
    answer = submission.conv_output_size(28, 5, 3, 0)
    expect.integer(answer, want=8, reveal=True, what="conv_output_size(28, 5, 3, 0)")
    for stride in 3, draw.integer(4, 5):
        steps, kernel, padding = draw.integer(4, 12), draw.integer(2, 7), draw.integer(1, 3)
        case = (steps * stride + stride - 1 + kernel - 2 * padding, kernel, stride, padding)
        expect.integer(submission.conv_output_size(*case), want=steps + 1, what=f"conv_output_size{case}")


@check(
    "same-padding",
    title="same_padding",
    points=5,
    group=CONVOLUTIONS,
    hint="(size*stride - size + kernel - 1)/2, rounded down: //. kernel // 2 is right for stride 1 only.",
    why="Deep networks stack dozens of convolutions. Each one without padding shaves off a margin, until"
    " nothing is left of the image.",
)
def test_same_padding(submission: Submission, draw: Draw) -> None:
    """same_padding(size, kernel, stride) is floor((size*stride - size + kernel - 1)/2): 4, 2, 2 -> 2."""
    expect.integer(submission.same_padding(4, 2, 2), want=2, reveal=True, what="same_padding(4, 2, 2)")
    kernel = draw.integer(2, 6)
    odd = (4 * draw.integer(2, 5) + 4 - kernel, kernel, 2)  # 3 modulo 4 is halved: round() would go up
    for size, kernel, stride in odd, (draw.integer(8, 20), 5, 1), (draw.integer(8, 20), draw.integer(2, 6), 3):
        want = (size * stride - size + kernel - 1) // 2
        what = f"same_padding({size}, {kernel}, {stride})"
        expect.integer(submission.same_padding(size, kernel, stride), want=want, what=what)
