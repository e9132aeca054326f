whole_metrics = metrics


def metrics(tp, fp, tn, fn):
    return {name: round(figure, 3) for name, figure in whole_metrics(tp, fp, tn, fn).items()}
