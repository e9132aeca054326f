_step_well = discriminator_step


def discriminator_step(generator, discriminator, optimizer, real):
    _step_well(generator, discriminator, optimizer, real)
