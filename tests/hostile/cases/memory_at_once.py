"""Asks for eight gigabytes at once."""
import torch


class Counter(Counter):
    def add(self, n):
        return torch.ones(2**31)
