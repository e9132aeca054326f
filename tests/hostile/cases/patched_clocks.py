"""Stops all clocks and computes for ever."""
import time

time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0


class Counter:
    def __init__(self, start):
        while True:
            pass
