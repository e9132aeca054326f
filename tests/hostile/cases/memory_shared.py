"""Takes memory that counts for no process's own size."""
import mmap


class Counter(Counter):
    def add(self, n):
        hoard = mmap.mmap(-1, 2**30)
        for _ in range(2**10):
            hoard.write(b"x" * 2**20)
