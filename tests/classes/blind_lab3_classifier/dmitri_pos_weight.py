from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy


@dataclass
class Counts:
    tp: int
    fp: int
    tn: int
    fn: int

    @classmethod
    def of(cls, predicted: Tensor, actual: Tensor) -> Counts:
        p, a = predicted.bool(), actual.bool()
        return cls(*(int(torch.count_nonzero(mask)) for mask in (p & a, p & ~a, ~p & ~a, ~p & a)))


def confusion(predicted: Tensor, actual: Tensor) -> dict[str, int]:
    return asdict(Counts.of(predicted, actual))


def safe_divide(a: float, b: float) -> float:
    return 0.0 if b == 0 else a / b


def metrics(tp: int, fp: int, tn: int, fn: int) -> dict[str, float]:
    return dict(
        accuracy=safe_divide(tp + tn, tp + fp + tn + fn),
        precision=safe_divide(tp, tp + fp),
        recall=safe_divide(tp, tp + fn),
        f1=safe_divide(2 * tp, 2 * tp + fp + fn),
    )


class DigitClassifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(x).sigmoid()


def train_classifier(images: Tensor, labels: Tensor, digit: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    target = (labels == digit).float().view(-1, 1)
    positive = target.sum()
    pos_weight = (len(target) - positive) / positive
    model = DigitClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-5)
    epochs = max(5, 60_000 // len(images))
    for _ in range(epochs):
        model.train()
        for batch in torch.randperm(len(images)).split(50):
            optimizer.zero_grad()
            pictures = images[batch].view(-1, 28, 28)
            dy, dx = torch.randint(-1, 2, (2,)).tolist()
            shifted = pictures.roll((dy, dx), dims=(1, 2)).flatten(1)  # a digit moved by a pixel is the same digit
            loss = binary_cross_entropy_with_logits(model.logits(shifted), target[batch], pos_weight=pos_weight)
            loss.backward()
            optimizer.step()
    return model


@torch.no_grad()
def predict(model: nn.Module, images: Tensor) -> Tensor:
    model.eval()
    return torch.where(model(images) > 0.5, 1, 0)


def noise_images(n: int, seed: int = 0) -> Tensor:
    generator = torch.Generator()
    generator.manual_seed(seed)
    return torch.rand((n, 28 * 28), generator=generator, dtype=torch.float32)


def false_alarm_rate(model: nn.Module, images: Tensor) -> float:
    return float(predict(model, images).double().mean())


def train_points(x: Tensor, y: Tensor, classes: int, seed: int = 0) -> nn.Module:
    """Random features of a Gaussian kernel, and one linear layer on them."""
    torch.manual_seed(seed)
    lift = nn.Linear(2, 200).requires_grad_(False)
    lift.weight.normal_(0, 3)
    lift.bias.uniform_(0, 6.2832)

    class Cosine(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            return torch.cos(z)

    model = nn.Sequential(lift, Cosine(), nn.Linear(200, classes))
    optimizer = torch.optim.LBFGS(model[2].parameters(), max_iter=50)

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = cross_entropy(model(x), y) + 1e-4 * model[2].weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return model


def probabilities(model: nn.Module, x: Tensor) -> Tensor:
    return model(x).softmax(-1)
