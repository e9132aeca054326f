"""Makes a file of a terabyte, sparse and not."""
import os


def mean(values):
    with open(f"/tmp/{MARK}", "wb") as file:
        refused(os.truncate, file.fileno(), 2**40)
        refused(os.posix_fallocate, file.fileno(), 0, 2**33)
    return sum(values) / len(values)
