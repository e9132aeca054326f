"""A tiny ResNet; the feature map is caught by a forward hook."""
from __future__ import annotations

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels_out),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels_out, 1, stride=stride, bias=False),
                nn.BatchNorm2d(channels_out),
            )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class ConvNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.blocks = nn.Sequential(Residual(8, 16), Residual(16, 32, stride=2))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32 * 4, 10))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(self.stem(x)))


def feature_shape(model: nn.Module, images: Tensor) -> tuple[int, ...]:
    caught: list[torch.Size] = []
    handle = model.blocks.register_forward_hook(lambda module, inputs, output: caught.append(output.shape))
    try:
        with torch.inference_mode():
            model(images)
    finally:
        handle.remove()
    return tuple(caught[-1][1:])


def train_cnn(images: Tensor, labels: Tensor, seed: int = 0) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = ConvNet().train()
        steps, size = 420, 64
        optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        order = torch.randperm(len(images))
        for step in range(steps):
            batch = order[torch.arange(step * size, (step + 1) * size) % len(order)]
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch], label_smoothing=0.05)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            predicted = torch.cat([model(part).argmax(dim=1) for part in images.split(256)])
    finally:
        model.train(training)
    return (predicted == labels).double().mean().item()


def freeze_and_replace(model: nn.Module, classes: int) -> nn.Module:
    model.requires_grad_(False)
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck: int) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(784, 256), nn.GELU(), nn.Linear(256, bottleneck))
        self.decode = nn.Sequential(nn.Linear(bottleneck, 256), nn.GELU(), nn.Linear(256, 784))

    def forward(self, x: Tensor) -> Tensor:
        return self.decode(self.encode(x))


def train_autoencoder(images: Tensor, bottleneck: int, seed: int = 0) -> Autoencoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        rows = images.flatten(start_dim=1)
        model = Autoencoder(bottleneck)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        for _ in range(800):
            batch = rows[torch.randint(len(rows), (64,))]
            loss = nn.functional.mse_loss(model(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()
