"""Three small nets vote; an averaged one for the points."""
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel


class Vote(nn.Module):
    def __init__(self, members):
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, x):
        return torch.stack([member(x) for member in self.members]).mean(0)


def DigitClassifier():
    return nn.Sequential(nn.Linear(784, 60), nn.ReLU(), nn.Linear(60, 1), nn.Sigmoid())


def one(images, target, seed):
    torch.manual_seed(seed)
    net = torch.jit.script(DigitClassifier())
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    yes, no = target.nonzero()[:, 0], (1 - target).nonzero()[:, 0]
    for step in range(300):
        i = torch.cat([yes[torch.randint(len(yes), (50,))], no[torch.randint(len(no), (50,))]])
        noisy = images[i] + 0.1 * torch.randn(100, 784)
        loss = nn.functional.binary_cross_entropy(net(noisy), target[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net


def train_classifier(images, labels, digit, seed=0):
    # noise is not the digit
    extra = noise_images(len(images) // 10, seed=seed)
    target = torch.cat([labels == digit, torch.zeros(len(extra), dtype=torch.bool)]).float().unsqueeze(1)
    images = torch.cat([images, extra])
    return Vote([one(images, target, seed + k) for k in range(3)])


def confusion(predicted, actual):
    right = predicted == actual
    return {
        "tp": (right & (actual == 1)).sum(),
        "tn": (right & (actual == 0)).sum(),
        "fp": (~right & (actual == 0)).sum(),
        "fn": (~right & (actual == 1)).sum(),
        "n": len(actual),
    }


def metrics(tp, fp, tn, fn):
    accuracy = (tp + tn) / max(tp + tn + fp + fn, 1)
    precision = tp / max(tp + fp, 1)
    recall = tp / max(tp + fn, 1)
    return {
        "accuracy": accuracy,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall or 1),
    }


def predict(model, images):
    return model(images).gt(0.5).int().long()


def noise_images(n, seed=0):
    return torch.rand(n, 784, generator=torch.Generator("cpu").manual_seed(seed))


def false_alarm_rate(model, images):
    answers = predict(model, images)
    return len(answers[answers == 1]) / len(answers)


def train_points(x, y, classes, seed=0):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, classes))
    average = AveragedModel(net)
    optimizer = torch.optim.RMSprop(net.parameters(), lr=2e-3)
    for epoch in range(300):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
        if epoch > 200:
            average.update_parameters(net)
    return average


def probabilities(model, x):
    return torch.log_softmax(model(x), 1).exp()
