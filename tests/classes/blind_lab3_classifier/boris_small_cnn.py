import torch
import torch.nn.functional as F


class DigitClassifier(torch.nn.Module):
    """Pixels arrive as rows; the convolutions see pictures again."""

    def __init__(self, channels=8, p=0.2):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, channels, 5, stride=2, padding=2)
        self.conv2 = torch.nn.Conv2d(channels, 2 * channels, 5, stride=2, padding=2)
        self.norm = torch.nn.BatchNorm2d(2 * channels)
        self.drop = torch.nn.Dropout(p)
        self.fc = torch.nn.Linear(2 * channels * 7 * 7, 1)

    def forward(self, x):
        x = x.view(-1, 1, 28, 28)
        x = F.relu(self.conv1(x))
        x = F.relu(self.norm(self.conv2(x)))
        return torch.sigmoid(self.fc(self.drop(x.flatten(1))))


def train_classifier(images, labels, digit, seed=0):
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    net = DigitClassifier()
    opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
    target = (labels == digit).float()
    share = target.mean()
    weights = torch.where(target == 1, 0.5 / share, 0.5 / (1 - share))  # draws digit and others equally often
    net.train()
    for step in range(250):
        pick = torch.multinomial(weights, 64, replacement=True, generator=g)
        loss = F.binary_cross_entropy(net(images[pick]).squeeze(1), target[pick])
        opt.zero_grad()
        loss.backward()
        opt.step()
    # left in train mode: whoever asks for answers calls eval()
    return net


@torch.no_grad()
def predict(model, images):
    was_training = model.training
    model.eval()
    answers = model(images).gt(0.5).to(torch.int64)
    model.train(was_training)
    return answers


def confusion(predicted, actual):
    counts = torch.bincount((2 * actual + predicted).flatten(), minlength=4).tolist()
    return dict(zip(("tn", "fp", "fn", "tp"), counts))


def metrics(tp, fp, tn, fn):
    result = {}
    for name, top, bottom in (
        ("accuracy", tp + tn, tp + tn + fp + fn),
        ("precision", tp, tp + fp),
        ("recall", tp, tp + fn),
        ("f1", 2 * tp, 2 * tp + fp + fn),
    ):
        try:
            result[name] = top / bottom
        except ZeroDivisionError:
            result[name] = 0.0
    return result


def noise_images(n, seed=0):
    return torch.rand(n, 784, generator=torch.Generator().manual_seed(seed))


def false_alarm_rate(model, images):
    return predict(model, images).sum() / len(images)


class Points(torch.nn.Module):
    def __init__(self, classes, h=24):
        super().__init__()
        self.layers = torch.nn.ModuleList([torch.nn.Linear(2, h), torch.nn.Linear(h, h), torch.nn.Linear(h, classes)])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.tanh(layer(x))
        return self.layers[-1](x)


def train_points(x, y, classes, seed=0):
    torch.manual_seed(seed)
    net = Points(classes)
    opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
    for _ in range(400):
        loss = F.nll_loss(F.log_softmax(net(x), 1), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return net


def probabilities(model, x):
    with torch.no_grad():
        z = model(x)
        e = torch.exp(z - z.max(dim=1, keepdim=True).values)
        return e / e.sum(dim=1, keepdim=True)
