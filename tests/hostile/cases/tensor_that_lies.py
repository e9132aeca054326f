"""Returns a tensor of a class of its own, with another shape and size than it says."""
import torch


class Liar(torch.Tensor):
    shape = property(lambda self: torch.Size([2**20, 2**20]))

    def numel(self):
        return 5

    @classmethod
    def __torch_function__(cls, *_, **__):
        return torch.zeros(5)


def halve(x):
    return torch.zeros(5).as_subclass(Liar)
