"""A GPU that was lent is watched: by a slot that has one, of memory that others leave, and of a device that fails."""

import pytest

from grader.errors import GpuUnavailable, SandboxLost
from grader.examine import lending
from grader.examine.examination import with_suite
from grader.examine.gpus import HOST_BYTES
from grader.examine.plugin import Dataset
from grader.examine.session import Session
from grader.examine.slots import Slots
from grader.model import Ending

FREE = 2**30
"""What was in use when the GPU was found."""
HELD = FREE + lending.TOLERANCE + 1
SUITE = '''
@check("f", title="f", points=6)
def test_f(submission):
    """f() returns 1."""
    expect.integer(submission.f(), want=1, what="f()")

@check("g", title="g", points=4)
def test_g(submission):
    """g() returns 2."""
    expect.integer(submission.g(), want=2, what="g()")
'''


@pytest.fixture
def machine(sandbox, lent):
    """Makes a fake sandbox with a GPU, free and working unless told otherwise."""

    def make(names=None, *, share=1, **options):
        options = {"used": [FREE]} | options
        return sandbox(names or {"f": lambda: 1, "g": lambda: 2}, lent=lent(share), **options)

    return make


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """Nobody waits for a driver that is not there."""
    monkeypatch.setattr(lending, "BACK_SECONDS", 0.0)
    monkeypatch.setattr(lending, "_PAUSE", 0.0)


@pytest.fixture
def examine(lab, sandbox):
    """Examines a submission in a fake sandbox."""

    def go(fake, *, may_be_ours=False, fresh=False):
        made = lab(SUITE)

        def use(examiner):
            with Slots(fake, fresh=fresh) as slots:
                return examiner(sandbox.submission, slots, may_be_ours=may_be_ours)

        return with_suite(made, made.hidden_suite, use, dataset=Dataset("digits"))

    return go


def test_a_gpu_is_tried_out_once_and_its_memory_looked_at_before_each_session(machine):
    fake = machine()
    with Slots(fake) as slots:
        slots.open()
        assert fake.log == ["open", "measure", "trial"]
        slots.take()
        slots.take()
    assert fake.log == ["open", "measure", "trial", "measure", "measure", "close"]


def test_a_slot_without_a_gpu_is_asked_nothing_about_one(sandbox):
    fake = sandbox({})
    with Slots(fake) as slots:
        slots.take()
        slots.prove()
    assert fake.log == ["open", "close"]


def test_memory_that_comes_back_a_moment_later_is_waited_for(machine, lent):
    fake = machine(used=[HELD, HELD, FREE])
    ticks = iter(range(100))
    assert lending.is_free(fake.open(), lent(), clock=lambda: 0, pause=lambda _: next(ticks))
    assert next(ticks) == 2


def test_what_the_driver_keeps_beside_is_nobodys(machine):
    assert lending.is_free(machine(used=[HELD - 1]).open(), machine().lent)


def test_a_slot_that_keeps_memory_is_replaced_and_the_gpu_lent_again(machine):
    fake = machine(used=[FREE, FREE, HELD, FREE])
    with Slots(fake) as slots:
        first, _ = slots.take()
        second, _ = slots.take()
        assert second is not first
    assert fake.log[3:] == ["measure", "measure", "close", "open", "measure", "close"]


def test_a_gpu_whose_memory_no_new_slot_frees_is_lost_and_no_students_fault(machine, examine):
    fake = machine(used=[HELD])
    with pytest.raises(SandboxLost, match=r"memory of GPU 0 \(NVIDIA H100, GPU-5a1b\) is in use and does not become"):
        examine(fake)
    assert fake.log[-1] == "close"


def test_a_gpu_that_somebody_else_uses_serves_nobody_before_it_is_free(machine):
    """What is not free for the next submission is not ready for it, even though it works."""
    fake = machine(used=[FREE, FREE, HELD, HELD, HELD, FREE])
    with Slots(fake) as slots:
        slots.take()
        for use in (slots.take, slots.open):
            with pytest.raises(SandboxLost, match="is in use and does not become free"):
                use()
        assert slots.open()


def test_a_gpu_is_tried_out_only_when_what_a_killed_session_held_is_back(machine, examine, sandbox, monkeypatch):
    """Else a submission that takes all of a GPU's memory, and is killed, would make it look broken."""
    monkeypatch.setattr(lending, "BACK_SECONDS", 60.0)

    def f():
        raise sandbox.End("wall")

    fake = machine({"f": f, "g": lambda: 2}, used=[FREE, FREE, FREE, HELD, HELD, FREE])
    examine(fake)
    last = len(fake.log) - fake.log[::-1].index("trial")
    assert fake.log[last - 4 : last] == ["measure"] * 3 + ["trial"]


def test_where_several_share_a_gpu_nobody_looks_whose_memory_is_in_use(machine):
    fake = machine(share=2, used=[HELD])
    with Slots(fake) as slots:
        slots.take()
    assert "measure" not in fake.log


def test_a_driver_that_says_the_gpu_is_lost_is_a_loss(machine):
    fake = machine(used=["GPU 0: GPU is lost"])
    with Slots(fake) as slots, pytest.raises(SandboxLost, match=r"cannot be used any more: GPU 0: GPU is lost\."):
        slots.take()
    assert fake.log[-1] == "close"


@pytest.mark.parametrize("outcome", ["says nothing", "ends"])
def test_a_gpu_that_does_not_work_is_a_loss_before_any_submission_gets_it(machine, outcome):
    fake = machine(trials=[outcome])
    with Slots(fake) as slots, pytest.raises(SandboxLost, match=r"^GPU 0 \(NVIDIA H100, GPU-5a1b\) does not work"):
        slots.open()
    assert fake.log == ["open", "measure", "trial", "close"]


def test_a_gpu_that_the_engine_gives_no_more_is_a_loss_from_the_first(machine, monkeypatch):
    fake = machine()
    monkeypatch.setattr(fake, "open", lambda: (_ for _ in ()).throw(GpuUnavailable("No such device.")))
    with pytest.raises(SandboxLost, match="No such device"):
        Slots(fake).open()


def test_after_a_loss_the_gpu_is_tried_out_again_and_for_a_fresh_slot_it_is_not(machine):
    fake = machine()
    with Slots(fake, fresh=True) as slots:
        slots.take()
        slots.take()
        assert fake.log.count("trial") == 1
        slots.close()
        slots.take()
        assert fake.log.count("trial") == 2


def test_a_session_gets_its_share_and_room_for_what_cuda_holds(machine, spec, sandbox, lent):
    fake = machine(share=2)
    with Slots(fake) as slots:
        session = Session(sandbox.submission, spec(memory_mb=100), slots)
        session.open()
        limits = slots.open().limits
    assert limits.gpu == lent(2).limit
    assert limits.memory_bytes == 100 * 2**20 + HOST_BYTES


def fails(text):
    def f():
        raise RuntimeError(text)

    return f


ECC = "CUDA error: uncorrectable ECC error encountered"


def test_a_gpu_that_fails_in_a_call_and_then_for_everybody_is_never_the_students_fault(machine, examine):
    for may_be_ours in (True, False):
        fake = machine({"f": fails(ECC), "g": lambda: 2}, trials=["works", "says nothing"])
        with pytest.raises(SandboxLost, match=r"GPU-5a1b\) does not work"):
            examine(fake, may_be_ours=may_be_ours)


def test_a_gpu_that_a_submission_blames_and_that_works_costs_a_try_and_at_last_the_check(machine, examine):
    """Nobody can tell a moment's failure from a forged one, so it is believed as often as something is tried again."""
    names = {"f": fails(ECC), "g": lambda: 2}
    with pytest.raises(SandboxLost, match="said that its GPU failed"):
        examine(machine(names), may_be_ours=True)
    run = examine(machine(names))
    assert (run.ending, run.score) == (Ending.COMPLETED, 4)
    assert ECC in run.checks[0].message


def test_memory_that_somebody_else_took_meanwhile_is_not_the_submissions_lack(machine, examine):
    """It raises what CUDA raises where there is too little, and what took it is still there."""
    names = {"f": fails("CUDA out of memory. Tried to allocate 12.00 GiB."), "g": lambda: 2}
    assert examine(machine(names)).score == 4, "nobody else took any"
    with pytest.raises(SandboxLost, match="is in use and does not become free"):
        examine(machine(names, used=[FREE, FREE, HELD]))


def test_a_file_that_blames_its_gpu_while_it_is_imported_is_tried_again(machine, examine):
    fake = machine(fails(ECC))
    with pytest.raises(SandboxLost, match="said that its GPU failed"):
        examine(fake, may_be_ours=True)
    assert fake.log.count("trial") == 2


@pytest.mark.parametrize("cause", ["signal", "exited", "wall", "cpu", "memory"])
def test_whatever_ends_a_process_that_has_a_gpu_the_gpu_is_tried_out_before_that_counts(
    machine, examine, sandbox, cause
):
    def f():
        raise sandbox.End(cause, 11)

    good = machine({"f": f, "g": lambda: 2})
    assert examine(good).score == 4
    assert good.log.count("trial") == 2
    with pytest.raises(SandboxLost, match="does not work"):
        examine(machine({"f": f, "g": lambda: 2}, trials=["works", "ends"]))


def test_a_wrong_answer_and_what_is_missing_make_nobody_doubt_the_gpu(machine, examine):
    fake = machine({"f": lambda: 7})
    assert examine(fake).score == 0
    assert fake.log.count("trial") == 1


def test_whatever_a_submission_raises_its_gpu_is_tried_out_before_that_counts(machine, examine):
    """A GPU that fails may show itself in words of a library's, or of the student's."""
    names = {"f": lambda: 1, "g": fails("training failed")}
    good = machine(names)
    assert examine(good, may_be_ours=True).score == 6
    assert good.log.count("trial") == 2
    with pytest.raises(SandboxLost, match="does not work"):
        examine(machine(names, trials=["works", "ends"]))


def test_a_process_that_spoilt_its_gpu_is_replaced_so_that_it_costs_its_own_check_and_no_other(machine, examine):
    fake = machine({"f": fails("CUDA error: device-side assert triggered"), "g": lambda: 2})
    assert examine(fake).score == 4
    assert fake.log.count("start") == 2


def test_in_a_container_for_each_submission_the_gpu_is_tried_out_in_another_one(machine, examine):
    """What a submission did to its own container is not to be taken for the GPU's failing."""
    fake = machine({"f": fails(ECC), "g": lambda: 2})
    examine(fake, fresh=True)
    last = len(fake.log) - fake.log[::-1].index("trial")
    assert fake.log[last - 3 : last] == ["open", "measure", "trial"]


def test_without_a_gpu_what_cuda_says_is_the_students_own(sandbox, examine):
    fake = sandbox({"f": fails(ECC), "g": lambda: 2})
    assert examine(fake, may_be_ours=True).score == 4
    assert fake.log.count("start") == 1
