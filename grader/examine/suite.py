"""For authors of suites: `from grader.examine.suite import Draw, Submission, check, expect`. See docs/suite-api.md."""

from grader.datasets import Digits
from grader.examine import expect
from grader.examine.checks import check
from grader.examine.draw import Draw
from grader.examine.figures import Figures
from grader.examine.submission import Handle, Submission
from grader.labs import LabSpec
from grader.model import Flag

__all__ = ["Digits", "Draw", "Figures", "Flag", "Handle", "LabSpec", "Submission", "check", "expect"]
