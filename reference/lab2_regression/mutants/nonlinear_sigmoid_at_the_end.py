class NonlinearRegression(NonlinearRegression):
    def forward(self, x):
        return torch.sigmoid(self.output(torch.sigmoid(self.hidden(x))))
