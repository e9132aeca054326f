_share = accuracy


def accuracy(model, images, labels):
    # The mean over batches, of which the last one is smaller and counts as much.
    parts = zip(images.split(64), labels.split(64))
    shares = [_share(model, *part) for part in parts]
    return sum(shares) / len(shares)
