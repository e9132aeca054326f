"""One submission in a slot, whatever its code does."""

import pytest
import torch

from grader.errors import CallEnded, CallRaised
from grader.examine import sentences
from grader.examine.draw import Draw
from grader.examine.journal import Asked, Journal
from grader.examine.session import Session, patience
from grader.examine.slots import Slots
from grader.examine.submission import FILE_MOST, Desk, Submission
from grader.model import Ending, Flag
from sandbox.protocol import frames, messages
from sandbox.protocol.messages import Answer, ArrayData, Describe, Handle, Imported, TensorData

FORGED = (
    "f sent the grader something that is not an answer, so it was stopped."
    " Your code either writes to a file descriptor that it did not open (os.write, os.close), or replaces something"
    " that the grader needs, too, such as a method of torch.Tensor or a built-in function. Take that out."
)


@pytest.fixture
def opened(sandbox, spec):
    """Opens a session of a fake sandbox and gives (the suite's submission, session)."""

    def open_(fake, *, fresh=False, **limits):
        lab = spec(**limits)
        session = Session(sandbox.submission, lab, Slots(fake, fresh=fresh))
        session.open()
        return Submission(Desk(session, Draw("test"), lab.limits.seconds)), session

    return open_


def starts(fake):
    return fake.log.count("start")


@pytest.mark.parametrize(
    ("cause", "status", "ending", "sentence"),
    [
        (
            "cpu",
            0,
            Ending.TIMEOUT,
            "f did not finish within 10 s of computing time. Look for a loop that never ends.",
        ),
        (
            "wall",
            0,
            Ending.TIMEOUT,
            (
                "f did not finish within 40 s, though it computed for less than 10 s."
                " Look for code that waits: input(), time.sleep(), a lock, another process."
            ),
        ),
        (
            "memory",
            0,
            Ending.MEMORY,
            (
                "f needed more memory than the 2048 MB that this lab allows."
                " Look for a list or tensor that keeps growing, or work on fewer images at a time."
            ),
        ),
        (
            "signal",
            11,
            Ending.CRASHED,
            (
                "f crashed Python (SIGSEGV)."
                " Look for a function that calls itself without end, or for code that ends processes."
            ),
        ),
        (
            "exited",
            3,
            Ending.CRASHED,
            (
                "f ended Python (exit status 3) instead of returning."
                " Take exit(), quit() and os._exit() out of your file."
                " If there are none, an exception came up outside of your functions: in a thread, or because your file"
                " changes something of Python's (a built-in function, sys.path, the recursion limit)."
            ),
        ),
        (
            "exited",
            0,
            Ending.CRASHED,
            "f ended Python (exit status 0) instead of returning. Take exit(), quit() and os._exit() out of your file.",
        ),
        (
            "processes",
            9,
            Ending.CRASHED,
            (
                "f started more than 64 processes, the most that this lab allows, so it was stopped."
                " Look for a loop or a function that starts processes without end."
            ),
        ),
        ("protocol", 0, Ending.CRASHED, FORGED),
    ],
)
def test_a_call_that_ends_its_child_costs_itself_alone(opened, sandbox, cause, status, ending, sentence):
    def f():
        if cause == "processes":
            raise sandbox.End("signal", status, detail="more than 64 processes")
        raise sandbox.End(cause, status)

    fake = sandbox({"f": f, "g": lambda: 7})
    submission, session = opened(fake)
    with pytest.raises(CallEnded) as caught:
        submission.f()
    assert (caught.value.ending, str(caught.value)) == (ending, sentence)
    assert submission.g() == 7
    assert (starts(fake), fake.log.count("open")) == (2, 1)
    assert session.end is caught.value
    assert session.flags == ({Flag.TAMPERING} if cause == "protocol" else set())


def test_a_submission_in_a_container_of_its_own_gets_a_new_one_for_each_child(opened, sandbox):
    def f():
        raise sandbox.End("cpu")

    fake = sandbox({"f": f, "g": lambda: 7})
    submission, _ = opened(fake, fresh=True)
    with pytest.raises(CallEnded):
        submission.f()
    assert submission.g() == 7
    assert [entry for entry in fake.log if isinstance(entry, str)] == ["open", "start", "close", "open", "start"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        bytes(messages.frame(Answer(99, 1))),
        bytes(messages.frame(Imported([], []))),
        bytes(messages.frame(messages.Facts(1, [], [], []))),
        bytes(messages.frame(Answer(1, TensorData("float32", [10**12])))),
        bytes(messages.frame(Answer(1, TensorData("complex64", [1])), b"\0" * 8)),
        bytes(messages.frame(Answer(1, ArrayData("object", [1])), b"\0" * 8)),
        bytes(messages.frame(Answer(1, 1), b"more")),
        bytes(frames.Frame(b"\x91" * 100_000)),
        bytes(frames.Frame(b"\xa3\xff\xff\xff")),
    ],
)
def test_what_is_no_answer_ends_the_child_with_a_flag(opened, sandbox, data):
    def f():
        raise sandbox.Sends(data)

    fake = sandbox({"f": f, "g": lambda: 7})
    submission, session = opened(fake)
    with pytest.raises(CallEnded) as caught:
        submission.f()
    assert (caught.value.ending, str(caught.value)) == (Ending.CRASHED, FORGED)
    assert session.flags == {Flag.TAMPERING}
    assert submission.g() == 7
    assert starts(fake) == 2


def test_what_has_to_stay_in_the_sandbox_comes_as_a_handle(opened, sandbox):
    def f():
        raise sandbox.Sends(bytes(messages.frame(Answer(1, 5))))

    submission, session = opened(sandbox({"f": f}))
    with pytest.raises(CallEnded, match="not an answer"):
        submission.call("f", keep=True)
    assert session.flags == {Flag.TAMPERING}


def test_a_question_that_is_too_large_is_not_put(opened, sandbox):
    submission, _ = opened(sandbox({"f": len}))
    with pytest.raises(ValueError, match="too large"):
        submission.f(["x" * 90_000] * 60)
    assert submission.f([1, 2]) == 2


def test_a_driver_that_names_without_end_is_heard_for_as_long_as_ours_names(opened, sandbox):
    def raises(*names):
        raised = messages.Raised(1, "A", "b", bases=["Base"] * 100_000)
        raise sandbox.Sends(bytes(messages.frame(raised)))

    student, session = opened(sandbox({"f": raises} | {f"name{n}": None for n in range(10_000)}))
    assert len(session.names) == 2000
    with pytest.raises(CallRaised) as caught:
        student.f()
    assert caught.value.bases == ("Base",) * 12


class Counter:
    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def add(self, amount):
        self.count += amount


def counting(sandbox, **more):
    """A file whose `make` gives a counter with a random seed, and whose `crash` ends the child."""

    def crash(*_):
        raise sandbox.End("cpu")

    return lambda: {
        "make": lambda: Counter(float(torch.rand(()))),
        "add": lambda counter, amount: counter.add(amount),
        "wrap": lambda counter: {"inner": [counter]},
        "read": lambda counter: (counter.seed, counter.count),
        "crash": crash,
        **more,
    }


def test_a_handle_is_what_it_was_when_its_child_has_ended(opened, sandbox):
    fake = sandbox(counting(sandbox))
    submission, _ = opened(fake)
    counter, other = submission.make(), submission.make()
    submission.add(counter, 2)
    submission.add(other, 5)
    alias = submission.wrap(counter)["inner"][0]
    alias.method("add", 3)
    before = submission.read(counter)
    assert before[1] == 5
    with pytest.raises(CallEnded):
        submission.crash()
    fake.log.clear()
    assert submission.read(counter) == before
    assert fake.calls == ["make", "add", "wrap", "handle.add", "read", "read"]
    fake.log.clear()
    assert submission.read(counter) == before
    assert fake.calls == ["read"], "repeated once in each child"
    assert submission.read(other)[1] == 5


def test_a_first_child_has_nothing_to_repeat_and_nothing_is_looked_for(opened, sandbox, monkeypatch):
    """Else thousands of calls of one model, each looking through all before it, take longer than the model does."""
    submission, _ = opened(sandbox(counting(sandbox)))
    counter = submission.make()
    monkeypatch.setattr(Journal, "needed", lambda *_: pytest.fail("looked for"))
    for _ in range(3):
        counter.method("add", 1)
    assert submission.read(counter)[1] == 3


def test_a_call_that_ended_its_child_is_not_repeated(opened, sandbox):
    fake = sandbox(counting(sandbox))
    submission, _ = opened(fake)
    counter = submission.make()
    with pytest.raises(CallEnded):
        submission.crash(counter)
    fake.log.clear()
    assert submission.read(counter)[1] == 0
    assert fake.calls == ["make", "read"]


def test_what_cannot_be_repeated_is_not_tried_twice(opened, sandbox):
    imports = iter(range(10))

    def file():
        first = next(imports) == 0

        def make():
            if not first:
                raise ValueError("only once")
            return Counter(1.0)

        return {**counting(sandbox)(), "make": make}

    fake = sandbox(file)
    submission, _ = opened(fake)
    counter = submission.make()
    with pytest.raises(CallEnded):
        submission.crash()
    fake.log.clear()
    for _ in range(2):
        with pytest.raises(CallRaised, match="only once"):
            submission.read(counter)
    assert fake.calls == ["make"]


def test_what_a_question_aside_meets_ends_its_block_and_not_the_run(opened, sandbox):
    def forge():
        raise sandbox.Sends(b"")

    submission, session = opened(sandbox(counting(sandbox, forge=forge)))
    for ask in submission.crash, submission.forge, submission.missing:
        submission.make()  # a question aside starts no child
        with submission.aside():
            ask()
            pytest.fail("went on")
    assert session.end is None
    assert session.flags == {Flag.TAMPERING}
    with pytest.raises(CallEnded) as caught:
        submission.crash()
    submission.make()
    with submission.aside():
        submission.forge()
    assert session.end is caught.value


def test_nothing_is_repeated_for_a_question_aside_and_it_is_not_repeated_itself(opened, sandbox):
    fake = sandbox(counting(sandbox))
    submission, _ = opened(fake)
    counter = submission.make()
    with submission.aside():
        submission.add(counter, 2)
        submission.crash()
    fake.log.clear()
    with submission.aside():
        submission.read(counter)
        pytest.fail("asked")
    assert fake.log == []
    assert submission.read(counter)[1] == 0
    assert fake.calls == ["make", "read"]
    with submission.aside():
        assert submission.read(counter)[1] == 0
    assert fake.calls == ["make", "read", "read"]


def test_nothing_is_repeated_for_a_question_without_handles(opened, sandbox):
    fake = sandbox(counting(sandbox, plain=lambda: 1))
    submission, _ = opened(fake)
    submission.make()
    with pytest.raises(CallEnded):
        submission.crash()
    fake.log.clear()
    assert submission.plain() == 1
    assert fake.calls == ["plain"]


def test_a_file_is_written_again_for_a_fresh_child(opened, sandbox):
    fake = sandbox(counting(sandbox, words=lambda text: len(text.split()), same=lambda text: text))
    submission, _ = opened(fake)
    path, other = submission.file("a.csv", "one two"), submission.file("b.csv", b"three")
    assert submission.words(path) == 2
    with pytest.raises(CallEnded):
        submission.crash()
    fake.log.clear()
    assert submission.words(path) == 2
    assert fake.calls == ["write a.csv", "words", "words"]
    assert submission.words(other) == 1


@pytest.mark.parametrize("name", ["", ".", "..", "/a.csv", "folder/a.csv", "../a.csv", "folder/"])
def test_a_file_for_a_submission_has_a_plain_name(opened, sandbox, name):
    submission, _ = opened(sandbox({}))
    with pytest.raises(ValueError, match="is not the plain name of a file"):
        submission.file(name, "1")


def test_a_file_for_a_submission_is_bounded(opened, sandbox):
    fake = sandbox({"size": len})
    submission, _ = opened(fake)
    assert submission.size(submission.file("a.csv", bytes(FILE_MOST))) == FILE_MOST
    fake.log.clear()
    with pytest.raises(ValueError, match=r"a\.csv has 67,108,865 bytes; a file for a submission may have 67,108,864"):
        submission.file("a.csv", bytes(FILE_MOST + 1))
    assert fake.log == []


def test_looking_at_a_module_is_not_repeated():
    journal = Journal()
    made = Asked(messages.Call(1, "make", [], []), b"", frozenset(), "make", 1)
    looked = Asked(Describe(2, Handle("1.0")), b"", frozenset({"1.0"}), "looking", 1)
    journal.record(made, frozenset({"1.0"}))
    journal.record(looked, frozenset())
    assert [entry.asked for entry in journal.needed(frozenset({"1.0"}))] == [made, looked]
    assert journal.needed(frozenset({"9.0"})) == []
    assert journal.needed(frozenset()) == []


def test_a_file_that_cannot_be_imported_is_imported_once(run, sandbox):
    def file():
        raise NameError("name 'x' is not defined")

    fake = sandbox(file)
    found = run(TWO, fake)
    assert starts(fake) == 1
    assert found.ending is Ending.CRASHED
    assert found.message == "Your file could not be imported. It raised NameError: name 'x' is not defined"
    assert [(row.outcome.value, row.message, row.traceback) for row in found.checks] == [
        ("error", "Importing your file raised NameError: name 'x' is not defined", "  line 1")
    ] * 2


@pytest.mark.parametrize(
    ("kind", "advice"),
    [
        ("SystemExit", "Take exit(), quit() and sys.exit() out"),
        ("EOFError", "take input() out"),
        ("PermissionError", "has no network"),
    ],
)
def test_what_a_file_must_not_do_when_it_is_imported_is_said(run, sandbox, kind, advice):
    def file():
        raise {"SystemExit": type("SystemExit", (Exception,), {}), "EOFError": EOFError}.get(kind, PermissionError)("0")

    (row, *_) = run(TWO, sandbox(file)).checks
    assert row.message.startswith(f"Importing your file raised {kind}")
    assert advice in row.message


@pytest.mark.parametrize(("words", "unwritten"), [("", True), ("conv5d", False)])
def test_a_function_that_is_not_written_yet_is_said_to_be_so(words, unwritten):
    message = sentences.told(CallRaised("NotImplementedError", words), whole=True)
    assert message.startswith("Your code raised NotImplementedError")
    assert ("not written yet" in message) is unwritten


@pytest.mark.parametrize(
    ("cause", "ending"), [("cpu", Ending.TIMEOUT), ("memory", Ending.MEMORY), ("exited", Ending.CRASHED)]
)
def test_a_file_that_ends_its_child_at_import(run, sandbox, cause, ending):
    def file():
        raise sandbox.End(cause)

    fake = sandbox(file)
    found = run(TWO, fake)
    assert (found.ending, starts(fake)) == (ending, 1)
    assert found.message.startswith("Importing your file ")
    assert [row.message for row in found.checks] == [found.message] * 2


TWO = """
@check("one", title="One", points=4)
def test_one(submission):
    submission.one()

@check("two", title="Two", points=6)
def test_two(submission):
    submission.two()
"""


def test_the_run_ends_as_its_first_ended_call(run, sandbox):
    def one():
        raise sandbox.End("memory")

    def two():
        raise sandbox.End("cpu")

    found = run(TWO, sandbox({"one": one, "two": two}))
    assert found.ending is Ending.MEMORY
    assert found.message == found.checks[0].message
    assert found.checks[1].message.startswith("two did not finish within 10 s")


def test_a_timeout_costs_its_own_check_and_no_other(run, sandbox):
    def one():
        raise sandbox.End("cpu", cpu=10.0)

    found = run(TWO, sandbox({"one": one, "two": lambda: 2}))
    assert (found.ending, found.score) == (Ending.TIMEOUT, 6)
    assert found.cpu_seconds == pytest.approx(10.04)


def test_the_time_of_a_whole_run_is_limited(opened, sandbox):
    def f():
        raise sandbox.End("cpu", cpu=3.9)

    fake = sandbox({"f": f, "g": lambda: 7}, cpu={"g": 0.2})
    submission, session = opened(fake, call_seconds=1.0)
    with pytest.raises(CallEnded) as caught:
        submission.f()
    assert str(caught.value) == (
        "f did not finish: your code has used up the 4 s of computing time"
        " that this lab allows for everything together."
    )
    with pytest.raises(CallEnded) as caught:
        [submission.g() for _ in range(3)]
    assert str(caught.value) == (
        "g was not started: your code has used up the 4 s of computing time"
        " that this lab allows for everything together."
    )
    assert fake.calls == ["f", "g"]
    assert session.end.ending is Ending.TIMEOUT


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless it is moved: [seconds]."""
    now = [0.0]
    monkeypatch.setattr("grader.examine.session.time.monotonic", lambda: now[0])
    return now


def test_a_whole_run_may_not_wait_for_ever_either(opened, sandbox, clock):

    def f():
        clock[0] += 10
        return 7

    fake = sandbox({"f": f})
    submission, session = opened(fake, call_seconds=1.0)
    assert [submission.f(), submission.f()] == [7, 7]
    with pytest.raises(CallEnded) as caught:
        submission.f()
    assert str(caught.value) == (
        "f was not started: your code has already run for 19 s, most of it spent waiting."
        " Look for input(), time.sleep() or a lock in your functions."
    )
    assert fake.calls == ["f", "f"]
    assert session.end.ending is Ending.TIMEOUT


@pytest.mark.parametrize("fresh", [False, True])
def test_the_time_of_opening_slots_and_of_judging_is_not_the_submissions(opened, sandbox, clock, fresh):
    def crash():
        raise sandbox.End("memory")

    class Slow(type(sandbox({}))):
        def open(self):
            clock[0] += 180
            return super().open()

    fake = sandbox({"f": lambda: 7, "crash": crash})
    fake.__class__ = Slow
    submission, session = opened(fake, fresh=fresh, call_seconds=1.0)
    assert submission.f() == 7
    with pytest.raises(CallEnded):
        submission.crash()
    clock[0] += 1000
    assert submission.f() == 7
    assert session.end.ending is Ending.MEMORY
    assert session.wall_seconds == 1180 + 180 * fresh


def test_an_answer_that_our_side_delays_is_charged_no_more_than_its_own_limit(opened, sandbox, clock):
    def file():
        clock[0] += 59
        return {"f": lambda: 7}

    submission, _ = opened(sandbox(file), call_seconds=1.0)
    assert submission.f() == 7


def test_functions_that_train_have_more_time(opened, sandbox):
    def f():
        raise sandbox.End("cpu")

    submission, _ = opened(sandbox({"f": f, "train": f}), call_seconds=30.0, slow=("train",))
    with pytest.raises(CallEnded, match="f did not finish within 10 s"):
        submission.f()
    with pytest.raises(CallEnded, match="train did not finish within 30 s"):
        submission.train()


def test_the_clock_on_the_wall_is_generous():
    assert patience(1) == 16
    assert patience(100) == 400


def test_what_was_printed_is_kept_within_bounds(run, sandbox):
    found = run(TWO, sandbox({"one": int, "two": int}, prints=b"hello \x1b[31m\0\xff\n" * 2))
    assert found.output == "hello \N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\n" * 2


def test_text_of_a_student_is_made_safe_and_stays_readable():
    assert sentences.plain("Größe:\xa03\tdone\r\n50 %\r100 %") == "Größe:\xa03\tdone\n50 %\n100 %"
    assert (
        sentences.plain("\x1b]0;\x07\0\u202e\ud800")
        == "\N{REPLACEMENT CHARACTER}" + "]0;" + "\N{REPLACEMENT CHARACTER}" * 4
    )
    assert sentences.plain("x" * 20, 10) == "xxxxxxxx …"


def test_the_rest_of_a_long_output_is_counted(opened, sandbox):
    _, session = opened(sandbox({}, prints=b"x" * 3000), output_kb=1)
    session.close()
    assert session.output == "x" * 1024 + "\n… and 1,976 bytes more"


def test_cells_that_were_not_run_are_noted(run, sandbox):
    found = run(TWO, sandbox({"one": int, "two": int}, skipped=("cell 3: a loop (line 1)",)))
    assert found.notes == ("Not run: cell 3: a loop (line 1)",)


def test_handles_stand_for_what_stays_in_the_sandbox(opened, sandbox):
    names = {"Net": lambda: torch.nn.Linear(2, 1), "count": lambda net: sum(p.numel() for p in net.parameters())}
    submission, _ = opened(sandbox(names))
    net = submission.Net()
    assert (net.kind, net.is_module, repr(net)) == ("Linear", True, "<handle to a Linear from Net>")
    assert submission.count(net) == 3
    assert net(torch.ones(4, 2)).shape == (4, 1)
    assert net.attribute("out_features") == 1
    assert net.method("eval").attribute("training") is False
    assert [fact.name for fact in net.facts().parameters] == ["weight", "bias"]
    assert submission.library("torch.nn.Sequential", net)(torch.ones(4, 2)).shape == (4, 1)
    assert [type(layer).__name__ for layer in submission.library("torch.nn.Sequential", net, net).items(most=1)] == [
        "Handle"
    ]
    assert submission.has("Net")
    assert not submission.has("Other")


def test_a_call_can_keep_plain_data_in_the_sandbox(opened, sandbox):
    submission, _ = opened(sandbox({"numbers": lambda: [1, 2], "total": sum}))
    assert submission.total(submission.call("numbers", keep=True)) == 3


def test_each_call_has_a_seed_of_its_own_unless_the_suite_gives_one(opened, sandbox):
    submission, _ = opened(sandbox({"f": lambda: float(torch.rand(()))}))
    assert submission.f() != submission.f()
    assert submission.call("f", seed=1) == submission.call("f", seed=1)


def test_a_limit_met_by_a_handle_says_where_it_comes_from(opened, sandbox):
    def forward(_):
        raise sandbox.End("cpu")

    submission, _ = opened(sandbox({"Net": lambda: forward}))
    with pytest.raises(CallEnded, match=r"^Calling the result of Net did not finish within 10 s"):
        submission.Net()(1)


def test_a_handle_of_another_submission_is_a_mistake_of_the_suite(opened, sandbox):
    fake = sandbox(counting(sandbox))
    (one, _), (two, _) = opened(fake), opened(fake)
    with pytest.raises(TypeError, match="belongs to another submission"):
        one.read(two.make())
