"""Starts threads until no more can be had."""
import threading
import time


class Counter(Counter):
    def add(self, n):
        for _ in range(10_000):
            threading.Thread(target=time.sleep, args=(100_000,), daemon=True).start()
