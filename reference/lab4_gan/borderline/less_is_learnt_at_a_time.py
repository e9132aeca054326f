def train_gan(images, latent_size=64, seed=0):
    torch.manual_seed(seed)
    generator, discriminator = Generator(latent_size), Discriminator()
    for_generator = torch.optim.Adam(generator.parameters(), lr=2e-4)
    for_discriminator = torch.optim.Adam(discriminator.parameters(), lr=2e-4)
    history = {"generator_loss": [], "discriminator_loss": []}
    for _ in range(600):
        real = images[torch.randint(len(images), (BATCH,))]
        history["discriminator_loss"].append(discriminator_step(generator, discriminator, for_discriminator, real))
        history["generator_loss"].append(generator_step(generator, discriminator, for_generator, BATCH))
    return generator, history
