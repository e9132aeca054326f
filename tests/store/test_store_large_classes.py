"""What a large class costs: statements and memory, counted."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import sqlite

from grader.model import Ending, Refusal, Run, Student
from grader.store import changes
from grader.store.blocks import BLOCK, in_blocks

LAB = "lab1_tensors"
FEEDBACK = 40_000
"""Characters of one student's."""


@pytest.fixture
def class_of(store, submission, key):
    """Takes in so many students, each with a content of its own; their keys by the submissions' ids."""

    def make(students):
        handed_in = [submission(f"student-{number:04}", b"x = %d\n" % number) for number in range(students)]
        return {store.add(one): key(one) for one in handed_in}

    return make


@contextmanager
def statements(store):
    """Writes down what the database is asked."""
    asked = []

    def write_down(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(store._engine, "before_cursor_execute", write_down)
    yield asked
    event.remove(store._engine, "before_cursor_execute", write_down)


def test_a_block_of_submissions_is_planned_with_as_many_statements_as_one(store, class_of):
    keys = class_of(BLOCK)
    counts = []
    for many in (1, BLOCK):
        some = dict(list(keys.items())[:many])
        with statements(store) as asked:
            store.digests(some)
            store.adopt(some)
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0


def test_a_block_of_grades_is_read_with_as_many_statements_as_one(store, class_of):
    counts = []
    for many in (1, BLOCK):
        for id_, key in class_of(many).items():
            store.save([id_], key, Run(Ending.COMPLETED))
        with statements(store) as asked:
            assert len(list(store.grades(LAB))) == many
        counts.append(len(asked))
    assert counts[0] == counts[1] > 0


def test_a_run_of_many_with_the_same_content_is_written_once(store, submission, key, run):
    ids = [store.add(submission(f"student-{number}")) for number in range(50)]
    with statements(store) as asked:
        store.save(ids, key(submission()), run())
    assert sum(statement.startswith("INSERT INTO check_results") for statement in asked) == 1
    assert [grade.score for grade in store.grades(LAB)] == [10.5] * 50


def test_who_shares_a_run_that_is_saved_again_is_looked_up_in_an_index(store):
    if store._engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL takes no index for a table without rows")
    asked = str(
        changes._WITH_RUN.params(run=1).compile(compile_kwargs={"literal_binds": True}, dialect=sqlite.dialect())
    )
    with store._reading() as connection:
        plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    assert plan == ["SEARCH submissions USING COVERING INDEX ix_submissions_run_id (run_id=?)"]


def test_grades_of_several_blocks_are_all_there_each_with_its_own_run(store, class_of, run):
    keys = class_of(2 * BLOCK + 3)
    store.refuse(Refusal(Student("student-0100x", "X"), LAB, "a.zip", "It is damaged."))
    for number, (id_, key) in enumerate(keys.items()):
        store.save([id_], key, run(output=str(number)))
    students = [f"student-{number:04}" for number in range(2 * BLOCK + 3)]
    grades = list(store.grades(LAB))
    assert [grade.student.key for grade in grades] == [*students[:101], "student-0100x", *students[101:]]
    assert [grade.run.output for grade in grades if grade.graded] == [str(number) for number in range(2 * BLOCK + 3)]
    assert len(store.grades(LAB)) == 2 * BLOCK + 4


def test_grades_that_are_gone_through_again_are_read_anew(store, submission, key, run):
    grades = store.grades(LAB)
    assert (len(grades), list(grades)) == (0, [])
    store.save([store.add(submission())], key(submission()), run())
    assert [grade.score for grade in grades] == [10.5]


def test_while_grades_are_gone_through_they_stay_as_they_were_at_the_first(store, class_of, submission, key, run):
    class_of(BLOCK + 1)
    reading = iter(store.grades(LAB))
    first = next(reading)
    last = submission(f"student-{BLOCK:04}", b"x = %d\n" % BLOCK)
    store.save([store.add(last)], key(last), run())
    store.add(submission("zoe"))
    rest = list(reading)
    assert len([first, *rest]) == BLOCK + 1
    assert not any(grade.graded for grade in rest)


def test_the_memory_that_reading_grades_takes_does_not_grow_with_the_feedback_of_the_class(store, class_of, run, peak):
    peaks = []
    for students in (BLOCK, 3 * BLOCK):
        for id_, key in class_of(students).items():
            store.save([id_], key, run(output="x" * FEEDBACK))
        peaks.append(peak(lambda: sum(len(grade.run.output) for grade in store.grades(LAB))))
    assert peaks[0] > BLOCK * FEEDBACK  # it does hold a block's
    assert peaks[1] - peaks[0] < 2 * BLOCK * FEEDBACK / 40


@pytest.mark.parametrize(("keys", "sizes"), [(0, []), (BLOCK, [BLOCK]), (2 * BLOCK + 1, [BLOCK, BLOCK, 1])])
def test_blocks_hold_all_keys_in_order(keys, sizes):
    blocks = list(in_blocks(range(keys)))
    assert [len(block) for block in blocks] == sizes
    assert [key for block in blocks for key in block] == list(range(keys))
