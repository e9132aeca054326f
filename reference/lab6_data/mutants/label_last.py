class DigitCSV(DigitCSV):
    def __init__(self, path, transform=None):
        rows = np.loadtxt(path, delimiter=",", dtype=np.uint8, ndmin=2)
        self.labels, self.pixels = rows[:, -1].tolist(), torch.from_numpy(rows[:, :-1])
        self.transform = transform
