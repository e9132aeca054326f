class ConvNet(ConvNet):
    def forward(self, x):
        return super().forward(x).softmax(dim=1)
