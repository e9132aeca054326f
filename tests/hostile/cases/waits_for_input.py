"""Asks for input."""


def mean(values):
    return float(input("The mean? "))
