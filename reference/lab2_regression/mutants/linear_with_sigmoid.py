class LinearRegression(LinearRegression):
    def forward(self, x):
        return torch.sigmoid(self.linear(x))
