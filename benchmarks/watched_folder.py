"""What `grader watch` spends on a folder in which nothing changes, against reading all of it.

    python benchmarks/watched_folder.py                   1,000 submissions
    python benchmarks/watched_folder.py --count 10000

CPU time of this process, the least of several; the disk's cache is warm. A look is what each round costs; a survey
tells whose everything is, which is done when something has changed; reading all is what `--once` does each time.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from workload import write_class

from grader import intake
from grader.intake.arriving import Settling, listed
from grader.labs import Course

ROOT = Path(__file__).parents[1]
ROUNDS = 7


def least(act: Callable[[], object]) -> float:
    """CPU milliseconds, the least of several."""
    found = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        act()
        found.append(1000 * (time.process_time() - begun))
    return min(found)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="submissions in the folder")
    given = parser.parse_args()
    lab = Course(ROOT).lab("lab1_tensors")
    with tempfile.TemporaryDirectory() as place:
        folder = write_class(lab, given.count, Path(place) / "in")
        settling = Settling(5)
        look = least(lambda: settling.settled(listed(folder), time.monotonic()))
        survey = least(lambda: intake.survey_filling(folder, lab.name))
        reading = least(lambda: list(intake.survey_filling(folder, lab.name).take()))
    print(f"{given.count:,} submissions: a look {look:.1f} ms, a survey {survey:.1f} ms, reading all {reading:.1f} ms")
    print(f"a look is {look / reading:.3f} of reading all")


if __name__ == "__main__":
    main()
