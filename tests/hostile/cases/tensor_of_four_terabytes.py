"""Claims a tensor of 4 TB in a frame of a hundred bytes."""
import os

from sandbox.protocol.messages import Answer, TensorData


def mean(values):
    os.write(3, frame(Answer(1, TensorData("float32", [2**20, 2**20])), b"\0" * 64))
    os.abort()
