"""Lab 1. The work is in helpers.py and in the folder nets; this file puts it together."""
from helpers import *
from helpers import _leaf
from nets import forward, parameter_count, perceptron
from nets.conv import conv_output_size, same_padding


def cubic_gradient(x):
    x = _leaf(x)
    ((x - 1) * (x - 2) * (x - 3)).backward()
    return x.grad.item()


def partials(u, v):
    u, v = _leaf(u), _leaf(v)
    (u * v + u**2).backward()
    return u.grad.item(), v.grad.item()


def mse_gradient(x, y, w):
    w = _leaf(w)
    ((x * w - y) ** 2).mean().backward()
    return w.grad.item()
