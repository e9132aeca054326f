"""Returns a list that never ends when it is looped over."""


class Endless(list):
    def __iter__(self):
        while True:
            yield 1


class Counter(Counter):
    def add(self, n):
        return Endless()
