"""Public checks of lab 1: the examples of the handout, one check per row of its points table.

They need no drawing and no training, and tell the values that they expect. The checks that grade ask the same of
other inputs.
"""

import torch

from grader.examine.suite import Submission, check, expect

SHAPES = "Shapes and views"
NUMBERS = "From labels and images to numbers"
NETWORKS = "Networks by hand"
GRADIENTS = "Gradients"
CONVOLUTIONS = "The arithmetic of convolutions"

X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def counted(*shape: int) -> torch.Tensor:
    """0, 1, 2, … in reading order."""
    return torch.arange(torch.Size(shape).numel()).float().reshape(shape)


# ---------------------------------------------------------------- shapes and views


@check("first-row", title="first_row", points=4, group=SHAPES, hint="A single index picks from dimension 0: the rows.")
def test_first_row(submission: Submission) -> None:
    """first_row([[1, 2, 3], [4, 5, 6]]) is [1, 2, 3]."""
    expect.close(submission.first_row(X), torch.tensor([1.0, 2.0, 3.0]), reveal=True, what="first_row(x)")


@check(
    "first-column",
    title="first_column",
    points=4,
    group=SHAPES,
    hint="A colon means all rows. An index drops its dimension.",
)
def test_first_column(submission: Submission) -> None:
    """first_column([[1, 2, 3], [4, 5, 6]]) is [1, 4]."""
    expect.close(submission.first_column(X), torch.tensor([1.0, 4.0]), reveal=True, what="first_column(x)")


@check(
    "transpose", title="transpose", points=4, group=SHAPES, hint="Element [i, j] goes to [j, i]; a reshape does not."
)
def test_transpose(submission: Submission) -> None:
    """transpose([[1, 2, 3], [4, 5, 6]]) is [[1, 4], [2, 5], [3, 6]]."""
    want = torch.tensor([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    expect.close(submission.transpose(X), want, reveal=True, what="transpose(x)")


@check("squeeze-all", title="squeeze_all", points=5, group=SHAPES, hint="Look up Tensor.squeeze without arguments.")
def test_squeeze_all(submission: Submission) -> None:
    """squeeze_all(x) turns [24, 1, 1] into [24], and leaves [12, 2] as it is."""
    column, matrix = counted(24, 1, 1), counted(12, 2)
    expect.close(submission.squeeze_all(column), counted(24), what="squeeze_all(x) with x of shape (24, 1, 1)")
    expect.close(submission.squeeze_all(matrix), matrix, what="squeeze_all(x) with x of shape (12, 2)")


@check("squeeze-dim", title="squeeze_dim", points=5, group=SHAPES, hint="Look up Tensor.squeeze with an argument.")
def test_squeeze_dim(submission: Submission) -> None:
    """squeeze_dim(x, 1) turns [24, 1, 1] into [24, 1], and leaves [12, 2] as it is."""
    cube, matrix = counted(24, 1, 1), counted(12, 2)
    expect.close(submission.squeeze_dim(cube, 1), counted(24, 1), what="squeeze_dim(x, 1) with x of shape (24, 1, 1)")
    expect.close(submission.squeeze_dim(matrix, 1), matrix, what="squeeze_dim(x, 1) with x of shape (12, 2)")


@check("add-dim", title="add_dim", points=5, group=SHAPES, hint="Look up Tensor.unsqueeze.")
def test_add_dim(submission: Submission) -> None:
    """add_dim(x, dim) turns [12, 2] into [1, 12, 2], [12, 1, 2] and [12, 2, 1] for dim 0, 1 and 2."""
    for dim, shape in enumerate(((1, 12, 2), (12, 1, 2), (12, 2, 1))):
        what = f"add_dim(x, {dim}) with x of shape (12, 2)"
        expect.close(submission.add_dim(counted(12, 2), dim), counted(*shape), what=what)


@check("view-as", title="view_as", points=6, group=SHAPES, hint="PyTorch raises the RuntimeError by itself.")
def test_view_as(submission: Submission) -> None:
    """view_as(x, (2, -1, 4)) turns [24] into [2, 3, 4]; [12, 2] cannot become (8, 6), which raises RuntimeError."""
    vector, matrix = counted(24), counted(12, 2)
    what = "view_as(x, (2, -1, 4)) with x of shape (24,)"
    expect.close(submission.view_as(vector, (2, -1, 4)), counted(2, 3, 4), what=what)
    impossible = "view_as(x, (8, 6)) with x of shape (12, 2)"
    expect.raises(("RuntimeError",), lambda: submission.view_as(matrix, (8, 6)), what=impossible)


@check("to-column", title="to_column", points=4, group=SHAPES, hint="The new dimension of size 1 comes last.")
def test_to_column(submission: Submission) -> None:
    """to_column([1, 2, 3]) is [[1], [2], [3]]."""
    want = torch.tensor([[1.0], [2.0], [3.0]])
    expect.close(submission.to_column(X[0]), want, reveal=True, what="to_column([1., 2., 3.])")


# ---------------------------------------------------------------- from labels and images to numbers


@check(
    "images-to-rows", title="images_to_rows", points=6, group=NUMBERS, hint="Make it float32 before you divide by 255."
)
def test_images_to_rows(submission: Submission) -> None:
    """images_to_rows turns two images of 2x2 pixels into [[0.0, 0.2, 0.4, 1.0], [1.0, 0.4, 0.2, 0.0]], in float32."""
    images = torch.tensor([[[0, 51], [102, 255]], [[255, 102], [51, 0]]], dtype=torch.uint8)
    want = torch.tensor([[0.0, 0.2, 0.4, 1.0], [1.0, 0.4, 0.2, 0.0]])
    what = f"images_to_rows({images.tolist()})"
    expect.close(submission.images_to_rows(images), want, dtype=torch.float32, reveal=True, what=what)


@check(
    "digit-targets",
    title="digit_targets",
    points=5,
    group=NUMBERS,
    hint="A net answers with a column [n, 1], so the targets are one too.",
)
def test_digit_targets(submission: Submission) -> None:
    """digit_targets([5, 2, 0], 2) is [[0.0], [1.0], [0.0]], in float32."""
    answer = submission.digit_targets(torch.tensor([5, 2, 0]), 2)
    want = torch.tensor([[0.0], [1.0], [0.0]])
    expect.close(answer, want, dtype=torch.float32, reveal=True, what="digit_targets([5, 2, 0], 2)")


@check("one-hot", title="one_hot", points=5, group=NUMBERS, hint="torch.nn.functional.one_hot answers in int64.")
def test_one_hot(submission: Submission) -> None:
    """one_hot([2, 0], 4) is [[0, 0, 1, 0], [1, 0, 0, 0]], in float32."""
    answer = submission.one_hot(torch.tensor([2, 0]), 4)
    want = torch.tensor([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    expect.close(answer, want, dtype=torch.float32, reveal=True, what="one_hot([2, 0], 4)")


@check(
    "standardise",
    title="standardise",
    points=5,
    group=NUMBERS,
    hint="Mean and deviation are per column, and the deviation divides by n. 0/0 is NaN: take care where it is 0.",
)
def test_standardise(submission: Submission) -> None:
    """standardise([[1, 2], [3, 2]]) is [[-1, 0], [1, 0]]: the second column is constant."""
    answer = submission.standardise(torch.tensor([[1.0, 2.0], [3.0, 2.0]]))
    want = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    expect.close(answer, want, reveal=True, what="standardise([[1., 2.], [3., 2.]])")


# ---------------------------------------------------------------- networks by hand


@check(
    "perceptron",
    title="perceptron",
    points=5,
    group=NETWORKS,
    hint="x @ w is [n]. A comparison gives bools; int64 is asked.",
)
def test_perceptron(submission: Submission) -> None:
    """perceptron([[1, 1], [2, 1], [0, 1]], [1, 1], -2.0) is [0, 1, 0], in int64: the first point lies on the line."""
    x, w = torch.tensor([[1.0, 1.0], [2.0, 1.0], [0.0, 1.0]]), torch.tensor([1.0, 1.0])
    what = "perceptron([[1., 1.], [2., 1.], [0., 1.]], [1., 1.], -2.0)"
    expect.same(submission.perceptron(x, w, -2.0), torch.tensor([0, 1, 0]), dtype=torch.int64, reveal=True, what=what)


@check(
    "forward", title="forward", points=6, group=NETWORKS, hint="The hidden layer has a sigmoid, the output has none."
)
def test_forward(submission: Submission) -> None:
    """forward(x, w1, b1, w2, b2) on the handout's net of 3 inputs, 2 hidden neurons and 1 output is 4.0."""
    net = torch.zeros(2, 3), torch.zeros(2), torch.tensor([[2.0, 4.0]]), torch.tensor([1.0])
    answer = submission.forward(torch.tensor([[1.0, 2.0, 3.0]]), *net)
    expect.close(answer, torch.tensor([[4.0]]), reveal=True, what="forward(x, w1, b1, w2, b2)")


@check("parameter-count", title="parameter_count", points=5, group=NETWORKS, hint="Do not forget the biases.")
def test_parameter_count(submission: Submission) -> None:
    """parameter_count([10, 10, 10, 10]) is 330."""
    answer = submission.parameter_count([10, 10, 10, 10])
    expect.integer(answer, want=330, reveal=True, what="parameter_count([10, 10, 10, 10])")


# ---------------------------------------------------------------- gradients


@check(
    "cubic-gradient",
    title="cubic_gradient",
    points=5,
    group=GRADIENTS,
    hint="The gradient is in x.grad after y.backward().",
)
def test_cubic_gradient(submission: Submission) -> None:
    """cubic_gradient(3.5) is 5.75."""
    expect.close_number(submission.cubic_gradient(3.5), 5.75, reveal=True, what="cubic_gradient(3.5)")


@check(
    "partials",
    title="partials",
    points=5,
    group=GRADIENTS,
    hint="One backward fills both gradients; df/du comes first.",
)
def test_partials(submission: Submission) -> None:
    """partials(1.0, 2.0) is (4.0, 1.0)."""
    to_u, to_v = expect.sequence(submission.partials(1.0, 2.0), length=2, what="partials(1.0, 2.0)")
    expect.close_number(to_u, 4.0, reveal=True, what="df/du in partials(1.0, 2.0)")
    expect.close_number(to_v, 1.0, reveal=True, what="df/dv in partials(1.0, 2.0)")


@check(
    "mse-gradient",
    title="mse_gradient",
    points=5,
    group=GRADIENTS,
    hint="The mean, not the sum. And w is what needs the gradient, not x.",
)
def test_mse_gradient(submission: Submission) -> None:
    """mse_gradient([1, 2, 3], [2, 4, 6], 1.0) is -9.3333."""
    answer = submission.mse_gradient(X[0], 2 * X[0], 1.0)
    expect.close_number(answer, -28 / 3, reveal=True, what="mse_gradient([1., 2., 3.], [2., 4., 6.], 1.0)")


# ---------------------------------------------------------------- the arithmetic of convolutions


@check("conv-output-size", title="conv_output_size", points=6, group=CONVOLUTIONS, hint="A whole number, rounded down.")
def test_conv_output_size(submission: Submission) -> None:
    """conv_output_size is 24 for (28, 5, 1, 0), 14 for (28, 3, 2, 1), and 8 for (28, 5, 3, 0)."""
    for case, want in ((28, 5, 1, 0), 24), ((28, 3, 2, 1), 14), ((28, 5, 3, 0), 8):
        expect.integer(submission.conv_output_size(*case), want=want, reveal=True, what=f"conv_output_size{case}")


@check("same-padding", title="same_padding", points=5, group=CONVOLUTIONS, hint="A whole number, rounded down.")
def test_same_padding(submission: Submission) -> None:
    """same_padding is 2 for (4, 2, 2) and 1 for (28, 3, 1)."""
    for case, want in ((4, 2, 2), 2), ((28, 3, 1), 1):
        expect.integer(submission.same_padding(*case), want=want, reveal=True, what=f"same_padding{case}")
