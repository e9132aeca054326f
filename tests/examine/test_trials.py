"""Trainings of which the best counts."""

import pytest

from grader.errors import InvalidLab
from grader.model import Metric, Outcome

SUITE = '''
@check("train", title="train", points=10)
def test_train(submission, trials, figures):
    """train(seed) returns an accuracy."""
    def attempt(seed):
        accuracy = expect.number(submission.train(seed), what="train(seed)")
        figures.images(torch.zeros(1, 2, 2), [], f"accuracy {accuracy}", "")
        metric = Metric("accuracy", accuracy, 0.5, 0.9)
        return Verdict(metric.share, f"accuracy {accuracy}", (metric,))

    trials.best(attempt)
'''


class Trainer:
    """Answers with one result after the other; an exception is raised."""

    def __init__(self, *results):
        self.results = list(results)
        self.seeds = []

    def __call__(self, seed):
        result = self.results[len(self.seeds)]
        self.seeds.append(seed)
        if isinstance(result, Exception):
            raise result
        return result


@pytest.fixture
def trained(run, sandbox):
    def go(most, *results, course=""):
        trainer = Trainer(*results)
        (row,) = run(SUITE, sandbox({"train": trainer}), best_of={"train": most}, course=course).checks
        return row, trainer.seeds

    return go


def test_the_best_training_counts_and_its_metrics_are_kept(trained):
    row, seeds = trained(3, 0.6, 0.8, 0.7)
    assert (row.outcome, row.points, row.message) == (Outcome.PARTIAL, pytest.approx(7.5), "accuracy 0.8")
    assert row.metrics == (Metric("accuracy", 0.8, 0.5, 0.9),)
    assert len(set(seeds)) == 3


def test_the_pictures_are_those_of_the_training_that_counts(run, sandbox):
    found = run(SUITE, sandbox({"train": Trainer(0.6, 0.8, 0.7)}), best_of={"train": 3})
    assert [figure.title for figure in found.figures] == ["accuracy 0.8"]


def test_where_none_counts_the_pictures_are_those_of_the_training_that_is_told(run, sandbox):
    suite = SUITE.replace("metric = ", 'expect.that(accuracy > 0.5, "too little")\n        metric = ')
    found = run(suite, sandbox({"train": Trainer(0.4, 0.3)}), best_of={"train": 2})
    assert found.checks[0].message == "too little"
    assert [figure.title for figure in found.figures] == ["accuracy 0.4"]


def test_full_points_end_the_training(trained):
    row, seeds = trained(3, 0.95)
    assert (row.outcome, row.points, len(seeds)) == (Outcome.PASSED, 10, 1)


def test_a_wrong_answer_may_be_made_good_by_the_next_training(trained):
    row, seeds = trained(2, float("nan"), 0.95)
    assert (row.outcome, len(seeds)) == (Outcome.PASSED, 2)


def test_an_exception_is_not_tried_again_and_takes_nothing_away(trained):
    row, seeds = trained(3, 0.7, ValueError("no"))
    assert (row.outcome, row.points, len(seeds)) == (Outcome.PARTIAL, pytest.approx(5), 2)


def test_where_every_training_raised_the_first_is_told(trained):
    row, _ = trained(2, float("nan"), ValueError("no"))
    assert (row.outcome, row.metrics) == (Outcome.FAILED, ())
    assert "NaN" in row.message


@pytest.mark.parametrize(
    ("most", "sentence"),
    [
        (1, "train(seed) returns an accuracy. Trained once; that training counts."),
        (2, "train(seed) returns an accuracy. Trained up to 2 times, each with another seed; the best counts."),
    ],
)
def test_a_student_reads_how_often_and_which_counts(trained, most, sentence):
    assert trained(most, 0.95)[0].asked == sentence


def test_the_same_submission_trains_with_the_same_seeds(trained):
    assert trained(3, 0.6, 0.6, 0.6)[1] == trained(3, 0.7, 0.7, 0.7, course="again")[1]


@pytest.mark.parametrize("best_of", [None, {"train": 1, "tarin": 2}])
def test_trials_that_lab_toml_does_not_state_are_the_instructors_mistake(run, sandbox, best_of):
    with pytest.raises(InvalidLab, match="best_of"):
        run(SUITE, sandbox({"train": lambda seed: 1.0}), best_of=best_of)
