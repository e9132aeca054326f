"""What workers on other machines are asked to grade, in a real server."""

from dataclasses import replace

import pytest
from queueing import LAB, LONG, ask, grades, silence, state, until

import grader
from grader.errors import QueueUnavailable, WorkerForgotten
from grader.model import Ending, GradeChange, Need, Standing, TicketState
from grader.store import Store

SHORT = 0.05
"""Seconds of silence after which a worker counts as lost, where a test waits for that."""


@pytest.fixture
def store(postgresql):
    with Store.open(postgresql) as opened:
        yield opened


# ------------------------------------------------------------ asking


def test_a_file_is_no_queue(place):
    with Store.open(place) as store, pytest.raises(QueueUnavailable) as caught:
        store.queue()
    assert str(caught.value) == (
        f"Workers on other machines cannot reach the database {place}. Put it on a PostgreSQL server "
        "(grader db backup, then grader db restore) and name that with --db postgresql://USER@HOST/NAME."
    )


def test_what_is_asked_waits_and_tickets_come_in_the_order_of_asking(queue, asked):
    wanted = asked("ana", "bo", "cem")
    tickets = queue.ask(wanted)
    assert len(set(tickets)) == 3
    assert queue.ask(wanted[::-1]) == tickets[::-1]
    assert queue.standings(tickets) == {ticket: Standing(ticket, TicketState.WAITING) for ticket in tickets}
    assert queue.ask([]) == []


def test_of_what_nobody_asked_there_is_no_standing(queue):
    assert queue.standings([17]) == {}
    assert queue.run(17) is None
    assert queue.withdraw([17]) == set()


def test_many_are_asked_at_once(queue, asked):
    wanted = asked(*(f"s{number:03}" for number in range(230)))
    tickets = queue.ask(wanted)
    assert len(queue.standings(tickets)) == 230
    assert queue.withdraw(tickets) == set(tickets)


def test_who_asks_for_the_same_joins_and_the_more_urgent_decides(queue, asked, submission, store, worker):
    (first,) = asked("ana", urgency=3)
    twin = store.add(submission("twin", b"ana"))
    ticket = ask(queue, [first])
    assert ask(queue, [replace(first, ids=(twin,), urgency=1)]) == ticket
    claim = queue.claim(ticket, queue.enroll(worker()))
    assert claim.ids == (*first.ids, twin)
    with store._reading() as connection:
        assert connection.exec_driver_sql("SELECT urgency FROM tickets").scalar() == 3


def test_what_is_asked_twice_in_one_breath_is_one_ticket(queue, asked, submission, store, worker):
    (first,) = asked("ana")
    twin = store.add(submission("twin", b"ana"))
    one, two = queue.ask([first, replace(first, ids=(twin,))])
    assert one == two
    assert queue.claim(one, queue.enroll(worker())).ids == (*first.ids, twin)


def test_a_result_of_a_batch_on_one_machine_settles_what_workers_are_asked(
    queue, asked, worker, run, broken, store, submission
):
    (wanted,) = asked("ana")
    twin = store.add(submission("twin", b"ana"))
    ticket = ask(queue, [replace(wanted, ids=(*wanted.ids, twin))])
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    store.save(wanted.ids, wanted.key, broken)
    assert state(queue, ticket) is TicketState.CLAIMED
    store.save(wanted.ids, wanted.key, run())
    assert (state(queue, ticket), queue.run(ticket)) == (TicketState.SETTLED, run())
    assert not queue.settle(claim, me, run(points=1.0))
    assert grades(store) == {"ana": 10.5, "twin": 10.5}


@pytest.mark.parametrize("end", ["settled", "broken", "withdrawn"])
def test_what_ended_waits_again_when_it_is_asked_for_again(queue, asked, worker, run, broken, store, submission, end):
    (wanted,) = asked("ana")
    twin = store.add(submission("twin", b"ana"))
    ticket = ask(queue, [wanted])
    me = queue.enroll(worker())
    queue.refuse(queue.claim(ticket, me), me, "No.")
    claim = queue.claim(ticket, me)
    if end == "withdrawn":
        silence(store, me)
        assert queue.withdraw([ticket]) == {ticket}
        queue.beat(me)
    else:
        assert queue.settle(claim, me, broken if end == "broken" else run())
    assert ask(queue, [replace(wanted, ids=(twin,))], again=end == "settled") == ticket
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.WAITING)
    later = queue.claim(ticket, me)
    assert (later.ids, later.number > claim.number) == ((twin,), True)
    assert not queue.settle(claim, me, run())


def test_what_has_a_result_meanwhile_is_not_graded_again_unless_that_is_asked(
    queue, asked, worker, run, store, submission
):
    (wanted,) = asked("ana")
    twin = store.add(submission("twin", b"ana"))
    store.save(wanted.ids, wanted.key, run())
    ticket = ask(queue, [replace(wanted, ids=(twin,))])
    assert (state(queue, ticket), queue.run(ticket)) == (TicketState.SETTLED, run())
    assert grades(store) == {"ana": 10.5, "twin": 10.5}
    assert [event.new_score for event in store.history(LAB, "twin") if isinstance(event, GradeChange)] == [10.5]
    assert ask(queue, [wanted]) == ticket
    assert queue.claim(ticket, queue.enroll(worker())) is None
    assert ask(queue, [wanted], again=True) == ticket
    assert state(queue, ticket) is TicketState.WAITING
    assert store.check().troubles == ()


def test_what_is_being_graded_again_is_joined_by_who_would_take_the_result_on_record(queue, asked, worker, run, store):
    wanted = asked("ana")
    store.save(wanted[0].ids, wanted[0].key, run())
    ticket = ask(queue, wanted, again=True)
    assert ask(queue, wanted) == ticket
    assert state(queue, ticket) is TicketState.WAITING


# ------------------------------------------------------------ claiming and settling


def test_a_worker_claims_and_settles_and_all_who_handed_it_in_have_the_result(queue, asked, worker, run, store, key):
    wanted = asked("ana", "bo")
    ticket, rest = queue.ask(wanted)
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    assert (claim.ticket, claim.key, claim.ids, claim.dataset) == (ticket, wanted[0].key, wanted[0].ids, "digits")
    assert (claim.need, claim.version) == (Need.CPU, grader.__version__)
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.CLAIMED, 1, "w1:7")
    assert queue.run(ticket) is None
    assert queue.settle(claim, me, run())
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.SETTLED, 1, "w1:7")
    assert queue.run(ticket) == run()
    assert state(queue, rest) is TicketState.WAITING
    assert grades(store) == {"ana": 10.5, "bo": None}
    assert store.check().troubles == ()


def test_what_is_settled_is_what_a_batch_of_one_machine_saves(queue, asked, worker, run, store, elsewhere, tmp_path):
    by_queue, by_batch = asked("ana", "bo")
    ticket = ask(queue, [by_queue])
    me = queue.enroll(worker())
    assert queue.settle(queue.claim(ticket, me), me, run())
    store.save(by_batch.ids, by_batch.key, run())
    one, two = store.grades(LAB)
    assert one.run == two.run
    log = [store.history(LAB, name)[1:] for name in ("ana", "bo")]
    assert [replace(row, at=None) for row in log[0]] == [replace(row, at=None) for row in log[1]]


def test_nobody_claims_what_somebody_has_or_what_has_ended(queue, other, asked, worker, run):
    ticket = ask(queue, asked("ana"))
    me, you = queue.enroll(worker()), other.enroll(worker())
    claim = queue.claim(ticket, me)
    assert other.claim(ticket, you) is None
    assert queue.claim(ticket, me) is None
    assert queue.settle(claim, me, run())
    assert other.claim(ticket, you) is None
    assert other.claim(17, you) is None


def test_settling_twice_by_one_claim_says_so_and_writes_once(queue, asked, worker, run, store):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    assert queue.settle(claim, me, run())
    assert queue.settle(claim, me, run(points=1.0))
    assert grades(store) == {"ana": 10.5}
    assert not queue.settle(replace(claim, number=claim.number + 1), me, run())
    assert not queue.settle(claim, me + 1, run())


def test_a_broken_run_is_ungraded_and_replaces_no_finished_one(queue, asked, worker, run, broken, store):
    wanted = asked("ana")
    me = queue.enroll(worker())
    ticket = ask(queue, wanted)
    assert queue.settle(queue.claim(ticket, me), me, broken)
    assert (grades(store), queue.run(ticket)) == ({"ana": None}, broken)
    ask(queue, wanted)
    assert queue.settle(queue.claim(ticket, me), me, run())
    assert (grades(store), queue.run(ticket)) == ({"ana": 10.5}, run())
    ask(queue, wanted, again=True)
    assert queue.settle(queue.claim(ticket, me), me, broken)
    assert (grades(store), queue.run(ticket)) == ({"ana": 10.5}, broken)


def test_who_refuses_is_told_with_the_reason_and_it_counts_as_no_try(queue, asked, worker):
    ticket = ask(queue, asked("ana"))
    me, you = queue.enroll(worker("w1")), queue.enroll(worker("w2"))
    for _ in range(5):
        queue.refuse(queue.claim(ticket, me), me, "Its course is another.")
    old = queue.claim(ticket, you)
    queue.refuse(old, you, "It has no digits.")
    said = {"w1": "Its course is another.", "w2": "It has no digits."}
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.WAITING, 0, "", said)
    claim = queue.claim(ticket, me)
    queue.refuse(old, you, "Once more.")
    queue.give_back(replace(claim, number=1), me)
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.CLAIMED, 1, "w1", said)


def test_what_is_given_back_waits_and_counts_as_no_try(queue, asked, worker, run):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    for _ in range(5):
        claim = queue.claim(ticket, me)
        queue.give_back(claim, me)
        queue.give_back(claim, me)
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.WAITING)
    assert not queue.settle(claim, me, run())


def test_what_is_given_back_by_a_machine_that_it_made_unfit_counts_as_a_try(queue, asked, worker):
    ticket = ask(queue, asked("ana"))
    for number in (1, 2, 3):
        me = queue.enroll(worker())
        queue.give_back(queue.claim(ticket, me), me, tried=True)
        assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.WAITING, number)
    assert queue.claim(ticket, me) is None
    assert queue.run(ticket).fault.startswith("3 workers were lost while they graded this. Look into their logs")


def test_who_asks_last_decides_by_which_grader_it_is_graded(queue, asked, worker, store):
    wanted = asked("ana", "bo")
    joined, ended = queue.ask(wanted)
    queue.withdraw([ended])
    with store._writing() as connection:
        connection.exec_driver_sql("UPDATE tickets SET version = '0.9'")
    me = queue.enroll(worker())
    claim = queue.claim(joined, me)
    assert claim.version == "0.9"
    queue.give_back(claim, me)
    assert queue.ask(wanted) == [joined, ended]
    assert [queue.claim(ticket, me).version for ticket in (joined, ended)] == [grader.__version__] * 2


# ------------------------------------------------------------ workers that are lost


def test_after_the_third_claim_that_was_lost_it_is_ungraded(queue, asked, worker, store, run):
    ticket = ask(queue, asked("ana"))
    for number in (1, 2, 3):
        me = queue.enroll(worker(f"w{number}"))
        claim = queue.claim(ticket, me)
        assert claim.number == number
        silence(store, me)
        assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.WAITING, number)
    assert queue.claim(ticket, queue.enroll(worker("w4"))) is None
    assert queue.standings([ticket])[ticket] == Standing(ticket, TicketState.SETTLED, 3)
    assert queue.run(ticket).ending is Ending.BROKEN
    assert queue.run(ticket).fault == (
        "3 workers were lost while they graded this, the last of them w3. Look into their logs: the memory, a GPU or "
        "the machine may have given out. Then run the same command again."
    )
    assert grades(store) == {"ana": None}
    assert not queue.settle(claim, me, run())
    assert store.check().troubles == ()


def test_a_poisonous_submission_costs_no_result_that_is_on_record(queue, asked, worker, store, run):
    wanted = asked("ana")
    store.save(wanted[0].ids, wanted[0].key, run())
    ticket = ask(queue, wanted, again=True)
    for _ in range(3):
        me = queue.enroll(worker())
        assert queue.claim(ticket, me)
        silence(store, me)
    assert queue.claim(ticket, queue.enroll(worker())) is None
    assert queue.run(ticket).ending is Ending.BROKEN
    assert grades(store) == {"ana": 10.5}


@pytest.fixture
def taken_over(store, elsewhere, asked, worker):
    """A ticket that a worker had which was silent for a while, and that another has claimed since."""
    mine, theirs = store.queue(SHORT), elsewhere.queue(SHORT)
    ticket = ask(mine, asked("ana"))
    me, you = mine.enroll(worker("w1")), theirs.enroll(worker("w2"))
    claim = mine.claim(ticket, me)
    until(lambda: state(theirs, ticket) is TicketState.WAITING)
    taken = theirs.claim(ticket, you)
    mine.beat(me)
    assert taken.number > claim.number
    return (mine, claim, me), (theirs, taken, you)


def test_a_worker_that_was_stopped_and_goes_on_gives_nothing_back_that_another_took(taken_over, store, run, broken):
    (mine, claim, me), (theirs, taken, you) = taken_over
    mine.give_back(claim, me)
    mine.refuse(claim, me, "Too late.")
    assert not mine.settle(claim, me, broken)
    assert grades(store) == {"ana": None}
    assert theirs.settle(taken, you, run())
    assert not mine.settle(claim, me, run(points=1.0))
    assert grades(store) == {"ana": 10.5}


def test_the_first_result_counts_whoever_was_taken_for_lost(taken_over, store, run):
    (mine, claim, me), (theirs, taken, you) = taken_over
    assert mine.settle(claim, me, run())
    assert mine.settle(claim, me, run())  # whose answer got lost
    assert not theirs.settle(taken, you, run(points=1.0))
    assert grades(store) == {"ana": 10.5}
    assert store.check().troubles == ()


def test_the_first_result_counts_whoever_gave_the_ticket_back_or_failed_at_it_since(taken_over, store, run, broken):
    (mine, claim, me), (theirs, taken, you) = taken_over
    theirs.refuse(taken, you, "It has another suite.")
    assert theirs.settle(theirs.claim(claim.ticket, you), you, broken)
    assert mine.settle(claim, me, run())
    assert grades(store) == {"ana": 10.5}
    assert mine.standings([claim.ticket])[claim.ticket].worker == "w1"
    assert store.check().troubles == ()


def test_what_was_begun_before_it_was_asked_for_anew_does_not_count(taken_over, asked, store, run):
    (mine, claim, me), (theirs, taken, you) = taken_over
    assert theirs.settle(taken, you, run())
    ticket = ask(theirs, asked("ana"), again=True)
    assert ticket == claim.ticket
    assert not mine.settle(claim, me, run(points=1.0))
    again = theirs.claim(ticket, you)
    assert not mine.settle(claim, me, run(points=1.0))
    assert theirs.settle(again, you, run(points=2.0))
    assert grades(store) == {"ana": 6.0}  # by three checks


def test_what_a_lost_worker_of_another_version_found_does_not_count(taken_over, run):
    (mine, claim, me), _ = taken_over
    assert not mine.settle(replace(claim, version="0.0"), me, run())


def test_a_worker_that_was_silent_keeps_what_nobody_took(queue, asked, worker, store, run):
    ticket = ask(queue, asked("ana"))
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    silence(store, me)
    assert state(queue, ticket) is TicketState.WAITING
    queue.beat(me)
    assert state(queue, ticket) is TicketState.CLAIMED
    silence(store, me)
    assert queue.settle(claim, me, run())


def test_workers_are_those_that_are_there_with_what_they_have(queue, other, asked, worker, store):
    assert queue.workers() == []
    facts = worker("w2", needs=frozenset(Need), slots=4, sandbox="image-2", dataset="mnist", version="2.0")
    me, you, gone = queue.enroll(worker("w3")), other.enroll(facts), queue.enroll(worker("w1"))
    tickets = queue.ask(asked("ana", "bo", "cem"))
    claims = [queue.claim(ticket, you) for ticket in tickets]
    queue.give_back(claims[0], you)
    silence(store, gone)
    one, two = other.workers()
    assert (one.name, two.name) == ("w2", "w3")
    assert replace(one, silent=0.0) == replace(facts, busy=2)
    assert replace(two, silent=0.0) == worker("w3")
    assert 0.0 <= one.silent < LONG
    queue.beat(gone)
    assert [found.name for found in queue.workers()] == ["w1", "w2", "w3"]
    queue.leave(me)
    assert [found.name for found in queue.workers()] == ["w1", "w2"]


def test_a_worker_that_has_lost_places_says_how_many_are_left(queue, worker):
    me = queue.enroll(worker(slots=4))
    for said in (3, None):
        queue.beat(me, said)
        assert [one.slots for one in queue.workers()] == [3]


def test_what_waits_for_long_is_found_by_those_that_can_serve_it(queue, asked, worker, store):
    waits, refused, had, lost, other_need = queue.ask(
        [
            *(
                replace(one, urgency=urgency)
                for one, urgency in zip(asked("ana", "bo", "cem", "dee"), range(4), strict=True)
            ),
            *(replace(one, need=Need.GPU) for one in asked("eve")),
        ]
    )
    mine, others = worker("w1"), worker("w2")
    me, gone = queue.enroll(mine), queue.enroll(others)
    queue.refuse(queue.claim(refused, me), me, "No.")
    assert queue.claim(had, me)
    assert queue.claim(lost, gone)
    assert queue.overdue(others, 9) == [], "who asked sends word of it"
    with store._writing() as connection:
        connection.exec_driver_sql("UPDATE tickets SET asked_at = asked_at - interval '1h'")
    assert queue.overdue(mine, 9) == [(waits, Need.CPU, 0)]
    silence(store, gone)
    assert queue.overdue(mine, 9) == [(lost, Need.CPU, 3), (waits, Need.CPU, 0)]
    assert queue.overdue(others, 2) == [(lost, Need.CPU, 3), (refused, Need.CPU, 1)]
    assert queue.overdue(worker(needs=frozenset({Need.GPU})), 9) == [(other_need, Need.GPU, 0)]


def test_workers_may_have_one_name(queue, asked, worker, run):
    ticket = ask(queue, asked("ana"))
    me, you = queue.enroll(worker()), queue.enroll(worker())
    assert me != you
    claim = queue.claim(ticket, me)
    assert queue.claim(ticket, you) is None
    assert not queue.settle(claim, you, run())
    queue.leave(you)
    assert queue.settle(claim, me, run())


def test_who_leaves_gives_back_what_it_has_and_is_not_heard_of_any_more(queue, asked, worker, run):
    tickets = queue.ask(asked("ana", "bo"))
    me = queue.enroll(worker())
    settled, left = (queue.claim(ticket, me) for ticket in tickets)
    assert queue.settle(settled, me, run())
    queue.leave(me)
    assert queue.standings(tickets) == {
        tickets[0]: Standing(tickets[0], TicketState.SETTLED, 1, "w1:7"),
        tickets[1]: Standing(tickets[1], TicketState.WAITING),
    }
    assert not queue.settle(left, me, run())
    for call in (lambda: queue.beat(me), lambda: queue.claim(tickets[1], me), lambda: queue.beat(99)):
        with pytest.raises(WorkerForgotten, match="Start the worker again"):
            call()
    assert state(queue, tickets[1]) is TicketState.WAITING


# ------------------------------------------------------------ giving up, and other keys


def test_what_nobody_has_is_withdrawn(queue, asked, worker, run, store):
    tickets = waiting, had, lost, settled = queue.ask(asked("ana", "bo", "cem", "dee"))
    me, gone = queue.enroll(worker()), queue.enroll(worker())
    claim, late = queue.claim(had, me), queue.claim(lost, gone)
    assert queue.settle(queue.claim(settled, me), me, run())
    silence(store, gone)
    assert queue.withdraw(tickets) == {waiting, lost}
    assert queue.withdraw(tickets) == {waiting, lost}  # who does not know whether it was heard asks again
    assert queue.claim(waiting, me) is None
    assert not queue.settle(late, gone, run())
    assert queue.settle(claim, me, run())
    assert state(queue, lost) is TicketState.WITHDRAWN
    assert queue.standings([lost])[lost].worker == ""


def test_a_new_suite_takes_over_what_waits_and_what_somebody_grades_by_the_old_one(queue, asked, worker, run, store):
    old = asked("ana", "bo")
    waiting, had = queue.ask(old)
    me = queue.enroll(worker())
    claim = queue.claim(had, me)
    new = asked("ana", "bo", suite="suite-2")
    store.adopt({one.ids[0]: one.key for one in new})
    assert {state(queue, ticket) for ticket in (waiting, had)} == {TicketState.SUPERSEDED}
    assert queue.claim(waiting, me) is None
    assert not queue.settle(claim, me, run())
    assert grades(store) == {"ana": None, "bo": None}
    assert store.finished([one.key for one in (*old, *new)]) == set()


def test_adopting_by_the_same_key_leaves_tickets_as_they_are(queue, asked, worker, run, store):
    wanted = asked("ana")
    ticket = ask(queue, wanted)
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    store.adopt({wanted[0].ids[0]: wanted[0].key})
    assert queue.settle(claim, me, run())
    assert grades(store) == {"ana": 10.5}


def test_only_those_whose_key_changed_are_taken_out_of_a_ticket(queue, asked, submission, worker, run, store):
    (wanted,) = asked("ana")
    twin = store.add(submission("twin", b"ana"))
    ticket = ask(queue, [replace(wanted, ids=(*wanted.ids, twin))])
    me = queue.enroll(worker())
    claim = queue.claim(ticket, me)
    store.adopt({twin: replace(wanted.key, suite="suite-2")})
    assert queue.settle(claim, me, run())
    assert grades(store) == {"ana": 10.5, "twin": None}


def test_what_is_asked_last_takes_over_what_was_asked_by_another_suite(queue, asked, worker, run, store):
    old, new = asked("ana"), asked("ana", suite="suite-2")
    before = ask(queue, old)
    after = ask(queue, new)
    assert (state(queue, before), state(queue, after)) == (TicketState.SUPERSEDED, TicketState.WAITING)
    assert ask(queue, old) == before
    assert (state(queue, before), state(queue, after)) == (TicketState.WAITING, TicketState.SUPERSEDED)


def test_a_new_key_of_another_lab_concerns_nobody(queue, asked, submission, key, store):
    ticket = ask(queue, asked("ana"))
    elsewhere = submission("ana", b"ana", lab="lab2")
    store.adopt({store.add(elsewhere): key(elsewhere)})
    assert state(queue, ticket) is TicketState.WAITING
