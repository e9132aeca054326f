"""`grader watch --queue`: what arrives in a folder is graded by workers, also after the database was away."""

import re
import signal

import pytest
from department import Department, eventually


@pytest.fixture
def watched(tmp_path, postgresql, redis, local_slot):
    made = Department(tmp_path, postgresql, redis.url)
    (tmp_path / "in").mkdir()
    yield made
    made.close()


def watch(department):
    words = ["watch", "double", department.place / "in", "--queue", "--patience", "120s", "--settle", "1s"]
    return department.command(*words, "--every", "1s", "--out", department.place / "out")


def test_workers_grade_what_arrives_until_the_watch_is_ended(watched):
    worker = watched.worker()
    watching = watch(watched)
    watching.has_said("Watching")
    watched.hands_in(["ana"], folder="in")
    eventually(lambda: watched.scores() == {"ana": 10.0}, "the first is graded")
    watched.hands_in(["ben"], folder="in")
    eventually(lambda: watched.scores() == {"ana": 10.0, "ben": 10.0}, "the second is graded")
    eventually((watched.place / "out" / "students" / "ben.html").exists, "the pages are written")
    watching.signal(signal.SIGTERM)
    assert "Ended. What is graded is kept." in watching.ends(0)
    worker.signal(signal.SIGTERM)
    worker.ends(0)
    assert watched.visits() == {"ana": 1, "ben": 1}


def test_a_watch_says_in_a_line_of_its_log_that_it_waits_for_a_worker(watched):
    watched.hands_in(["ana"], folder="in")
    watching = watch(watched)
    watching.has_said("Waiting for one.")
    (said,) = (line for line in watching.said.splitlines() if "No worker" in line)
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S+ No worker serves .* Waiting for one\.$", said)
    watching.signal(signal.SIGTERM)
    watching.ends(0)


def test_a_watch_that_is_ended_takes_back_what_nobody_has_begun(watched):
    worker = watched.worker()
    watched.shut("ana")
    watched.hands_in(["ana", "ben"], folder="in")
    watching = watch(watched)
    eventually(watched.visits, "one is begun")
    watching.has_said("Grading 2 submissions.")
    watching.signal(signal.SIGTERM)
    said = watching.ends(0)
    assert "The rest is taken back." in said
    watched.open("ana")
    again = watch(watched)
    eventually(lambda: watched.scores() == {"ana": 10.0, "ben": 10.0}, "both are graded")
    again.signal(signal.SIGTERM)
    again.ends(0)
    worker.signal(signal.SIGTERM)
    worker.ends(0)
