class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())
        self.encode = nn.Linear(784, bottleneck)

    def forward(self, x):
        return self.layers(x)
