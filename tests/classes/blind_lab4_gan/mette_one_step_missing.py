# Lab 4. The generator's step is inside train_gan.
import torch
from torch import nn


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        self.l1 = nn.Linear(latent_size, 128)
        self.n1 = nn.BatchNorm1d(128)
        self.l2 = nn.Linear(128, 256)
        self.n2 = nn.BatchNorm1d(256)
        self.l3 = nn.Linear(256, 784)

    def forward(self, z):
        z = torch.relu(self.n1(self.l1(z)))
        z = torch.relu(self.n2(self.l2(z)))
        return torch.sigmoid(self.l3(z))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(784, 256)
        self.l2 = nn.Linear(256, 128)
        self.l3 = nn.Linear(128, 1)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        x = self.drop(nn.functional.leaky_relu(self.l1(x), 0.2))
        x = self.drop(nn.functional.leaky_relu(self.l2(x), 0.2))
        return torch.sigmoid(self.l3(x))


def discriminator_step(generator, discriminator, optimizer, real):
    z = torch.randn(len(real), generator.latent_size)
    with torch.no_grad():
        fake = generator(z)
    loss = nn.functional.binary_cross_entropy(discriminator(real), torch.ones(len(real), 1))
    loss += nn.functional.binary_cross_entropy(discriminator(fake), torch.zeros(len(real), 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    opt_g = torch.optim.Adam(generator.parameters(), lr=5e-4, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=5e-4, betas=(0.5, 0.999))
    history = {"generator_loss": [], "discriminator_loss": []}
    for epoch in range(max(8, 66_000 // len(images))):
        for rows in torch.randperm(len(images)).split(64):
            if len(rows) < 64:
                continue
            history["discriminator_loss"].append(discriminator_step(generator, discriminator, opt_d, images[rows]))
            answer = discriminator(generator(torch.randn(64, latent_size)))
            loss = nn.functional.binary_cross_entropy(answer, torch.ones(64, 1))
            opt_g.zero_grad()
            loss.backward()
            opt_g.step()
        history["generator_loss"].append(loss.item())
    return generator, history


def sample(generator, n, seed=0):
    g = torch.Generator().manual_seed(seed)
    generator.eval()
    with torch.no_grad():
        return generator(torch.randn(n, generator.latent_size, generator=g))
