def metrics(tp, fp, tn, fn):
    recall, precision = ratio(tp, tp + fp), ratio(tp, tp + fn)
    accuracy = ratio(tp + tn, tp + fp + tn + fn)
    return {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": ratio(2 * tp, 2 * tp + fp + fn)}
