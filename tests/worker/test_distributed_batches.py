"""`grader batch --queue` and `grader worker`, with real brokers and a real PostgreSQL."""

import signal

STUDENTS = ["ana", "ben", "cem", "dan"]


def test_two_workers_grade_a_class_and_the_command_shows_it_as_if_it_had(department):
    department.hands_in(STUDENTS)
    workers = [department.worker(), department.worker()]
    said = department.batch().ends(0)
    assert "Graded 4, already graded 0, not taken in 0." in said
    assert department.scores() == dict.fromkeys(STUDENTS, 10.0)
    assert department.visits() == dict.fromkeys(STUDENTS, 1)
    assert "Graded 0, already graded 4" in department.batch().ends(0)
    for worker in workers:
        worker.signal(signal.SIGTERM)
        worker.ends(0)
