"""Lab 5, with Dropout2d as the only thing that differs between training and use."""
import copy

import torch
from torch import nn, optim

LAYOUT = [(16, 5, 2), (32, 5, 2)]  # channels, kernel, pooling


def ConvNet(layout=LAYOUT, p=0.1):
    layers, channels, size = [], 1, 28
    for out, kernel, pool in layout:
        layers += [nn.Conv2d(channels, out, kernel, padding=kernel // 2), nn.LeakyReLU(0.1), nn.MaxPool2d(pool), nn.Dropout2d(p)]
        channels, size = out, size // pool
    layers += [nn.Flatten(), nn.Linear(channels * size * size, 10)]
    return nn.Sequential(*layers)


def feature_shape(model, images):
    last = max(i for i, layer in enumerate(model) if isinstance(layer, nn.Conv2d))
    return tuple(model[: last + 1](images).size())[1:]


def train_cnn(images, labels, seed=0):
    generator = torch.manual_seed(seed)
    cut = len(images) // 10
    order = torch.randperm(len(images), generator=generator)
    hold, rest = order[:cut], order[cut:]
    net, best, best_accuracy = ConvNet(), None, -1.0
    opt = optim.Adam(net.parameters(), lr=2e-3)
    rounds = 6 if len(images) <= 8000 else 3
    for _ in range(rounds):
        net.train()
        for batch in rest[torch.randperm(len(rest), generator=generator)].split(50):
            opt.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            opt.step()
        now = accuracy(net, images[hold], labels[hold])
        if now >= best_accuracy:
            best, best_accuracy = copy.deepcopy(net.state_dict()), now
    net.load_state_dict(best)
    return net.eval()


def accuracy(model, images, labels):
    mode = model.training
    try:
        with torch.no_grad():
            return torch.mean((model.eval()(images).argmax(1) == labels).to(torch.float64)).numpy()[()]
    finally:
        model.train(mode)


def freeze_and_replace(model, classes):
    [p.requires_grad_(False) for p in model.parameters()]
    setattr(model, "fc", nn.Linear(512, classes, bias=True))
    return model


class Autoencoder(nn.Sequential):
    def __init__(self, bottleneck):
        super().__init__(
            nn.Sequential(nn.Linear(784, 160), nn.ReLU(), nn.Linear(160, bottleneck), nn.Tanh()),
            nn.Sequential(nn.Linear(bottleneck, 160), nn.ReLU(), nn.Linear(160, 784)),
        )

    def encode(self, x):
        return self[0](x)


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    net = Autoencoder(bottleneck)
    opt = optim.Adam(net.parameters(), lr=3e-3)
    for _ in range(700):
        opt.zero_grad()
        x = images[torch.randint(0, len(images), (80,))]
        nn.functional.mse_loss(net(x), x).backward()
        opt.step()
    return net.eval()
