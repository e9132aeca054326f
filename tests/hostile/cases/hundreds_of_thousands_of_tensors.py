"""Claims 150,000 tensors of nothing."""
import os

from sandbox.protocol.messages import Answer, ListData, TensorData


def mean(values):
    os.write(3, frame(Answer(1, ListData([TensorData("int8", [0])] * 150_000))))
    os.abort()
