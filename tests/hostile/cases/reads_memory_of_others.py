"""Looks for secrets in the memory of other processes, through /proc, ptrace and process_vm_readv."""
import os
from pathlib import Path


def mean(values):
    refused(syscall, 310, os.getppid() or 1, 0, 0, 0, 0, 0)
    refused(syscall, 101, 16, os.getppid() or 1, 0, 0)
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) != os.getpid():
            refused((process / "mem").open, "rb")
            refused((process / "environ").read_bytes)
    return sum(values) / len(values)
