"""Sends an answer with bytes that belong to no tensor."""
import os

from sandbox.protocol.messages import Answer


def mean(values):
    os.write(3, frame(Answer(1, 100.0), b"x" * 100))
    os.abort()
