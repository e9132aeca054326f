"""How long a student waits for `grader check`, and for what.

    python benchmarks/check_speed.py [--lab LAB] [--repeat N] [--against FOLDER]

Prints medians and extremes of N checks of the solution: CPU seconds of the command itself, without its sandbox, until
it opens a slot, until its libraries and the slot are there, for the checks, and for the end of the process; then their
sum, and the wall time of all, which says nothing on a busy machine. With --against, a checkout in FOLDER takes turns
with this one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("before the slot", "imports", "checks", "end", "CPU", "wall")
CLOCKED = """
import json, os, sys, time
from grader.cli import main
from grader.examine.slots import Slots

moments = {}

def mark(name):
    function = getattr(Slots, name)
    def call(*arguments):
        moments.setdefault(name, time.process_time())
        return function(*arguments)
    setattr(Slots, name, call)

for name in ("open", "take"):
    mark(name)
try:
    main()
finally:
    used = os.times()
    moments |= {"left": time.process_time(), "sandbox": used.children_user + used.children_system}
    print(json.dumps(moments), file=sys.stderr)
"""
"""`grader` with a clock where the slot is opened, where the first session takes it, and where the work is done."""


def check(tree: Path, lab: str, file: Path) -> Mapping[str, float]:
    """One check by the checkout in `tree`: seconds of each part."""
    command = [sys.executable, "-c", CLOCKED, "check", lab, str(file), "--course", str(ROOT), "--dataset", "digits"]
    env = {**os.environ, "PYTHONPATH": str(tree)}
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=tree, env=env, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read()
    if process.returncode:
        sys.exit(f"exit status {process.returncode}: {words}")
    moments = json.loads(words)
    cpu = used.ru_utime + used.ru_stime - moments["sandbox"]
    steps = [
        later - sooner for sooner, later in pairwise((0.0, *(moments[at] for at in ("open", "take", "left")), cpu))
    ]
    return dict(zip(PARTS, (*steps, cpu, wall), strict=True))


def row(name: str, found: Sequence[Mapping[str, float]]) -> str:
    """What one checkout took."""
    cells = []
    for part in PARTS:
        seconds = [each[part] for each in found]
        cells.append(f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})")
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", default="lab1_tensors")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--against", type=Path, help="another checkout")
    given = parser.parse_args()
    trees = {"this": ROOT} | ({"other": given.against.resolve()} if given.against else {})
    found: dict[str, list[Mapping[str, float]]] = {name: [] for name in trees}
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / f"{given.lab}.py"
        file.write_bytes((ROOT / "reference" / given.lab / "solution.py").read_bytes())
        for turn in range(given.repeat + 1):
            for name, tree in trees.items():
                measured = check(tree, given.lab, file)
                if turn:  # the first one reads the disk
                    found[name].append(measured)
    print(f"| checkout | {' | '.join(PARTS)} |\n|---|{'---:|' * len(PARTS)}")
    for name, measurements in found.items():
        print(row(name, measurements))


if __name__ == "__main__":
    main()
