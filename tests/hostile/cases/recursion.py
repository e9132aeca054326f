"""Calls itself without end."""


class Counter(Counter):
    def add(self, n):
        return self.add(n)
