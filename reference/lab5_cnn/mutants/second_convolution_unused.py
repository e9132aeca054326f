class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 24, 7, padding=3), nn.MaxPool2d(4), nn.BatchNorm2d(24), nn.ReLU()
        )
        self.more_features = nn.Conv2d(24, 24, 3, padding=1)
        self.classify = nn.Sequential(nn.Flatten(), nn.Dropout(0.2), nn.Linear(24 * 7 * 7, 10))

    def forward(self, x):
        x = self.features(x)
        self.more_features(x)  # the result is not used
        return self.classify(x)
