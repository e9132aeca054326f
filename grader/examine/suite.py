"""For authors of suites: `from grader.examine.suite import Draw, Submission, check, expect`.

See docs/reference/suite-api.md.
"""

from grader.datasets import Data, Digits
from grader.errors import CallEnded, CallRaised
from grader.examine import controls, expect
from grader.examine.checks import check
from grader.examine.draw import Draw
from grader.examine.figures import Dots, Figures, Line, Mark
from grader.examine.submission import Handle, Submission
from grader.examine.trials import Trials, Verdict
from grader.judge import Judge
from grader.labs import LabSpec
from grader.model import Flag, Metric

__all__ = [
    "CallEnded",
    "CallRaised",
    "Data",
    "Digits",
    "Dots",
    "Draw",
    "Figures",
    "Flag",
    "Handle",
    "Judge",
    "LabSpec",
    "Line",
    "Mark",
    "Metric",
    "Submission",
    "Trials",
    "Verdict",
    "check",
    "controls",
    "expect",
]
