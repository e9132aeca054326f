"""A DCGAN: transposed convolutions behind rows of 784, its weights drawn as in the paper."""

import torch
import torch.nn.functional as F
from torch import nn, optim


def weights_init(m):
    name = m.__class__.__name__
    if "Conv" in name:
        nn.init.normal_(m.weight, 0.0, 0.02)
    elif "BatchNorm" in name:
        nn.init.normal_(m.weight, 1.0, 0.02)
        nn.init.zeros_(m.bias)


class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        self.main = nn.Sequential(
            nn.ConvTranspose2d(latent_size, 32, 7, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(True),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(True),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
        )
        self.apply(weights_init)

    def forward(self, z):
        return torch.tanh(self.main(z.view(len(z), -1, 1, 1))).flatten(1) / 2 + 0.5


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(1, 16, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(16, 32, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(32, 1, 7),
        )
        self.apply(weights_init)

    def forward(self, x):
        return torch.sigmoid(self.main(2 * x.view(-1, 1, 28, 28) - 1)).view(-1, 1)


def discriminator_step(netG, netD, optimizerD, real):
    netD.zero_grad()
    b = real.size(0)
    errD_real = F.binary_cross_entropy(netD(real), torch.full((b, 1), 1.0))
    errD_real.backward()
    fake = netG(torch.randn(b, netG.latent_size))
    errD_fake = F.binary_cross_entropy(netD(fake.detach()), torch.full((b, 1), 0.0))
    errD_fake.backward()
    optimizerD.step()
    return (errD_real + errD_fake).item()


def generator_step(netG, netD, optimizerG, batch_size):
    netG.zero_grad()
    output = netD(netG(torch.randn(batch_size, netG.latent_size)))
    errG = F.binary_cross_entropy(output, torch.ones_like(output))
    errG.backward()
    optimizerG.step()
    return errG.item()


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    netG, netD = Generator(latent_size), Discriminator()
    optG = optim.Adam(netG.parameters(), lr=2e-3, betas=(0.5, 0.999))
    optD = optim.Adam(netD.parameters(), lr=5e-4, betas=(0.5, 0.999))
    loader = torch.utils.data.DataLoader(images, batch_size=64, shuffle=True, drop_last=True)
    history = {"generator_loss": [], "discriminator_loss": []}
    for epoch in range(15):
        for real in loader:
            history["discriminator_loss"].append(discriminator_step(netG, netD, optD, real))
            history["generator_loss"].append(generator_step(netG, netD, optG, real.size(0)))
    return netG, history


def sample(generator, n, seed=0):
    torch.manual_seed(seed)
    generator.eval()
    with torch.no_grad():
        return generator(torch.randn(n, generator.latent_size))
