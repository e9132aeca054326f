class DigitCSV(DigitCSV):
    def __getitem__(self, index):
        label = self.labels[index]
        image = self.pixels[index].float()
        if self.transform:
            image = self.transform(image)
        return label, image, torch.eye(10)[label]
