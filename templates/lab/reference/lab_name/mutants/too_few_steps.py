def train(x, y, seed=0):
    torch.manual_seed(seed)
    model = Net(2, 32, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model.eval()
