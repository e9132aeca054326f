"""Labs tried on their own solutions, in workers on this machine: one in which all is well, one in which nothing is."""

from pathlib import Path

import pytest

from grader.errors import UnknownLab
from grader.labs import Course
from grader.pipeline.validating import Where, validate

HERE = Where("local", "warm", "digits", None, 1)
TOML = """title = "Growing"
version = "1"
points = 10
[limits]
call_seconds = 5
plain_seconds = 2
"""
HIDDEN = '''from grader.examine.suite import *


@check("double", title="double", points=4)
def test_double(submission: Submission, draw: Draw) -> None:
    """double(n) is twice n."""
    n = draw.integer(3, 1000)
    expect.integer(submission.double(n), want=2 * n, what=f"double({n})")


@check("train", title="train", points=6)
def test_train(submission: Submission, trials: Trials) -> None:
    """train(seed) gives an accuracy."""

    def attempt(seed: int) -> Verdict:
        accuracy = Metric("accuracy", expect.number(submission.train(seed), what="train(seed)"), 0.5, 0.9)
        return Verdict(accuracy.share, f"The accuracy is {accuracy.value:.3f}.", (accuracy,))

    trials.best(attempt)
'''
PUBLIC = '''from grader.examine.suite import *


@check("double-two", title="double", points=4)
def test_double(submission: Submission) -> None:
    """double(2) is 4."""
    expect.integer(submission.double(2), want=4, reveal=True, what="double(2)")
'''
SOLUTION = "def double(n):\n    return 2 * n\n\n\ndef train(seed):\n    return 0.95\n"


class Counts:
    """Looks on and counts."""

    todo = begun = done = 0

    def planned(self, todo: int) -> None:
        self.todo = todo

    def started(self, name: str) -> None:
        self.begun += 1

    def finished(self, name: str) -> None:
        self.done += 1


def write(root: Path, files: dict[str, str]) -> Course:
    places = {"assignment": root / "assignments" / "grow", "reference": root / "reference" / "grow"}
    for name, text in files.items():
        place, _, rest = name.partition("/")
        path = places[place] / rest
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Course(root)


def told(report) -> dict[str, list[str]]:
    return {part.title: [" ".join((each.what, *each.details)) for each in part.findings] for part in report.sections}


def remarks(report) -> list[str]:
    return [issue.what for part in report.sections for issue in part.remarks]


def test_a_lab_in_which_all_is_well(tmp_path: Path) -> None:
    course = write(
        tmp_path,
        {
            "assignment/lab.toml": TOML + "[best_of]\ntrain = 1\n",
            "assignment/grow.py": "def double(n): ...\n\n\ndef train(seed):\n    raise NotImplementedError\n",
            "assignment/test_public.py": PUBLIC,
            "reference/test_hidden.py": HIDDEN,
            "reference/solution.py": SOLUTION,
            "reference/mutants/mutants.toml": '"tripled.py" = ["double"]\n"untrained.py" = ["train"]\n',
            "reference/mutants/tripled.py": "def double(n):\n    return 3 * n\n",
            "reference/mutants/untrained.py": "def train(seed):\n    return 0.1\n",
            "reference/borderline/lucky.py": "def train(seed):\n    return 0.51 + seed % 97 / 250\n",
        },
    )
    counts = Counts()
    report = validate(course, "grow", HERE, 4, counts)
    assert {title: found for title, found in told(report).items() if found} == {}
    assert remarks(report) == ["There is no handout.", "There are 2 mutants, fewer than 12."]
    assert all(part.looked for part in report.sections)
    assert (
        counts.begun + 3 == counts.done == counts.todo == 2 * 2 + 2 + 4 + 4 + 3
    )  # both suites, mutants, repeats, falsified
    reference, lucky = sorted(report.repeated, key=lambda one: one.solution.name, reverse=True)
    assert (reference.scores, reference.spreads[0].spread) == ((10, 10, 10, 10), (0.95, 0.95, 0.95))
    assert len(set(lucky.scores)) > 1
    assert all(0.51 <= value <= 0.9 for value in lucky.spreads[0].values)


DEFECTIVE = """from grader.examine.suite import *


@check("leaks", title="Leaks", points=4)
def test_leaks(submission: Submission, draw: Draw) -> None:
    n = draw.integer(100, 999)
    expect.integer(submission.double(n), want=2 * n, reveal=True, what="double(n)")


@check("trips", title="Trips", points=2)
def test_trips(submission: Submission) -> None:
    assert submission.double(1) == 2


@check("lucky", title="Lucky", points=3)
def test_lucky(submission: Submission, draw: Draw) -> None:
    expect.that(submission.train(0) == 0.95 and draw.integer(0, 1), "No luck.")


@check("lenient", title="Lenient", points=1)
def test_lenient(submission: Submission) -> None:
    expect.number(submission.train(1), what="train(1)")
"""


def test_each_kind_of_defect_is_found(tmp_path: Path) -> None:
    course = write(
        tmp_path,
        {
            "assignment/lab.toml": TOML,
            "assignment/grow.py": "def train(seed):\n    return 1.5\n",
            "assignment/test_public.py": PUBLIC + PUBLIC.replace("test_double", "test_again"),
            "reference/test_hidden.py": DEFECTIVE,
            "reference/solution.py": f"{SOLUTION}\n# BEGIN SOLUTION\nhelped = True\n# END SOLUTION\n",
            "reference/mutants/mutants.toml": (
                '"tripled.py" = ["leaks"]\n"untrained.py" = ["lenient", "lukcy"]\n"off_by_one.py" = ["leaks"]\n'
            ),
            "reference/mutants/tripled.py": (
                "def double(n):\n    return 2 if n == 1 else 3 * n\n\n\ndef train(seed):\n    return None\n"
            ),
            "reference/mutants/untrained.py": "def train(seed):\n    return 0.1\n",
            "reference/mutants/off_by_one.py": "def double(n):\n    return 2 * n + 1\n",
        },
    )
    report = validate(course, "grow", HERE, 12, Counts())
    found = told(report)
    assert "two checks have the id “double-two”" in found["Suites"][0]
    assert found["Starter"] == [
        "grow.py is not what the solution gives.",
        "The starter earns 1 of 10 points on the hidden suite. “Lenient” (lenient) gives 1 of 1 points",
    ]
    todo = next(part.findings[-1].todo for part in report.sections if part.title == "Starter")
    assert "put # BEGIN SOLUTION and # END SOLUTION there round what students write in double, train, and" in todo
    assert any("untrained.py loses “lukcy”" in text for text in found["Mutants"])
    assert any(
        text.startswith("tripled.py loses") and "lost: “Lenient” (lenient): train(1) returned None" in text
        for text in found["Mutants"]
    )
    assert any("kept: “Lenient” (lenient)" in text for text in found["Mutants"])
    assert any(text.startswith("off_by_one.py breaks a check: test_trips") for text in found["Mutants"])
    assert "“Trips” (trips)" in found["Coverage"][0]
    leak, fault = found["Messages"]
    assert leak.startswith("The check “leaks” tells right values: ")
    assert fault.startswith("A wrong answer breaks the suite: test_trips (test_hidden.py:12): AssertionError")
    assert "The score of the reference changed in" in found["Repeats"][0]
    assert "“Lucky” (lucky): points lost" in found["Repeats"][0]


def test_a_lab_in_progress_is_told_what_it_lacks_and_the_rest_is_tried(tmp_path: Path) -> None:
    course = write(
        tmp_path,
        {
            "assignment/lab.toml": TOML + "[best_of]\ntrain = 1\n",
            "reference/test_hidden.py": HIDDEN.replace("points=4", "points=5"),
            "reference/solution.py": SOLUTION,
        },
    )
    report = validate(course, "grow", HERE, 0, Counts())
    assert "add up to 11, but the lab is worth 10" in told(report)["Suites"][0]
    assert remarks(report) == [
        *("There is no public suite.", "There is no handout."),
        *("There is no starter.", "There is no mutant."),
    ]


def test_without_a_hidden_suite_the_public_one_is_still_tried(tmp_path: Path) -> None:
    course = write(
        tmp_path,
        {
            "assignment/lab.toml": TOML,
            "assignment/test_public.py": PUBLIC,
            "reference/solution.py": "def double(n): pass",
        },
    )
    report = validate(course, "grow", HERE, 0, Counts())
    found = told(report)
    assert found["Suites"][0].endswith("The page “Writing a suite” of the documentation says how.")
    assert found["Reference"][0].startswith("The reference earns 0 of 4 points on the public suite.")


def test_a_lab_toml_that_cannot_be_used_is_a_finding_and_an_unknown_lab_is_a_mistake(tmp_path: Path) -> None:
    course = write(tmp_path, {"assignment/lab.toml": 'title = "Growing"\n'})
    assert "lab.toml" in told(validate(course, "grow", HERE, 0, Counts()))["Suites"][0]
    with pytest.raises(UnknownLab):
        validate(course, "growth", HERE, 0, Counts())
