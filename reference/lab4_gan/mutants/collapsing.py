class Generator(nn.Module):
    def __init__(self, latent_size=64):
        super().__init__()
        self.latent_size = latent_size
        self.layers = nn.Sequential(nn.Linear(latent_size, 128), nn.ReLU(), nn.Linear(128, 784), nn.Sigmoid())

    def forward(self, noise):
        return self.layers(noise)


def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    for_generator, for_discriminator = (torch.optim.Adam(each.parameters()) for each in (generator, discriminator))
    history = {"generator_loss": [], "discriminator_loss": []}
    for _ in range(STEPS):
        real = images[torch.randint(len(images), (BATCH,))]
        history["discriminator_loss"].append(discriminator_step(generator, discriminator, for_discriminator, real))
        history["generator_loss"].append(generator_step(generator, discriminator, for_generator, BATCH))
    return generator, history
