_step_well = generator_step


def generator_step(generator, discriminator, optimizer, batch_size):
    return int(_step_well(generator, discriminator, optimizer, batch_size))
