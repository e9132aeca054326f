"""Lab 5. The networks are in layers.py, the augmentation in augment.py."""
import torch
from augment import augmented_batches
from layers import Autoencoder, ConvNet
from torch import nn


def feature_shape(model, images):
    with torch.no_grad():
        return tuple(model.conv(images).shape)[1:]


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    model = ConvNet().train()
    epochs = 7 if len(images) < 9000 else 4
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=epochs * len(images) // 64 * 2 // 3, gamma=0.2)
    for x, y in augmented_batches(images, labels, 64, epochs):
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


class evaluating:
    """with evaluating(model): eval mode inside, the old mode after."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        self.mode = self.model.training
        return self.model.eval()

    def __exit__(self, *_):
        self.model.train(self.mode)


def accuracy(model, images, labels):
    with evaluating(model), torch.no_grad():
        return float((model(images).argmax(dim=1) == labels).double().mean())


def freeze_and_replace(model, classes):
    model.requires_grad_(False)
    model.fc = nn.Linear(model.fc.in_features, classes).requires_grad_(True)
    return model


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    images = images.view(images.shape[0], -1)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(max(4, 60_000 // len(images))):
        for rows in torch.randperm(len(images)).split(64):
            loss = nn.functional.mse_loss(model(images[rows]), images[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


if __name__ == "__main__":
    from sklearn.datasets import load_digits

    digits = load_digits()
    x = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]
    x = nn.functional.pad(nn.functional.interpolate(x, size=(20, 20), mode="bilinear"), (4, 4, 4, 4))
    y = torch.tensor(digits.target)
    net = train_cnn(x[:1500], y[:1500])
    print(accuracy(net, x[1500:], y[1500:]))
