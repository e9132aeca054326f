"""My own parameter names, and options that nobody asked for."""
import torch


def first_row(matrix, row=0, /):
    return matrix[row]


def first_column(matrix, *, column=0):
    return matrix[:, column]


def transpose(*matrices):
    (a,) = matrices
    return a.transpose(-1, -2)


def squeeze_all(t, verbose=False, **options):
    if verbose:
        print(t.shape, options)
    return t.squeeze()


def squeeze_dim(t, d=0, strict=False):
    if strict and t.shape[d] != 1:
        raise ValueError("size is not 1")
    return t.squeeze(d)


def add_dim(t, where=-1):
    return t.unsqueeze(where)


def view_as(t, new_shape=(-1,), copy=False):
    out = t.view(new_shape)
    return out.clone() if copy else out


def to_column(vector, dtype=None):
    return vector.reshape(-1, 1).to(dtype or vector.dtype)


def images_to_rows(pictures, maximum=255, dtype=torch.float32, device="cpu"):
    return (pictures.to(device).reshape(pictures.shape[0], -1) / maximum).to(dtype)


def digit_targets(y, k, yes=1.0, no=0.0):
    return torch.where(y.reshape(-1, 1) == k, yes, no).to(torch.float32)


def one_hot(y, k=10, on=1.0, off=0.0):
    out = torch.full((len(y), k), off)
    out[range(len(y)), y] = on
    return out


def standardise(data, axis=0, eps=None):
    mean = data.mean(axis, keepdim=True)
    std = data.std(axis, keepdim=True, correction=0)
    z = (data - mean) / (std if eps is None else std + eps)
    z[z != z] = 0.0  # only NaN differs from itself
    return z


def perceptron(inputs, weights, bias=0.0, threshold=0.0):
    return torch.as_tensor([int(row @ weights + bias > threshold) for row in inputs], dtype=torch.long)


def forward(inputs, *parameters, activation=torch.sigmoid):
    first, second = parameters[:2], parameters[2:]
    hidden = activation(torch.baddbmm(first[1][None, None], inputs[None], first[0].T[None]))[0]
    return torch.nn.functional.linear(hidden, *second)


def parameter_count(layers, bias=True):
    weights = sum(a * b for a, b in zip(layers, layers[1:]))
    return weights + bias * sum(layers[1:])


def cubic_gradient(at=0.0, roots=(1, 2, 3)):
    at = torch.tensor(at, requires_grad=True)
    value = 1
    for root in roots:
        value = value * (at - root)
    value.backward()
    return at.grad.item()


def partials(a=0.0, b=0.0, create_graph=False):
    a, b = torch.tensor([a, b], requires_grad=True).unbind()
    return torch.autograd.grad(a * b + a * a, [a, b], create_graph=create_graph)


def mse_gradient(inputs, targets, weight=0.0, reduction=torch.mean):
    weight = torch.scalar_tensor(weight, requires_grad=True)
    reduction((inputs * weight - targets) ** 2).backward()
    return weight.grad.tolist()


def conv_output_size(n, k=3, s=1, p=0, d=1):
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


def same_padding(n, k=3, s=1):
    return (n * (s - 1) + k - 1) // 2
