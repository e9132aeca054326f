"""Lab 3, solved: one digit against the rest.

Nine images in ten are not the digit. Everything here that is not plain training is about that: figures that
"no, always no" cannot win, and batches in which "yes" and "no" weigh the same.
"""

import torch
from torch import Tensor, nn

# ---------------------------------------------------------------- counting and measuring


def confusion(predicted: Tensor, actual: Tensor) -> dict[str, int]:
    said_yes, is_yes = predicted == 1, actual == 1  # bool [n, 1] each
    return {
        "tp": int((said_yes & is_yes).sum()),
        "fp": int((said_yes & ~is_yes).sum()),
        "tn": int((~said_yes & ~is_yes).sum()),
        "fn": int((~said_yes & is_yes).sum()),
    }


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0  # nothing was called the digit, or nothing is one: by convention 0


def metrics(tp: int, fp: int, tn: int, fn: int) -> dict[str, float]:
    precision = ratio(tp, tp + fp)  # of those called the digit, how many are
    recall = ratio(tp, tp + fn)  # of those that are the digit, how many were called so
    return {
        "accuracy": ratio(tp + tn, tp + fp + tn + fn),
        "precision": precision,
        "recall": recall,
        "f1": ratio(2 * precision * recall, precision + recall),  # the harmonic mean: near the smaller of the two
    }


# ---------------------------------------------------------------- the classifier


class DigitClassifier(nn.Module):
    """One hidden layer: 784 pixels -> 128 neurons -> the probability that the image is the digit."""

    def __init__(self) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.2)  # in train mode alone: blanks a fifth of the pixels, so that none is relied on
        self.hidden = nn.Linear(784, 128)
        self.output = nn.Linear(128, 1)

    def logits(self, x: Tensor) -> Tensor:
        """[n, 784] -> [n, 128] -> [n, 1], any number: what the loss wants."""
        return self.output(torch.relu(self.hidden(self.drop(x))))

    def forward(self, x: Tensor) -> Tensor:
        """[n, 784] -> [n, 1] in 0..1: what everybody else wants."""
        return torch.sigmoid(self.logits(x))


STEPS = 600
HALF = 64  # images of the digit in a batch, and as many others
NOISE = 8  # images of noise in a batch


def train_classifier(images: Tensor, labels: Tensor, digit: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)  # decides the starting weights and everything that is drawn below
    model = DigitClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    # Smaller and smaller steps: the last ones settle instead of jumping about.
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.05, total_iters=STEPS)
    # The loss takes logits: log(sigmoid(z)) in one formula stays finite where sigmoid(z) has been rounded to 0 or 1.
    loss_of = nn.BCEWithLogitsLoss()

    yes, no = images[labels == digit], images[labels != digit]
    target = torch.cat([torch.ones(HALF, 1), torch.zeros(HALF + NOISE, 1)])  # [136, 1], as the logits are
    for _ in range(STEPS):
        # Half of every batch is the digit. Drawn as they come it would be a tenth, and "no" the safe answer.
        digits = shifted(torch.cat([some(yes, HALF), some(no, HALF)]))
        batch = torch.cat([digits, torch.rand(NOISE, 784)])  # a network only refuses what it has learned to refuse
        optimizer.zero_grad()  # backward adds to the gradients; without this, those of all earlier batches stay in
        loss_of(model.logits(batch), target).backward()
        optimizer.step()
        schedule.step()
    return model.eval()  # no more dropout: from here on, the same image always gets the same answer


def some(images: Tensor, n: int) -> Tensor:
    return images[torch.randint(len(images), (n,))]  # drawn with replacement, so few images will do


def shifted(images: Tensor) -> Tensor:
    # A digit moved by a pixel is the same digit: training data for nothing. Each batch moves as a whole. What roll
    # pushes over one edge comes back at the other, but the edges are empty.
    down, right = torch.randint(-1, 2, (2,)).tolist()
    return images.view(-1, 28, 28).roll((down, right), dims=(1, 2)).flatten(1)


@torch.no_grad()
def predict(model: nn.Module, images: Tensor) -> Tensor:
    return (model(images) > 0.5).long()  # [n, 1]: bool to int64


# ---------------------------------------------------------------- noise


def noise_images(n: int, seed: int = 0) -> Tensor:
    # A generator of its own: repeatable, and torch's global one, which others draw from, stays where it is.
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 784, generator=generator)


def false_alarm_rate(model: nn.Module, images: Tensor) -> float:
    return predict(model, images).float().mean().item()  # the mean of zeros and ones is the share of ones


# ---------------------------------------------------------------- more than two classes


def train_points(x: Tensor, y: Tensor, classes: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    # A line cannot separate a circle from the one around it; a hidden layer bends it.
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, classes))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    loss_of = nn.CrossEntropyLoss()  # takes logits [n, classes] and labels [n]; it has the softmax inside
    for _ in range(300):  # a few hundred points fit into one batch
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        optimizer.step()
    return model.eval()


@torch.no_grad()
def probabilities(model: nn.Module, x: Tensor) -> Tensor:
    return model(x).softmax(dim=1)  # over the classes of each row; dim=0 would compare the points with each other
