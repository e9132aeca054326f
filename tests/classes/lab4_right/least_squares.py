"""Least squares (LSGAN), real is 0 and generated is 1, losses per epoch, 0-d tensors, and a list for the pair."""

import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.fc1 = nn.Linear(latent_size, 128)
        self.bn1 = nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 256)
        self.bn2 = nn.BatchNorm1d(256)
        self.out = nn.Linear(256, 784)

    def forward(self, z):
        z = torch.relu(self.bn1(self.fc1(z)))
        z = torch.relu(self.bn2(self.fc2(z)))
        return self.out(z).sigmoid()


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.LazyLinear(200)
        self.drop = nn.Dropout(0.4)
        self.fc2 = nn.LazyLinear(1)

    def forward(self, x):
        return self.fc2(self.drop(nn.functional.leaky_relu(self.fc1(x), 0.2))).sigmoid()


def noise(generator, n):
    return torch.rand(n, generator.fc1.in_features) * 2 - 1


def discriminator_step(generator, discriminator, optimizer, real):
    with torch.no_grad():
        fake = generator(noise(generator, len(real)))
    loss = 0.5 * (discriminator(real) ** 2).mean() + 0.5 * ((discriminator(fake) - 1) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def generator_step(generator, discriminator, optimizer, batch_size):
    for p in discriminator.parameters():
        p.requires_grad_(False)
    loss = (discriminator(generator(noise(generator, batch_size))) ** 2).mean()
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    for p in discriminator.parameters():
        p.requires_grad_(True)
    return loss.detach()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    discriminator(images[:2])
    opt_g = torch.optim.Adam(generator.parameters(), 1e-3, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), 1e-3, betas=(0.5, 0.999))
    history = {"generator_loss": [], "discriminator_loss": [], "seed": seed}
    for epoch in range(20):
        g_total = d_total = 0
        batches = images[torch.randperm(len(images))].split(64)
        for real in batches:
            d_total += discriminator_step(generator, discriminator, opt_d, real)
            g_total += generator_step(generator, discriminator, opt_g, len(real))
        history["generator_loss"].append(g_total / len(batches))
        history["discriminator_loss"].append(d_total / len(batches))
    return [generator, history]


def sample(generator, n, seed=0):
    torch.manual_seed(seed)
    generator.train(False)
    return generator(noise(generator, n)).detach()
