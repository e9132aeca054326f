from grader.examine.suite import Draw, Submission, check, expect


@check("doubles", title="double", points=6)
def test_double(submission: Submission, draw: Draw) -> None:
    """double(n) is twice n."""
    number = draw.integer(3, 1000)
    expect.integer(submission.double(number), want=2 * number, what=f"double({number})")


@check("negative", title="double of a negative number", points=4, depends=("doubles",))
def test_negative(submission: Submission) -> None:
    """double(-3) is -6."""
    expect.integer(submission.double(-3), want=-6, what="double(-3)")
