class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        rows = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
        self.labels, self.pixels = rows[:, 0].astype(int).tolist(), torch.tensor(rows[:, 1:], dtype=torch.float32)
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.pixels[index] / 255
        if self.transform:
            image = self.transform(image)
        return self.labels[index], image, torch.eye(10)[self.labels[index]]
