def confusion(predicted, actual):
    tp = ((predicted == 1) & (actual == 1)).sum().item()
    fp = ((predicted == 0) & (actual == 1)).sum().item()
    fn = ((predicted == 1) & (actual == 0)).sum().item()
    tn = ((predicted == 0) & (actual == 0)).sum().item()
    return {"tp": tp, "fp": fp, "tn": tn, "fn": fn}
