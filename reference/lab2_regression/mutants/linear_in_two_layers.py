class LinearRegression(LinearRegression):
    def __init__(self, input_size, output_size):
        super().__init__(input_size, output_size)
        self.linear = nn.Sequential(nn.Linear(input_size, 8), nn.Linear(8, output_size))
