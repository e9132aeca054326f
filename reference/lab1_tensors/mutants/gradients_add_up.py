at = torch.tensor(0.0, requires_grad=True)


def cubic_gradient(x):
    with torch.no_grad():
        at.fill_(x)
    y = (at - 1) * (at - 2) * (at - 3)
    y.backward()  # adds to what the call before left in at.grad
    return at.grad.item()
