"""How large the class page is, how long it takes to make, and how long a browser takes to sort and filter its table.

    python benchmarks/class_page.py                     1,000 and 10,000 students
    python benchmarks/class_page.py --students 300 --rounds 9

Making is measured in CPU seconds, the least of three. A browser's times are medians of wall milliseconds, with the
layout that follows, so the machine has to be idle; without Chromium and its chromedriver on the PATH they are left out.
"""

import argparse
import random
import shutil
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from selenium import webdriver

from grader.feedback import page_name
from grader.feedback.classroom import Tally
from grader.feedback.pages import class_page
from grader.model import CheckResult, ClassResults, Ending, Flag, Grade, Outcome, Run, Student

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
CHECKS = 12
TOLD = (
    "f(x) has shape ({}, {}); the shape asked for is (3, 4).",
    "f(x) returned None; is a return statement missing?",
    "f(x) has wrong values: {} of {} numbers differ.",
    "Your code raised IndexError: index {} is out of bounds for dimension 0 with size {}",
)
SCRIPT = """
const [rounds] = arguments, found = {};
const measure = (name, act) => {
  const times = Array.from({ length: rounds }, (_, round) => {
    const start = performance.now();
    act(round);
    document.body.offsetHeight;  // asks for the layout
    return performance.now() - start;
  });
  found[name] = times.sort((a, b) => a - b)[Math.floor(rounds / 2)];
};
const heads = document.querySelectorAll("#students thead button");
const choices = document.querySelectorAll("#choices a");
const find = document.getElementById("find");
measure("sort by name", () => heads[0].click());
measure("sort by score", () => heads[1].click());
measure("choose", (round) => choices[round % 2].click());
measure("search", (round) => { find.value = round % 2 ? "" : "77"; find.dispatchEvent(new Event("input")); });
return found;
"""


def check(draw: random.Random, skill: float, number: int) -> CheckResult:
    """One result of a student who knows so much, in 0..1."""
    passed = draw.random() < skill
    told = "" if passed else draw.choice(TOLD).format(draw.randint(2, 9), draw.randint(2, 9))
    outcome = Outcome.PASSED if passed else Outcome.FAILED
    return CheckResult(f"c{number}", f"check {number}", "Group", outcome, 5.0 * passed, 5.0, message=told)


def grade(draw: random.Random, number: int) -> Grade:
    """One student: of ten one needs a look, of four one has several attempts."""
    skill = draw.betavariate(4, 2)
    checks = tuple(check(draw, skill, at) for at in range(CHECKS))
    ending = draw.choices([Ending.COMPLETED, Ending.TIMEOUT, Ending.BROKEN], [94, 3, 3])[0]
    flags = (draw.choice(list(Flag)),) if draw.random() < 0.05 else ()
    run = Run(ending, checks, flags=flags, fault="The sandbox went away." if ending is Ending.BROKEN else "")
    student = Student(f"{20000 + number}", f"Student {draw.randint(0, 10**6)}")
    received = NOW - timedelta(minutes=draw.randint(0, 9000))
    attempts = draw.choice([1, 1, 1, 3])
    return Grade(student, "lab", "f" * 64, "a.py", run, run.score, 60.0, NOW, received, attempts)


def made(results: ClassResults) -> str:
    """The class page."""
    tally = Tally(results.max_score)
    for one in results.grades:
        tally.add(one, page_name(one.student.key))
    return class_page(results, tally)


def browsed(path: Path, rounds: int) -> dict[str, float]:
    """Milliseconds by what is done; {} where there is no browser."""
    chromium, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not (chromium and driver):
        return {}
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        browser.get(path.as_uri())
        return dict(browser.execute_script(SCRIPT, rounds))
    finally:
        browser.quit()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    for students in asked.students:
        draw = random.Random(students)
        results = ClassResults("lab", "Lab", "1", 60.0, tuple(grade(draw, number) for number in range(students)))
        seconds = []
        for _ in range(3):
            start = time.process_time()
            page = made(results)
            seconds.append(time.process_time() - start)
        print(f"{students} students: {len(page.encode()) / 1e6:.2f} MB, made in {min(seconds):.2f} CPU s", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.html"
            path.write_text(page)
            for name, milliseconds in browsed(path, asked.rounds).items():
                print(f"  {name}: {milliseconds:.0f} ms")


if __name__ == "__main__":
    main()
