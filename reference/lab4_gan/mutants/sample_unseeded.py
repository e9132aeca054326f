@torch.no_grad()
def sample(generator, n, seed=0):
    return generator.eval()(noise_for(generator, n))
