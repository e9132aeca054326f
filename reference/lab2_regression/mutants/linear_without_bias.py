class LinearRegression(LinearRegression):
    def __init__(self, input_size, output_size):
        super().__init__(input_size, output_size)
        self.linear = nn.Linear(input_size, output_size, bias=False)
