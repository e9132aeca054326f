"""Inputs: the same for the same key, others for another."""

import pytest
import torch

from grader.examine.draw import Draw


def test_equal_keys_draw_equal_values():
    one, two, other = Draw("a", "b"), Draw("a", "b"), Draw("a", "c")
    assert one.seed() == two.seed() != other.seed()


def test_an_asker_draws_the_same_whoever_drew_before():
    one, two = Draw("a"), Draw("a")
    two.normal(5)
    with one.within("check"), two.within("check"):
        assert torch.equal(one.normal(3), two.normal(3))
    with two.within("other"):
        two.normal(5)
        with two.within("check"):
            again = two.normal(3)
    with one.within("check"):
        assert torch.equal(one.normal(3), again)


def test_drawing_goes_on_after_somebody_elses_turn():
    one, two = Draw("a"), Draw("a")
    first = one.seed(), one.seed()
    start = two.seed()
    with two.within("fixture"):
        two.seed()
    assert (start, two.seed()) == first


def test_values_are_of_the_shape_and_range_that_was_asked():
    draw = Draw("a")
    assert {draw.integer(1, 3) for _ in range(50)} == {1, 2, 3}
    assert all(2 <= draw.number(2, 3) <= 3 for _ in range(50))
    assert {draw.choice("ab") for _ in range(50)} == {"a", "b"}
    assert sorted(draw.sizes(3, 5, 7)) == [5, 6, 7]
    assert (draw.normal(2, 3).shape, draw.normal(2).dtype) == ((2, 3), torch.float32)
    assert 0 <= draw.uniform(100).min() <= draw.uniform(100).max() < 1
    whole = draw.integers(100, low=2, high=4)
    assert (whole.dtype, set(whole.tolist())) == (torch.int64, {2, 3})
    assert sorted(draw.permutation(4).tolist()) == [0, 1, 2, 3]
    assert 0 <= draw.seed() < 2**31


@pytest.mark.parametrize("key", ["a", "b", "c"])
def test_stratified_points_are_standard_normal_in_any_draw(key):
    x = Draw(key).stratified_normal(500)
    assert (x.shape, x.dtype) == ((500,), torch.float32)
    assert abs(x.mean()) < 0.02
    assert abs(x.std() - 1) < 0.02
    assert abs((x.abs() < 1).float().mean() - 0.683) < 0.01
    assert not torch.equal(x, x.sort().values)


def test_there_are_not_more_sizes_than_numbers():
    with pytest.raises(ValueError, match="no 4 different sizes from 5 to 7"):
        Draw("a").sizes(4, 5, 7)
