class NonlinearRegression(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.layers = [nn.Linear(input_size, hidden_size), nn.Sigmoid(), nn.Linear(hidden_size, output_size)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
