class Autoencoder(Autoencoder):
    def __init__(self, bottleneck):
        super().__init__(32)
