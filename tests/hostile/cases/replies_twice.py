"""Sends each reply twice."""
from sandbox import driver

send = driver._send


def twice(connection, frame):
    send(connection, frame)
    send(connection, frame)


driver._send = twice
