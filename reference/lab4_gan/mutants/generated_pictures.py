class Generator(Generator):
    def forward(self, noise):
        return super().forward(noise).view(-1, 28, 28)


class Discriminator(Discriminator):
    def forward(self, images):
        return super().forward(images.flatten(1))
