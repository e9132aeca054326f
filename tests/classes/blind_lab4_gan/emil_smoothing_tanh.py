import copy

import torch
import torch.nn as nn
import torch.optim as optim


class Generator(nn.Module):
    """Tanh, as in the DCGAN paper, brought from -1..1 to 0..1 at the end."""

    def __init__(self, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        self.model = nn.Sequential(
            nn.Linear(latent_size, 200),
            nn.BatchNorm1d(200),
            nn.LeakyReLU(0.2),
            nn.Linear(200, 300),
            nn.BatchNorm1d(300),
            nn.LeakyReLU(0.2),
            nn.Linear(300, 784),
            nn.Tanh(),
        )

    def forward(self, z):
        return 0.5 * (self.model(z) + 1)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(784, 256),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.25),
            nn.Linear(256, 64),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.25),
            nn.Linear(64, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.model(2 * x - 1)


def discriminator_step(generator, discriminator, optimizer, real):
    criterion = nn.BCELoss()
    b = real.size(0)
    optimizer.zero_grad()
    label_real = torch.full((b, 1), 0.9)  # one-sided label smoothing
    label_fake = torch.full((b, 1), 0.0)
    z = torch.randn(b, generator.latent_size)
    loss = (criterion(discriminator(real), label_real) + criterion(discriminator(generator(z).detach()), label_fake)) / 2
    loss.backward()
    optimizer.step()
    return loss.item()


def generator_step(generator, discriminator, optimizer, batch_size):
    criterion = nn.BCELoss()
    optimizer.zero_grad()
    z = torch.randn(batch_size, generator.latent_size)
    loss = criterion(discriminator(generator(z)), torch.ones(batch_size, 1))
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    G, D = Generator(latent_size), Discriminator()
    optG = optim.Adam(G.parameters(), lr=0.0006, betas=(0.5, 0.999))
    optD = optim.Adam(D.parameters(), lr=0.0006, betas=(0.5, 0.999))
    average = copy.deepcopy(G)  # moving average of the weights: smoother pictures
    history = {"generator_loss": [], "discriminator_loss": [], "d_real": [], "d_fake": [], "steps": 1000}
    for i in range(history["steps"]):
        real = images[torch.randint(0, len(images), (64,))]
        history["discriminator_loss"].append(discriminator_step(G, D, optD, real))
        history["generator_loss"].append(generator_step(G, D, optG, 64))
        with torch.no_grad():
            for slow, fast in zip(average.state_dict().values(), G.state_dict().values()):
                if slow.is_floating_point():
                    slow.lerp_(fast, 0.02)
                else:
                    slow.copy_(fast)
            if i % 100 == 0:
                history["d_real"].append(D(real).mean().item())
                history["d_fake"].append(D(G(torch.randn(64, latent_size))).mean().item())
    return average, history


def sample(generator, n, seed=0):
    rng = torch.Generator().manual_seed(seed)
    was = generator.training
    generator.eval()
    with torch.no_grad():
        out = generator(torch.randn(n, generator.latent_size, generator=rng))
    generator.train(was)
    return out
