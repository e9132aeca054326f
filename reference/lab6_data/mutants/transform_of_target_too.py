class DigitCSV(DigitCSV):
    def __getitem__(self, index):
        label, image, target = super().__getitem__(index)
        if self.transform:
            target = self.transform(target)
        return label, image, target
