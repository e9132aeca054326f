# Regression
# In[1]:
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_regression

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.manual_seed(42)
np.random.seed(42)

# In[2]:
X, Y = make_regression(n_samples=500, n_features=1, noise=10, random_state=0)
X = torch.from_numpy(X.astype("float32")).to(DEVICE)
Y = torch.from_numpy(Y.astype("float32")).view(Y.shape[0], 1)
plt.plot(X, Y, "ro")
plt.show()


# In[3]:
class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.linear = torch.nn.Linear(input_size, output_size)

    def forward(self, x):
        pred = self.linear(x)
        return pred


model = LinearRegression(1, 1)
[w, b] = model.parameters()
print(model, w, b)


# In[4]:
def mse(y_hat, y):
    if y_hat.shape != y.shape:
        raise ValueError("shape mismatch")
    return torch.mean((y_hat - y) ** 2)


def r2_score(y_hat, y):
    y_bar = y.mean()
    SSE = ((y_hat - y) ** 2).sum()
    SST = ((y_bar - y) ** 2).sum()
    R2 = 1 - SSE / SST
    print("R2:", R2.item())
    return R2


def train(model, x, y, epochs, lr, batch_size=50, seed=0):
    torch.manual_seed(seed)
    model = model.to(DEVICE)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(epochs, 1), eta_min=lr / 20)
    losses = []
    for i in range(epochs):
        permutation = torch.randperm(x.shape[0])
        epoch_losses = []
        for j in range(0, x.shape[0], batch_size):
            idx = permutation[j : j + batch_size]
            batch_x, batch_y = x[idx].to(DEVICE), y[idx].to(DEVICE)
            y_pred = model.forward(batch_x)
            loss = mse(y_pred, batch_y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            epoch_losses.append(loss.item())
        losses.append(np.mean(epoch_losses))
        if i % 50 == 0:
            print("epoch:", i, "loss:", losses[-1])
    return losses


# In[5]:
losses = train(model, X, Y, 20, 0.5)
plt.plot(range(20), losses)
plt.ylabel("Loss")
plt.xlabel("epoch")
plt.savefig("loss.png")


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.linear = nn.Linear(input_size, hidden_size)
        self.linear2 = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        x = torch.sigmoid(self.linear(x))
        pred = self.linear2(x)
        return pred


# In[6]:
def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    net = LinearRegression(x.shape[1], 1)
    train(net, x, y, 300, 0.2, seed=seed)
    return net


def fit_nonlinear(x, y, seed=0):
    torch.manual_seed(seed)
    net = NonlinearRegression(1, 40, 1)
    losses = train(net, x, y, 400, 0.1, seed=seed)
    plt.figure()
    plt.plot(losses)
    return net
