class NonlinearRegression(NonlinearRegression):
    def forward(self, x):
        return self.output(torch.tanh(self.hidden(x)))
