"""Opens files until no more can be opened, and keeps them."""
KEPT = []


def keep():
    while len(KEPT) < 100_000:
        KEPT.append(open("/dev/null"))


def mean(values):
    refused(keep)
    return sum(values) / len(values)
