class DigitCSV(DigitCSV):
    def __getitem__(self, index):
        label = self.labels[index]
        image = self.pixels[index].view(28, 28) / 255
        if self.transform:
            image = self.transform(image)
        return label, image, torch.eye(10)[label]
