def digit_targets(labels, digit):
    return (labels != digit).float()[:, None]
