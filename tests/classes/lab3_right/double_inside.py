"""float64 inside and float32 outside, several nets that vote, 0-d tensors for numbers, an untrained answer of 0.5."""
import torch
from torch import nn


def confusion(predicted, actual):
    tn, fn, fp, tp = torch.bincount((2 * predicted + actual).flatten(), minlength=4).int()
    return dict(tp=tp, fp=fp, tn=tn, fn=fn)


def metrics(tp, fp, tn, fn):
    tp, fp, tn, fn = torch.tensor([tp, fp, tn, fn], dtype=torch.float64)
    ratio = lambda a, b: a / b.clamp(min=1)
    return {
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "recall": ratio(tp, tp + fn),
        "precision": ratio(tp, tp + fp),
        "accuracy": ratio(tp + tn, tp + fp + tn + fn),
    }


class Member(nn.Module):
    """Two classes, as a softmax."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, 40), nn.BatchNorm1d(40), nn.LeakyReLU(), nn.Linear(40, 2))
        nn.init.zeros_(self.body[-1].weight)
        nn.init.zeros_(self.body[-1].bias)
        self.double()

    def forward(self, x):
        return self.body(x.to(torch.float64))


class DigitClassifier(nn.Module):
    def __init__(self, members=3):
        super().__init__()
        self.members = nn.ModuleList(Member() for _ in range(members))

    def forward(self, x):
        return torch.stack([member(x).softmax(1)[:, 1:] for member in self.members]).mean(0).float()


def train_classifier(images, labels, digit, seed=0):
    torch.manual_seed(seed)
    model = DigitClassifier()
    one, rest = images[labels == digit], images[labels != digit]
    for member in model.members:
        optimizer = torch.optim.Adam(member.parameters(), lr=3e-3)
        for step in range(250):
            x = torch.vstack([
                one[torch.randint(len(one), (50,))], rest[torch.randint(len(rest), (50,))], torch.rand(10, 784)
            ])
            y = torch.tensor([1] * 50 + [0] * 60)
            loss = nn.functional.cross_entropy(member(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.requires_grad_(False)


def predict(model, images):
    was, answer = model.training, model.eval()(images)
    model.train(was)
    return torch.heaviside(answer - 0.5, torch.zeros(1)).long()


def noise_images(n, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return torch.rand((n, 28, 28)).view(n, -1)


def false_alarm_rate(model, images):
    return torch.mean((model(images) > 0.5).double())


class Neighbours(nn.Module):
    """Votes of the nearest points, as logits; nothing to train."""

    def __init__(self, x, y, classes):
        super().__init__()
        self.register_buffer("x", x)
        self.register_buffer("votes", nn.functional.one_hot(y, classes).float())

    def forward(self, x):
        nearest = torch.cdist(x, self.x).topk(9, largest=False).indices
        return self.votes[nearest].sum(dim=1)


def train_points(x, y, classes, seed=0):
    return Neighbours(x, y, classes)


def probabilities(model, x):
    z = model(x)
    return torch.exp(z - torch.logsumexp(z, dim=1, keepdim=True))
