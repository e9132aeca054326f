from torch import nn


class LinearRegression(nn.Module):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.net = nn.Linear(input_size, output_size)

    def forward(self, x):
        return self.net(x)


class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, output_size)])

    def forward(self, x):
        return self.layers[1](self.layers[0](x).sigmoid())
