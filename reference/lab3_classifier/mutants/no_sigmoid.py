class DigitClassifier(DigitClassifier):
    def forward(self, x):
        return self.logits(x)
