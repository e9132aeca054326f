"""Two programs that claim, settle, ask, withdraw or take over at once: whoever is first, nothing is lost or doubled."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from queueing import LAB, LONG, ask, grades, lost_claim, race, silence, state, until, waits

from grader.errors import DatabaseLocked, DatabaseUnreachable
from grader.model import Ending, GradeChange, TicketState
from grader.store import Store, database


@pytest.fixture
def store(postgresql):
    with Store.open(postgresql) as opened:
        yield opened


def test_of_two_who_claim_at_once_one_gets_it(store, queue, elsewhere, other, asked, worker):
    ticket = ask(queue, asked("ana"))
    me, you = queue.enroll(worker()), other.enroll(worker())
    one, two = race(store, lambda: queue.claim(ticket, me), elsewhere, lambda: other.claim(ticket, you))
    assert (one.number, two) == (1, None)


def test_of_two_who_claim_what_a_lost_worker_had_one_gets_it(store, queue, elsewhere, other, asked, worker):
    ticket = ask(queue, asked("ana"))
    me, you, gone = queue.enroll(worker()), other.enroll(worker()), queue.enroll(worker())
    queue.claim(ticket, gone)
    silence(store, gone)
    one, two = race(store, lambda: queue.claim(ticket, me), elsewhere, lambda: other.claim(ticket, you))
    assert (one.number, two) == (2, None)


def test_of_many_who_claim_at_once_each_ticket_has_one(queue, other, asked, worker):
    tickets = queue.ask(asked(*(f"s{number}" for number in range(40))))
    queues = [queue, other] * 4
    workers = [one.enroll(worker(f"w{number}")) for number, one in enumerate(queues)]
    start = threading.Barrier(len(queues))

    def all_of_them(one, me):
        start.wait(LONG)
        return [claim.ticket for ticket in tickets if (claim := one.claim(ticket, me))]

    with ThreadPoolExecutor(len(queues)) as threads:
        claimed = [ticket for found in threads.map(all_of_them, queues, workers) for ticket in found]
    assert sorted(claimed) == tickets


def test_who_settles_first_leaves_nothing_to_claim(store, queue, elsewhere, other, asked, worker, run):
    ticket, me, claim = lost_claim(store, queue, asked, worker)
    you = other.enroll(worker())
    done, taken = race(store, lambda: queue.settle(claim, me, run()), elsewhere, lambda: other.claim(ticket, you))
    assert (done, taken, grades(store)) == (True, None, {"ana": 10.5})


def test_who_settles_just_after_it_was_claimed_away_has_the_first_result(
    store, queue, elsewhere, other, asked, worker, run
):
    ticket, me, claim = lost_claim(store, queue, asked, worker)
    you = other.enroll(worker())
    taken, done = race(elsewhere, lambda: other.claim(ticket, you), store, lambda: queue.settle(claim, me, run()))
    assert (taken.number, done, grades(store)) == (2, True, {"ana": 10.5})
    assert not other.settle(taken, you, run(points=1.0))


def test_of_two_who_settle_one_ticket_at_once_the_first_has_the_result(
    store, queue, elsewhere, other, asked, worker, run
):
    ticket, me, claim = lost_claim(store, queue, asked, worker)
    you = other.enroll(worker())
    taken = other.claim(ticket, you)
    first, second = race(
        elsewhere,
        lambda: other.settle(taken, you, run(points=1.0)),
        store,
        lambda: queue.settle(claim, me, run()),
    )
    assert (first, second, grades(store)) == (True, False, {"ana": 3.0})


def test_what_is_settled_first_is_not_withdrawn(store, queue, elsewhere, other, asked, worker, run):
    ticket, me, claim = lost_claim(store, queue, asked, worker)
    done, gone = race(store, lambda: queue.settle(claim, me, run()), elsewhere, lambda: other.withdraw([ticket]))
    assert (done, gone, state(queue, ticket), grades(store)) == (True, set(), TicketState.SETTLED, {"ana": 10.5})


def test_what_is_withdrawn_first_is_not_settled(store, queue, elsewhere, other, asked, worker, run):
    ticket, me, claim = lost_claim(store, queue, asked, worker)
    gone, done = race(elsewhere, lambda: other.withdraw([ticket]), store, lambda: queue.settle(claim, me, run()))
    assert (gone, done, grades(store)) == ({ticket}, False, {"ana": None})


def test_what_is_claimed_first_is_not_withdrawn(store, queue, elsewhere, other, asked, worker):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    claim, gone = race(store, lambda: queue.claim(ticket, me), elsewhere, lambda: other.withdraw([ticket]))
    assert (claim.number, gone, state(queue, ticket)) == (1, set(), TicketState.CLAIMED)


def test_what_is_withdrawn_first_is_not_claimed(store, queue, elsewhere, other, asked, worker):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    gone, claim = race(elsewhere, lambda: other.withdraw([ticket]), store, lambda: queue.claim(ticket, me))
    assert (gone, claim) == ({ticket}, None)


def test_a_result_by_the_old_suite_that_comes_first_is_put_out_of_effect(store, queue, elsewhere, asked, worker, run):
    (old,), (new,) = asked("ana"), asked("ana", suite="suite-2")
    ticket = ask(queue, [old])
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    done, kept = race(
        store, lambda: queue.settle(claim, me, run()), elsewhere, lambda: elsewhere.adopt({new.ids[0]: new.key})
    )
    assert (done, kept, grades(store)) == (True, set(), {"ana": None})
    assert store.finished([old.key]) == {old.key}


def test_a_result_by_the_old_suite_that_comes_later_is_not_written(store, queue, elsewhere, asked, worker, run):
    (old,), (new,) = asked("ana"), asked("ana", suite="suite-2")
    ticket = ask(queue, [old])
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    kept, done = race(
        elsewhere, lambda: elsewhere.adopt({new.ids[0]: new.key}), store, lambda: queue.settle(claim, me, run())
    )
    assert (kept, done, grades(store)) == (set(), False, {"ana": None})
    assert store.finished([old.key]) == set()


def test_a_claim_by_the_old_suite_while_the_new_one_takes_over_is_none(store, queue, elsewhere, asked, worker):
    (old,), (new,) = asked("ana"), asked("ana", suite="suite-2")
    ticket = ask(queue, [old])
    me = queue.enroll(worker())
    _, claim = race(elsewhere, lambda: elsewhere.adopt({new.ids[0]: new.key}), store, lambda: queue.claim(ticket, me))
    assert (claim, state(queue, ticket)) == (None, TicketState.SUPERSEDED)


def test_who_joins_just_before_it_is_settled_has_the_result(
    store, queue, elsewhere, other, asked, submission, worker, run
):
    (wanted,) = asked("ana")
    twin = replace(wanted, ids=(store.add(submission("twin", b"ana")),))
    ticket = ask(queue, [wanted])
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    (joined,), done = race(elsewhere, lambda: other.ask([twin]), store, lambda: queue.settle(claim, me, run()))
    assert (joined, done, grades(store)) == (ticket, True, {"ana": 10.5, "twin": 10.5})


def test_who_joins_just_after_it_was_settled_has_the_result(
    store, queue, elsewhere, other, asked, submission, worker, run
):
    (wanted,) = asked("ana")
    twin = replace(wanted, ids=(store.add(submission("twin", b"ana")),))
    ticket = ask(queue, [wanted])
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    done, (joined,) = race(store, lambda: queue.settle(claim, me, run()), elsewhere, lambda: other.ask([twin]))
    assert (joined, done, grades(store)) == (ticket, True, {"ana": 10.5, "twin": 10.5})
    assert state(queue, ticket) is TicketState.SETTLED


def test_two_who_ask_for_the_same_at_once_have_one_ticket(store, queue, elsewhere, other, asked):
    wanted = asked("ana", "bo")
    one, two = race(store, lambda: queue.ask(wanted), elsewhere, lambda: other.ask(wanted[::-1]))
    assert one == two[::-1]


def test_two_who_give_up_a_poisonous_submission_at_once_do_so_once(store, queue, elsewhere, other, asked, worker):
    ticket = ask(queue, asked("ana"))
    for _ in range(3):
        gone = queue.enroll(worker())
        queue.claim(ticket, gone)
        silence(store, gone)
    me, you = queue.enroll(worker()), other.enroll(worker())
    assert race(store, lambda: queue.claim(ticket, me), elsewhere, lambda: other.claim(ticket, you)) == (None, None)
    assert queue.run(ticket).ending is Ending.BROKEN
    assert len([event for event in store.history(LAB, "ana") if isinstance(event, GradeChange)]) == 1


def test_a_worker_that_comes_back_at_the_last_moment_is_not_given_up(
    queue, other, store, asked, worker, run, monkeypatch
):
    ticket = ask(queue, asked("ana"))
    for _ in range(3):
        late = other.enroll(worker())
        claim = other.claim(ticket, late)
        silence(store, late)
    give_up = queue._give_up
    monkeypatch.setattr(queue, "_give_up", lambda ticket: (other.settle(claim, late, run()), give_up(ticket)))
    assert queue.claim(ticket, queue.enroll(worker())) is None
    assert (queue.run(ticket), grades(store)) == (run(), {"ana": 10.5})


def test_two_who_lock_many_in_another_order_do_not_wait_for_each_other(store, queue, elsewhere, other, asked):
    tickets = queue.ask(asked(*(f"s{number:03}" for number in range(250))))
    one, two = race(
        store,
        lambda: queue.withdraw(tickets),
        elsewhere,
        lambda: other.withdraw(tickets[::-1]),
        after="FOR UPDATE",
    )
    assert one == two == set(tickets)


def test_who_takes_over_from_some_and_asks_for_others_locks_them_in_the_order_of_all(
    store, queue, elsewhere, other, asked, worker
):
    known = queue.ask(asked("ana", suite="suite-2"))
    old = queue.ask(asked("bo"))
    assert known < old
    me = other.enroll(worker())
    for ticket in (*known, *old):
        assert other.claim(ticket, me)
    wanted = asked("ana", "bo", suite="suite-2")
    both, _ = race(store, lambda: queue.ask(wanted), elsewhere, lambda: other.leave(me), after="FOR UPDATE")
    assert both[0] == known[0]
    assert state(queue, old[0]) is TicketState.SUPERSEDED


def test_whatever_many_do_at_once_nobody_waits_for_ever_and_grades_fit_the_log(
    store, queue, elsewhere, other, asked, worker, run
):
    names = [f"s{number}" for number in range(12)]
    suites = {suite: asked(*names, suite=suite) for suite in ("suite-1", "suite-2")}
    tickets = [ticket for wanted in suites.values() for ticket in queue.ask(wanted)]
    start = threading.Barrier(8)

    def anything(number):
        there, mine = (store, queue) if number % 2 else (elsewhere, other)
        dice = random.Random(number)
        me, claims = mine.enroll(worker(f"w{number}")), []
        start.wait(LONG)
        for _ in range(40):
            some = dice.sample(tickets, 6)
            wanted = dice.sample(suites[dice.choice(list(suites))], 6)
            match dice.randrange(8):
                case 0:
                    mine.ask(wanted, again=dice.random() < 0.5)
                case 1:
                    there.adopt({one.ids[0]: one.key for one in wanted})
                case 2:
                    mine.withdraw(some)
                case 3:
                    mine.leave(me)
                    me, claims = mine.enroll(worker(f"w{number}")), []
                case 4:
                    mine.standings(some)
                case _:
                    claims += [claim for ticket in some[:2] if (claim := mine.claim(ticket, me))]
                    if claims:
                        mine.settle(claims.pop(dice.randrange(len(claims))), me, run())
                    if claims:
                        mine.refuse(claims.pop(dice.randrange(len(claims))), me, "No.")
        mine.leave(me)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(anything, range(8)))
    assert TicketState.CLAIMED not in {found.state for found in queue.standings(tickets).values()}
    assert store.check().troubles == ()


# ------------------------------------------------------------ beside others that write


def test_who_claims_or_tells_that_it_is_there_waits_for_nobody_who_writes(
    postgresql, impatient, elsewhere, asked, worker, run
):
    with Store.open(impatient(postgresql)) as store:
        queue = store.queue()
        tickets = queue.ask(asked("ana", "bo", "cem"))
        me = queue.enroll(worker())
        settled = queue.claim(tickets[0], me)
        with elsewhere._writing():
            claim = queue.claim(tickets[1], me)
            assert queue.standings(tickets)[tickets[1]].state is TicketState.CLAIMED
            queue.beat(me)
            queue.refuse(claim, me, "No.")
            queue.give_back(queue.claim(tickets[1], me), me)
            assert queue.withdraw(tickets) == {tickets[1], tickets[2]}
            assert queue.run(tickets[0]) is None
            queue.leave(queue.enroll(worker()))
            assert len(queue.workers()) == 1
            with pytest.raises(DatabaseLocked):
                queue.settle(settled, me, run())
        assert queue.settle(settled, me, run())


def test_who_settles_holds_no_ticket_while_it_waits_for_others_that_write(
    store, queue, elsewhere, other, asked, worker, run
):
    ticket, me, claim = lost_claim(store, queue, asked, worker)
    you = other.enroll(worker())
    with ThreadPoolExecutor(1) as threads:
        with elsewhere._writing():
            done = threads.submit(queue.settle, claim, me, run())
            until(lambda: waits(elsewhere))
            assert other.claim(ticket, you).number == 2
        assert done.result(LONG)


def test_what_a_stopped_program_holds_is_free_again(store, queue, elsewhere, asked, worker, run, monkeypatch):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    monkeypatch.setattr(database, "_IDLE_SECONDS", 0.1)
    with pytest.raises(DatabaseUnreachable):
        stop_for_long(elsewhere, lambda: (monkeypatch.undo(), queue.settle(claim, me, run())))
    assert grades(store) == {"ana": 10.5}


def stop_for_long(store, meanwhile):
    with store._writing() as connection:
        meanwhile()
        connection.exec_driver_sql("SELECT 1")
