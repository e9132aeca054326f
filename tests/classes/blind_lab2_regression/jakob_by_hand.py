import torch
from torch import nn

# everything by hand: no optimizer, no DataLoader


def mse(y_hat, y):
    if y_hat.dim() != y.dim():
        raise ValueError('dimensions')
    for i in range(y.dim()):
        if y_hat.size(i) != y.size(i):
            raise ValueError('size of dimension ' + str(i))
    e = y_hat - y
    e = e * e
    return e.sum() / e.nelement()


def r2_score(y_hat, y):
    sse = 0
    sst = 0
    m = y.sum() / y.nelement()
    for i in range(len(y)):
        sse = sse + (y[i, 0] - y_hat[i, 0]) ** 2
        sst = sst + (y[i, 0] - m) ** 2
    return 1 - sse / sst


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        # one column more for the bias
        self.theta = nn.Parameter(torch.randn(output_size, input_size + 1))

    def forward(self, x):
        one = torch.ones(x.shape[0], 1)
        return torch.hstack((one, x)) @ self.theta.t()


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.a = LinearRegression(input_size, hidden_size)
        self.b = LinearRegression(hidden_size, output_size)

    def forward(self, x):
        return self.b(torch.sigmoid(self.a(x)))


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    torch.manual_seed(seed)
    losses = []
    n = x.shape[0]
    while len(losses) < epochs:
        p = torch.randperm(n)
        x, y = x[p], y[p]
        epoch_loss = 0
        k = 0
        while k < n:
            loss = mse(model(x[k:k + batch_size]), y[k:k + batch_size])
            model.zero_grad()
            loss.backward()
            for w in model.parameters():
                w.data = w.data - lr * w.grad
            epoch_loss = epoch_loss + loss
            k = k + batch_size
        losses.append(epoch_loss / (n / batch_size))
    return losses


def fit_linear(x, y, seed=0):
    model = LinearRegression(x.shape[1], 1)
    X = torch.hstack((torch.ones(len(x), 1), x))
    # normal equations
    model.theta.data = torch.linalg.solve(X.t() @ X, X.t() @ y).t()
    return model


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    sizes = [1, 32, 32, 1]
    W = [torch.randn(i, o) / i ** 0.5 for i, o in zip(sizes, sizes[1:])]
    b = [torch.randn(o) * 0.5 for o in sizes[1:]]
    params = W + b
    for q in params:
        q.requires_grad_()

    def net(t):
        for i in range(3):
            t = t @ W[i] + b[i]
            if i < 2:
                t = t * torch.sigmoid(t)
        return t

    # Adam, written out
    m = [torch.zeros_like(q) for q in params]
    v = [torch.zeros_like(q) for q in params]
    for step in range(1, 1501):
        g = torch.autograd.grad(mse(net(x), y), params)
        rate = 0.02 * (1 - step / 1501)
        with torch.no_grad():
            for q, gq, mq, vq in zip(params, g, m, v):
                mq.mul_(0.9).add_(gq, alpha=0.1)
                vq.mul_(0.999).addcmul_(gq, gq, value=0.001)
                mh = mq / (1 - 0.9 ** step)
                vh = vq / (1 - 0.999 ** step)
                q -= rate * mh / (vh.sqrt() + 1e-8)

    class Net(nn.Module):
        def forward(self, t):
            return net(t).detach()

    return Net()
