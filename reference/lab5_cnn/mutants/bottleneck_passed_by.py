class Autoencoder(Autoencoder):
    def forward(self, x):
        return x + 0.1 * super().forward(x)
