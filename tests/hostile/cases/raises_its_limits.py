"""Gives itself more of everything."""
import resource


def more(which):
    resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def mean(values):
    for which in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
        try:
            more(which)
        except (OSError, ValueError):
            continue
        raise Found(f"limit {which} could be raised")
    refused(lambda: open("/proc/self/oom_score_adj", "w").write("-1000"))
    return sum(values) / len(values)
