import mmap

import numpy as np
import torch
from torch.utils.data import Dataset

from .transforms import one_hot


class DigitCSV(Dataset):
    """The file is mapped into memory; lines are parsed when they are needed and kept."""

    def __init__(self, path, transform=None):
        self.transform = transform
        self._file = open(path, "rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        self._starts = [0]
        while (end := self._map.find(b"\n", self._starts[-1])) >= 0:
            self._starts.append(end + 1)
        if self._starts[-1] < len(self._map):
            self._starts.append(len(self._map))
        self._cache = {}

    def __len__(self):
        return len(self._starts) - 1

    def _row(self, index):
        if index not in self._cache:
            line = self._map[self._starts[index]:self._starts[index + 1]].decode()
            self._cache[index] = np.array([float(v) for v in line.split(",")], dtype=np.float32)
        return self._cache[index]

    def __getitem__(self, index):
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        row = self._row(index)
        label = int(row[0])
        image = torch.from_numpy(row[1:] / np.float32(255))
        if self.transform is not None:
            image = self.transform(image)
        return label, image, one_hot(label)
