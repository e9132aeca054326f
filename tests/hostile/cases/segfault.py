"""Reads where no memory is."""
import ctypes


class Counter(Counter):
    def add(self, n):
        return ctypes.string_at(0)
