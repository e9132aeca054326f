def train(x, y, seed=0):
    torch.manual_seed(seed)
    return Net(2, 32, 2).eval()
