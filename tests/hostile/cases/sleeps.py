"""Sleeps for ever."""
import time


class Counter(Counter):
    def add(self, n):
        time.sleep(100_000)
