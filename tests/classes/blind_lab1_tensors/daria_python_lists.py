# loops over lists and then torch.tensor(...)
import math
import torch

def first_row(x):
    values = []
    for j in range(x.shape[1]):
        values.append(x[0][j].item())
    return torch.tensor(values)

def first_column(x):
    values = []
    for row in x.tolist():
        values.append(row[0])
    return torch.tensor(values)

def transpose(x):
    rows = x.tolist()
    return torch.tensor([list(column) for column in zip(*rows)])

def squeeze_all(x):
    wanted = []
    for s in x.shape:
        if s > 1:
            wanted.append(s)
    return torch.tensor(x.flatten().tolist()).reshape(wanted)

def squeeze_dim(x, dim):
    wanted = list(x.shape)
    if wanted[dim] == 1:
        del wanted[dim]
    return torch.tensor(x.flatten().tolist()).reshape(wanted)

def add_dim(x, dim):
    wanted = list(x.shape)
    wanted.insert(dim, 1)
    return torch.tensor(x.flatten().tolist()).reshape(wanted)

def view_as(x, shape):
    numbers = x.flatten().tolist()
    shape = list(shape)
    if -1 in shape:
        known = 1
        for s in shape:
            if s != -1:
                known *= s
        if len(numbers) % known != 0:
            raise RuntimeError("shape does not fit")
        shape[shape.index(-1)] = len(numbers) // known
    total = 1
    for s in shape:
        total *= s
    if total != len(numbers):
        raise RuntimeError("cannot view %d numbers as %s" % (len(numbers), shape))
    def nest(part, shape):
        if len(shape) == 0:
            return part[0]
        step = len(part) // shape[0]
        return [nest(part[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]
    return torch.tensor(nest(numbers, shape))

def to_column(x):
    return torch.tensor([[v] for v in x.tolist()])

def images_to_rows(images):
    rows = []
    for image in images.tolist():
        row = []
        for line in image:
            for pixel in line:
                row.append(pixel / 255)
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float32)

def digit_targets(labels, digit):
    return torch.tensor([[1.0] if label == digit else [0.0] for label in labels.tolist()])

def one_hot(labels, classes):
    rows = []
    for label in labels.tolist():
        row = [0.0] * classes
        row[label] = 1.0
        rows.append(row)
    return torch.tensor(rows)

def standardise(x):
    columns = []
    for column in zip(*x.tolist()):
        n = len(column)
        mean = sum(column) / n
        std = math.sqrt(sum((v - mean) ** 2 for v in column) / n)
        if std == 0:
            columns.append([0.0] * n)
        else:
            columns.append([(v - mean) / std for v in column])
    return torch.tensor(list(zip(*columns)))

def perceptron(x, w, b):
    answers = []
    for row in x.tolist():
        s = b
        for xi, wi in zip(row, w.tolist()):
            s = s + xi * wi
        if s > 0:
            answers.append(1)
        else:
            answers.append(0)
    return torch.tensor(answers)

def forward(x, w1, b1, w2, b2):
    def layer(inputs, weights, biases):
        return [sum(a * w for a, w in zip(inputs, row)) + b for row, b in zip(weights.tolist(), biases.tolist())]
    def sigmoid(z):
        return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))
    return torch.tensor([layer([sigmoid(z) for z in layer(row, w1, b1)], w2, b2) for row in x.tolist()])

def parameter_count(sizes):
    count = 0
    for i in range(len(sizes) - 1):
        count = count + sizes[i] * sizes[i + 1]   # weights
        count = count + sizes[i + 1]              # biases
    return count

def cubic_gradient(x):
    x = torch.tensor(x, requires_grad=True)
    y = (x - 1) * (x - 2) * (x - 3)
    y.backward()
    return x.grad.item()

def partials(u, v):
    u = torch.tensor(u, requires_grad=True)
    v = torch.tensor(v, requires_grad=True)
    f = u * v + u ** 2
    f.backward()
    return [u.grad.item(), v.grad.item()]

def mse_gradient(x, y, w):
    w = torch.tensor(w, requires_grad=True)
    total = 0
    for xi, yi in zip(x, y):
        total = total + (xi * w - yi) ** 2
    (total / len(x)).backward()
    return w.grad.item()

def conv_output_size(size, kernel, stride, padding):
    # slide the kernel and count
    padded = size + 2 * padding
    count = 0
    left = 0
    while left + kernel <= padded:
        count = count + 1
        left = left + stride
    return count

def same_padding(size, kernel, stride):
    twice = size * stride - size + kernel - 1
    padding = 0
    while 2 * (padding + 1) <= twice:
        padding = padding + 1
    return padding
