"""The losses of the first paper: the generator makes log(1 - D) small; SGD-minded, batch norm in both, train mode kept."""

import torch
import torch.nn as nn

EPS = 1e-6


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.latent = latent_size
        self.blocks = nn.ModuleList(
            nn.ModuleDict({"fc": nn.Linear(a, b), "bn": nn.BatchNorm1d(b)}) for a, b in [(latent_size, 128), (128, 256)]
        )
        self.head = nn.Linear(256, 784)

    def forward(self, z):
        for block in self.blocks:
            z = torch.nn.functional.elu(block["bn"](block["fc"](z)))
        return torch.sigmoid(self.head(z))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.bn, self.b = nn.Linear(784, 128), nn.BatchNorm1d(128), nn.Linear(128, 1)

    def forward(self, x):
        return torch.sigmoid(self.b(torch.relu(self.bn(self.a(x)))))


def discriminator_step(generator, discriminator, optimizer, real):
    optimizer.zero_grad()
    fake = generator(torch.randn(len(real), generator.latent))
    loss = -(torch.log(discriminator(real) + EPS) + torch.log(1 - discriminator(fake.detach()) + EPS)).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def generator_step(generator, discriminator, optimizer, batch_size):
    optimizer.zero_grad()
    loss = torch.log(1 - discriminator(generator(torch.randn(batch_size, generator.latent))) + EPS).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    g, d = Generator(latent_size), Discriminator()
    og = torch.optim.Adam(g.parameters(), lr=1e-3, betas=(0.5, 0.999))
    od = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
    h = {"generator_loss": [], "discriminator_loss": []}
    for _ in range(1500):
        batch = images[torch.randperm(len(images))[:64]]
        h["discriminator_loss"].append(discriminator_step(g, d, od, batch))
        h["generator_loss"].append(generator_step(g, d, og, 64))
    return g, h


def sample(generator, n, seed=0):
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    with torch.no_grad():
        images = generator(torch.randn(n, generator.latent))
    torch.set_rng_state(state)
    return images
