# A single layer, and few steps: it finds what most of the digit's images have in common, and no more.
class DigitClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.output = nn.Linear(784, 1)

    def forward(self, x):
        return torch.sigmoid(self.output(x))


def train_classifier(images, labels, digit, seed=0):
    torch.manual_seed(seed)
    model = DigitClassifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    yes, no = images[labels == digit], images[labels != digit]
    target = torch.cat([torch.ones(50, 1), torch.zeros(60, 1)])
    for _ in range(30):
        batch = torch.cat([some(yes, 50), some(no, 50), torch.rand(10, 784)])
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy(model(batch), target).backward()
        optimizer.step()
    return model
