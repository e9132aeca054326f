"""Leaves three children behind that hold its streams."""
import os
import time


def mean(values):
    for _ in range(3):
        if not os.fork():
            with open("/proc/self/comm", "w") as file:
                file.write(MARK)
            time.sleep(100_000)
    return sum(values) / len(values)
