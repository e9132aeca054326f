def metrics(tp, fp, tn, fn):
    precision, recall = tp / (tp + fp), tp / (tp + fn)
    accuracy = (tp + tn) / (tp + fp + tn + fn)
    return {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}
