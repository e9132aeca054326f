"""Looks for a network interface other than the loopback, and a name server."""
import socket


def mean(values):
    with open("/proc/net/dev") as file:
        others = {line.split(":")[0].strip() for line in file if ":" in line} - {"lo"}
    with open("/proc/net/route") as file:
        routes = file.read().splitlines()[1:]
    if any("eth" in name or "docker" in name for name in others) or routes:
        raise Found((others, routes))
    refused(socket.getaddrinfo, "localhost.invalid", 80)
    return sum(values) / len(values)
