class Generator(Generator):
    def __init__(self, latent_size=64):
        super().__init__(64)
