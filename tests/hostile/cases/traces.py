"""Traces itself and others."""
import os


def mean(values):
    refused(syscall, 101, 0, 0, 0, 0)
    refused(syscall, 101, 16, 1, 0, 0)
    refused(syscall, 438, 3, 0, 0)
    return sum(values) / len(values)
