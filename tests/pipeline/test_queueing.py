"""Having a class graded by workers: what is sent when, what is said, and when it is given up."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec import structs
from tickets import FakeClock, FakeQueue

import grader
from grader.datasets import TensorsSpec
from grader.errors import BrokerUnreachable, SetupError, SubmissionsUnknown
from grader.labs import Course
from grader.model import Ending, Need, Run, RunKey, TicketState, Worker
from grader.pipeline import messages, queueing
from grader.pipeline.grading import Work
from grader.pipeline.queueing import Agreed, Clock, Workers

TINY = Path(__file__).parents[1] / "courses" / "tiny"
LAB = Course(TINY).lab("double")
WORKER = Worker("w", grader.__version__, frozenset({Need.CPU}), 2, "image-1", "digits")
DONE = Run(Ending.COMPLETED)


class Watcher:
    """Writes down what it sees."""

    def __init__(self):
        self.started_, self.finished_, self.warnings = [], [], []

    def warned(self, sentence):
        self.warnings.append(sentence)

    def started(self, content, name, submissions):
        self.started_.append((content, name, submissions))

    def finished(self, content, run, submissions):
        self.finished_.append((content, run.ending, submissions))


class Scene:
    """A command that asks, and what happens meanwhile.

    Attributes:
        sent: (when, tickets, urgency) of each time that word was sent.
    """

    broker_is_away = False

    def __init__(self):
        self.queue, self.clock, self.watcher = FakeQueue(), FakeClock(), Watcher()
        self.queue.there = [WORKER]
        self.sent = []

    def send(self, tickets, need, urgency):
        if self.broker_is_away:
            raise BrokerUnreachable("The broker is away.")
        self.sent.append((self.clock.time, list(tickets), urgency))

    def workers(self, patience=60.0, *, again=False):
        clock = Clock(self.clock.now, self.clock.wait)
        return Workers(LAB, Agreed(Need.CPU, "none", "image-1", 2), self.queue, self.send, patience, again, clock)

    def grade(self, *works, **options):
        store = SimpleNamespace(names=lambda ids: {id_: f"S{id_}" for id_ in ids})
        return self.workers(**options).grade(works, store, self.watcher)

    def begins(self, ticket, claims=1):
        self.queue.becomes(ticket, TicketState.CLAIMED, claims=claims, worker="w")

    def at(self, seconds, what, *args, **options):
        self.clock.at(seconds, lambda: what(*args, **options))


@pytest.fixture
def scene():
    return Scene()


def work(number, *ids):
    return Work(RunKey(f"content-{number}", "double", "1", "suite", "image-1"), ids or (number,))


def test_what_workers_do_is_told_as_of_processes_of_this_machine(scene):
    scene.at(1, scene.begins, 1)
    scene.at(2, scene.queue.ends, 1, DONE)
    scene.at(2, scene.queue.ends, 2, Run(Ending.BROKEN, fault="The disk is full."))
    assert scene.grade(work(1), work(2, 2, 3)) == dict.fromkeys((2, 3), "The disk is full.")
    assert scene.watcher.started_ == [("content-1", "S1", 1), ("content-2", "S2", 2)]
    assert scene.watcher.finished_ == [("content-1", Ending.COMPLETED, 1), ("content-2", Ending.BROKEN, 2)]
    assert scene.watcher.warnings == []
    assert scene.sent == [(0.0, [1, 2], 6)]


def test_one_that_is_tried_again_is_told_as_begun_again(scene):
    scene.at(1, scene.begins, 1)
    scene.at(2, scene.queue.becomes, 1, TicketState.WAITING)
    scene.at(3, scene.begins, 1, claims=2)
    scene.at(4, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1)) == {}
    assert len(scene.watcher.started_) == 2


@pytest.mark.parametrize(("many", "urgency"), [(1, 9), (2, 6), (10, 6), (11, 3), (100, 3), (101, 0)])
def test_one_submission_is_more_urgent_than_a_class(scene, many, urgency):
    for ticket in range(1, many + 1):
        scene.at(1, scene.queue.ends, ticket, DONE)
    scene.grade(*map(work, range(1, many + 1)))
    assert scene.sent == [(0.0, list(range(1, many + 1)), urgency)]
    assert {one.urgency for one in scene.queue.asked.values()} == {urgency}


def test_a_message_that_got_lost_is_sent_again_each_time_later_than_before(scene):
    scene.at(70, scene.queue.ends, 1, DONE)
    scene.grade(work(1), patience=600.0)
    assert [when for when, *_ in scene.sent] == [0.0, 3.0, 9.0, 21.0, 45.0]


def test_where_workers_are_busy_nothing_is_sent_again_and_nothing_given_up(scene):
    scene.queue.there = [replace(WORKER, busy=2)]
    scene.at(500, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), patience=60.0) == {}
    assert len(scene.sent) == 1
    assert scene.watcher.warnings == []


def test_while_messages_arrive_none_is_sent_again(scene):
    """Six of them are begun, one after the other, every two seconds by the one worker that has two slots."""
    for ticket in range(1, 7):
        scene.at(2 * ticket, scene.begins, ticket)
        scene.at(2 * ticket + 1, scene.queue.ends, ticket, DONE)
    scene.grade(*map(work, range(1, 7)))
    assert len(scene.sent) == 1


def test_many_that_got_lost_are_sent_again_together(scene):
    for ticket in range(1, 201):
        scene.at(5, scene.queue.ends, ticket, DONE)
    scene.grade(*map(work, range(1, 201)))
    assert [len(tickets) for _, tickets, _ in scene.sent] == [200, 200]


def test_where_nobody_serves_the_queue_that_is_said_at_once_and_in_the_end_it_is_taken_back(scene):
    scene.queue.there = [replace(WORKER, needs=frozenset({Need.GPU}))]
    faults = scene.grade(work(1), work(2), patience=60.0)
    assert scene.clock.time == 60.0
    (warning,) = scene.watcher.warnings
    assert warning == (
        "No worker serves the queue cpu. Start one on a machine that has this course: "
        "grader worker --queues cpu, with GRADER_DB and GRADER_BROKER."
    )
    assert faults == dict.fromkeys((1, 2), f"{warning} Given up after 60 seconds.")
    assert {one.state for one in scene.queue.state.values()} == {TicketState.WITHDRAWN}


def test_who_comes_later_grades_all_the_same(scene):
    scene.queue.there = []
    scene.at(30, scene.queue.there.append, WORKER)
    scene.at(33, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1)) == {}


def test_where_all_workers_refuse_their_reason_is_told_and_they_are_asked_again_less_and_less_often(scene):
    scene.at(1, scene.queue.becomes, 1, TicketState.WAITING, refused={"w": "it has another suite."})
    faults = scene.grade(work(1), patience=60.0)
    assert scene.watcher.warnings == ["All workers refuse. One of them, w: it has another suite."]
    assert faults == {1: "All workers refuse. One of them, w: it has another suite. Given up after 60 seconds."}
    assert [when for when, *_ in scene.sent] == [0.0, 3.0, 9.0, 21.0, 45.0]


def refuses(scene, *tickets, worker="w", claimed=True):
    """One of them is just claimed when it is looked: it will be refused in a moment, as it was before."""
    for ticket in tickets:
        scene.queue.becomes(ticket, TicketState.WAITING, refused={worker: "it has another suite."}, claims=0, worker="")
    if claimed:
        scene.queue.becomes(tickets[-1], TicketState.CLAIMED, claims=1, worker=worker)


def test_claims_that_are_refused_at_once_are_no_sign_of_anybody_who_grades(scene):
    for look in range(1, 300):  # of another ticket at each look
        scene.at(look / 2, refuses, scene, 1 + look % 2, 2 - look % 2)
    faults = scene.grade(work(1), work(2), patience=60.0)
    assert scene.clock.time == 60.0 + queueing.PAUSE
    assert scene.watcher.started_ == []
    assert set(faults.values()) == {
        "All workers refuse. One of them, w: it has another suite. Given up after 60 seconds."
    }


class SlowToRefuse:
    """The worker begins what it is sent word of and refuses it seconds later: its suite does not work."""

    def __init__(self, scene, slots=2):
        self.scene, self.slots = scene, slots
        self.sent, self.had, self.messages = [], {}, 0
        scene.send = self.send
        wait = scene.clock.wait
        scene.clock.wait = lambda seconds: wait(seconds) or self.goes_on()

    def send(self, tickets, need, urgency):
        self.sent += tickets
        self.messages += len(tickets)

    def goes_on(self):
        queue, now = self.scene.queue, self.scene.clock.time
        for ticket in [ticket for ticket, begun in self.had.items() if now >= begun + 4]:
            queue.becomes(ticket, TicketState.WAITING, claims=0, worker="", refused={"w": "it is no Python."})
            del self.had[ticket]
        while self.sent and len(self.had) < self.slots:
            ticket = self.sent.pop(0)
            if queue.state[ticket].state is TicketState.WAITING:
                queue.becomes(ticket, TicketState.CLAIMED, claims=1, worker="w")
                self.had[ticket] = now
        queue.there = [replace(WORKER, busy=len(self.had))]


@pytest.mark.parametrize("many", [1, 30])
def test_workers_that_begin_and_then_refuse_are_given_up_too(scene, many):
    worker = SlowToRefuse(scene)
    faults = scene.grade(*map(work, range(1, many + 1)), patience=120.0)
    assert set(faults.values()) == {"All workers refuse. One of them, w: it is no Python. Given up after 2 minutes."}
    assert len(faults) == many
    assert len(scene.watcher.started_) <= queueing.TIMES * many
    assert worker.messages <= 12 * many


def test_a_worker_that_refuses_one_of_them_refuses_all(scene):
    """So they are not told that it hears nothing."""
    scene.at(1, refuses, scene, 1, claimed=False)
    faults = scene.grade(work(1), work(2), work(3), patience=60.0)
    assert scene.watcher.warnings == ["All workers refuse. One of them, w: it has another suite."]
    assert len(faults) == 3


def test_a_refusal_of_a_worker_that_is_gone_is_not_told(scene):
    scene.queue.there = [replace(WORKER, name="v"), WORKER]
    scene.at(1, refuses, scene, 1, worker="gone", claimed=False)
    scene.at(2, scene.queue.becomes, 1, TicketState.WAITING, refused={"gone": "old.", "v": "new.", "w": "new."})
    scene.grade(work(1), patience=60.0)
    assert scene.watcher.warnings == ["All workers refuse. One of them, v: new."]


def test_while_some_refuse_no_more_is_sent_at_once_than_others_have_room_for(scene):
    """Or else those would have all messages before others have room."""
    scene.queue.there = [WORKER, replace(WORKER, name="v", slots=2)]
    scene.at(1, refuses, scene, *range(1, 101), claimed=False)
    for ticket in range(1, 101):
        scene.at(20, scene.queue.ends, ticket, DONE)
    assert scene.grade(*map(work, range(1, 101)), patience=60.0) == {}
    assert [(when, tickets) for when, tickets, _ in scene.sent[1:]] == [
        (1.0 + time, [2 * time + 1, 2 * time + 2]) for time in range(19)
    ]


def test_a_worker_that_was_brought_up_to_date_has_at_once_what_it_refused(scene):
    scene.at(1, refuses, scene, 1, 2, 3, 4, claimed=False)
    scene.at(4, scene.begins, 1)
    scene.at(5, scene.queue.ends, 1, DONE)
    for ticket in (2, 3, 4):
        scene.at(7, scene.queue.ends, ticket, DONE)
    assert scene.grade(*map(work, range(1, 5)), patience=60.0) == {}
    assert [(when, tickets) for when, tickets, _ in scene.sent] == [
        (0.0, [1, 2, 3, 4]),
        (3.0, [1, 2]),
        (4.0, [3, 4]),
        (5.0, [2, 3, 4]),
    ]


def test_what_a_worker_grades_that_refused_before_is_waited_for_however_long_it_takes(scene):
    scene.at(1, refuses, scene, 1, 2, claimed=False)
    scene.at(10, scene.begins, 1)
    scene.at(500, scene.queue.ends, 1, DONE)
    scene.at(505, scene.begins, 2)
    scene.at(900, scene.queue.ends, 2, DONE)
    assert scene.grade(work(1), work(2), patience=60.0) == {}


def test_a_machine_that_begins_and_is_gone_each_time_is_no_sign_of_anybody_who_grades(scene):
    """Its service manager starts it again, and each time it is another worker."""
    for time in range(100):
        there = replace(WORKER, name=f"w{time}", slots=1, busy=1)
        scene.at(10 * time + 1, setattr, scene.queue, "there", [there])
        scene.at(10 * time + 1, scene.queue.becomes, 1, TicketState.CLAIMED, claims=1, worker=there.name)
        scene.at(10 * time + 5, scene.queue.becomes, 1, TicketState.WAITING, claims=0, worker="")
        scene.at(10 * time + 5, setattr, scene.queue, "there", [])
    assert scene.grade(work(1), patience=60.0).keys() == {1}
    assert scene.clock.time < 120
    assert len(scene.watcher.started_) == queueing.TIMES


def test_what_a_worker_had_that_is_lost_is_sent_word_of_at_once_however_busy_the_others_are(scene):
    scene.queue.there = [replace(WORKER, busy=2)]
    scene.at(1, scene.begins, 1)
    scene.at(60, scene.queue.becomes, 1, TicketState.WAITING)
    scene.at(90, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1)) == {}
    assert [when for when, *_ in scene.sent] == [0.0, 60.0]


def test_where_one_worker_refuses_others_are_waited_for(scene):
    scene.queue.there = [WORKER, replace(WORKER, name="v", busy=2)]
    scene.at(1, scene.queue.becomes, 1, TicketState.WAITING, refused={"w": "it has another suite."})
    scene.at(200, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), patience=60.0) == {}
    assert scene.watcher.warnings == []


def test_workers_that_hear_nothing_are_told_of_and_given_up_at_last(scene):
    faults = scene.grade(work(1), patience=60.0)
    assert scene.watcher.warnings == [queueing._DEAF]
    assert faults == {1: f"{queueing._DEAF} Given up after 60 seconds."}


def test_one_that_is_being_graded_is_waited_for_however_long_it_takes(scene):
    scene.at(1, scene.begins, 1)
    scene.at(5000, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), patience=60.0) == {}


def test_a_database_that_goes_and_comes_back_costs_a_warning(scene):
    scene.at(2, setattr, scene.queue, "away", 20)
    scene.at(15, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), patience=60.0) == {}
    assert scene.watcher.warnings == ["The database is away. It is tried again.", "The database answers again."]


def test_a_database_that_stays_away_ends_the_command_without_a_result_for_anybody(scene):
    scene.at(2, setattr, scene.queue, "away", 10**9)
    faults = scene.grade(work(1), patience=60.0)
    assert faults == {1: "The database is away. Given up after 60 seconds."}
    assert scene.watcher.warnings == ["The database is away. It is tried again."]


def test_a_database_that_goes_a_second_time_costs_a_second_warning(scene):
    for moment in (2, 20):
        scene.at(moment, setattr, scene.queue, "away", 5)
    scene.at(40, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), patience=60.0) == {}
    assert scene.watcher.warnings.count("The database is away. It is tried again.") == 2


def test_a_database_that_goes_while_a_worker_grades_is_told_once(scene):
    scene.at(1, scene.begins, 1)
    scene.at(2, setattr, scene.queue, "away", 5)
    scene.at(15, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), patience=60.0) == {}
    assert scene.watcher.warnings == ["The database is away. It is tried again.", "The database answers again."]


def test_one_that_is_claimed_to_be_refused_when_patience_ends_has_the_workers_reason(scene):
    scene.at(1, refuses, scene, 1, claimed=False)
    scene.at(60, refuses, scene, 1)
    scene.at(60, setattr, scene.queue, "withdraw", set)
    faults = scene.grade(work(1), patience=60.0)
    assert faults == {1: "All workers refuse. One of them, w: it has another suite. Given up after 60 seconds."}


def test_a_broker_that_goes_and_comes_back_costs_a_warning(scene):
    scene.broker_is_away = True
    scene.at(10, delattr, scene, "broker_is_away")
    scene.at(12, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), patience=60.0) == {}
    assert scene.watcher.warnings == ["The broker is away. It is tried again.", "The broker answers again."]
    assert [when for when, *_ in scene.sent] == [10.0]


def test_an_interrupt_takes_back_what_nobody_has_begun(scene):
    def interrupt():
        raise KeyboardInterrupt

    scene.at(1, scene.begins, 1)
    scene.at(2, interrupt)
    with pytest.raises(KeyboardInterrupt):
        scene.grade(work(1), work(2))
    assert [one.state for one in scene.queue.state.values()] == [TicketState.CLAIMED, TicketState.WITHDRAWN]
    assert scene.watcher.warnings == ["What workers have begun they finish and store. The rest is taken back."]


def test_what_another_command_took_back_is_asked_for_again(scene):
    scene.at(1, scene.queue.becomes, 1, TicketState.WITHDRAWN)
    scene.at(4, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1)) == {}
    assert scene.queue.calls.count("ask") == 2
    assert [when for when, *_ in scene.sent] == [0.0, 1.5]


def test_what_a_restored_database_lacks_is_ungraded_and_the_rest_is_asked_for_again(scene):
    def restored():
        scene.queue.state.clear()
        scene.queue.unknown = {1, 3}

    def ask(asked, *, again):
        if unknown := scene.queue.unknown & {id_ for one in asked for id_ in one.ids}:
            raise SubmissionsUnknown(unknown)
        return FakeQueue.ask(scene.queue, asked, again=again)

    scene.queue.unknown, scene.queue.ask = set(), ask
    scene.at(1, restored)
    scene.at(4, scene.queue.ends, 2, DONE)
    faults = scene.grade(work(1), work(2, 2, 3))
    assert faults.keys() == {1, 3}
    assert faults[1].endswith("Run the same command again, which takes it in.")
    assert scene.watcher.finished_ == [("content-2", Ending.COMPLETED, 1)]


def test_what_another_command_has_graded_otherwise_is_not(scene):
    scene.at(1, scene.queue.becomes, 1, TicketState.SUPERSEDED)
    assert scene.grade(work(1)) == {1: queueing._SUPERSEDED}
    assert scene.queue.calls.count("ask") == 1


@pytest.mark.parametrize("again", [True, False])
def test_what_is_on_record_is_graded_again_only_if_that_was_asked_for(scene, again):
    asked = []
    scene.queue.ask = lambda all_, again: asked.append(again) or FakeQueue.ask(scene.queue, all_, again=again)
    scene.at(1, scene.queue.ends, 1, DONE)
    scene.grade(work(1), again=again)
    assert asked == [again]


@pytest.mark.parametrize("again", [True, False])
def test_what_another_command_took_back_is_graded_again_if_that_was_asked_for(scene, again):
    asked = []
    scene.queue.ask = lambda all_, again=False: asked.append(again) or FakeQueue.ask(scene.queue, all_, again=again)
    scene.at(1, scene.queue.becomes, 1, TicketState.WITHDRAWN)
    scene.at(4, scene.queue.ends, 1, DONE)
    assert scene.grade(work(1), again=again) == {}
    assert asked == [again, again]


def test_messages_may_be_lost_for_days(scene):
    """A worker that hears nothing has nothing to do, while others of which it is not one are at it."""
    post = messages.Post(scene.send, Need.CPU, 0)
    times = range(0, 3 * 86400, 30)
    for now in times:
        post.deliver([1], float(now), messages.Room(1))
    assert len(scene.sent) > len(times) / 2 - 10


# ---------------------------------------------------------------- by what they grade


def agreed(scene, lab=LAB):
    warnings = []
    clock = Clock(scene.clock.now, scene.clock.wait)
    return queueing.agreed(lab, scene.queue, 60.0, warnings.append, clock), warnings


def test_it_is_graded_by_what_the_workers_have(scene):
    scene.queue.there = [WORKER, replace(WORKER, name="v", slots=3), replace(WORKER, needs=frozenset({Need.GPU}))]
    assert agreed(scene) == (Agreed(Need.CPU, "none", "image-1", 5), [])
    digits = replace(LAB, spec=structs.replace(LAB.spec, dataset="digits28"))
    assert agreed(scene, digits)[0].dataset == "digits"


def test_the_first_worker_is_waited_for(scene):
    scene.queue.there = []
    scene.at(30, scene.queue.there.append, WORKER)
    found, warnings = agreed(scene)
    assert found.identity() == "image-1"
    assert len(warnings) == 1
    assert warnings[0].endswith("Waiting for one.")


def test_where_none_comes_nothing_is_graded(scene):
    scene.queue.there = []
    with pytest.raises(SetupError, match=r"^No worker serves the queue cpu\. .* Nothing was graded\.$"):
        agreed(scene)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sandbox": "image-2"}, "w has the sandbox image-1, v has image-2"),
        ({"version": "1.1"}, f"w has the grader {grader.__version__}, v has 1.1"),
    ],
)
def test_workers_that_differ_are_named(scene, change, sentence):
    scene.queue.there = [WORKER, replace(WORKER, name="v", **change)]
    with pytest.raises(SetupError, match=sentence):
        agreed(scene)


def test_a_command_of_another_version_than_the_workers_is_told(scene):
    scene.queue.there = [replace(WORKER, version="0.1")]
    with pytest.raises(SetupError, match=r"and w has 0\.1\. Install the same everywhere\.$"):
        agreed(scene)


def test_digits_matter_to_labs_that_ask_for_them_only(scene):
    scene.queue.there = [WORKER, replace(WORKER, name="v", dataset="mnist")]
    assert agreed(scene)[0].dataset == "none"
    own = replace(LAB, spec=structs.replace(LAB.spec, dataset=TensorsSpec()))
    assert agreed(scene, own)[0].dataset == "torch"


@pytest.mark.parametrize(
    ("gpu", "there", "need"),
    [
        ("none", [Need.CPU, Need.GPU], Need.CPU),
        ("optional", [Need.CPU, Need.GPU], Need.GPU),
        ("optional", [Need.CPU], Need.CPU),
        ("required", [Need.CPU], Need.GPU),
    ],
)
def test_a_class_goes_to_the_gpus_as_a_whole_or_not_at_all(gpu, there, need):
    lab = replace(LAB, spec=structs.replace(LAB.spec, gpu=gpu))
    assert queueing.need_of(lab, [replace(WORKER, needs=frozenset({each})) for each in there]) is need


def test_a_restored_database_may_give_other_submissions_the_numbers_that_were_known(scene):
    def restored():
        scene.queue.state.clear()
        scene.queue.asked = {1: replace(scene.queue.asked[1], key=work(9).key)}  # another command was quicker

    scene.at(1, restored)
    for ticket in (2, 3, 4):
        scene.at(4, scene.queue.ends, ticket, DONE)
    assert scene.grade(work(1), work(2), work(3)) == {}
    assert [content for content, *_ in scene.watcher.finished_] == ["content-1", "content-2", "content-3"]
