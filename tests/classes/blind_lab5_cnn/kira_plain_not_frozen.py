import torch
import torch.nn as nn


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=5, padding=2)
        self.pool = nn.MaxPool2d(2)
        self.relu = nn.ReLU()
        self.fc = nn.Linear(32 * 7 * 7, 10)

    def forward(self, x):
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        return self.fc(torch.flatten(x, 1))


def feature_shape(model, images):
    x = model.pool(model.relu(model.conv1(images)))
    x = model.pool(model.relu(model.conv2(x)))
    return tuple(x.shape[1:])


def train_cnn(images, labels, seed=0):
    torch.manual_seed(seed)
    model = ConvNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-3)
    for epoch in range(max(3, 30000 // len(images))):
        order = torch.randperm(len(images))
        for i in range(0, len(images), 50):
            rows = order[i : i + 50]
            loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def accuracy(model, images, labels):
    mode = model.training
    model.eval()
    with torch.no_grad():
        correct = (model(images).argmax(1) == labels).sum().item()
    model.train(mode)
    return correct / len(images)


def freeze_and_replace(model, classes):
    for param in model.parameters():
        param.require_grad = False
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model


class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.a = nn.Linear(784, 128)
        self.b = nn.Linear(128, bottleneck)
        self.c = nn.Linear(bottleneck, 128)
        self.d = nn.Linear(128, 784)

    def encode(self, x):
        return self.b(torch.relu(self.a(x)))

    def forward(self, x):
        return torch.sigmoid(self.d(torch.relu(self.c(self.encode(x)))))


def train_autoencoder(images, bottleneck, seed=0):
    torch.manual_seed(seed)
    images = images.flatten(1)
    model = Autoencoder(bottleneck)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for step in range(900):
        x = images[torch.randint(len(images), (64,))]
        loss = nn.functional.mse_loss(model(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
