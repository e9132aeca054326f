"""The queue when the server goes away, when an answer is lost, and in backups."""

from contextlib import closing, contextmanager

import pytest
from postgresql_server import PostgresqlServer
from queueing import ask, grades, state

from grader.errors import DatabaseUnreachable, SubmissionsUnknown, WorkerForgotten
from grader.model import Asked, Need, Standing, TicketState
from grader.store import Store
from grader.store.backups import back_up, restore


@pytest.fixture
def store(postgresql):
    with Store.open(postgresql) as opened:
        yield opened


@contextmanager
def an_answer_is_lost(queue, kind):
    """The next transaction of this kind is committed, and nobody is told."""
    begin = getattr(queue, kind)

    @contextmanager
    def lost():
        with begin() as connection:
            yield connection
        setattr(queue, kind, begin)
        raise DatabaseUnreachable("The server went away.")

    setattr(queue, kind, lost)
    with pytest.raises(DatabaseUnreachable):
        yield


def test_what_was_claimed_for_nobody_is_given_back_when_the_worker_is_heard_again(queue, asked, worker):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    with an_answer_is_lost(queue, "_locking"):
        queue.claim(ticket, me)
    assert state(queue, ticket) is TicketState.CLAIMED
    queue.beat(me)
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.WAITING)


def test_who_claims_again_after_a_lost_answer_has_it(queue, asked, worker, run):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    with an_answer_is_lost(queue, "_locking"):
        queue.claim(ticket, me)
    claim = queue.claim(ticket, me)
    queue.beat(me)
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.CLAIMED, 1, "w1:7")
    assert queue.settle(claim, me, run())


@pytest.mark.parametrize("call", ["ask", "settle", "withdraw", "leave"])
def test_the_same_call_again_after_a_lost_answer_says_what_became_of_it(queue, asked, worker, run, store, call):
    wanted = asked("ana")
    ticket = ask(queue, wanted)
    me = queue.enroll(worker())
    calls = {
        "ask": ("_in_turn", lambda: queue.ask(wanted), [ticket]),
        "settle": ("_in_turn", lambda: queue.settle(claim, me, run()), True),
        "withdraw": ("_locking", lambda: queue.withdraw([ticket]), {ticket}),
        "leave": ("_locking", lambda: queue.leave(me), None),
    }
    kind, again, answer = calls[call]
    claim = queue.claim(ticket, me) if call == "settle" else None
    with an_answer_is_lost(queue, kind):
        again()
    assert again() == answer
    assert grades(store) == {"ana": 10.5 if call == "settle" else None}


def test_connections_that_a_server_ended_meanwhile_cost_nothing(store, queue, elsewhere, asked, worker):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    with elsewhere._reading() as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        assert connection.exec_driver_sql(f"SELECT bool_and(pg_terminate_backend(pid, 60000)) {others}").scalar()
    queue.beat(me)
    assert state(queue, ticket) is TicketState.WAITING


def test_a_server_that_is_away_is_told_and_when_it_is_back_all_goes_on(postgresql_server, submission, key, run, worker):
    with closing(PostgresqlServer()) as server, Store.open(server.database()) as store:
        queue = store.queue()
        found = submission()
        ticket = ask(queue, [Asked(key(found), (store.add(found),), "digits", Need.CPU)])
        me = queue.enroll(worker())
        claim = queue.claim(ticket, me)
        server.stop()
        calls = (
            lambda: queue.beat(me),
            lambda: queue.claim(ticket, me),
            lambda: queue.settle(claim, me, run()),
            lambda: queue.standings([ticket]),
            queue.workers,
            lambda: queue.withdraw([ticket]),
        )
        for call in calls:
            with pytest.raises(DatabaseUnreachable, match="Check that it runs"):
                call()
        server.start()
        queue.beat(me)
        assert queue.settle(claim, me, run())
        assert grades(store) == {"ana": 10.5}


# ------------------------------------------------------------ the database as a whole


def test_a_database_with_tickets_is_whole_and_its_backup_restores_into_either_kind(
    store, queue, asked, worker, run, postgresql, empty_address, tmp_path
):
    waiting, had, settled = queue.ask(asked("ana", "bo", "cem"))
    me = queue.enroll(worker())
    queue.refuse(queue.claim(waiting, me), me, "Łódź \0")
    queue.claim(had, me)
    assert queue.settle(queue.claim(settled, me), me, run())
    found = back_up(postgresql, tmp_path / "backup.db")
    assert found.troubles == ()
    assert {table: found.rows[table] for table in ("workers", "tickets", "ticket_submissions")} == {
        "workers": 1,
        "tickets": 3,
        "ticket_submissions": 3,
    }
    restored, _ = restore(tmp_path / "backup.db", empty_address)
    assert restored.rows == found.rows
    with Store.open(empty_address) as copy:
        assert list(copy.rows()) == list(store.rows())
        assert copy.check().troubles == ()


def test_grading_goes_on_in_a_server_that_a_backup_was_restored_into(
    store, queue, asked, worker, run, postgresql, empty_postgresql, tmp_path
):
    wanted = asked("ana")
    ticket = ask(queue, wanted)
    back_up(postgresql, tmp_path / "backup.db")
    restore(tmp_path / "backup.db", empty_postgresql)
    with Store.open(empty_postgresql) as copy:
        found = copy.queue()
        assert ask(found, wanted) == ticket
        me = found.enroll(worker())
        assert found.settle(found.claim(ticket, me), me, run())
        assert grades(copy) == {"ana": 10.5}


def test_what_a_worker_had_of_a_database_before_it_was_restored_is_nobody_elses_result(
    store, queue, asked, worker, run
):
    first, second = asked("ana", "ben")
    one = queue.enroll(worker("one"))
    claim = queue.claim(ask(queue, [first]), one)
    with store._writing() as connection:  # as from a backup that was made before anybody was asked
        connection.exec_driver_sql("TRUNCATE tickets, workers RESTART IDENTITY CASCADE")
    two = queue.enroll(worker("two"))
    with pytest.raises(WorkerForgotten):
        queue.beat(one)
    queue.leave(one)
    assert ask(queue, [second]) == claim.ticket
    taken = queue.claim(claim.ticket, two)
    assert taken.number == claim.number
    for who in (one, two):
        queue.give_back(claim, who)
        queue.refuse(claim, who, "No.")
        assert not queue.settle(claim, who, run())
    assert queue.settle(taken, two, run(points=1.0))
    assert grades(store) == {"ana": None, "ben": 3.0}


def test_what_a_restored_database_lacks_is_told_and_nobody_gets_its_result(asked, submission, key, empty_postgresql):
    (old,) = asked("ana")
    with Store.open(empty_postgresql) as restored:
        queue = restored.queue()
        with pytest.raises(SubmissionsUnknown, match="a backup took its place") as caught:
            queue.ask([old])
        assert caught.value.ids == set(old.ids)
        ben, twin, elsewhere = submission("ben"), submission("twin", b"ana"), submission("ana", lab="lab2")
        ids = [restored.add(one) for one in (ben, twin, elsewhere)]
        assert ids[0] == old.ids[0]
        new, other = (Asked(key(ben), (id_,), "digits", Need.CPU) for id_ in (ids[0], ids[2]))
        with pytest.raises(SubmissionsUnknown) as caught:
            queue.ask([old, other])
        assert caught.value.ids == {ids[0], ids[2]}
        assert len(queue.ask([new])) == 1


def test_a_batch_of_one_machine_takes_over_from_tickets_that_a_restored_file_holds(
    store, queue, asked, postgresql, tmp_path
):
    (old,), (new,) = asked("ana"), asked("ana", suite="suite-2")
    ask(queue, [old])
    back_up(postgresql, tmp_path / "grades.db")
    with Store.open(tmp_path / "grades.db") as copy:
        copy.adopt({new.ids[0]: new.key})
        with copy._reading() as connection:
            assert connection.exec_driver_sql("SELECT state FROM tickets").scalar() == "superseded"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tickets SET state = 'lost'",
        "UPDATE tickets SET state = 'claimed'",
        "UPDATE tickets SET state = 'waiting', worker_id = 1",
        "UPDATE tickets SET fault = 'It broke.'",
        "UPDATE tickets SET tries = -1",
        "UPDATE tickets SET tries = number + 1",
        "UPDATE tickets SET need = 'tpu'",
        "UPDATE tickets SET content = 'unknown'",
        "UPDATE tickets SET worker_id = 99, state = 'claimed'",
        "UPDATE workers SET slots = 0",
        "INSERT INTO ticket_submissions VALUES (1, 99)",
        "DELETE FROM tickets",
    ],
)
def test_the_database_itself_keeps_the_rules_of_the_queue(store, queue, asked, worker, sql):
    queue.ask(asked("ana"))
    queue.enroll(worker())
    with pytest.raises(Exception, match="violates"), store._writing() as connection:
        connection.exec_driver_sql(sql)
