import torch


class RunningStats:
    """Mean and deviation image by image (Welford, by chunks)."""

    def __init__(self, channels):
        self.n = 0
        self.mean = torch.zeros(channels, dtype=torch.float64)
        self.m2 = torch.zeros(channels, dtype=torch.float64)

    def update(self, image):
        flat = image.double().flatten(1)
        n = flat.shape[1]
        mean = flat.mean(1)
        m2 = (flat - mean[:, None]).square().sum(1)
        delta = mean - self.mean
        total = self.n + n
        self.mean = self.mean + delta * n / total
        self.m2 = self.m2 + m2 + delta.square() * self.n * n / total
        self.n = total

    def result(self):
        return self.mean.float(), (self.m2 / self.n).sqrt().float()


def channel_stats(images):
    stats = RunningStats(images.shape[1])
    for image in images:
        stats.update(image)
    return stats.result()
