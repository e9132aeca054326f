"""Keeps something in the kernel's keyrings."""


def mean(values):
    refused(syscall, 248, b"user", MARK.encode(), b"x", 1, -3)
    refused(syscall, 250, 0, -3, 1)
    refused(syscall, 249, b"user", MARK.encode(), 0, -3)
    return sum(values) / len(values)
