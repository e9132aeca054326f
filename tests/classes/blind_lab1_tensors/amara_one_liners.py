import torch

first_row = lambda x: x[0]
first_column = lambda x: x[:, 0]
transpose = lambda x: x.t()
squeeze_all = lambda x: x.squeeze()
squeeze_dim = lambda x, dim: x.squeeze(dim)
add_dim = lambda x, dim: x.unsqueeze(dim)
view_as = lambda x, shape: x.view(*shape)
to_column = lambda x: x.view(-1, 1)
images_to_rows = lambda images: images.view(len(images), -1) / 255
digit_targets = lambda labels, digit: (labels == digit).float().view(-1, 1)
one_hot = lambda labels, classes: (labels.view(-1, 1) == torch.arange(classes)).float()
standardise = lambda x: (x - x.mean(0)) / x.std(0, unbiased=False).clamp(min=1e-12)
perceptron = lambda x, w, b: (x @ w + b > 0).long()
forward = lambda x, w1, b1, w2, b2: torch.sigmoid(x @ w1.T + b1) @ w2.T + b2
parameter_count = lambda sizes: sum((a + 1) * b for a, b in zip(sizes, sizes[1:]))
grad = lambda y, *xs: torch.autograd.grad(y, xs)
leaf = lambda value: torch.tensor(value, requires_grad=True)
cubic_gradient = lambda x: (lambda t: grad((t - 1) * (t - 2) * (t - 3), t)[0].item())(leaf(x))
partials = lambda u, v: (lambda s, t: grad(s * t + s**2, s, t))(leaf(u), leaf(v))
mse_gradient = lambda x, y, w: (lambda t: grad(((x * t - y) ** 2).mean(), t)[0].item())(leaf(w))
conv_output_size = lambda size, kernel, stride, padding: (size - kernel + 2 * padding) // stride + 1
same_padding = lambda size, kernel, stride: (size * stride - size + kernel - 1) // 2
