"""A queue in memory, and a clock that goes on when somebody waits."""

from dataclasses import replace

from grader.errors import DatabaseUnreachable
from grader.model import Claim, Standing, TicketState


class FakeQueue:
    """Does what `grader.store.queue.Queue` does, as far as its users can tell; a test decides what workers do."""

    def __init__(self):
        self.asked = {}
        self.state = {}
        self.runs = {}
        self.there = []
        self.away = 0
        self.refusals = []
        self.given_back = []
        self.calls = []
        self.version = "1.0"

    def _answer(self, call):
        self.calls.append(call)
        if self.away:
            self.away -= 1
            raise DatabaseUnreachable("The database is away.")

    # who asks

    def ask(self, asked, *, again=False):
        self._answer("ask")
        found = []
        for one in asked:
            ticket = next((id_ for id_, known in self.asked.items() if known.key == one.key), len(self.asked) + 1)
            self.asked[ticket] = one
            before = self.state.get(ticket)
            if before is None or again or before.state in {TicketState.WITHDRAWN, TicketState.SUPERSEDED}:
                self.state[ticket] = Standing(ticket, TicketState.WAITING)
            found.append(ticket)
        return found

    def standings(self, tickets):
        self._answer("standings")
        return {ticket: self.state[ticket] for ticket in tickets if ticket in self.state}

    def run(self, ticket):
        return self.runs.get(ticket)

    def withdraw(self, tickets):
        self._answer("withdraw")
        found = {ticket for ticket in tickets if self.state[ticket].state is TicketState.WAITING}
        for ticket in found:
            self.becomes(ticket, TicketState.WITHDRAWN)
        return found

    def workers(self):
        self._answer("workers")
        return list(self.there)

    # who grades

    def enroll(self, worker):
        self._answer("enroll")
        self.there.append(worker)
        return len(self.there)

    def beat(self, worker_id, slots=None):
        self._answer("beat")

    def leave(self, worker_id):
        self._answer("leave")

    def overdue(self, worker, most):
        self._answer("overdue")
        waiting = [ticket for ticket, standing in self.state.items() if standing.state is TicketState.WAITING]
        return [(ticket, self.asked[ticket].need, self.asked[ticket].urgency) for ticket in waiting][:most]

    def claim(self, ticket, worker_id):
        self._answer("claim")
        standing = self.state.get(ticket)
        if standing is None or standing.state is not TicketState.WAITING:
            return None
        self.becomes(ticket, TicketState.CLAIMED, claims=standing.claims + 1)
        one = self.asked[ticket]
        return Claim(ticket, standing.claims + 1, one.key, one.ids, one.dataset, one.need, self.version)

    def settle(self, claim, worker_id, run):
        self._answer("settle")
        if self.state[claim.ticket].state is not TicketState.CLAIMED:
            return False
        self.ends(claim.ticket, run)
        return True

    def refuse(self, claim, worker_id, why):
        self._answer("refuse")
        self.refusals.append((claim.ticket, why))
        self.becomes(claim.ticket, TicketState.WAITING, refused={"w": why})

    def give_back(self, claim, worker_id, *, tried=False):
        self._answer("give_back")
        self.given_back.append(claim.ticket)
        claims = self.state[claim.ticket].claims
        self.becomes(claim.ticket, TicketState.WAITING, claims=claims if tried else claims - 1)

    # what a test decides

    def becomes(self, ticket, state, **changes):
        self.state[ticket] = replace(self.state[ticket], state=state, **changes)

    def ends(self, ticket, run):
        self.runs[ticket] = run
        self.becomes(ticket, TicketState.SETTLED)


class FakeClock:
    """Time passes when somebody waits; then what a test wants to happen does."""

    def __init__(self):
        self.time = 0.0
        self.plans = []

    def now(self):
        return self.time

    def wait(self, seconds):
        self.time += seconds
        due = [plan for plan in self.plans if plan[0] <= self.time]
        self.plans = [plan for plan in self.plans if plan[0] > self.time]
        for _, happens in due:
            happens()

    def at(self, seconds, happens):
        self.plans.append((seconds, happens))
