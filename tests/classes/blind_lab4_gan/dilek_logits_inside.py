"""In training the discriminator gives logits (BCEWithLogitsLoss is more stable), in use it gives probabilities."""
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as bce_logits
from torch.nn.functional import softplus
from torch.utils.data import DataLoader, TensorDataset


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        self.fc1 = nn.Linear(latent_size, 256)
        self.bn1 = nn.BatchNorm1d(256)
        self.fc2 = nn.Linear(256, 256)
        self.bn2 = nn.BatchNorm1d(256)
        self.fc3 = nn.Linear(256, 784)

    def forward(self, z):
        h = torch.relu(self.bn1(self.fc1(z)))
        h = torch.relu(self.bn2(self.fc2(h)))
        return torch.sigmoid(self.fc3(h))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(256, 128), nn.LeakyReLU(0.2), nn.Linear(128, 1)
        )

    def forward(self, x):
        logits = self.body(x)
        return logits if self.training else logits.sigmoid()


def discriminator_step(generator, discriminator, optimizer, real):
    generator.train()
    discriminator.train()
    z = torch.randn(real.size(0), generator.latent_size)
    with torch.no_grad():
        fake = generator(z)
    both = discriminator(torch.cat([real, fake]))
    target = torch.cat([torch.ones(len(real), 1), torch.zeros(len(fake), 1)])
    loss = bce_logits(both, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach().numpy()[()]


def generator_step(generator, discriminator, optimizer, batch_size):
    generator.train()
    discriminator.train()
    fake = generator(torch.randn(batch_size, generator.latent_size))
    loss = softplus(-discriminator(fake)).mean()  # -log sigmoid
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    opt_g = torch.optim.Adam(generator.parameters(), 4e-4, (0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), 4e-4, (0.5, 0.999))
    loader = DataLoader(TensorDataset(images), batch_size=64, shuffle=True, drop_last=True)
    loss_g, loss_d = [], []
    for epoch in range(max(8, 70_000 // len(images))):
        d = g = 0.0
        for (real,) in loader:
            d += float(discriminator_step(generator, discriminator, opt_d, real))
            g += generator_step(generator, discriminator, opt_g, len(real))
        loss_d.append(d / len(loader))
        loss_g.append(g / len(loader))
    return generator, {"generator_loss": loss_g, "discriminator_loss": loss_d}


def sample(generator, n, seed=0):
    torch.manual_seed(seed)
    generator.eval()
    return generator(torch.randn(n, generator.latent_size)).detach()
