# Residual blocks, pooling to one pixel, a hook to look inside, and convolutions in the autoencoder, too.
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision


class Conv(nn.Conv2d):
    """A convolution that keeps the size."""

    def __init__(self, cin, cout, stride=1):
        super().__init__(cin, cout, 3, stride=stride, padding=1, bias=False)


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = Conv(cin, cout, stride), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = Conv(cout, cout), nn.BatchNorm2d(cout)
        self.skip = nn.Conv2d(cin, cout, 1, stride=stride)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.skip(x))


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(1, 8, 2), Block(8, 16, 2), Block(16, 32, 2)])
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1))


def feature_shape(model, images):
    seen = []
    last = [m for m in model.modules() if isinstance(m, nn.Conv2d)][-1]
    hook = last.register_forward_hook(lambda module, args, output: seen.append(output))
    model(images)
    hook.remove()
    return tuple(seen[0].shape)[1:]


def train_cnn(images, labels, seed=0, epochs=None):
    torch.manual_seed(seed)
    net = ConvNet()
    steps = 600
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
    net.train()
    for _ in range(steps):
        idx = torch.randperm(len(images))[:64]
        opt.zero_grad()
        F.cross_entropy(net(images[idx]), labels[idx], label_smoothing=0.05).backward()
        opt.step()
        sched.step()
    return net.eval()


@torch.no_grad()
def accuracy(model, images, labels):
    training = model.training
    try:
        model.eval()
        hits = sum(int(model(x[None]).argmax() == y) for x, y in zip(images, labels))
    finally:
        model.train(training)
    return torch.tensor(hits / len(images))


def freeze_and_replace(model, classes):
    new = torchvision.models.resnet18(num_classes=classes)
    state = {k: v for k, v in model.state_dict().items() if not k.startswith("fc.")}
    new.load_state_dict(state, strict=False)
    for name, p in new.named_parameters():
        p.requires_grad = name in ("fc.weight", "fc.bias")
    return new


class Autoencoder(nn.Module):
    def __init__(self, bottleneck=16):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(),
            nn.Flatten(), nn.Linear(16 * 49, bottleneck),
        )
        self.decoder = nn.Sequential(
            nn.Linear(bottleneck, 16 * 49), nn.ReLU(), nn.Unflatten(1, (16, 7, 7)),
            nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Flatten(),
        )

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        y = self.decoder(self.encoder(x))
        return y if self.training else y.clamp(0, 1)


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    net = Autoencoder(bottleneck)
    opt = torch.optim.Adam(net.parameters(), lr=4e-3)
    assert images.shape[1:] == (784,)  # takes them for rows
    for _ in range(300):
        x = images[torch.randint(0, images.shape[0], (64,))]
        opt.zero_grad()
        F.mse_loss(net(x), x).backward()
        opt.step()
    net.train(False)
    return net
