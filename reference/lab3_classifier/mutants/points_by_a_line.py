def train_points(x, y, classes, seed=0):
    torch.manual_seed(seed)
    model = nn.Linear(2, classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(300):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model
