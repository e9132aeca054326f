"""Lab 4: a generative adversarial network that draws one digit.

Replace each `raise NotImplementedError` with your code. README.md explains every function.
"""

import torch
from torch import nn

# ---------------------------------------------------------------- the players


class Generator(nn.Module):
    """Noise, float32 [n, latent_size] -> images, float32 [n, 784], values in 0..1."""

    def __init__(self, latent_size=64):
        super().__init__()
        raise NotImplementedError

    def forward(self, noise):
        """[n, latent_size] -> [n, 784]."""
        raise NotImplementedError


class Discriminator(nn.Module):
    """Images, float32 [n, 784] -> whether they are real, float32 [n, 1], values in 0..1."""

    def __init__(self):
        super().__init__()
        raise NotImplementedError

    def forward(self, images):
        """[n, 784] -> [n, 1]."""
        raise NotImplementedError


# ---------------------------------------------------------------- the game


def discriminator_step(generator, discriminator, optimizer, real):
    """One update of the discriminator alone, with real images float32 [n, 784] -> its loss, a float."""
    raise NotImplementedError


def generator_step(generator, discriminator, optimizer, batch_size):
    """One update of the generator alone, with batch_size generated images -> its loss, a float."""
    raise NotImplementedError


def train_gan(images, latent_size=64, seed=0):
    """Float32 [n, 784] in 0..1 -> (generator, {"generator_loss": [float, ...], "discriminator_loss": [float, ...]})."""
    raise NotImplementedError


def sample(generator, n, seed=0):
    """A generator -> n images, float32 [n, 784], values in 0..1; the same for the same seed."""
    raise NotImplementedError
