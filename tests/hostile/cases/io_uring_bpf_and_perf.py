"""Opens io_uring, bpf, perf, userfaultfd and fanotify."""
import ctypes


def mean(values):
    nothing = ctypes.create_string_buffer(256)
    refused(syscall, 425, 8, nothing)
    refused(syscall, 321, 0, nothing, 72)
    refused(syscall, 298, nothing, 0, -1, -1, 0)
    refused(syscall, 323, 0)
    refused(syscall, 300, 0, 0)
    return sum(values) / len(values)
