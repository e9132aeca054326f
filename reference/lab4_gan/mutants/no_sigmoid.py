class Generator(Generator):
    def __init__(self, latent_size=64):
        super().__init__(latent_size)
        self.layers = self.layers[:-1]
