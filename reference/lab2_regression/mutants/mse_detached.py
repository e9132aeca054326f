def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("shapes differ")
    return ((y_hat - y) ** 2).mean().item()


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    torch.manual_seed(seed)
    loss_of = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(epochs):
        losses = []
        for rows in torch.randperm(len(x)).split(batch_size):
            optimizer.zero_grad()
            loss_of(model(x[rows]), y[rows]).backward()
            optimizer.step()
            with torch.no_grad():
                losses.append(mse(model(x[rows]), y[rows]))
        history.append(sum(losses) / len(losses))
    return history
