_sample_well = sample


def sample(generator, n, seed=0):
    return 255 * _sample_well(generator, n, seed)
