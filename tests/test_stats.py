"""How a class did: scores, discrimination, wrong answers."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import pointbiserialr

from grader import stats
from grader.examine import sentences
from grader.labs import LimitSpec
from grader.model import CheckResult, ClassResults, Ending, Flag, Grade, Outcome, Override, Run, Student
from grader.scoring import Late
from grader.stats import Concern, Suspicion
from grader.stats.discrimination import ASKED_LEAST, Rest, by_chance
from grader.stats.kinds import KINDS_MOST, NAMED_MOST, Kinds, signature
from grader.stats.tally import BINS, EVERYBODY_LEAST, NOBODY_LEAST, bin_counts, spread

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def check(name, outcome, points=0.0, message=""):
    return CheckResult(name, name.upper(), "Group", outcome, points, 10.0, message=message)


def answers(*rights, name="ana"):
    """Checks a, b, c… that passed or failed."""
    return tuple(
        check(chr(97 + at), Outcome.PASSED if right else Outcome.FAILED, 10.0 * right)
        for at, right in enumerate(rights)
    )


def grade(name="ana", checks=(), *, ending=Ending.COMPLETED, most=100.0, score=None, **more):
    run = Run(ending, tuple(checks), **{key: more.pop(key) for key in ("flags", "fault", "message") if key in more})
    earned = run.score if score is None else score
    return Grade(Student(name, name.title()), "lab", "f" * 64, "a.py", run, earned, most, NOW, **more)


def by_hand(made, score=50.0):
    return replace(made, score=score, override=Override(score, made.max_score, "On paper.", "kim", NOW))


def of(*grades, most=100.0):
    return stats.of(ClassResults("lab", "Lab", "1", most, grades))


def the_check(name, *grades):
    (found,) = (one for one in of(*grades).checks if one.id == name)
    return found


def correlated(passed, rests):
    rest = Rest()
    for one, other in zip(passed, rests, strict=True):
        rest.add(other, passed=one)
    return rest


PUPILS = st.lists(st.tuples(st.booleans(), st.integers(0, 10_000)), min_size=ASKED_LEAST, max_size=60)


@given(PUPILS, st.sampled_from([0.0, 1e6]))
def test_discrimination_is_the_point_biserial_correlation(pupils, above):
    passed, rests = [one for one, _ in pupils], [above + rest / 100 for _, rest in pupils]
    assume(len(set(passed)) == 2)
    assume(len(set(rests)) > 1)
    assert correlated(passed, rests).correlation() == pytest.approx(pointbiserialr(passed, rests)[0], abs=1e-6)


@given(PUPILS)
def test_discrimination_lies_within_its_range_and_changes_its_sign_with_the_outcomes(pupils):
    passed, rests = zip(*pupils, strict=True)
    found = correlated(passed, rests).correlation()
    turned = correlated([not one for one in passed], rests).correlation()
    if found is None:
        assert turned is None
    else:
        assert -1 <= found <= 1
        assert turned == pytest.approx(-found, abs=1e-9)


def test_discrimination_is_with_the_rest_of_the_score_and_not_with_the_points_of_the_check_itself():
    rights = [(at % 2 == 0, at % 3 == 0, at % 5 == 0) for at in range(30)]
    found = the_check("a", *(grade(f"s{at}", answers(*row)) for at, row in enumerate(rights)))
    passed = [row[0] for row in rights]
    assert found.discrimination == pytest.approx(pointbiserialr(passed, [10 * sum(row[1:]) for row in rights])[0])
    assert found.discrimination != pytest.approx(pointbiserialr(passed, [10 * sum(row) for row in rights])[0])


@pytest.mark.parametrize(
    ("passed", "rests", "why"),
    [
        ([True, False] * 4, range(8), "fewer than 10 were asked"),
        ([True] * 12, range(12), "all who were asked pass"),
        ([False] * 12, range(12), "nobody passes"),
        ([True, False] * 6, [0.1 + 0.2] * 12, "all have the same in the rest"),
    ],
)
def test_where_it_is_not_defined_there_is_no_discrimination_but_the_reason(passed, rests, why):
    rest = correlated(passed, rests)
    assert (rest.correlation(), rest.undefined()) == (None, why)


def test_points_that_add_up_to_the_same_but_for_rounding_are_the_same():
    rows = [(0.1, 0.2, 0.3), (0.3, 0.2, 0.1)]
    grades = []
    for at in range(12):
        rest = [check(name, Outcome.PARTIAL, points) for name, points in zip("bcd", rows[at % 2], strict=True)]
        mine = check("a", Outcome.PASSED, 0.7) if at % 3 else check("a", Outcome.FAILED)
        grades.append(grade(f"s{at}", [mine, *rest]))
    assert the_check("a", *grades).undefined == "all have the same in the rest"


def test_by_chance_a_correlation_varies_as_the_formula_says():
    draw = np.random.default_rng(7)
    found = [np.corrcoef(draw.permutation([0, 1] * 10), range(20))[0, 1] for _ in range(4000)]
    assert np.std(found) == pytest.approx(by_chance(20), rel=0.05)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1.0, "negative"),
        (-0.01, "negative"),
        (-0.004, "weak"),
        (0.0, "weak"),
        (0.2, "fair"),
        (0.299, "good"),
        (1, "good"),
    ],
)
def test_a_discrimination_has_a_word(value, said):
    assert stats.word(value) == said


@pytest.mark.parametrize(("value", "said"), [(-0.004, "0.00"), (0.0, "0.00"), (-0.005001, "-0.01"), (0.3, "0.30")])
def test_a_discrimination_that_is_none_has_no_sign(value, said):
    assert f"{stats.shown(value):.2f}" == said


def test_a_check_knows_who_passed_of_those_with_a_result_and_their_mean():
    grades = [
        grade("a", [check("a", Outcome.PASSED, 10.0), check("b", Outcome.FAILED)]),
        grade("b", [check("a", Outcome.PARTIAL, 5.0)]),
        grade("c", [check("a", Outcome.SKIPPED)], ending=Ending.TIMEOUT),
        grade("d", [check("a", Outcome.PASSED, 10.0)], ending=Ending.BROKEN),
    ]
    first, second = of(*grades).checks
    assert (first.title, first.passed, first.scored, first.share, first.mean, first.most) == (
        "A",
        1,
        3,
        1 / 3,
        5.0,
        10.0,
    )
    assert (second.passed, second.scored, second.mean) == (0, 1, 0.0)


def test_what_was_skipped_and_files_that_cannot_be_imported_say_nothing_of_a_check():
    crash = [check(name, Outcome.ERROR, message="SyntaxError") for name in "ab"]
    grades = [grade(f"s{at}", answers(at % 2, at % 3 == 0)) for at in range(12)]
    crowd = [grade(f"c{at}", crash, ending=Ending.CRASHED) for at in range(12)]
    waiting = [grade(f"w{at}", [check("a", Outcome.SKIPPED), check("b", Outcome.PASSED, 10.0)]) for at in range(12)]
    alone, among = the_check("a", *grades), the_check("a", *grades, *crowd, *waiting)
    assert (among.scored, among.asked, among.passed) == (36, 12, 6)
    assert among.discrimination == alone.discrimination
    assert among.wrong == alone.wrong


def test_a_run_of_which_one_call_crashed_is_judged_by_what_it_did():
    made = [check("a", Outcome.PASSED, 10.0), check("b", Outcome.ERROR, message="It crashed Python.")]
    assert the_check("b", grade("a", made, ending=Ending.CRASHED)).wrong[0].count == 1


def test_a_check_that_nobody_passes_is_pointed_out():
    few = [grade(f"s{at}", answers(0, at % 2)) for at in range(NOBODY_LEAST)]
    assert the_check("a", *few).suspicions == (Suspicion.NOBODY,)
    assert the_check("a", *few[1:]).suspicions == ()
    assert "Nobody of 5 passes it" in stats.advice(the_check("a", *few), Suspicion.NOBODY)


def test_a_check_of_which_nobody_has_everything_but_most_have_much_is_not_pointed_out():
    def partly(points):
        return [grade(f"s{at}", [check("a", Outcome.PARTIAL, points)]) for at in range(NOBODY_LEAST)]

    assert the_check("a", *partly(9.4)).suspicions == ()
    little = the_check("a", *partly(0.5))
    assert little.suspicions == (Suspicion.NOBODY,)
    assert stats.advice(little, Suspicion.NOBODY).startswith(
        "Nobody of 5 passes it, and the mean is 0.5 of 10 points. Read"
    )


LIMITS = LimitSpec(call_seconds=1.0)


@pytest.mark.parametrize(
    "ended", [sentences.spent("f(x)", LIMITS, started=False), sentences.waited("f(x)", 19.0)], ids=["spent", "waited"]
)
def test_what_was_not_started_since_the_time_was_used_up_was_not_asked(ended):
    grades = [grade(f"s{at}", answers(at % 2, at % 3 == 0)) for at in range(12)]
    late = [check("a", Outcome.ERROR, message=str(ended)), check("b", Outcome.PASSED, 10.0)]
    crowd = [grade(f"l{at}", late, ending=Ending.TIMEOUT) for at in range(20)]
    alone, among = the_check("a", *grades), the_check("a", *grades, *crowd)
    assert (among.scored, among.asked, among.passed) == (32, 12, 6)
    assert (among.discrimination, among.wrong) == (alone.discrimination, alone.wrong)


def test_what_was_started_and_did_not_finish_was_asked():
    slow = check("a", Outcome.ERROR, message=str(sentences.spent("f(x)", LIMITS, started=True)))
    fine = check("b", Outcome.PASSED, 10.0)
    assert the_check("a", grade("ana", [slow, fine], ending=Ending.TIMEOUT)).asked == 1


@pytest.mark.parametrize(
    ("passed", "scored", "percent"),
    [(249, 250, "99%"), (1, 250, "1%"), (250, 250, "100%"), (0, 3, "0%"), (1, 3, "33%")],
)
def test_only_what_all_pass_is_passed_by_a_hundred_percent(passed, scored, percent):
    assert the_check("a", *(grade(f"s{at}", answers(at < passed)) for at in range(scored))).percent == percent


def test_of_a_check_that_all_skip_it_is_said_that_nobody_got_there():
    found = the_check("a", *(grade(f"s{at}", [check("a", Outcome.SKIPPED)]) for at in range(NOBODY_LEAST)))
    assert "Nobody of 5 got as far" in stats.advice(found, Suspicion.NOBODY)


def test_a_check_that_everybody_passes_is_pointed_out_in_a_class_that_is_large_enough():
    many = [grade(f"s{at}", answers(1, at % 2)) for at in range(EVERYBODY_LEAST)]
    assert the_check("a", *many).suspicions == (Suspicion.EVERYBODY,)
    assert the_check("a", *many[1:]).suspicions == ()
    assert "All 20 whose code was asked pass it" in stats.advice(the_check("a", *many), Suspicion.EVERYBODY)


def test_a_check_that_good_students_fail_is_pointed_out_and_how_sure_that_is():
    strong = [grade(f"s{at}", answers(at < 10, at >= 10, at >= 10)) for at in range(20)]
    found = the_check("a", *strong)
    assert (found.discrimination, found.suspicions) == (pytest.approx(-1), (Suspicion.NEGATIVE,))
    assert "did worse in the rest" in stats.advice(found, Suspicion.NEGATIVE)
    assert "chance" not in stats.advice(found, Suspicion.NEGATIVE)
    weak = the_check("a", *(grade(f"s{at}", answers(at % 2, at < 11)) for at in range(20)))
    assert weak.suspicions == (Suspicion.NEGATIVE,)
    assert stats.advice(weak, Suspicion.NEGATIVE).endswith("With 20 students that may be chance.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f has shape (4, 3); the shape asked for is (3, 4).", "f has shape (12,); the shape asked for is (2, 6)."),
        ("x differs by 0.25 in 3 of 40 numbers.", "x differs by 1,250.5e-3 in 17 of 40 numbers."),
        ("Your code raised KeyError: 'ana'", "Your code raised KeyError: 'the other one'"),
        ("It is called “first”.", "It is called “second try”."),
        ("shape '[-1, 3]' is invalid  for input of size 5", "shape '[2]' is invalid\nfor input of size 7"),
        ("The answer is −0.5.", "The answer is +3."),
        ("got [[1, 2], [3, 4]]", "got [7]"),
    ],
)
def test_messages_that_differ_in_what_was_drawn_are_of_one_kind(one, other):
    assert signature(one) == signature(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f has dtype float32; int64 is asked for.", "f has dtype float64; int64 is asked for."),
        ("f contains NaN in 3 numbers.", "f contains infinity in 3 numbers."),
        ("f returned None.", "f returned a list."),
        ("Your code raised KeyError: 'a'", "Your code raised ValueError: 'a'"),
        ("Bob's file doesn't define f.", "Bob's file doesn't define g."),
    ],
)
def test_messages_about_other_mistakes_are_of_other_kinds(one, other):
    assert signature(one) != signature(other)


@given(st.text(max_size=3000))
def test_a_signature_is_bounded_and_stays_what_it_is(message):
    assert len(signature(message)) <= 2000
    assert signature(" ".join(message[:390].split())) == signature(message[:390])


def test_wrong_answers_are_counted_by_kind_the_commonest_first_with_an_example_and_some_who_gave_them():
    grades = [
        grade(f"s{at}", [check("a", Outcome.FAILED, message=f"It is {at}." if at % 3 else "It is None.")])
        for at in range(30)
    ]
    first, second = the_check("a", *grades).wrong
    assert (first.count, first.example, [who.key for who in first.who]) == (
        20,
        "It is 1.",
        ["s1", "s2", "s4", "s5", "s7"],
    )
    assert (second.count, second.example) == (10, "It is None.")
    assert len(first.who) == NAMED_MOST


def test_passed_checks_have_no_wrong_answer_and_partial_ones_have():
    grades = [
        grade("a", [check("a", Outcome.PASSED, 10.0, "Well done.")]),
        grade("b", [check("a", Outcome.PARTIAL, 5.0, "Half of it.")]),
    ]
    assert [kind.example for kind in the_check("a", *grades).wrong] == ["Half of it."]


def test_kinds_without_end_are_counted_as_others_and_long_messages_are_cut():
    kinds = Kinds()
    for at in range(KINDS_MOST + 7):
        kinds.add(f"word{'x' * at} " * 100, Student("a", "A"))
    assert len(kinds.found()) == KINDS_MOST
    assert kinds.others == 7
    assert max(len(kind.example) for kind in kinds.found()) == 400


def test_mean_median_and_quartiles_are_of_those_with_a_score():
    grades = [grade(f"s{at}", score=float(at)) for at in (0, 10, 20, 30, 90)]
    odd = [grade("b", ending=Ending.BROKEN), grade("r", ending=Ending.REJECTED)]
    found = of(*grades, *odd)
    assert found.students == 7
    assert (found.scores.count, found.scores.mean) == (5, 30.0)
    assert (found.scores.lower, found.scores.median, found.scores.upper) == (10.0, 20.0, 30.0)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_quartiles_are_those_of_numpy(scores):
    found = spread(scores, 100.0)
    assert [found.lower, found.median, found.upper] == pytest.approx(np.quantile(scores, [0.25, 0.5, 0.75]), abs=1e-9)


def test_an_empty_class_and_one_without_scores_have_no_statistics():
    for found in (of(), of(grade("e", ending=Ending.BROKEN))):
        assert (found.scores, found.checks) == (None, ())
    assert of().graded_at is None
    assert of(grade("a", score=3.0), most=0.0).scores.bins == ()


@pytest.mark.parametrize(("score", "place"), [(0, 0), (9.99, 0), (10, 1), (99.9, 9), (100, 9), (-3, 0), (130, 9)])
def test_a_score_falls_into_its_tenth(score, place):
    assert bin_counts([score], 100.0).index(1) == place


@given(st.lists(st.floats(-10, 120, allow_nan=False)), st.floats(0.5, 1000))
def test_no_score_is_lost_from_the_distribution(scores, most):
    counts = bin_counts(scores, most)
    assert len(counts) == BINS
    assert sum(counts) == len(scores)


def test_the_parts_of_the_distribution_are_called_by_their_borders():
    assert stats.bin_labels(53.0)[0] == "0 to under 5.3"
    assert stats.bin_labels(53.0)[-1] == "47.7 to 53"
    assert all(one.split()[-1] == other.split()[0] for one, other in pairwise(stats.bin_labels(35.0)))


def test_a_score_out_of_another_worth_of_the_lab_counts_for_its_share():
    then, now = by_hand(grade("ana"), 85.0), grade("bo", score=40.0, most=50.0)
    assert of(then, now, most=50.0).scores.mean == pytest.approx((42.5 + 40) / 2)


LATE = Late(NOW, 1, 90.0)


@pytest.mark.parametrize(
    ("made", "held"),
    [
        (grade(score=70.0), ""),
        (grade(score=100.0), "full"),
        (grade(score=49.99), "half"),
        (grade(score=0.0, most=0.0), ""),
        (grade(score=70.0, flags=(Flag.REPLAYED,)), "attention flagged"),
        (grade(ending=Ending.BROKEN), "attention ungraded"),
        (grade(ending=Ending.REJECTED), "attention refused"),
        (grade(ending=Ending.TIMEOUT, score=60.0), "attention timeout"),
        (grade(ending=Ending.MEMORY, score=60.0), "attention memory"),
        (grade(ending=Ending.CRASHED), "attention crashed half"),
        (by_hand(grade(ending=Ending.BROKEN), 60.0), "by-hand"),
        (by_hand(grade(ending=Ending.REJECTED), 40.0), "by-hand half"),
        (by_hand(grade(ending=Ending.TIMEOUT), 60.0), "timeout by-hand"),
        (replace(by_hand(grade(), 60.0), superseded=True), "by-hand superseded"),
        (grade(score=60.0, late=LATE, attempts=2), "late again"),
    ],
)
def test_what_one_looks_for_in_a_class(made, held):
    assert sorted(stats.concerns(made)) == sorted(map(Concern, held.split()))


def test_concerns_flags_and_reasons_are_counted():
    found = of(
        grade("a", score=90.0, flags=(Flag.TAMPERING, Flag.REPLAYED)),
        grade("b", score=90.0, flags=(Flag.TAMPERING,)),
        *(grade(f"e{at}", ending=Ending.BROKEN, fault=f"The engine went away after {at} s.") for at in range(3)),
        grade("r", ending=Ending.REJECTED, message="The zip is encrypted."),
    )
    assert found.concerns == {Concern.ATTENTION: 6, Concern.FLAGGED: 2, Concern.UNGRADED: 3, Concern.REFUSED: 1}
    assert found.flags == {Flag.TAMPERING: 2, Flag.REPLAYED: 1}
    assert [(kind.count, kind.example) for kind in found.ungraded] == [(3, "The engine went away after 0 s.")]
    assert [kind.example for kind in found.refused] == ["The zip is encrypted."]


def test_a_class_of_any_size_takes_a_score_for_each_student_and_no_more():
    def counted(students):
        tally = stats.Tally(100.0)
        tracemalloc.start()
        try:
            for at in range(students):
                made = check("a", Outcome.FAILED, message=f"{'word' * (at % 500)} and so on {at}" * 20)
                tally.add(grade(f"s{at}", [made]))
            return tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    counted(100)
    few, many = counted(1000), counted(5000)
    assert many - few < 4000 * 64


def test_files_that_cannot_be_imported_do_not_hide_that_everybody_else_passes():
    crash = [check("a", Outcome.ERROR, message="SyntaxError"), check("b", Outcome.ERROR, message="SyntaxError")]
    crowd = [grade(f"c{at}", crash, ending=Ending.CRASHED) for at in range(3)]
    many = [grade(f"s{at}", answers(1, at % 2)) for at in range(EVERYBODY_LEAST)]
    assert the_check("a", *many, *crowd).suspicions == (Suspicion.EVERYBODY,)
