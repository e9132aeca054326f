# A function for the class, an nn.Sequential for the module, batch norm and no dropout, epochs of a DataLoader.
import copy

import torch
from torch.nn import BatchNorm2d, Conv2d, CrossEntropyLoss, Flatten, Linear, MSELoss, MaxPool2d, ReLU, Sequential
from torch.utils.data import DataLoader, TensorDataset


def ConvNet():
    return Sequential(
        Conv2d(1, 12, 5, stride=2), BatchNorm2d(12), ReLU(),
        Conv2d(12, 24, 3), ReLU(), BatchNorm2d(24), MaxPool2d(2),
        Flatten(), Linear(24 * 5 * 5, 10),
    )


def feature_shape(model, images):
    for layer in model:
        if isinstance(layer, Flatten):
            return list(images[0].shape)
        images = layer(images)


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    net = ConvNet()
    adam = torch.optim.AdamW(net.parameters(), lr=4e-3)
    loader = DataLoader(TensorDataset(images, labels), batch_size=50, shuffle=True)
    epochs = max(2, 24_000 // len(images))
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 8e-3, epochs=epochs, steps_per_epoch=len(loader))
    for _ in range(epochs):
        for x, y in loader:
            adam.zero_grad(set_to_none=True)
            CrossEntropyLoss()(net(x), y).backward()
            adam.step()
            schedule.step()
    net.eval()
    return net


def accuracy(model, images, labels):
    measured = copy.deepcopy(model).eval()  # the model itself is left alone
    right = 0
    with torch.inference_mode():
        for x, y in DataLoader(TensorDataset(images, labels), batch_size=32):
            right += (measured(x).max(dim=1).indices == y).sum()
    return right / len(labels)


def freeze_and_replace(model, classes):
    model.requires_grad_(False)
    model.fc = Sequential(Linear(512, 32), ReLU(), Linear(32, classes))
    return model


class Autoencoder(Sequential):
    def __init__(self, bottleneck):
        super().__init__(Linear(784, 100), ReLU(), Linear(100, bottleneck), Linear(bottleneck, 100), ReLU(), Linear(100, 784))

    def encode(self, x):
        for layer in list(self)[:3]:
            x = layer(x)
        return x


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    net = Autoencoder(bottleneck)
    adam = torch.optim.Adam(net.parameters(), lr=2e-3)
    for (x,) in DataLoader(TensorDataset(images.view(-1, 784)), batch_size=20, shuffle=True):
        adam.zero_grad()
        MSELoss()(net(x), x).backward()
        adam.step()
    return net
