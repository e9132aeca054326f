import torch


class Shapes:
    """Namespaces keep things tidy."""

    @staticmethod
    def row(x, i=0):
        return x.index_select(0, torch.tensor([i]))[0]

    @staticmethod
    def column(x, i=0):
        return x.gather(1, torch.full((x.size(0), 1), i)).flatten()

    @classmethod
    def flip(cls, x):
        return cls._permute(x, 1, 0)

    @staticmethod
    def _permute(x, *dims):
        return x.permute(dims)

    @staticmethod
    def squeeze(x):
        for dim in reversed(range(x.dim())):
            x = Shapes.squeeze_one(x, dim)
        return x

    @staticmethod
    def squeeze_one(x, dim):
        return x.select(dim, 0) if x.size(dim) == 1 else x

    @staticmethod
    def unsqueeze(x, dim):
        return x[(slice(None),) * dim + (None, ...)]

    @staticmethod
    def view(x, shape):
        return x.view(torch.Size(shape))


class Data:
    SCALE = 255

    @classmethod
    def rows(cls, images):
        return images.flatten(1).float().div_(cls.SCALE)

    @staticmethod
    def targets(labels, digit):
        out = torch.zeros(labels.size(0), 1)
        out[labels == digit] = 1
        return out

    @staticmethod
    def hot(labels, classes):
        out = torch.zeros(labels.numel(), classes)
        out[torch.arange(labels.numel()), labels] = 1.0
        return out

    @staticmethod
    def standard(x):
        var, mean = torch.var_mean(x, dim=0, correction=0)
        constant = var == 0
        return torch.where(constant, torch.zeros_like(x), (x - mean) / var.sqrt())


class Net:
    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        for i, (w, b) in enumerate(self.layers):
            x = torch.addmm(b, x, w.t())
            if i < len(self.layers) - 1:
                x = 1 / (1 + torch.exp(-x))
        return x

    @staticmethod
    def run(x, w1, b1, w2, b2):
        return Net((w1, b1), (w2, b2))(x)

    @staticmethod
    def fire(x, w, b):
        return torch.where((x * w).sum(1) + b > 0, 1, 0)

    @staticmethod
    def size(sizes):
        shapes = [(b, a + 1) for a, b in zip(sizes[:-1], sizes[1:])]
        return sum(torch.Size(s).numel() for s in shapes)


class Gradient:
    def __init__(self, f):
        self.f = f

    def at(self, *point):
        leaves = [torch.tensor(p, requires_grad=True) for p in point]
        self.f(*leaves).backward()
        return tuple(leaf.grad.item() for leaf in leaves)


class Conv:
    @staticmethod
    def out(n, k, s, p):
        return int((n - k + 2 * p) / s + 1)

    @staticmethod
    def same(n, k, s):
        return int((n * s - n + k - 1) / 2)


first_row, first_column = Shapes.row, Shapes.column
transpose = Shapes.flip
squeeze_all, squeeze_dim, add_dim = Shapes.squeeze, Shapes.squeeze_one, Shapes.unsqueeze
view_as = Shapes.view


def to_column(x):
    return Shapes.unsqueeze(x, 1)


images_to_rows, digit_targets, one_hot, standardise = Data.rows, Data.targets, Data.hot, Data.standard
perceptron, forward, parameter_count = Net.fire, Net.run, Net.size


def cubic_gradient(x):
    return Gradient(lambda t: (t - 1) * (t - 2) * (t - 3)).at(x)[0]


partials = Gradient(lambda u, v: u * v + u**2).at


def mse_gradient(x, y, w):
    return Gradient(lambda t: ((x * t - y) ** 2).mean()).at(w)[0]


conv_output_size, same_padding = Conv.out, Conv.same
