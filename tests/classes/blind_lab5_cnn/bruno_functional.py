import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset


class ConvNet(nn.Module):
    def __init__(self):
        super(ConvNet, self).__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.conv2 = nn.Conv2d(16, 32, 5)
        self.fc1 = nn.Linear(32 * 4 * 4, 100)
        self.fc2 = nn.Linear(100, 10)

    def features(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return x

    def forward(self, x):
        x = self.features(x)
        x = x.view(x.size(0), -1)
        x = F.dropout(F.relu(self.fc1(x)), p=0.3, training=self.training)
        return self.fc2(x)


def feature_shape(model, images):
    _, c, h, w = model.features(images).shape
    return c, h, w


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    net = ConvNet()
    loader = DataLoader(TensorDataset(images, labels), batch_size=50, shuffle=True)
    optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    epochs = 6 if len(images) < 10000 else 3
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.08, total_steps=epochs * len(loader))
    for epoch in range(epochs):
        running_loss = 0.0
        net.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(inputs), targets)
            loss.backward()
            optimizer.step()
            scheduler.step()
            running_loss += loss.item()
        print("epoch %d loss %.4f" % (epoch + 1, running_loss / len(loader)))
    net.eval()
    return net


@torch.no_grad()
def accuracy(model, images, labels):
    mode = model.training
    model.eval()
    correct = 0
    for x, y in zip(images.split(500), labels.split(500)):
        correct += (model(x).max(dim=1)[1] == y).sum()
    model.train(mode)
    return correct / len(labels)


def freeze_and_replace(model, classes):
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(False)
    num_ftrs = model.fc.in_features
    model.fc = nn.Linear(num_ftrs, classes)
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super(Autoencoder, self).__init__()
        self.fc1 = nn.Linear(784, 200)
        self.fc2 = nn.Linear(200, bottleneck)
        self.fc3 = nn.Linear(bottleneck, 200)
        self.fc4 = nn.Linear(200, 784)

    def encode(self, x):
        return self.fc2(F.relu(self.fc1(x)))

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x):
        return self.decode(self.encode(x))


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    images = images.view(-1, 784)
    net = Autoencoder(bottleneck)
    optimizer = optim.Adam(net.parameters(), lr=0.002)
    loader = DataLoader(TensorDataset(images), batch_size=100, shuffle=True)
    for epoch in range(max(5, 50000 // len(images))):
        for (x,) in loader:
            optimizer.zero_grad()
            loss = F.binary_cross_entropy(net(x), x)
            loss.backward()
            optimizer.step()
    net.eval()
    return net
