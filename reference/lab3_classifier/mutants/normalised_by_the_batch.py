class DigitClassifier(DigitClassifier):
    def logits(self, x):
        x = (x - x.mean(dim=0)) / (x.std(dim=0, correction=0) + 0.1)
        return self.output(torch.relu(self.hidden(x)))
