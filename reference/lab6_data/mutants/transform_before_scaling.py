class DigitCSV(DigitCSV):
    def __getitem__(self, index):
        label, image = self.labels[index], self.pixels[index].float()
        if self.transform:
            image = self.transform(image)
        return label, image / 255, torch.eye(10)[label]
