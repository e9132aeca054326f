"""Names bound to library functions, partials and lambdas; not one def."""
from functools import partial, reduce
from math import floor

import torch

first_row = lambda x: x[:1].squeeze(0)
first_column = lambda x: x.T[0]
transpose = torch.t
squeeze_all = torch.squeeze
squeeze_dim = torch.squeeze
add_dim = torch.unsqueeze
view_as = torch.Tensor.view
to_column = partial(torch.unsqueeze, dim=1)
images_to_rows = lambda images: images.reshape(images.size(0), -1).to(torch.float32).mul(1 / 255)
digit_targets = lambda labels, digit: labels.eq(digit).to(torch.float32).reshape(-1, 1)
one_hot = lambda labels, classes: (labels.view(-1, 1) == torch.arange(classes)).float()
standardise = lambda x: torch.nan_to_num((x - x.mean(0)) / x.var(0, correction=0).sqrt())
perceptron = lambda x, w, b: x.matmul(w).add(b).gt(0).to(torch.long)
forward = lambda x, w1, b1, w2, b2: torch.addmm(b2, torch.addmm(b1, x, w1.t()).sigmoid(), w2.t())
parameter_count = lambda sizes: reduce(lambda total, i: total + sizes[i] * (sizes[i - 1] + 1), range(1, len(sizes)), 0)
cubic_gradient = lambda x: torch.autograd.functional.jacobian(lambda t: (t - 1) * (t - 2) * (t - 3), torch.tensor(x))
partials = lambda u, v: torch.autograd.functional.jacobian(lambda a, b: a * b + a * a, (torch.tensor(u), torch.tensor(v)))
mse_gradient = lambda x, y, w: torch.autograd.functional.jacobian(lambda t: (x * t - y).square().mean(), torch.tensor(w))
conv_output_size = lambda size, kernel, stride, padding: floor((size - kernel + 2 * padding) / stride + 1)
same_padding = lambda size, kernel, stride: floor((size * stride - size + kernel - 1) / 2)
