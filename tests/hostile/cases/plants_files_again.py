"""The same once more: what the one before it planted must not be there."""
import os
import sys


def mean(values):
    for folder in ("/tmp", "/dev/shm", "/dev/mqueue", "/var/tmp", "/run", "/", "/opt", *sys.path):
        for name in os.listdir(folder) if os.path.isdir(folder) and os.access(folder, os.R_OK) else ():
            if MARK in name:
                raise Found(f"{folder}/{name}")
        try:
            open(f"{folder}/{MARK}.py", "w").write(MARK)
        except OSError:
            continue
    return sum(values) / len(values)
