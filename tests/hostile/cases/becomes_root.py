"""Becomes root again, or somebody else, and makes devices."""
import os
import socket
import stat


def mean(values):
    for call in (os.setuid, os.setgid, os.seteuid):
        refused(call, 0)
    refused(os.setgroups, [0])
    refused(os.mknod, f"/tmp/{MARK}", stat.S_IFBLK | 0o600, os.makedev(8, 0))
    refused(lambda: open("/dev/mem", "rb"))
    refused(lambda: open("/proc/sysrq-trigger", "w"))
    refused(lambda: open("/proc/sys/kernel/hostname", "w"))
    refused(socket.sethostname, "mine")
    if os.getuid() == 0:
        raise Found("it is root")
    return sum(values) / len(values)
