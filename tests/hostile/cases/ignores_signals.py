"""Ignores every signal that can be ignored, and computes for ever."""
import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)


class Counter(Counter):
    def add(self, n):
        while True:
            pass
