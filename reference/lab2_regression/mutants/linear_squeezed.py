class LinearRegression(LinearRegression):
    def forward(self, x):
        return self.linear(x).squeeze()
