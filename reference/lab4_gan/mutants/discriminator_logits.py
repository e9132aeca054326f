loss_of = nn.BCEWithLogitsLoss()


class Discriminator(Discriminator):
    def __init__(self):
        super().__init__()
        self.layers = self.layers[:-1]
