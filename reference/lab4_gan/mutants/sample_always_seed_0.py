_sample_well = sample


def sample(generator, n, seed=0):
    return _sample_well(generator, n)
