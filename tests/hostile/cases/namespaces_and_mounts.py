"""Makes namespaces of its own and mounts in them."""
import os


def mean(values):
    for flag in (0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x2000000):
        refused(syscall, 272, flag)
        refused(syscall, 56, flag | 17, 0, 0, 0, 0)
    refused(syscall, 165, b"none", b"/tmp", b"tmpfs", 0, 0)
    refused(syscall, 166, b"/tmp", 2)
    refused(syscall, 428, -100, b"/", 1)
    refused(os.chroot, "/tmp")
    refused(lambda: open("/proc/self/uid_map", "w").write("0 0 1"))
    return sum(values) / len(values)
