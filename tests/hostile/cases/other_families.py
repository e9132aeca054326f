"""Opens sockets of every family but that between a machine's own processes, and a raw one."""
import socket


def mean(values):
    for family in set(range(1, 50)) - {socket.AF_UNIX}:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            refused(socket.socket, family, kind)
    refused(socket.socket, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    return sum(values) / len(values)
