"""Sends what the parent alone may say: how a session ended, that it is ready."""
import os

from sandbox.protocol.messages import Ended, Ready


def mean(values):
    os.write(3, frame(Ended(1, "stopped")) + frame(Ready(1, "namespaces", [], {})))
    os.abort()
