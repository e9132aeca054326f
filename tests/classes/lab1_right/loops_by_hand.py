"""No library where a loop does it; lists for tuples."""
import torch


def first_row(x):
    row = torch.empty(x.shape[1])
    for j in range(x.shape[1]):
        row[j] = x[0, j]
    return row


def first_column(x):
    return torch.tensor([row[0] for row in x.tolist()])


def transpose(x):
    return torch.tensor([list(column) for column in zip(*x.tolist())])


def squeeze_all(x):
    while 1 in x.shape and x.dim() > 0:
        x = x.select(list(x.shape).index(1), 0)
    return x


def squeeze_dim(x, dim):
    if x.size(dim) == 1:
        return x.view([size for position, size in enumerate(x.shape) if position != dim])
    return x.clone()


def add_dim(x, dim):
    return x.view(list(x.shape[:dim]) + [1] + list(x.shape[dim:]))


def view_as(x, shape):
    shape = list(shape)
    known = 1
    for size in shape:
        known *= size if size != -1 else 1
    if -1 in shape:
        shape[shape.index(-1)] = x.numel() // known
        known *= x.numel() // known
    if known != x.numel():
        raise RuntimeError(f"{x.numel()} elements do not fit into {shape}")
    answer = torch.zeros(shape)
    answer.view(-1)[:] = x.flatten()
    return answer


def to_column(x):
    return torch.tensor([[value] for value in x.tolist()])


def images_to_rows(images):
    rows = []
    for image in images:
        rows.append([pixel.item() / 255 for line in image for pixel in line])
    return torch.tensor(rows)


def digit_targets(labels, digit):
    return torch.tensor([[1.0] if label == digit else [0.0] for label in labels])


def one_hot(labels, classes):
    rows = torch.zeros(labels.shape[0], classes)
    for row, label in zip(rows, labels):
        row[label] = 1
    return rows


def standardise(x):
    columns = []
    for column in x.T.tolist():
        mean = sum(column) / len(column)
        deviation = (sum((value - mean) ** 2 for value in column) / len(column)) ** 0.5
        columns.append([(value - mean) / deviation if deviation else 0.0 for value in column])
    return torch.tensor(columns).T


def perceptron(x, w, b):
    answers = []
    for row in x.tolist():
        total = b
        for value, weight in zip(row, w.tolist()):
            total += value * weight
        answers.append(int(total > 0))
    return torch.tensor(answers)


def forward(x, w1, b1, w2, b2):
    outputs = []
    for row in x:
        hidden = [torch.sigmoid((row * w).sum() + b) for w, b in zip(w1, b1)]
        outputs.append([sum(h * w for h, w in zip(hidden, weights)) + b for weights, b in zip(w2, b2)])
    return torch.tensor(outputs)


def parameter_count(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        for _ in range(sizes[i + 1]):
            total += sizes[i] + 1
    return total


def cubic_gradient(x):
    return (x - 2) * (x - 3) + (x - 1) * (x - 3) + (x - 1) * (x - 2)


def partials(u, v):
    return [v + 2 * u, u]


def mse_gradient(x, y, w):
    total = 0.0
    for a, b in zip(x.tolist(), y.tolist()):
        total += 2 * a * (a * w - b)
    return total / len(x)


def conv_output_size(size, kernel, stride, padding):
    positions = 0
    start = -padding
    while start + kernel <= size + padding:
        start += stride
        positions += 1
    return positions


def same_padding(size, kernel, stride):
    return divmod(size * stride - size + kernel - 1, 2)[0]
