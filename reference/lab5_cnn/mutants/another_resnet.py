_freeze = freeze_and_replace


def freeze_and_replace(model, classes):
    from torchvision.models import resnet18

    return _freeze(resnet18(), classes)
