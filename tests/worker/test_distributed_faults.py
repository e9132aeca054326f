"""Workers, brokers and databases that are killed, cut off and started again while a class is graded."""

import random
import re
import signal
import socket
from contextlib import closing

import pytest
from brokers import RabbitMQ, started
from department import SHORT, Department, command_line, eventually

from grader.model import Ending

MANY = [f"s{number:03}" for number in range(200)]
STUDENTS = ["ana", "ben", "cem", "dan"]


def graded_once(department, students, more=0):
    """Everybody has the right score, from one run; so many gradings were begun in vain."""
    assert department.scores() == dict.fromkeys(students, 10.0)
    assert set(department.runs().values()) == {1}
    assert len(department.runs()) == len(students)
    assert department.visits().keys() == set(students)
    assert department.visits().total() <= len(students) + more


def test_workers_that_are_killed_at_random_lose_nothing_and_nothing_is_graded_twice(department):
    department.hands_in(MANY)
    workers = [department.worker(silence=SHORT) for _ in range(3)]
    batch = department.batch(silence=SHORT)
    chance = random.Random(8)
    moments = sorted(chance.sample(range(10, 190), 6))
    for moment in moments:
        eventually(lambda moment=moment: department.visits().total() >= moment or not batch.runs, f"{moment} are begun")
        workers.pop(chance.randrange(len(workers))).kill()
        workers.append(department.worker(silence=SHORT))
    assert "Graded 200, already graded 0, not taken in 0." in batch.ends(0)
    graded_once(department, MANY, more=len(moments))


def test_a_broker_that_is_started_again_loses_nothing_whatever_it_forgot(department, broker):
    department.hands_in(STUDENTS)
    worker = department.worker()
    department.shut("ana")
    department.shut("ben")
    batch = department.batch()
    eventually(department.visits, "one is begun")
    broker.stop()
    worker.has_said("does not answer. It is tried again until it does.")
    broker.start()
    worker.has_said("answers again.")
    for student in ("ana", "ben"):
        department.open(student)
    assert "Graded 4, already graded 0" in batch.ends(0)
    graded_once(department, STUDENTS)


def test_what_a_killed_command_asked_for_is_graded_although_its_messages_are_lost(department, broker):
    department.hands_in(STUDENTS)
    for student in STUDENTS:
        department.shut(student)
    worker = department.worker(silence=SHORT)
    batch = department.batch(silence=SHORT)
    eventually(department.visits, "one is begun")
    batch.kill()
    broker.stop()
    worker.has_said("does not answer. It is tried again until it does.")
    broker.start()
    worker.has_said("answers again.")
    for student in STUDENTS:
        department.open(student)
    eventually(lambda: department.scores().keys() == set(STUDENTS), "all are graded")
    graded_once(department, STUDENTS)


def test_a_broker_that_is_started_again_twice_while_nothing_is_to_be_done_is_found_again(department, broker):
    worker = department.worker(jobs=2)
    for time in (1, 2):
        broker.stop()
        worker.has_said("does not answer. It is tried again until it does.", times=time)
        broker.start()
        worker.has_said("answers again.", times=time)
    department.hands_in(STUDENTS)
    for student in STUDENTS:
        department.shut(student)
    batch = department.batch()
    eventually(lambda: department.visits().total() == 2, "two are begun")  # as many at once as before
    for student in STUDENTS:
        department.open(student)
    assert "Graded 4, already graded 0" in batch.ends(0)
    graded_once(department, STUDENTS)


@pytest.fixture
def impatient():
    """RabbitMQ which takes what was not confirmed in five seconds to be lost, and looks often."""
    yield from started(lambda: RabbitMQ("consumer_timeout = 5000"))


def test_a_lab_that_takes_longer_than_rabbitmq_waits_ends_no_worker(tmp_path, postgresql, impatient, local_slot):
    with closing(Department(tmp_path, postgresql, impatient.url)) as department:
        department.hands_in(["ana", "ben"])
        for student in STUDENTS:
            department.shut(student)
        worker = department.worker(jobs=2)
        batch = department.batch()
        eventually(lambda: department.visits().total() == 2, "two are begun")
        worker.has_said("does not answer. It is tried again until it does.")
        worker.has_said("answers again.")
        for student in ("ana", "ben"):
            department.open(student)
        assert "Graded 2, already graded 0" in batch.ends(0)
        department.hands_in(STUDENTS)
        batch = department.batch()
        eventually(lambda: department.visits().total() == 4, "two are begun")  # as many at once as before
        for student in ("cem", "dan"):
            department.open(student)
        assert "Graded 2, already graded 2" in batch.ends(0)
        graded_once(department, STUDENTS)
        assert worker.runs
        assert "Couldn't" not in worker.said


def test_a_database_that_is_started_again_loses_nothing(department, postgresql_server):
    department.hands_in(STUDENTS)
    workers = [department.worker(), department.worker()]
    for student in STUDENTS:
        department.shut(student)
    batch = department.batch()
    eventually(lambda: department.visits().total() == 2, "two are begun")
    postgresql_server.stop()
    for student in STUDENTS:
        department.open(student)
    for process in (*workers, batch):
        process.has_said("does not answer as it should")
    postgresql_server.start()
    for process in (*workers, batch):
        process.has_said("The database answers again.")
    assert "Graded 4, already graded 0" in batch.ends(0)
    graded_once(department, STUDENTS)


def test_the_result_of_a_worker_that_was_cut_off_does_not_count_twice(department):
    """It is stopped until it counts as lost and another one has graded what it had; then it goes on with that."""
    department.hands_in(["ana"])
    department.shut("ana")
    cut_off = department.worker(silence=SHORT)
    batch = department.batch(silence=SHORT)
    department.reached("ana")
    cut_off.signal(signal.SIGSTOP)
    other = department.worker(silence=SHORT)
    department.reached("ana", times=2)
    department.open("ana")
    assert "Graded 1, already graded 0" in batch.ends(0)
    cut_off.signal(signal.SIGCONT)
    cut_off.has_said("not kept: it was taken back or given to another.")
    graded_once(department, ["ana"], more=1)
    assert other.runs


def test_what_three_workers_are_lost_with_is_ungraded_and_goes_round_no_more(department):
    department.hands_in(["ana", "ben"])
    department.shut("ana")
    batch = department.batch(silence=SHORT)
    for time in (1, 2, 3):
        worker = department.worker(silence=SHORT)
        department.reached("ana", times=time)
        worker.kill()
    last = department.worker(silence=SHORT)
    said = batch.ends(3)
    assert "Not graded: ana: 3 workers were lost while they graded this" in said
    assert department.endings() == {"ana": Ending.BROKEN, "ben": Ending.COMPLETED}
    assert department.visits() == {"ana": 3, "ben": 1}
    assert last.runs
    department.open("ana")
    assert "Graded 1, already graded 1" in department.batch(silence=SHORT).ends(0)


def test_a_command_that_is_killed_goes_on_when_it_is_given_again(department):
    department.hands_in(STUDENTS)
    department.shut("ana")
    worker = department.worker()
    batch = department.batch()
    department.reached("ana")
    batch.kill()
    again = department.batch()
    again.has_said("Grading")
    department.open("ana")
    assert "not taken in 0." in again.ends(0)
    graded_once(department, STUDENTS)
    assert worker.runs


def test_what_a_worker_is_at_when_it_is_told_to_end_another_one_has_at_once(department):
    """Sooner than it would count as lost, which is never here."""
    department.hands_in(["ana"])
    department.shut("ana")
    ending = department.worker(silence=10_000)
    batch = department.batch(silence=10_000)
    department.reached("ana")
    other = department.worker(silence=10_000)
    ending.signal(signal.SIGTERM)
    said = ending.ends(0)
    assert "given back" in said
    assert said.endswith("Ended. What it was at goes to other workers.")
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00 \S", line) for line in ending.said.splitlines())
    assert "celery" not in said
    department.reached("ana", times=2)
    department.open("ana")
    assert "Graded 1, already graded 0" in batch.ends(0)
    graded_once(department, ["ana"], more=1)
    assert other.runs


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_before_it_is_ready_a_worker_ends_as_it_does_later(department, number, status):
    """It waits for something that accepts, and then says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        worker = department.command("worker", "--sandbox", "local", "--broker", address)
        worker.has_said("Connecting to the broker")
        worker.signal(number)
        assert "What it was at goes to other workers." in worker.ends(status)


def test_a_worker_that_is_interrupted_twice_is_gone_with_all_that_it_started(department):
    department.hands_in(["ana"])
    department.shut("ana")
    worker = department.worker()
    department.batch()
    department.reached("ana")
    started = worker.children()
    assert started
    worker.signal(signal.SIGINT)
    worker.signal(signal.SIGINT)
    eventually(lambda: not worker.runs and not any(map(command_line, started)), "all have ended")


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_a_worker_that_is_interrupted_once_gives_back_what_it_has_and_says_how_it_ended(department):
    department.hands_in(["ana"])
    department.shut("ana")
    worker = department.worker(silence=10_000)
    department.batch(silence=10_000)
    department.reached("ana")
    worker.signal(signal.SIGINT)
    said = worker.ends(130)
    assert "given back" in said
    assert "Stopped. What it was at goes to other workers. Run the same command again" in said
    eventually(lambda: len(department.queued()) == 1, "it waits again")


@pytest.mark.parametrize("broker", ["redis"], indirect=True)
def test_an_interrupted_command_takes_back_what_nobody_has_begun(department):
    department.hands_in(STUDENTS)
    department.shut("ana")
    department.shut("ben")
    department.shut("cem")
    department.shut("dan")
    department.worker()
    batch = department.batch()
    eventually(lambda: department.visits().total() == 1, "one is begun")
    batch.has_said("Grading 4 submissions.")
    batch.signal(signal.SIGINT)
    said = batch.ends(130)
    assert "What workers have begun they finish and store. The rest is taken back." in said
    (begun,) = department.visits()
    for student in STUDENTS:
        department.open(student)
    eventually(lambda: begun in department.scores(), "what was begun is stored")
    assert department.visits().total() == 1
    assert "Graded 3, already graded 1" in department.batch().ends(0)
    graded_once(department, STUDENTS)
