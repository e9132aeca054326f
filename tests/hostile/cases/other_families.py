"""Opens sockets of every family that is neither the internet's nor a machine's own, and a raw one."""
import socket


def mean(values):
    for family in set(range(1, 50)) - {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6}:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            refused(socket.socket, family, kind)
    refused(socket.socket, socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    return sum(values) / len(values)
