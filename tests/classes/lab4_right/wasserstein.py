"""Wasserstein: no logarithms, weights of the critic clipped, RMSprop; the answers squeezed into 0..1 by a sigmoid."""

import torch
from torch import nn


def Generator(latent_size=64):
    net = nn.Sequential(
        nn.Linear(latent_size, 128), nn.BatchNorm1d(128), nn.ReLU(),
        nn.Linear(128, 256), nn.BatchNorm1d(256), nn.ReLU(),
        nn.Linear(256, 784), nn.Sigmoid(),
    )
    net.latent_size = latent_size
    return net


def Discriminator():
    return nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1), nn.Sigmoid())


def discriminator_step(generator, discriminator, optimizer, real):
    optimizer.zero_grad()
    fake = generator(torch.randn(len(real), generator.latent_size)).detach()
    loss = discriminator(fake).mean() - discriminator(real).mean()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for weight in discriminator.parameters():
            weight.clamp_(-0.1, 0.1)
    return loss.item()


def generator_step(generator, discriminator, optimizer, batch_size):
    optimizer.zero_grad()
    loss = -discriminator(generator(torch.randn(batch_size, generator.latent_size))).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    g = torch.optim.RMSprop(generator.parameters(), lr=5e-4)
    d = torch.optim.RMSprop(discriminator.parameters(), lr=5e-4)
    generator_loss, discriminator_loss = [], []
    for _ in range(1500):
        real = images[torch.randint(0, len(images), (64,))]
        discriminator_loss.append(discriminator_step(generator, discriminator, d, real))
        generator_loss.append(generator_step(generator, discriminator, g, 64))
    return generator, {"generator_loss": generator_loss, "discriminator_loss": discriminator_loss}


def sample(generator, n, seed=0):
    generator.eval()
    z = torch.randn(n, generator.latent_size, generator=torch.Generator().manual_seed(seed))
    return generator(z).detach()
