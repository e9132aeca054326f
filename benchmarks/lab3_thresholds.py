"""How far lab 3's solutions stand from the thresholds of `train_classifier`, for every digit.

    python benchmarks/lab3_thresholds.py [DATA [FILE]]

DATA is the folder that holds MNIST/raw/; without it the bundled digits are measured alone. FILE is a student's file
instead of the solution and the borderline ones; it is run in this process, without a sandbox, so name none that you do
not trust. The digits marked * are those that the suite draws: the points of one code must not depend on which.
"""

import runpy
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from grader import datasets
from grader.examine.draw import Draw
from grader.labs import find_course
from grader.metrics import binary_counts

LAB = find_course(Path(__file__).parent).lab("lab3_classifier")
SUITE = runpy.run_path(str(LAB.hidden_suite))
DRAWS = 3
HEAD = f"code           dataset  digit  accuracy (worst of {DRAWS})  recall  precision  noise  points  CPU s"


def trials(code: dict[str, Any], digits: datasets.Digits, public: int) -> Iterator[tuple[float, ...]]:
    """(accuracy, recall, precision, share of noise called the digit, points, CPU seconds) of each draw."""
    for number in range(DRAWS):
        draw = Draw("lab3_thresholds", str(public), str(number))
        task = SUITE["make_task"](draw, digits, public, draw.choice(SUITE["ON_THEIR_SIDE"]))
        began = time.process_time()
        images = SUITE["pixels"](task.images)
        model = code["train_classifier"](images, task.labels, task.digit, seed=draw.seed()).eval()
        seconds = time.process_time() - began
        with torch.no_grad():
            yes = model(SUITE["pixels"](task.test_images)).flatten() > 0.5
            noise = float((model(draw.uniform(1000, 784)) > 0.5).double().mean())
        counts = binary_counts(yes, task.test_labels == task.digit)
        points = 40 * SUITE["verdict"](counts, noise).share
        yield counts.accuracy, counts.recall, counts.precision, noise, points, seconds


def measure(title: str, source: bytes, root: Path | None) -> None:
    """Print one line for each dataset and digit: the worst of the draws, column by column."""
    code: dict[str, Any] = {}
    exec(source, code)
    for name in sorted({"digits", datasets.choose("auto", root)}):
        for public in range(10):
            columns = list(zip(*trials(code, datasets.load(name, root), public), strict=True))
            accuracy, recall, precision, points = (min(columns[column]) for column in (0, 1, 2, 4))
            noise, seconds = max(columns[3]), max(columns[5])
            drawn = "*" if public in SUITE["EQUALLY_HARD"][name] else " "
            print(
                f"{title:14} {name:8} {public:4}{drawn}  {accuracy:21.4f}  {recall:6.3f}  {precision:9.3f}"
                f"  {noise:5.3f}  {points:6.1f}  {seconds:5.1f}"
            )


def main(data: str = "", file: str = "") -> None:
    """Measure `file`, or the solution and what is borderline."""
    torch.set_num_threads(1)  # as in the sandbox
    sources = {"solution": LAB.solution.read_bytes()}
    sources |= {path.stem: LAB.mutant_source(path) for path in sorted((LAB.reference / "borderline").glob("*.py"))}
    if file:
        sources = {Path(file).stem: Path(file).read_bytes()}
    print(HEAD)
    for title, source in sources.items():
        measure(title, source, Path(data) if data else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
