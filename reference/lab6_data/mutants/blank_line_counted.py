class DigitCSV(Dataset):
    def __init__(self, path, transform=None):
        with open(path) as file:
            self.lines = file.read().split("\n")
        self.transform = transform

    def __len__(self):
        return len(self.lines)  # the text ends with a newline, so the last "line" is empty

    def __getitem__(self, index):
        numbers = [int(number) for number in self.lines[index].split(",")]
        image = torch.tensor(numbers[1:], dtype=torch.float32) / 255
        if self.transform:
            image = self.transform(image)
        return numbers[0], image, torch.eye(10)[numbers[0]]
