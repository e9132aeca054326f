def forward(x, w1, b1, w2, b2):
    return torch.sigmoid(torch.sigmoid(x @ w1.T + b1) @ w2.T + b2)
