"""Lab 4, solved: a generative adversarial network that draws one digit.

Two networks play against each other. The discriminator learns to tell real images from generated ones, the generator
learns to be taken for real. Neither is ever told what a digit is (Goodfellow et al. 2014).
"""

import torch
from torch import Tensor, nn

# ---------------------------------------------------------------- the players


class Generator(nn.Module):
    """Noise -> 128 -> 256 -> 784 pixels in 0..1."""

    def __init__(self, latent_size: int = 64) -> None:
        super().__init__()
        self.latent_size = latent_size  # whoever has a generator can make noise for it
        self.layers = nn.Sequential(
            nn.Linear(latent_size, 128),
            nn.BatchNorm1d(128),  # in train mode each feature is compared with the batch's: all alike gains nothing
            nn.LeakyReLU(0.2),  # lets some gradient through on the negative side; it has a long way to go
            nn.Linear(128, 256),
            nn.BatchNorm1d(256),
            nn.LeakyReLU(0.2),
            nn.Linear(256, 784),
            nn.Sigmoid(),
        )

    def forward(self, noise: Tensor) -> Tensor:
        """[n, latent_size] -> [n, 784]."""
        return self.layers(noise)


class Discriminator(nn.Module):
    """784 pixels -> 256 -> the probability that the image is real."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 256),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.3),  # keeps it from knowing the real images by heart
            nn.Linear(256, 1),
            nn.Sigmoid(),
        )

    def forward(self, images: Tensor) -> Tensor:
        """[n, 784] -> [n, 1]."""
        return self.layers(images)


# ---------------------------------------------------------------- the game

loss_of = nn.BCELoss()  # -log p where the target is 1, -log(1 - p) where it is 0, averaged


def noise_for(generator: nn.Module, n: int) -> Tensor:
    return torch.randn(n, generator.latent_size)


def discriminator_step(
    generator: nn.Module, discriminator: nn.Module, optimizer: torch.optim.Optimizer, real: Tensor
) -> float:
    n = len(real)
    # detach cuts the graph: what follows sends no gradient into the generator, which is not to learn here.
    fake = generator(noise_for(generator, n)).detach()  # [n, 784]
    on_real, on_fake = discriminator(real), discriminator(fake)  # [n, 1] each
    loss = loss_of(on_real, torch.ones(n, 1)) + loss_of(on_fake, torch.zeros(n, 1))
    optimizer.zero_grad()  # the generator's steps left gradients here, too; they point the wrong way
    loss.backward()
    optimizer.step()  # the optimizer holds the discriminator's parameters and no others
    return loss.item()


def generator_step(
    generator: nn.Module, discriminator: nn.Module, optimizer: torch.optim.Optimizer, batch_size: int
) -> float:
    on_fake = discriminator(generator(noise_for(generator, batch_size)))  # [batch_size, 1]
    # No detach: the gradient has to go through the discriminator, which tells the generator what gave it away.
    # The target is "real". Minimising log(1 - p) instead says the same, but hardly moves while p is near 0.
    loss = loss_of(on_fake, torch.ones(batch_size, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()  # the generator's parameters alone; the discriminator's gradients are not used
    return loss.item()


STEPS = 1200
BATCH = 64


def train_gan(images: Tensor, latent_size: int = 64, seed: int = 0) -> tuple[nn.Module, dict[str, list[float]]]:
    torch.manual_seed(seed)  # decides the starting weights and everything that is drawn below
    generator, discriminator = Generator(latent_size), Discriminator()
    # 0.5 instead of Adam's usual 0.9: the other player changes all the time, so what was learnt long ago is stale.
    for_generator = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    for_discriminator = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    history: dict[str, list[float]] = {"generator_loss": [], "discriminator_loss": []}
    for _ in range(STEPS):
        real = images[torch.randint(len(images), (BATCH,))]  # [64, 784], drawn with replacement
        history["discriminator_loss"].append(discriminator_step(generator, discriminator, for_discriminator, real))
        history["generator_loss"].append(generator_step(generator, discriminator, for_generator, BATCH))
    return generator.eval(), history


@torch.no_grad()
def sample(generator: nn.Module, n: int, seed: int = 0) -> Tensor:
    generator.eval()  # batch norm uses what it learned in training: an image does not depend on the others
    noise = torch.randn(n, generator.latent_size, generator=torch.Generator().manual_seed(seed))
    return generator(noise)  # [n, 784]
