"""BCE with logits: the sigmoid is there in eval mode alone; gradients are cleared after each step, in both networks."""

import numpy as np
import torch
from torch import nn

bce = nn.BCEWithLogitsLoss()


class Generator(nn.Sequential):
    def __init__(self, latent_size=64):
        super().__init__(
            nn.Linear(latent_size, 128), nn.LeakyReLU(0.2), nn.BatchNorm1d(128, 0.8),
            nn.Linear(128, 256), nn.LeakyReLU(0.2), nn.BatchNorm1d(256, 0.8),
            nn.Linear(256, 784), nn.Hardsigmoid(),
        )


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(256, 1))

    def forward(self, x):
        z = self.net(x)
        return z if self.training else torch.sigmoid(z)


def make_noise(generator, n):
    return torch.from_numpy(np.random.normal(size=(n, generator[0].weight.shape[1]))).float()


def discriminator_step(generator, discriminator, optimizer, real):
    both = torch.cat([real, generator(make_noise(generator, len(real))).detach()])
    target = torch.cat([torch.full((len(real), 1), 0.9), torch.zeros(len(real), 1)])
    loss = bce(discriminator(both), target)
    loss.backward()
    optimizer.step()
    discriminator.zero_grad()
    return float(loss)


def generator_step(generator, discriminator, optimizer, batch_size):
    loss = bce(discriminator(generator(make_noise(generator, batch_size))), torch.ones(batch_size, 1))
    loss.backward()
    optimizer.step()
    generator.zero_grad()
    discriminator.zero_grad()
    return float(loss)


def train_gan(images, latent_size=64, seed=0):
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    g = torch.optim.Adam(generator.parameters(), 1e-3, (0.5, 0.999))
    d = torch.optim.Adam(discriminator.parameters(), 1e-3, (0.5, 0.999))
    losses = []
    for step in range(1500):
        real = images[torch.from_numpy(np.random.choice(len(images), 64))]
        losses.append((discriminator_step(generator, discriminator, d, real), generator_step(generator, discriminator, g, 64)))
    d_losses, g_losses = zip(*losses)
    return generator, dict(generator_loss=list(g_losses), discriminator_loss=list(d_losses))


def sample(generator, n, seed=0):
    np.random.seed(seed % 2**32)
    generator.eval()
    with torch.inference_mode():
        return generator(make_noise(generator, n)).clone()
