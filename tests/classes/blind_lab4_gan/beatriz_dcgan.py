"""DCGAN: transposed convolutions in the generator, strided ones in the discriminator, rows of 784 outside."""
from __future__ import annotations

import time
from collections import defaultdict

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy


def init_weights(module: nn.Module) -> None:
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.05)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


class Generator(nn.Module):
    def __init__(self, latent_size: int = 64) -> None:
        super().__init__()
        self.latent_size = latent_size
        self.main = nn.Sequential(
            nn.Linear(latent_size, 32 * 7 * 7, bias=False),
            nn.Unflatten(1, (32, 7, 7)),
            nn.BatchNorm2d(32),
            nn.ReLU(True),
            nn.ConvTranspose2d(32, 16, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(True),
            nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
            nn.Sigmoid(),
            nn.Flatten(),
        )
        self.apply(init_weights)

    def forward(self, z: Tensor) -> Tensor:
        return self.main(z)


class Discriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 16, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(16, 32, 4, stride=2, padding=1),
            nn.BatchNorm2d(32),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, 1),
            nn.Sigmoid(),
        )
        self.apply(init_weights)

    def forward(self, x: Tensor) -> Tensor:
        return self.main(x)


def discriminator_step(generator, discriminator, optimizer, real: Tensor) -> float:
    optimizer.zero_grad()
    p_real = discriminator(real)
    loss_real = binary_cross_entropy(p_real, torch.ones_like(p_real))
    loss_real.backward()
    with torch.no_grad():
        fake = generator(torch.randn(real.shape[0], generator.latent_size))
    p_fake = discriminator(fake)
    loss_fake = binary_cross_entropy(p_fake, torch.zeros_like(p_fake))
    loss_fake.backward()
    optimizer.step()
    return (loss_real + loss_fake).item()


def generator_step(generator, discriminator, optimizer, batch_size: int) -> float:
    generator.zero_grad()
    p = discriminator(generator(torch.randn(batch_size, generator.latent_size)))
    loss = binary_cross_entropy(p, torch.ones_like(p))
    loss.backward()
    optimizer.step()
    return loss.item()


def train_gan(images: Tensor, latent_size: int = 64, seed: int = 0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    opt_g = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=5e-4, betas=(0.5, 0.999))
    history: dict[str, list[float]] = defaultdict(list)
    batch_size, steps_left, epoch = 32, 800, 0
    while steps_left > 0:
        start, d_sum, g_sum, count = time.perf_counter(), 0.0, 0.0, 0
        for rows in torch.randperm(len(images)).split(batch_size):
            if len(rows) < batch_size or steps_left == 0:
                break
            d_sum += discriminator_step(generator, discriminator, opt_d, images[rows])
            g_sum += generator_step(generator, discriminator, opt_g, batch_size)
            count += 1
            steps_left -= 1
        epoch += 1
        history["epoch"].append(epoch)
        history["discriminator_loss"].append(d_sum / count)
        history["generator_loss"].append(g_sum / count)
        history["seconds"].append(time.perf_counter() - start)
    return generator.eval(), dict(history)


@torch.no_grad()
def sample(generator, n: int, seed: int = 0) -> Tensor:
    g = torch.Generator()
    g.manual_seed(seed)
    mode = generator.training
    generator.eval()
    out = torch.cat([generator(z) for z in torch.randn(n, generator.latent_size, generator=g).split(250)])
    generator.train(mode)
    return out
