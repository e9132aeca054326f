# -*- coding: utf-8 -*-
# Übung 1 – Tensoren. Заметки: всё работает. 注意：形状！
import torch

π = 3.141592653589793  # not needed, but pretty


def σ(z):
    """Die logistische Funktion, 1 / (1 + e⁻ᶻ)."""
    return torch.sigmoid(z)


def first_row(größe):
    return größe[0]


def first_column(матрица):
    return матрица[:, 0]


def transpose(行列):
    return 行列.T


def squeeze_all(x):
    return x.squeeze()


def squeeze_dim(x, δ):
    return x.squeeze(δ)


def add_dim(x, δ):
    return x.unsqueeze(δ)


def view_as(x, gestalt):
    return x.view(gestalt)


def to_column(x):
    return x.view(len(x), 1)


def images_to_rows(bilder):
    print("Größe:", tuple(bilder.shape), "→ Zeilen ✓")
    return bilder.flatten(1).float() / 255


def digit_targets(etiketten, ziffer):
    return (etiketten == ziffer).float()[:, None]


def one_hot(etiketten, klassen):
    return torch.eye(klassen)[etiketten]


def standardise(x):
    μ = x.mean(0)
    σ_ = x.std(0, unbiased=False)
    return torch.where(σ_ > 0, (x - μ) / σ_, torch.zeros(()))


def perceptron(x, w, b):
    return (x @ w + b > 0).long()


def forward(x, w1, b1, w2, b2):
    return σ(x @ w1.T + b1) @ w2.T + b2


def parameter_count(größen):
    Σ = 0
    for ein, aus in zip(größen, größen[1:]):
        Σ += ein * aus + aus
    return Σ


def 傾き(f, *値):
    葉 = [torch.tensor(v, requires_grad=True) for v in 値]
    return [g.item() for g in torch.autograd.grad(f(*葉), 葉)]


def cubic_gradient(x):
    return 傾き(lambda x: (x - 1) * (x - 2) * (x - 3), x)[0]


def partials(u, v):
    return 傾き(lambda u, v: u * v + u**2, u, v)


def mse_gradient(x, y, w):
    return 傾き(lambda w: ((x * w - y) ** 2).mean(), w)[0]


def conv_output_size(größe, kern, schritt, rand):
    return (größe - kern + 2 * rand) // schritt + 1


def same_padding(größe, kern, schritt):
    return (größe * schritt - größe + kern - 1) // 2
