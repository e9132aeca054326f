"""Public checks: the handout's examples, which students run themselves with `grader check`.

They ask nothing that the checks which grade do not ask, accept what those accept, and may tell right values.
"""

import torch

from grader.examine.suite import Draw, Submission, check, expect


@check("moving-average", title="moving_average", points=25, group="A moving average", hint="Look up Tensor.unfold.")
def test_moving_average(submission: Submission) -> None:
    """moving_average([1, 2, 6, 4], 2) is [1.5, 4, 5]."""
    answer = submission.moving_average(torch.tensor([1.0, 2.0, 6.0, 4.0]), 2)
    expect.close(answer, torch.tensor([1.5, 4.0, 5.0]), reveal=True, what="moving_average([1, 2, 6, 4], 2)")


@check("net", title="Net", points=35, group="A network", hint="nn.Linear, ReLU, nn.Linear.")
def test_net(submission: Submission) -> None:
    """Net(2, 16, 3) maps [5, 2] to [5, 3]."""
    model = expect.module(submission.Net(2, 16, 3), what="Net(2, 16, 3)")
    expect.tensor(model(torch.ones(5, 2)), shape=(5, 3), dtype="floating", what="Net(2, 16, 3) for 5 points")


@check("train", title="train", points=40, group="Training", hint="zero_grad(), loss, backward(), step(): many times.")
def test_train(submission: Submission, draw: Draw) -> None:
    """train(x, y) returns a model that is right about most of the points that it was trained on."""
    direction, y = draw.normal(200, 2), torch.arange(200) % 2
    x = direction / direction.norm(dim=1, keepdim=True) * (1.0 + y[:, None])  # rings of radius 1 and 2
    model = expect.module(submission.train(x, y), what="train(x, y)")
    model.method("eval")
    logits = expect.tensor(model(x), shape=(200, 2), dtype="floating", what="train(x, y) for 200 points")
    right = (logits.argmax(dim=1) == y).float().mean().item()
    expect.that(right > 0.75, f"The model is right about {right:.0%} of the points that it was trained on.")
