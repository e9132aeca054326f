class DigitCSV(DigitCSV):
    def __getitem__(self, index):
        label, image, target = super().__getitem__(index)
        return str(label), image, target
