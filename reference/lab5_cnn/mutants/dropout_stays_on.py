class ConvNet(ConvNet):
    def forward(self, x):
        x = nn.functional.dropout(self.features(x), 0.5)
        return self.classify(x)
