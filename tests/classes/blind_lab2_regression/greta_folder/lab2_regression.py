"""Lab 2. The parts are in the package beside this file."""
import torch

from regression import *
from regression.losses import mse, r2_score
from regression.training import Trainer, train
from defaults import LINEAR, NONLINEAR


def fit_linear(x, y, seed=0):
    torch.manual_seed(seed)
    model = LinearRegression(x.shape[1], 1)
    scale = y.std()
    trainer = Trainer(model, seed=seed, **LINEAR)
    trainer.fit(x, y / scale)
    for group in trainer.optimizer.param_groups:
        group["lr"] /= 20
    trainer.fit(x, y / scale)
    with torch.no_grad():
        for p in model.parameters():
            p.mul_(scale)
    return model


def fit_nonlinear(x, y, seed=0):
    from regression.scaled import Scaled

    torch.manual_seed(seed)
    model = Scaled(NonlinearRegression(1, 100, 1), y.mean(), y.std())
    Trainer(model, seed=seed, **NONLINEAR).fit(x, y)
    return model
