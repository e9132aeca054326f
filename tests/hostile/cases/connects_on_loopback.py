"""Connects to listeners on this machine's loopback, TCP and UDP, IPv4 and IPv6, and by an abstract name."""
import socket


def mean(values):
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                connection = socket.socket(family, kind)
                connection.settimeout(0.5)
                connection.connect((host, PORTS[f"{family:d}.{kind:d}"]))
                connection.send(b"hello")
            except OSError:
                continue
    refused(socket.socket(socket.AF_UNIX).connect, "\0" + MARK)
    refused(socket.create_connection, ("localhost", PORTS["2.1"]), 0.5)
    return sum(values) / len(values)
