"""Four quick questions, and words that must never be seen outside: CANARY-docstring-5eed0001."""

import torch

from grader.examine.suite import Draw, Submission, check, expect

SECRET = "CANARY-constant-5eed0002"
VALUES = [271826.0, 271827.0, 271829.5, 271830.25]
# CANARY-comment-5eed0003


@check("mean", title="mean", points=25)
def test_mean(submission: Submission) -> None:
    """mean(values) is their sum divided by how many there are.

    CANARY-paragraph-5eed0004: the first paragraph alone is for students.
    """
    answers = {"CANARY-expected-5eed0005": 271828.1875}
    got = submission.mean(VALUES)
    expect.close_number(got, answers["CANARY-expected-5eed0005"], rtol=1e-9, what="mean(values)")


@check("halve", title="halve", points=25)
def test_halve(submission: Submission, draw: Draw) -> None:
    """halve(x) is half of x: [5] -> [5]."""
    label, x = "CANARY-local-5eed0006", draw.normal(5)
    expect.close(submission.halve(x), x / 2, what="halve(x)")
    assert label


@check("mirror", title="mirror", points=25)
def test_mirror(submission: Submission, draw: Draw) -> None:
    """mirror(text) is the text read backwards."""
    text = "".join(draw.choice("abcdefgh") for _ in range(12))
    expect.that(submission.mirror(text) == text[::-1], "mirror(text) is not the text read backwards.")


@check("counter", title="Counter", points=25)
def test_counter(submission: Submission, draw: Draw) -> None:
    """Counter(start).add(n) adds n and returns the total."""
    start, step = draw.integer(1, 99), draw.integer(1, 99)
    counter = expect.handle(submission.Counter(start), what="Counter(start)")
    for turn in (1, 2):
        expect.integer(counter.method("add", step), want=start + turn * step, what="add(n)")
    assert torch.is_tensor(VALUES) is False
