"""What a worker does with a ticket, whatever comes in between."""

import shutil
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from tickets import FakeQueue

from grader.errors import (
    DatabaseLocked,
    DatabaseUnreachable,
    DatasetMissing,
    DiskFull,
    EngineUnreachable,
    GpuLost,
    ImageMissing,
    Interrupted,
    InvalidLab,
    IsolationUnavailable,
    SandboxLost,
    WorkerForgotten,
)
from grader.examine.gpus import Found
from grader.examine.pool import WorkerSetup
from grader.labs import Course
from grader.model import Asked, Ending, Need, Run, RunKey, Standing, TicketState, Worker
from grader.pipeline import serving
from grader.pipeline.means import Means

TINY = Path(__file__).parents[1] / "courses" / "tiny"
DONE = Run(Ending.COMPLETED, wall_seconds=1.0)
WORKER = Worker("w", "1.0", frozenset({Need.CPU}), 1, "image-1", "digits")


class FakeSeats:
    """Says what a test wants it to."""

    def __init__(self):
        self.says = lambda: DONE
        self.examined = []
        self.interrupted = threading.Event()
        self.closed = False
        self.room = True
        self.many = 1
        self.lost = ""

    @contextmanager
    def taken(self, setup):
        if self.lost:
            raise SandboxLost(self.lost)

        def examine(submission):
            self.examined.append((setup.lab, setup.digest, submission))
            return self.says()

        yield examine if self.room else None

    def interrupt(self):
        self.interrupted.set()

    def close(self):
        self.closed = True


AWAY, AGAIN = "The database is away. It is asked again until it does.", "The database answers again."


class Scene:
    """A worker that serves a course, and what it is asked for."""

    def __init__(self, folder, queue=None):
        self.course = Course(Path(shutil.copytree(TINY, folder / "course")))
        self.queue, self.seats, self.log = queue or FakeQueue(), FakeSeats(), []
        self.sent, self.heard = [], threading.Condition()
        self.means = Means(self.course, "local", "warm", "digits", None)
        store = SimpleNamespace(submission=lambda id_: f"submission {id_}")
        self.server = serving.Server(self.means, store, self.queue, self.seats, WORKER, self.send, self.log.append)
        setup = self.means.setup("double", Need.CPU)
        suite = self.course.lab("double").suite_digest(setup.dataset)
        self.key = RunKey("c" * 64, "double", "1", suite, setup.identity())

    def asked(self, dataset="none", need=Need.CPU, **changes):
        """The ticket of what is asked."""
        key = replace(self.key, **changes)
        return self.queue.ask([Asked(key, (7, 8), dataset, need)])[0]

    def send(self, *message):
        with self.heard:
            self.sent.append(message)
            self.heard.notify_all()

    def state(self, ticket):
        return self.queue.state[ticket].state

    def close(self):
        self.server.close()


@pytest.fixture
def scene(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "PAUSE", 0.001)
    with closing(Scene(tmp_path)) as made:
        yield made


def test_what_is_asked_is_examined_and_settled(scene):
    ticket = scene.asked()
    assert scene.server.serve(ticket)
    assert scene.queue.runs == {ticket: DONE}
    assert scene.seats.examined == [("double", scene.key.suite, "submission 7")]
    assert scene.log == ["Ticket 1: begun, double cccccccccccc.", "Ticket 1: completed in 1.0 s."]


def test_a_message_that_comes_twice_or_too_late_is_dropped(scene):
    ticket = scene.asked()
    assert scene.server.serve(ticket)
    assert scene.server.serve(ticket)
    assert scene.server.serve(ticket + 1)
    assert len(scene.seats.examined) == 1


def test_a_result_that_came_too_late_is_told_as_such(scene):
    ticket = scene.asked()
    scene.seats.says = lambda: scene.queue.becomes(ticket, TicketState.WITHDRAWN) or DONE
    assert scene.server.serve(ticket)
    assert scene.queue.runs == {}
    assert scene.log[-1] == "Ticket 1: not kept: it was taken back or given to another."


def test_our_failure_is_settled_as_such(scene):
    scene.seats.says = lambda: Run(Ending.BROKEN, fault="Tried 3 times.")
    ticket = scene.asked()
    assert scene.server.serve(ticket)
    assert scene.queue.runs[ticket].ending is Ending.BROKEN
    assert scene.server.fault is None


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"suite": "other"}, "it has another hidden suite, lab.toml or data of double than the command."),
        ({"sandbox": "image-2"}, "and image-2 was asked for. Bring both up to date."),
        ({"dataset": "mnist"}, "it grades with the dataset none, and mnist was asked for."),
        ({"lab": "triple"}, "There is no lab “triple”"),
    ],
)
def test_what_it_would_grade_otherwise_than_was_asked_it_refuses(scene, asked, sentence):
    ticket = scene.asked(**asked)
    assert scene.server.serve(ticket)
    ((refused, why),) = scene.queue.refusals
    assert refused == ticket
    assert sentence in why
    assert scene.log == [f"Refused {scene.queue.asked[ticket].key.lab}: {why}"]
    assert (scene.seats.examined, scene.server.fault) == ([], None)


def test_the_same_refusal_is_told_once(scene):
    ticket = scene.asked(suite="other")
    assert scene.server.serve(ticket)
    scene.server._say_that_it_is_there()
    assert scene.server.serve(ticket)
    assert (len(scene.queue.refusals), len(scene.log)) == (2, 1)


def test_that_the_database_answers_again_is_told_where_it_was_told_that_it_does_not(scene):
    scene.queue.away = 2
    for _ in range(4):
        scene.server._say_that_it_is_there()
    assert scene.log == [AWAY, AGAIN]


def test_a_refused_message_is_dropped_at_once_so_that_it_holds_up_nobody(scene, monkeypatch):
    monkeypatch.setattr(serving, "PAUSE", 3600.0)
    assert scene.server.serve(scene.asked(suite="other"))


def test_a_worker_of_another_version_than_who_asked_refuses(scene):
    scene.queue.version = "1.1"
    assert scene.server.serve(scene.asked())
    assert scene.queue.refusals == [(1, "it is the grader 1.0, and 1.1 asked. Bring both up to date.")]
    assert scene.seats.examined == []


def test_a_suite_that_changes_while_it_runs_is_noticed(scene):
    first, second = scene.asked(), scene.asked(submission="d" * 64)
    assert scene.server.serve(first)
    suite = scene.course.lab("double").hidden_suite
    text = suite.read_text()
    suite.write_text(f"{text}# stricter\n")
    assert scene.server.serve(second)
    assert scene.state(second) is TicketState.WAITING
    suite.write_text(text)
    assert scene.server.serve(second)
    assert scene.state(second) is TicketState.SETTLED


@pytest.mark.parametrize(
    "error",
    [
        InvalidLab("The lab double was changed."),
        DatasetMissing("No MNIST."),
        FileNotFoundError("It is being replaced."),
    ],
)
def test_what_is_wrong_with_the_lab_alone_is_a_refusal(scene, error):
    def fail():
        raise error

    scene.seats.says = fail
    assert scene.server.serve(scene.asked())
    assert scene.queue.refusals == [(1, str(error))]
    assert scene.server.fault is None


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (SandboxLost("No image.", begun=True), 1),
        (SandboxLost("No image."), 0),
        (EngineUnreachable("No image."), 0),
        (ImageMissing("No image."), 0),
        (IsolationUnavailable("No image."), 0),
    ],
)
def test_a_machine_that_is_not_fit_gives_the_ticket_back_and_ends(scene, error, tries):
    """Where the submission had begun, that counts as a try: it may be why."""

    def fail():
        raise error

    scene.seats.says = fail
    ticket = scene.asked()
    assert not scene.server.serve(ticket)
    assert scene.queue.given_back == [ticket]
    assert scene.queue.state[ticket] == Standing(ticket, TicketState.WAITING, tries)
    assert str(scene.server.fault) == "No image."
    assert scene.server.stopping.is_set()
    assert scene.seats.interrupted.is_set()


def test_where_no_gpu_is_left_the_worker_ends_and_that_is_no_submissions_doing(scene):
    scene.seats.lost = "GPU 0 failed."
    ticket = scene.asked()
    assert not scene.server.serve(ticket)
    assert scene.queue.state[ticket] == Standing(ticket, TicketState.WAITING)
    assert str(scene.server.fault) == "GPU 0 failed."


@pytest.mark.parametrize("begun", [True, False])
def test_a_gpu_that_fails_ends_no_worker_that_has_others(scene, begun):
    def fail():
        raise GpuLost("GPU 0 is lent no more.", begun=begun)

    scene.seats.says = fail
    ticket = scene.asked()
    assert not scene.server.serve(ticket)
    assert scene.queue.state[ticket] == Standing(ticket, TicketState.WAITING, int(begun))
    assert scene.log[1:] == ["Ticket 1: given back.", "GPU 0 is lent no more."]
    assert (scene.server.fault, scene.server.stopping.is_set()) == (None, False)


def test_what_a_gpu_that_fails_leaves_is_given_back_as_soon_as_the_database_answers(scene):
    def fail():
        scene.queue.away = 3
        raise GpuLost("GPU 0 is lent no more.", begun=False)

    scene.seats.says = fail
    ticket = scene.asked()
    assert not scene.server.serve(ticket)
    assert scene.queue.state[ticket] == Standing(ticket, TicketState.WAITING)
    assert (scene.server.fault, scene.server.stopping.is_set()) == (None, False)


def test_what_there_is_no_room_for_is_left_to_others(scene):
    scene.seats.room = False
    ticket = scene.asked()
    assert not scene.server.serve(ticket)
    assert scene.queue.state[ticket] == Standing(ticket, TicketState.WAITING)
    assert (scene.queue.refusals, scene.log, scene.server.fault) == ([], [], None)


def test_what_fails_at_one_submission_is_its_result_and_the_worker_goes_on(scene):
    scene.seats.says = lambda: 1 / 0
    poison, sound = scene.asked(), scene.asked(submission="d" * 64)
    assert scene.server.serve(poison)
    fault = "This worker failed (ZeroDivisionError: division by zero). Report this."
    assert scene.queue.runs[poison] == Run(Ending.BROKEN, fault=fault)
    scene.seats.says = lambda: DONE
    assert scene.server.serve(sound)
    assert scene.queue.runs[sound] == DONE
    assert scene.server.fault is None


def test_notes_on_gpus_are_told_once(scene, monkeypatch):
    settings = scene.course.root / "assignments" / "double" / "lab.toml"
    settings.write_text('gpu = "optional"\n' + settings.read_text())
    monkeypatch.setattr(WorkerSetup, "find_gpus", lambda _: Found(why="no driver"))
    suite = scene.course.lab("double").suite_digest("none")
    tickets = [scene.asked(need=Need.GPU, suite=suite, submission=which * 64) for which in "de"]
    for ticket in tickets:
        assert scene.server.serve(ticket)
        scene.server._told.clear()
    notes = [line for line in scene.log if not line.startswith("Ticket")]
    assert notes == ["No GPU can be lent, so the lab double, which would use one, runs on the CPU: no driver."]


def test_what_it_is_at_when_it_is_told_to_stop_it_gives_back(scene):
    """The call that examines is in a thread of its own and ends by the interruption."""
    begun = threading.Event()

    def wait():
        begun.set()
        assert scene.seats.interrupted.wait(60)
        raise Interrupted

    scene.seats.says = wait
    ticket, answers = scene.asked(), []
    thread = threading.Thread(target=lambda: answers.append(scene.server.serve(ticket)))
    thread.start()
    assert begun.wait(60)
    scene.server.stop()
    thread.join(60)
    assert answers == [False]
    assert scene.queue.given_back == [ticket]
    assert scene.server.fault is None
    assert not scene.server.serve(ticket)
    assert len(scene.seats.examined) == 1


def test_a_result_waits_for_a_database_that_is_away(scene):
    scene.seats.says = lambda: setattr(scene.queue, "away", 5) or DONE
    ticket = scene.asked()
    assert scene.server.serve(ticket)
    assert scene.queue.runs == {ticket: DONE}
    assert scene.log[1:-1] == [AWAY, AGAIN]


def test_each_outage_between_two_beats_is_told_with_its_end(scene):
    for _ in range(2):
        ticket = scene.asked()
        scene.queue.away = 3
        assert scene.server.serve(ticket)
    assert [line for line in scene.log if not line.startswith("Ticket")] == [AWAY, AGAIN, AWAY, AGAIN]


def refuses_results(scene, error):
    """A database that answers, and takes no finished run."""
    settle = scene.queue.settle

    def refuse(claim, worker, run):
        if run.ending is not Ending.BROKEN:
            scene.server._beats += 1
            raise error
        return settle(claim, worker, run)

    scene.queue.settle = refuse


@pytest.mark.parametrize(
    "error", [DatabaseUnreachable("It refused a \0 in a text."), ValueError("It refused a \0 in a text.")]
)
def test_a_result_that_the_database_refuses_although_it_answers_is_settled_as_our_failure(scene, error):
    refuses_results(scene, error)
    ticket = scene.asked()
    assert scene.server.serve(ticket)
    assert scene.queue.runs[ticket].fault == "Its result could not be stored (It refused a  in a text)."
    assert scene.server.fault is None


@pytest.mark.parametrize("kind", [DatabaseLocked, DiskFull])
def test_a_result_waits_as_long_as_others_hold_the_database_or_its_disk_is_full(scene, kind):
    settle, times = scene.queue.settle, iter(range(50))

    def refuse(claim, worker, run):
        scene.server._beats += 1
        if next(times, None) is not None:
            raise kind("It is busy.")
        return settle(claim, worker, run)

    scene.queue.settle = refuse
    ticket = scene.asked()
    assert scene.server.serve(ticket)
    assert scene.queue.runs[ticket] == DONE


def test_while_the_database_is_away_it_can_be_stopped(scene):
    ticket = scene.asked()
    scene.queue.away = 10**9
    threading.Timer(0.05, scene.server.stop).start()
    assert not scene.server.serve(ticket)
    scene.queue.away = 0


def test_one_that_the_database_does_not_know_any_more_leaves_the_ticket_to_others(scene):
    def forgotten(*_):
        raise WorkerForgotten("The database does not know this worker any more.")

    ticket, scene.queue.claim = scene.asked(), forgotten
    assert not scene.server.serve(ticket)
    assert (scene.seats.examined, scene.server.fault) == ([], None)


def test_it_says_that_it_is_there_and_enrolls_again_where_it_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "SILENCE", 0.01)
    beats, enough = [], threading.Event()

    class Queue(FakeQueue):
        def beat(self, worker_id, slots=None):
            beats.append(worker_id)
            if len(beats) > 5:
                enough.set()
            if len(beats) == 2:
                raise WorkerForgotten("The database does not know this worker any more.")

    with closing(Scene(tmp_path, Queue())):
        assert enough.wait(60)
    assert beats[:2] == [1, 1]
    assert set(beats[2:]) == {2}


def test_it_says_how_many_places_it_has_left_so_that_nobody_sends_for_those_that_it_has_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "SILENCE", 0.01)
    told, heard = set(), threading.Condition()

    class Queue(FakeQueue):
        def beat(self, worker_id, slots=None):
            with heard:
                told.add(slots)
                heard.notify_all()

    with closing(Scene(tmp_path, Queue())) as scene:
        scene.seats.many = 3
        with heard:
            assert heard.wait_for(lambda: 3 in told, 60)


def test_a_worker_that_cannot_say_that_it_is_there_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "SILENCE", 0.01)

    class Queue(FakeQueue):
        def beat(self, worker_id, slots=None):
            raise ValueError("There is no such column.")

    with closing(Scene(tmp_path, Queue())) as scene:
        assert scene.server.stopping.wait(60)
        assert str(scene.server.fault) == "This worker failed (ValueError: There is no such column). Report this."


def test_a_worker_that_has_room_sends_word_of_what_nobody_else_may_send_word_of(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "LOOK", 0.01)
    with closing(Scene(tmp_path)) as scene:
        ticket = scene.asked()
        with scene.heard:
            assert scene.heard.wait_for(lambda: scene.sent, 60)
    assert scene.sent[0] == ([ticket], Need.CPU, 0)


def test_it_sends_word_of_no_more_than_it_has_room_for(tmp_path, monkeypatch):
    """Of two places one is taken."""
    monkeypatch.setattr(serving, "LOOK", 0.01)
    rooms, looked = [], threading.Condition()

    class Queue(FakeQueue):
        def overdue(self, worker, most):
            with looked:
                rooms.append(most)
                looked.notify_all()
            return []

    with closing(Scene(tmp_path, Queue())) as scene:
        scene.seats.many = 2

        def examine():
            with looked:
                rooms.clear()
                assert looked.wait_for(lambda: len(rooms) > 2, 60)
                assert rooms[-1] == 1
            return DONE

        scene.seats.says = examine
        ticket = scene.asked()
        assert scene.server.serve(ticket)
        assert scene.queue.runs == {ticket: DONE}


def test_a_worker_that_has_other_data_of_the_labs_own_refuses(scene):
    settings = scene.course.root / "assignments" / "double" / "lab.toml"
    settings.write_text(settings.read_text() + '[dataset]\nkind = "csv"\ntarget = "y"\ntask = "numbers"\n')
    lab = scene.course.lab("double")
    (lab.reference / "data.csv").write_text("x,y\n1,2\n")
    asked = lab.suite_digest("csv")
    same = scene.asked(dataset="csv", suite=asked, submission="d" * 64)
    scene.seats.says = lambda: DONE
    assert scene.server.serve(same)
    assert scene.queue.runs[same] == DONE
    (lab.reference / "data.csv").write_text("x,y\n1,2\n3,4\n")
    ticket = scene.asked(dataset="csv", suite=asked, submission="e" * 64)
    assert scene.server.serve(ticket)
    ((refused, why),) = scene.queue.refusals
    assert refused == ticket
    assert "it has another hidden suite, lab.toml or data of double than the command." in why


def test_a_lab_whose_fashion_mnist_is_not_here_keeps_no_worker_from_others(scene):
    shutil.copytree(
        scene.course.root / "assignments" / "double", other := scene.course.root / "assignments" / "a_first"
    )
    (other / "lab.toml").write_text((other / "lab.toml").read_text() + '[dataset]\nkind = "fashion-mnist"\n')
    shutil.copytree(scene.course.root / "reference" / "double", scene.course.root / "reference" / "a_first")
    assert scene.course.names() == ["a_first", "double"]
    assert scene.means.identity() == scene.means.setup("double", Need.CPU).identity()


def test_it_leaves_at_the_end(scene):
    scene.server.close()
    assert scene.queue.calls[-1] == "leave"
    assert scene.seats.closed


def test_a_course_without_anything_to_grade_by_is_refused_at_once(tmp_path):
    shutil.copytree(TINY / "assignments", tmp_path / "assignments")
    with pytest.raises(InvalidLab, match=r"No lab in .* can be graded"):
        Means(Course(tmp_path), "local", "warm", "digits", None).identity()


def test_workers_have_names_of_their_own_even_where_machine_and_process_are_called_alike():
    assert len({serving._called() for _ in range(20)}) == 20
