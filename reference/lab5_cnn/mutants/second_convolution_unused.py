class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 12, 5, stride=2, padding=2), nn.BatchNorm2d(12), nn.ReLU())
        self.more_features = nn.Conv2d(12, 12, 3, padding=1)
        self.classify = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(12 * 14 * 14, 10))

    def forward(self, x):
        x = self.features(x)
        self.more_features(x)  # the result is not used
        return self.classify(x)
