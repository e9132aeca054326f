_train_well = train_cnn


def train_cnn(images, labels, seed=0):
    return _train_well(images, labels, seed).train()
