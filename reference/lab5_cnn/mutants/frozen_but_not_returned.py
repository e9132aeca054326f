_freeze = freeze_and_replace


def freeze_and_replace(model, classes):
    _freeze(model, classes)
