def train_classifier(images, labels, digit, seed=0):
    torch.manual_seed(seed)
    return DigitClassifier()
