"""Lab 4 with the least-squares loss (Mao et al. 2017). Here 0 means real and 1 means fake."""
import torch
from nets import Discriminator, Generator

REAL, FAKE = 0.0, 1.0


def ls(output, target):
    return 0.5 * ((output - target) ** 2).mean()


def discriminator_step(generator, discriminator, optimizer, real):
    fake = generator(generator.noise(len(real)))
    loss = ls(discriminator(real), REAL) + ls(discriminator(fake.detach()), FAKE)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss)


def generator_step(generator, discriminator, optimizer, batch_size):
    for p in discriminator.parameters():
        p.requires_grad_(False)
    loss = ls(discriminator(generator(generator.noise(batch_size))), REAL)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    for p in discriminator.parameters():
        p.requires_grad_(True)
    return float(loss)


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    g, d = Generator(latent_size), Discriminator()
    g_opt = torch.optim.Adam(g.parameters(), lr=1e-3, betas=(0.5, 0.99))
    d_opt = torch.optim.Adam(d.parameters(), lr=1e-3, betas=(0.5, 0.99))
    history = dict(generator_loss=[], discriminator_loss=[])
    for step in range(1200):
        real = images[torch.randperm(len(images))[:64]]
        history["discriminator_loss"] += [discriminator_step(g, d, d_opt, real)]
        history["generator_loss"] += [generator_step(g, d, g_opt, 64)]
    return g, history


def sample(generator, n, seed=0):
    generator.eval()
    with torch.no_grad():
        images = generator(generator.noise(n, torch.Generator().manual_seed(seed)))
    return images.clamp(0, 1)
