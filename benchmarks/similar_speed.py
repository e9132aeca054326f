"""What it takes to compare a class with itself: CPU seconds and peak memory of `grader.likeness`, beyond its imports.

    python benchmarks/similar_speed.py [--lab lab3_classifier] [--count 1000]

The class is that of the other benchmarks: the lab's solution and its mutants in turn, no two files alike to the byte.
"""

import argparse
import resource
import time
from itertools import islice
from pathlib import Path

import copydetect  # noqa: F401 - its import is not measured
import workload

from grader import likeness
from grader.labs import find_course


def main() -> None:
    """Print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", default="lab3_classifier")
    parser.add_argument("--count", type=int, default=1000)
    wanted = parser.parse_args()
    lab = find_course(Path(__file__).parents[1]).lab(wanted.lab)
    sources = islice(workload.sources(lab, mistakes=True), wanted.count)
    texts = {str(at): f"{source.decode()}\n# student {at}\n" for at, source in enumerate(sources)}
    before, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = likeness.compare(texts, (), [lab.starter.read_text()], 0.5)
    seconds, peak = time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{lab.name}, {wanted.count} submissions: {seconds:.1f} CPU s, {(peak - memory) / 1024:.0f} MB")
    print(f"{found.count} pairs, of which {len(found.likenesses)} were looked at in detail")


if __name__ == "__main__":
    main()
