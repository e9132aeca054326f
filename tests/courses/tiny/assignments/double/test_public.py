from grader.examine.suite import Submission, check, expect


@check("doubles-two", title="double", points=5)
def test_double(submission: Submission) -> None:
    """double(2) is 4."""
    expect.integer(submission.double(2), want=4, reveal=True, what="double(2)")
