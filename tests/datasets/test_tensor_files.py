"""`kind = "torch"`: what is read from a file of tensors, and what is said where that cannot be."""

import pytest
import torch

from grader.datasets import TensorsSpec, tensors
from grader.errors import InvalidLab

SPEC = TensorsSpec()
X, Y = torch.arange(12.0).view(6, 2), torch.tensor([0, 1, 2, 0, 1, 2])


@pytest.fixture
def read(tmp_path):
    def go(found):
        if isinstance(found, bytes):
            (tmp_path / "data.pt").write_bytes(found)
        else:
            torch.save(found, tmp_path / "data.pt")
        return tensors.read(SPEC, tmp_path)

    return go


@pytest.mark.parametrize("found", [{"inputs": X, "targets": Y}, (X, Y), [X, Y]])
def test_inputs_and_targets_are_read(read, found):
    items = read(found)
    assert torch.equal(items.inputs, X)
    assert torch.equal(items.targets, Y)
    assert items.classes == ("0", "1", "2")


def test_floats_are_numbers_to_predict(read):
    items = read((torch.zeros(3, 1, dtype=torch.uint8), torch.rand(3, 2, requires_grad=True)))
    assert (items.classes, items.targets.shape, items.targets.requires_grad) == ((), (3, 2), False)


class Planted:
    def __reduce__(self):
        return print, ("code that ran",)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Planted(), r"data\.pt cannot be read as a file of plain tensors \(UnpicklingError\)"),
        (b"nothing", r"cannot be read as a file of plain tensors"),
        (
            {"x": X, "y": Y},
            r"something else than two tensors\. Save torch\.save\({\"inputs\": inputs, \"targets\": targets}",
        ),
        ((X, Y, Y), r"something else than two tensors"),
        ((X, [0, 1]), r"something else than two tensors"),
        ((X, Y[:4]), r"6 inputs and 4 targets\. Save as many"),
        ((X[:0], Y[:0]), r"inputs is no dense tensor with items"),
        ((X.to_sparse(), Y), r"inputs is no dense tensor"),
        ((X.to("meta"), Y), r"inputs is no dense tensor"),
        ((X.double(), Y), r"inputs is float64 \[6, 2\]\. It may be uint8, int64 or float32"),
        ((X[:, 0], Y), r"inputs is float32 \[6\]"),
        ((X, Y.int()), r"targets is int32 \[6\]\. Classes are int64 \[n\]"),
        ((X, Y.view(6, 1)), r"targets is int64 \[6, 1\]"),
        ((X, Y - 1), r"whole numbers from -1 to 1\. Classes are counted from 0"),
        ((X, Y * 0), r"whole numbers from 0 to 0"),
        ((X, Y * 10**12), r"whole numbers from 0 to 2000000000000"),
        ((X.where(X != 5, torch.nan), Y), r"inputs\[2\] is NaN or infinite"),
        ((X, torch.tensor([0.0, 1, 2, 3, 4, -torch.inf])), r"targets\[5\] is NaN or infinite"),
        ((torch.zeros(1).expand(6, 10**9), Y), r"would take 22,888 MiB of memory"),
    ],
)
def test_what_an_instructor_has_to_put_right_is_said(read, capsys, found, sentence):
    with pytest.raises(InvalidLab, match=sentence):
        read(found)
    assert capsys.readouterr().out == "", "nothing in the file is run"
