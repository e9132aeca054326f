class DigitCSV(DigitCSV):
    def __getitem__(self, index):
        label = self.labels[index]
        image = self.pixels[index] / 255
        if self.transform:
            image = self.transform(image)
        return label, image, torch.tensor(label)
