"""Lab 4: a GAN from two multilayer perceptrons, batch norm in the generator."""
import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        self.net = nn.Sequential(
            nn.Linear(latent_size, 128),
            nn.BatchNorm1d(128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 256),
            nn.BatchNorm1d(256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 784),
            nn.Sigmoid(),
        )

    def forward(self, z):
        return self.net(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(784, 256),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(256, 128),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),
            nn.Linear(128, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.net(x)


bce = nn.BCELoss()


def discriminator_step(generator, discriminator, optimizer, real):
    n = len(real)
    fake = generator(torch.randn(n, generator.latent_size)).detach()
    loss = bce(discriminator(real), torch.ones(n, 1)) + bce(discriminator(fake), torch.zeros(n, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def generator_step(generator, discriminator, optimizer, batch_size):
    z = torch.randn(batch_size, generator.latent_size)
    loss = bce(discriminator(generator(z)), torch.ones(batch_size, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=5e-4, betas=(0.5, 0.999))
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=5e-4, betas=(0.5, 0.999))
    history = {"generator_loss": [], "discriminator_loss": []}
    generator.train()
    discriminator.train()
    for step in range(1100):
        real = images[torch.randint(len(images), (64,))]
        history["discriminator_loss"].append(discriminator_step(generator, discriminator, d_optimizer, real))
        history["generator_loss"].append(generator_step(generator, discriminator, g_optimizer, 64))
    return generator, history


def sample(generator, n, seed=0):
    generator.eval()
    z = torch.randn(n, generator.latent_size, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return generator(z)
