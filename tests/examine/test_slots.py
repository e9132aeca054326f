"""One slot at a time, used again or replaced."""

import pytest

from grader.errors import EngineUnreachable, ImageMissing, SandboxLost
from grader.examine.slots import Slots


class Machine:
    """Opens slots that do nothing, as long as it can."""

    lent = None

    def __init__(self):
        self.opened = self.closed = 0
        self.trouble = None

    def open(self):
        if self.trouble:
            raise self.trouble
        self.opened += 1
        return self

    def close(self):
        self.closed += 1


@pytest.fixture
def machine():
    return Machine()


@pytest.mark.parametrize("fresh", [False, True])
def test_what_a_machine_cannot_give_at_first_is_a_wrong_set_up_and_later_a_loss(machine, fresh):
    slots = Slots(machine, fresh=fresh)
    machine.trouble = ImageMissing("No image.")
    with pytest.raises(ImageMissing):
        slots.open()
    machine.trouble = None
    slots.take()
    slots.close()
    machine.trouble = EngineUnreachable("No engine.")
    with pytest.raises(SandboxLost, match="No engine"):
        slots.take()


def test_an_engine_that_does_not_answer_is_a_loss_from_the_first(machine):
    """It did when its image was asked for."""
    machine.trouble = EngineUnreachable("No engine.")
    with pytest.raises(SandboxLost, match="No engine"):
        Slots(machine).open()


def test_a_fresh_slot_that_is_open_already_is_the_next_sessions(machine):
    with Slots(machine, fresh=True) as slots:
        slots.open()
        slots.take()
        assert (machine.opened, machine.closed) == (1, 0)
        slots.take()
        assert (machine.opened, machine.closed) == (2, 1)
    assert machine.closed == 2
