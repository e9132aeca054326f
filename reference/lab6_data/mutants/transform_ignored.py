class DigitCSV(DigitCSV):
    def __init__(self, path, transform=None):
        super().__init__(path)
