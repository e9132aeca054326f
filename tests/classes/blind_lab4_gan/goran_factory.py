"""Networks from functions, losses as tensors."""
import torch
from torch import nn


def mlp(*sizes, norm, end):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers.append(nn.Linear(a, b))
        if norm:
            layers.append(nn.BatchNorm1d(b))
        layers.append(nn.LeakyReLU(0.2))
        if not norm:
            layers.append(nn.Dropout(0.3))
    layers.append(nn.Linear(sizes[-2], sizes[-1]))
    layers.append(end)
    return nn.Sequential(*layers)


def Generator(latent_size=64):
    return mlp(latent_size, 128, 256, 784, norm=True, end=nn.Sigmoid())


def Discriminator():
    return mlp(784, 256, 128, 1, norm=False, end=nn.Sigmoid())


def noise(generator, n, rng=None):
    return torch.randn(n, generator[0].in_features, generator=rng)


def log(p):
    return torch.log(p.clamp_min(1e-6))


def update(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def discriminator_step(generator, discriminator, optimizer, real):
    fake = generator(noise(generator, len(real))).detach()
    return update(optimizer, -(log(discriminator(real)) + log(1 - discriminator(fake))).mean())


def generator_step(generator, discriminator, optimizer, batch_size):
    return update(optimizer, -log(discriminator(generator(noise(generator, batch_size)))).mean())


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    g, d = Generator(latent_size), Discriminator()
    og, od = (torch.optim.Adam(net.parameters(), lr=6e-4, betas=(0.5, 0.999)) for net in (g, d))
    gl, dl = [], []
    epochs = max(8, 66_000 // len(images))
    for epoch in range(epochs):
        for rows in torch.randperm(len(images)).split(60):
            if len(rows) > 1:
                dl.append(discriminator_step(g, d, od, images[rows]))
                gl.append(generator_step(g, d, og, len(rows)))
    return [g, {"generator_loss": gl, "discriminator_loss": dl}]


def sample(generator, n, seed=0):
    with torch.inference_mode():
        return generator.eval()(noise(generator, n, torch.Generator().manual_seed(seed))).clone()
