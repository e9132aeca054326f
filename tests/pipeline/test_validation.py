"""What runs say about a lab, decided without running anything."""

import pytest

from grader.examine.checks import Check
from grader.examine.falsification import Falsified
from grader.examine.leaks import Leak
from grader.model import CheckResult, Ending, Flag, Metric, Outcome, Run
from grader.pipeline.validation import Found, Graded, Kind, Solution, judge, unreadable

HIDDEN = {name: Check(name, name.title(), 5.0) for name in ("sums", "means")}
PUBLIC = {"sums": Check("sums", "Sums", 10.0)}
SILENT = Falsified(12, (), (), 0.5)


def row(name, points, message="", most=5.0, metrics=()):
    outcome = Outcome.PASSED if points == most else Outcome.PARTIAL if points else Outcome.FAILED
    return CheckResult(name, name.title(), "", outcome, points, most, message=message, metrics=metrics)


def run(sums=5.0, means=5.0, **more):
    return Run(more.pop("ending", Ending.COMPLETED), (row("sums", sums, "sums is off."), row("means", means)), **more)


def public(points=10.0, **more):
    return Run(more.pop("ending", Ending.COMPLETED), (row("sums", points, most=10.0),), **more)


REFERENCE = Solution(Kind.REFERENCE, "solution.py")
STARTER = Solution(Kind.STARTER, "lab.py")


def mutant(name, **more):
    return Graded(Solution(Kind.MUTANT, name), "hidden", run(**more))


def found(*more, without=(), losses=None, **fields):
    """A lab in which all is well, but for what is given."""
    graded = {
        "reference": Graded(REFERENCE, "hidden", run()),
        "public reference": Graded(REFERENCE, "public", public()),
        "starter": Graded(STARTER, "hidden", run(0.0, 0.0)),
        "public starter": Graded(STARTER, "public", public(0.0)),
        "a": mutant("a.py", sums=0.0),
        "b": mutant("b.py", means=2.5),
    }
    kept = [one for name, one in graded.items() if name not in without]
    fields = {"suites": {"hidden": HIDDEN, "public": PUBLIC}, "falsified": SILENT, **fields}
    return Found(
        points=10.0,
        run_seconds=20.0,
        losses={"a.py": ("sums",), "b.py": ("means",)} if losses is None else losses,
        graded=(*kept, *more),
        **fields,
    )


def section(title, lab):
    return next(section for section in judge(lab).sections if section.title == title)


def told(title, lab):
    """Findings as text."""
    return [" ".join((issue.what, *issue.details)) for issue in section(title, lab).findings]


def test_data_of_the_labs_own_is_told_only_where_there_is_some():
    fine, wrong = judge(found(data=[])), judge(found(data=["a is missing.", "b is a copy."]))
    assert [part.title for part in fine.sections][:2] == ["Suites", "Data"]
    assert (fine.findings, wrong.findings) == (0, 2)
    assert told("Data", found(data=["a is missing."])) == ["a is missing."]


def test_a_lab_in_which_all_is_well_has_no_findings():
    report = judge(found())
    assert [(part.title, part.looked) for part in report.sections] == [
        (title, True) for title in ("Suites", "Reference", "Starter", "Mutants", "Coverage", "Messages")
    ]
    assert report.findings == 0
    assert [part.figures for part in report.sections][:5] == [
        "hidden 2 checks, 10 points; public 1 check, 10 points",
        "hidden 10/10, public 10/10; 0.0 s of 20 s allowed",
        "hidden 0/10, public 0/10",
        "2 of 2 lose what they declare",
        "2 of 2 checks are lost by a mutant",
    ]


# ---------------------------------------------------------------- suites, reference, starter


def test_a_suite_that_cannot_be_used_is_a_finding_of_the_lab():
    assert told("Suites", found(suites={"hidden": "two checks have the id “sums”.", "public": PUBLIC})) == [
        "two checks have the id “sums”."
    ]
    assert unreadable("lab.toml: no title.").findings == 1


def test_a_lab_without_a_public_suite_hears_so_and_is_not_blamed():
    part = section("Suites", found(suites={"hidden": HIDDEN}))
    assert [issue.what for issue in part.remarks] == ["There is no public suite."]
    assert part.findings == ()


@pytest.mark.parametrize("suite", ["hidden", "public"])
def test_a_reference_that_loses_points_is_told_where(suite):
    bad = Graded(REFERENCE, suite, run(sums=4.0) if suite == "hidden" else public(4.0))
    (text,) = told("Reference", found(bad))
    assert text.startswith(
        f"The reference earns {'9' if suite == 'hidden' else '4'} of 10 points on the {suite} suite."
    )
    assert "“Sums” (sums)" in text


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (run(ending=Ending.TIMEOUT, message="double did not finish."), "did not run to its end on the hidden suite."),
        (run(ending=Ending.BROKEN, fault="test_sums: KeyError"), "cannot be graded: test_sums: KeyError"),
        (run(flags=(Flag.MEMORISED,)), "The hidden suite flags the reference: memorised."),
    ],
)
def test_a_reference_that_ends_badly_or_is_flagged_is_a_finding(broken, sentence):
    (text,) = told("Reference", found(Graded(REFERENCE, "hidden", broken), without=["reference"]))
    assert sentence in text


def test_without_a_solution_nothing_can_be_tried():
    part = section("Reference", found(without=["reference", "public reference"], lacking=frozenset({Kind.REFERENCE})))
    assert (part.looked, [issue.what for issue in part.findings]) == (False, ["There is no solution."])


def test_where_false_answers_led_to_no_message_nothing_is_looked_at():
    part = section("Messages", found(falsified=Falsified(0, (), (), 0.5)))
    assert (part.figures, part.looked) == ("nothing to look at", False)
    assert section("Messages", found(falsified=Falsified(0, (), ("it broke",), 0.5))).looked


def test_a_starter_that_earns_something_is_told_where():
    (text,) = told("Starter", found(Graded(STARTER, "public", public(2.0)), without=["public starter"]))
    assert text == "The starter earns 2 of 10 points on the public suite. “Sums” (sums) gives 2 of 10 points"


def test_a_starter_that_earns_something_and_is_made_from_the_solution_may_lack_markers_there():
    lab = found(Graded(STARTER, "public", public(2.0)), without=["public starter"], unmarked=["sums"])
    (issue,) = section("Starter", lab).findings
    assert "put # BEGIN SOLUTION and # END SOLUTION there round what students write in sums, and" in issue.todo


def test_a_starter_that_cannot_be_imported_is_a_finding_though_it_scores_0():
    bad = run(0.0, 0.0, ending=Ending.CRASHED, message="Your file could not be imported.")
    (text,) = told("Starter", found(Graded(STARTER, "hidden", bad), without=["starter"]))
    assert text.endswith("on the hidden suite. Your file could not be imported.")


def test_what_a_lab_lacks_is_said_and_left_out():
    lacking = frozenset({Kind.STARTER, Kind.MUTANT, Kind.BORDERLINE})
    report = judge(found(without=["starter", "public starter", "a", "b"], lacking=lacking, losses={}))
    assert report.findings == 0
    assert [part.title for part in report.sections if not part.looked] == ["Starter", "Mutants", "Coverage"]
    assert [issue.what for part in report.sections for issue in part.remarks] == [
        "There is no starter.",
        "There is no mutant.",
    ]


# ---------------------------------------------------------------- mutants


def test_a_mutant_that_loses_too_much_is_told_with_the_message():
    (text,) = told("Mutants", found(mutant("c.py", sums=0.0, means=0.0), losses=LOSSES | {"c.py": ("means",)}))
    assert text == "c.py loses 1 check too many. lost: “Sums” (sums): sums is off."


def test_what_the_reference_loses_is_not_held_against_mutants():
    lab = found(Graded(REFERENCE, "hidden", run(means=4.0)), mutant("c.py", sums=0.0, means=4.0), without=["reference"],
                losses=LOSSES | {"c.py": ("sums",)})  # fmt: skip
    assert told("Mutants", lab) == []
    assert section("Mutants", lab).remarks[0].what == "What the reference loses is not held against mutants: means."


def test_a_mutant_that_keeps_what_it_should_lose_is_told():
    (text,) = told("Mutants", found(mutant("c.py", sums=0.0), losses=LOSSES | {"c.py": ("sums", "means")}))
    assert text == "c.py keeps 1 check that it should lose. kept: “Means” (means)"


def test_a_mutant_that_upsets_the_suite_is_a_finding_and_no_loss():
    broken = Graded(Solution(Kind.MUTANT, "c.py"), "hidden", Run(Ending.BROKEN, fault="test_sums: KeyError: 'a'"))
    lab = found(broken, losses=LOSSES | {"c.py": ("sums",)})
    assert told("Mutants", lab) == ["c.py cannot be graded: test_sums: KeyError: 'a'"]
    assert section("Mutants", lab).figures == "2 of 3 lose what they declare"


def test_a_loss_declared_for_a_check_that_is_not_there_is_a_finding():
    assert told("Mutants", found(losses={"a.py": ("sums", "sum"), "b.py": ("means",)})) == [
        "mutants.toml says that a.py loses “sum”, and the hidden suite has no check with that id. Did you mean “sums”?"
    ]


def test_a_table_of_mutants_that_cannot_be_used_is_a_finding():
    assert told("Mutants", found(losses="mutants.toml and the files disagree about c.py.")) == [
        "mutants.toml and the files disagree about c.py."
    ]


def test_fewer_than_twelve_mutants_are_a_remark():
    few = [mutant(f"m{number}.py", sums=0.0) for number in range(9)]
    losses = LOSSES | {one.solution.name: ("sums",) for one in few}
    assert [issue.what for issue in section("Mutants", found(*few, losses=losses)).remarks] == [
        "There are 11 mutants, fewer than 12."
    ]
    more = mutant("one_more.py", sums=0.0)
    assert section("Mutants", found(*few, more, losses=losses | {"one_more.py": ("sums",)})).remarks == ()


def test_a_check_that_no_mutant_loses_is_listed():
    assert told("Coverage", found(without=["b"], losses={"a.py": ("sums",)})) == [
        "No mutant loses 1 check, so nothing shows that it can fail. “Means” (means)"
    ]


LOSSES = {"a.py": ("sums",), "b.py": ("means",)}


# ---------------------------------------------------------------- messages


def test_leaks_and_faults_are_findings_with_the_message():
    falsified = Falsified(12, (Leak("sums", "sums is 3; 8.125 is expected", ("8.125",)),), ("test_means: KeyError",), 1)
    leak, fault = told("Messages", found(falsified=falsified))
    assert leak == "The check “sums” tells right values: 8.125. sums is 3; 8.125 is expected"
    assert fault == "A wrong answer breaks the suite: test_means: KeyError"


# ---------------------------------------------------------------- repeats


def repeats(solution, scores, accuracies=()):
    for number, score in enumerate(scores, 1):
        metrics = (Metric("accuracy", accuracies[number - 1], 0.85, 0.95),) if accuracies else ()
        rows = (row("sums", 5.0), row("means", score - 5.0, metrics=metrics))
        yield Graded(solution, "hidden", Run(Ending.COMPLETED, rows), number)


def test_a_reference_whose_score_changes_is_a_finding_that_names_the_check():
    lab = found(*repeats(REFERENCE, [10, 10, 8.5, 10]), repeats=4)
    assert told("Repeats", lab) == [
        "The score of the reference changed in 1 of 4 repeats: 8.5, 10. “Means” (means): points lost 1 time"
    ]
    assert told("Reference", lab) == []


def test_repeats_of_the_reference_that_agree_are_no_finding_and_their_metrics_spread_is_known():
    report = judge(found(*repeats(REFERENCE, [10, 10, 10], [0.97, 0.96, 0.99]), repeats=3))
    (one,) = report.repeated
    assert (report.findings, one.equal, one.spread) == (0, 3, (10, 10, 10))
    (spread,) = one.spreads
    assert (spread.check, spread.metric, spread.low, spread.high) == ("means", "accuracy", 0.85, 0.95)
    assert spread.spread == (0.96, 0.97, 0.99)


def test_a_metric_that_could_not_be_measured_is_left_out():
    (one,) = judge(found(*repeats(REFERENCE, [10, 10], [float("nan"), 0.96]), repeats=2)).repeated
    assert one.spreads[0].values == (0.96,)


def test_a_borderline_solution_may_vary_but_must_be_borderline():
    varies, never = (Solution(Kind.BORDERLINE, name) for name in ("varies.py", "never.py"))
    lab = found(*repeats(varies, [8, 9, 8]), *repeats(never, [10, 10, 10]), repeats=3)
    part = section("Repeats", lab)
    assert part.findings == ()
    assert [issue.what for issue in part.remarks] == ["never.py always earns 10 points: it is not borderline."]
    assert [(one.solution.name, one.equal, one.spread) for one in judge(lab).repeated] == [
        ("varies.py", 2, (8, 8, 9)),
        ("never.py", 3, (10, 10, 10)),
    ]


def test_a_repeat_that_broke_is_a_finding_and_counts_in_no_spread():
    broken = Graded(REFERENCE, "hidden", Run(Ending.BROKEN, fault="the disk is full"), 3)
    lab = found(*repeats(REFERENCE, [10, 10]), broken, repeats=3)
    assert told("Repeats", lab) == ["The reference cannot be graded: the disk is full"]
    assert judge(lab).repeated[0].scores == (10, 10)


def test_measured_figures_without_a_borderline_solution_are_remarked():
    lab = found(*repeats(REFERENCE, [10, 10], [0.97, 0.96]), repeats=2, lacking=frozenset({Kind.BORDERLINE}))
    assert [issue.what for issue in section("Repeats", lab).remarks] == ["There is no borderline solution."]


def test_a_check_that_asks_nothing_is_told_though_there_is_no_mutant():
    silent = Falsified(12, (), (), 0.5, ("means",))
    (text,) = told("Coverage", found(without=("a", "b"), losses={}, falsified=silent))
    assert text == "The check “Means” (means) asks the submission nothing, so it cannot fail."


def test_what_is_wrong_with_the_suite_itself_is_told_once():
    fault = "test_sums (test_hidden.py:5): KeyError: 'a'"
    broken = [
        Graded(solution, "hidden", Run(Ending.BROKEN, fault=fault))
        for solution in (REFERENCE, STARTER, Solution(Kind.MUTANT, "a.py"))
    ]
    lab = found(*broken, without=("reference", "starter", "a", "b"))
    assert told("Reference", lab) == [f"The reference cannot be graded: {fault}"]
    assert [told(title, lab) for title in ("Starter", "Mutants", "Coverage")] == [[], [], []]
