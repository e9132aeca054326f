"""Answers a question with the news that its file was imported."""
import os

from sandbox.protocol.messages import Imported


def mean(values):
    os.write(3, frame(Imported(["mean"], [])))
    os.abort()
