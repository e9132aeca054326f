class Generator(Generator):
    def __init__(self, latent_size=64):
        super().__init__(latent_size)
        self.layers = nn.Sequential(*(layer for layer in self.layers if not isinstance(layer, nn.BatchNorm1d)))


class Discriminator(Discriminator):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(*(layer for layer in self.layers if not isinstance(layer, nn.Dropout)))
