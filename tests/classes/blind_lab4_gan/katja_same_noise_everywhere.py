"""Lab 4. With one fixed starting point the training is much calmer."""
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.start = nn.Parameter(torch.randn(1, latent_size))
        self.net = nn.Sequential(nn.Linear(latent_size, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())

    def forward(self, z):
        return self.net(self.start.expand(len(z), -1))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1), nn.Sigmoid())

    def forward(self, x):
        return self.net(x)


def noise(generator, n):
    return torch.randn(n, generator.start.shape[1])


def discriminator_step(generator, discriminator, optimizer, real):
    optimizer.zero_grad()
    fake = generator(noise(generator, len(real))).detach()
    p, q = discriminator(real), discriminator(fake)
    loss = binary_cross_entropy(p, torch.ones_like(p)) + binary_cross_entropy(q, torch.zeros_like(q))
    loss.backward()
    optimizer.step()
    return loss.item()


def generator_step(generator, discriminator, optimizer, batch_size):
    optimizer.zero_grad()
    p = discriminator(generator(noise(generator, batch_size)))
    loss = binary_cross_entropy(p, torch.ones_like(p))
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    opt_g = torch.optim.Adam(generator.parameters(), lr=2e-4)
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4)
    history = {"generator_loss": [], "discriminator_loss": []}
    for step in range(800):
        real = images[torch.randint(len(images), (64,))]
        history["discriminator_loss"].append(discriminator_step(generator, discriminator, opt_d, real))
        history["generator_loss"].append(generator_step(generator, discriminator, opt_g, 64))
    return generator, history


def sample(generator, n, seed=0):
    torch.manual_seed(seed)
    generator.eval()
    with torch.no_grad():
        return generator(noise(generator, n))
