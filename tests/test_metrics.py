"""Figures of merit, held against torchmetrics."""

import pytest
import torch

from grader.metrics import BinaryCounts, accuracy, balanced_rows, binary_counts


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dtype", [torch.int64, torch.float32, torch.bool])
def test_counts_and_ratios_are_those_of_torchmetrics(seed, dtype):
    from torchmetrics.functional import classification as theirs

    drawn = torch.rand(2, 60, generator=torch.Generator().manual_seed(seed))
    predicted, actual = (drawn > 0.3 + 0.1 * seed).long()
    ours = binary_counts(predicted.to(dtype), actual.to(dtype))
    assert [ours.tp, ours.fp, ours.tn, ours.fn] == theirs.binary_stat_scores(predicted, actual)[:4].tolist()
    assert ours.accuracy == pytest.approx(theirs.binary_accuracy(predicted, actual).item())
    assert ours.precision == pytest.approx(theirs.binary_precision(predicted, actual).item())
    assert ours.recall == pytest.approx(theirs.binary_recall(predicted, actual).item())
    assert ours.f1 == pytest.approx(theirs.binary_f1_score(predicted, actual).item())


def test_the_published_example_comes_out_as_published():
    counts = BinaryCounts(tp=90, fp=60, tn=940, fn=10)
    found = (counts.accuracy, counts.precision, counts.recall, counts.f1)
    assert found == pytest.approx((1030 / 1100, 0.6, 0.9, 0.72))
    assert round(counts.accuracy, 2) == 0.94


def test_a_zero_denominator_gives_zero():
    nothing = BinaryCounts(tp=0, fp=0, tn=0, fn=0)
    assert (nothing.accuracy, nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0, 0.0)


def test_accuracy_is_the_share_of_equal_elements():
    assert accuracy(torch.tensor([1, 2, 3, 4]), torch.tensor([1, 2, 0, 4])) == 0.75
    assert accuracy(torch.empty(0), torch.empty(0)) == 0.0


@pytest.mark.parametrize("measure", [binary_counts, accuracy])
def test_a_column_against_a_vector_is_refused_not_broadcast(measure):
    with pytest.raises(ValueError, match=r"\(3, 1\) and \(3,\)"):
        measure(torch.ones(3, 1), torch.ones(3))


def drawn_rows(labels, digit, most, seed=0):
    return balanced_rows(labels, digit, most, torch.Generator().manual_seed(seed))


def test_half_of_the_balanced_rows_are_the_digit():
    labels = torch.arange(10).repeat(30)
    rows = drawn_rows(labels, 4, 20)
    assert len(rows) == len(rows.unique()) == 40
    assert (labels[rows] == 4).sum() == 20


def test_the_rarer_half_decides_how_many_balanced_rows_there_are():
    labels = torch.tensor([1] * 3 + [0] * 50)
    assert len(drawn_rows(labels, 1, 20)) == len(drawn_rows(labels, 0, 20)) == 6


def test_balanced_rows_depend_on_the_generator_alone():
    labels = torch.arange(10).repeat(30)
    assert torch.equal(drawn_rows(labels, 4, 20), drawn_rows(labels, 4, 20))
    assert not torch.equal(drawn_rows(labels, 4, 20), drawn_rows(labels, 4, 20, seed=1))


def test_balanced_rows_are_not_sorted_by_class():
    labels = torch.arange(10).repeat(30)
    first_half = labels[drawn_rows(labels, 4, 30)][:30]
    assert 0 < (first_half == 4).sum() < 30
