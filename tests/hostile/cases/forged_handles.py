"""Answers with a handle to something that it was never given."""
from sandbox.protocol.messages import Handle


def Counter(start):
    return Handle("999.0", "Counter", module=True, callable=True)
