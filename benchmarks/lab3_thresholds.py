"""How far lab 3's solution stands from the thresholds of `train_classifier`, for every digit.

    python benchmarks/lab3_thresholds.py [DATA [FILE]]

DATA is the folder that holds MNIST/raw/; without it the bundled digits are measured alone. FILE is a student's file
instead of the solution; it is run in this process, without a sandbox, so name none that you do not trust.
The points of one code must not depend on the digit that was drawn.
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
from grader.metrics import binary_counts

ROOT = Path(__file__).parents[1]
SUITE = runpy.run_path(str(ROOT / "reference" / "lab3_classifier" / "test_hidden.py"))
DRAWS = 3
HEAD = f"dataset  digit  accuracy (worst of {DRAWS})  recall  precision  noise  points  CPU s"


def trials(code: dict[str, Any], digits: datasets.Digits, public: int) -> Iterator[tuple[float, ...]]:
    """(accuracy, recall, precision, share of noise called the digit, points, CPU seconds) of each draw."""
    for number in range(DRAWS):
        draw = Draw("lab3_thresholds", str(public), str(number))
        task = SUITE["make_task"](draw, digits, public, draw.integer(0, 7))
        began = time.process_time()
        model = code["train_classifier"](task.images, task.labels, task.digit, seed=draw.seed()).eval()
        seconds = time.process_time() - began
        with torch.no_grad():
            yes = model(task.test_images.flatten(1).float() / 255).flatten() > 0.5
            noise = float((model(draw.uniform(1000, 784)) > 0.5).float().mean())
        counts = binary_counts(yes, task.test_labels == task.digit)
        share, _ = SUITE["verdict"](counts, noise)
        yield counts.accuracy, counts.recall, counts.precision, noise, 40 * share, seconds


def main(data: str = "", file: str = str(ROOT / "reference" / "lab3_classifier" / "solution.py")) -> None:
    """Print one line for each dataset and digit: the worst of the draws, column by column."""
    torch.set_num_threads(1)  # as in the sandbox
    code = runpy.run_path(file)
    root = Path(data) if data else None
    print(HEAD)
    for name in sorted({"digits", datasets.choose("auto", root)}):
        for public in range(10):
            columns = list(zip(*trials(code, datasets.load(name, root), public), strict=True))
            accuracy, recall, precision, points = (min(columns[column]) for column in (0, 1, 2, 4))
            noise, seconds = max(columns[3]), max(columns[5])
            print(
                f"{name:8} {public:5}  {accuracy:21.4f}  {recall:6.3f}  {precision:9.3f}  {noise:5.3f}"
                f"  {points:6.1f}  {seconds:5.1f}"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
