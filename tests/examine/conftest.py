"""A slot whose "sandbox" is a dict of functions in this process, and tiny labs to go with it."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch

from grader.errors import SandboxLost
from grader.examine.examination import examine
from grader.examine.gpus import Gpu, Lent
from grader.examine.plugin import Dataset
from grader.examine.slots import Slots
from grader.labs import Lab, LabSpec, LimitSpec
from grader.model import SandboxFacts, Student, Submission
from sandbox.protocol import frames, messages
from sandbox.protocol.messages import (
    Answer,
    Ask,
    Call,
    Ended,
    Imported,
    Measure,
    Measured,
    Printed,
    Raised,
    Reply,
    Start,
    Stop,
)
from sandbox.protocol.values import pack, unpack_many


class End(Exception):
    """Raised by a fake student's function: the parent ended the child over it."""

    def __init__(self, cause, status=0, cpu=0.0, detail=""):
        super().__init__(cause)
        self.cause, self.status, self.cpu, self.detail = cause, status, cpu, detail


class Sends(Exception):
    """Raised by a fake student's function: the driver sends these bytes."""

    def __init__(self, data):
        super().__init__()
        self.data = data


class Dies(Exception):
    """Raised by a fake student's function: the slot is lost."""


@dataclass
class FakeSandbox:
    """Opens fake slots and remembers what was asked of them.

    Attributes:
        file: makes the student's names; run at each import.
        cpu: seconds that a call of a name takes; 0.01 for the others.
        log: "open", "start", "close" and (name, seed) of each call; "trial" and "measure" of a GPU.
        lent: the GPU that slots have.
        used: bytes of its memory that are in use: one after the other, the last for ever; or a clause, the trouble.
        trials: what trying it out comes to: one after the other, "works", or else it does not; the last for ever.
    """

    file: Callable[[], dict]
    cpu: dict = field(default_factory=dict)
    prints: bytes = b""
    skipped: tuple = ()
    log: list = field(default_factory=list)
    lent: Lent | None = None
    used: list = field(default_factory=lambda: [0])
    trials: list = field(default_factory=lambda: ["works"])

    def identity(self):
        return "fake"

    def open(self):
        self.log.append("open")
        return FakeSlot(self)

    @property
    def calls(self):
        return [entry[0] for entry in self.log if isinstance(entry, tuple)]


class FakeSlot:
    facts = SandboxFacts("fake", "none", "fake")
    missing = ()

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.lent = sandbox.lent
        self.outbox = deque()
        self.running = False

    def send(self, message, *body):
        body = b"".join(body)
        match message:
            case Measure():
                self.sandbox.log.append("measure")
                used = _next(self.sandbox.used)
                self.outbox.append((Measured(used) if isinstance(used, int) else Measured(0, used), b""))
            case Start(entry="trial.py"):
                self.session, self.running, self.cpu = message.session, True, 0.0
                self.sandbox.log.append("trial")
                if (outcome := _next(self.sandbox.trials)) == "works":
                    self.outbox.append((Reply(self.session, 0.0, 0.0), bytes(messages.frame(Imported([], [])))))
                elif outcome == "ends":
                    self._end(Ended(message.session, "wall"))
            case Start():
                self.limits = message.limits
                self.session = message.session
                self.sandbox.log.append("start")
                self.running, self.kept, self.cpu = True, {}, 0.0
                self._answer("import", lambda: self._import(message, body))
            case Ask():
                question = messages.decode(messages.question, (frame := frames.parse(body)).head)
                name = self._name(question)
                self.sandbox.log.append((name, getattr(question, "seed", None)))
                self._answer(name, lambda: self._ask(question, frame.body), question.id)
            case Stop() if self.running:
                self._end(Ended(message.session, "stopped"))

    def receive(self, timeout):
        if not self.outbox:
            raise SandboxLost("The sandbox stopped answering.")
        return self.outbox.popleft()

    def close(self):
        self.sandbox.log.append("close")
        self.running = False

    def _name(self, question):
        if isinstance(question, messages.Write):
            return f"write {question.name}"
        target = question.target if isinstance(question.target, str) else "handle"
        return f"{target}.{question.method}" if getattr(question, "method", "") else target

    def _import(self, message, body):
        assert sum(size for _, size in message.files) == len(body)
        self.names = self.sandbox.file()
        return messages.frame(Imported(list(self.names), list(self.sandbox.skipped)))

    def _answer(self, name, work, question_id=0):
        cpu, asked = self.sandbox.cpu.get(name, 0.01), time.monotonic()
        self.cpu += cpu
        try:
            data = bytes(work())
        except End as end:
            self.cpu += end.cpu
            wall = time.monotonic() - asked
            return self._end(Ended(self.session, end.cause, end.status, end.detail, self.cpu, wall))
        except Sends as sends:
            data = sends.data
        except Dies:
            return None
        except Exception as error:  # noqa: BLE001  whatever a student's code raises
            missing = isinstance(error, KeyError) and error.args == ("missing",)
            raised = Raised(question_id, type(error).__name__, str(error), "  line 1\n", missing)
            data = bytes(messages.frame(raised))
        self.outbox.append((Reply(self.session, cpu, time.monotonic() - asked), data))
        return None

    def _end(self, ended):
        self.running = False
        self.outbox.append((Printed(self.session), self.sandbox.prints))
        self.outbox.append((ended, b""))

    def _ask(self, question, body):
        if isinstance(question, messages.Write):
            self.kept[f"{question.id}.0"] = bytes(body).decode()  # in place of a path, so that a test can look at it
            return messages.frame(Answer(question.id, messages.Handle(f"{question.id}.0", "str")))
        target = question.target if isinstance(question.target, str) else self.kept[question.target.id]
        match question:
            case Call():
                if isinstance(target, str) and target not in self.names and "." not in target:
                    raise KeyError("missing")
                values = [*question.args, *(value for _, value in question.kwargs)]
                found = [
                    self.kept[value.id] if isinstance(value, messages.Handle) else value
                    for value in unpack_many(values, body)
                ]
                names = [name for name, _ in question.kwargs]
                args = found[: len(question.args)]
                torch.default_generator.manual_seed(question.seed)
                call = self._callable(target, question.method)
                return self._pack(question, call(*args, **dict(zip(names, found[len(args) :], strict=True))))
            case messages.Attribute():
                for part in question.path.split("."):
                    target = getattr(target, part)
                return self._pack(question, target)
            case messages.Items():
                return self._pack(question, [item for _, item in zip(range(question.most), target, strict=False)])
        facts = [
            messages.ParameterFacts(n, list(p.shape), str(p.dtype), p.requires_grad)
            for n, p in target.named_parameters()
        ]
        return messages.frame(messages.Facts(question.id, facts, [], []))

    def _callable(self, target, method):
        if method:
            return getattr(target, method)
        if isinstance(target, str):
            return self.names[target] if target in self.names else eval(target, {"torch": torch})
        return target

    def _pack(self, question, value):
        bulk = []

        def keep(item):
            handle = messages.Handle(
                f"{question.id}.{len([k for k in self.kept if k.startswith(f'{question.id}.')])}",
                type(item).__name__,
                isinstance(item, torch.nn.Module),
                callable(item),
            )
            self.kept[handle.id] = item
            return handle

        packed = keep(value) if getattr(question, "keep", False) else pack(value, bulk, keep)
        return messages.frame(Answer(question.id, packed), b"".join(bulk))


def _next(outcomes):
    return outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]


SUBMISSION = Submission(Student("ada", "Ada"), "lab", {"lab.py": b"x = 1\n"}, "lab.py", "0" * 64, "lab.py")


@pytest.fixture
def sandbox():
    """Makes a `FakeSandbox` of a dict of functions, or of a function that makes one."""

    def make(names, **options):
        return FakeSandbox(names if callable(names) else lambda: names, **options)

    make.End, make.Sends, make.Dies, make.submission = End, Sends, Dies, SUBMISSION
    return make


@pytest.fixture
def spec():
    """Makes a `LabSpec` with small limits."""

    def make(*, points=10.0, dataset="none", feedback=None, best_of=None, **limits):
        more = {"feedback": feedback} if feedback else {}
        more |= {"best_of": best_of} if best_of else {}
        limits = {"call_seconds": 30.0, **limits}
        return LabSpec(title="Lab", version="1", limits=LimitSpec(**limits), points=points, dataset=dataset, **more)

    return make


@pytest.fixture
def lab(tmp_path, spec):
    """Writes a lab with the given hidden suite, under a header that imports the suite API."""

    def make(suite, *, header=True, course="", **options):
        folder = tmp_path / course / "reference" / "lab"
        folder.mkdir(parents=True, exist_ok=True)
        text = "from grader.examine.suite import *\nimport pytest, torch\n" if header else ""
        (folder / "test_hidden.py").write_text(text + suite)
        return Lab("lab", spec(**options), tmp_path / "assignments" / "lab", folder)

    return make


@pytest.fixture
def run(lab):
    """Examines a fake submission by a suite."""

    def go(suite, fake, *, on_check=None, fresh=False, salt="", submission=SUBMISSION, **options):
        made = lab(suite, **options)
        with Slots(fake, fresh=fresh) as slots:
            return examine(
                made, made.hidden_suite, submission, slots, dataset=Dataset("digits"), salt=salt, on_check=on_check
            )

    return go


@pytest.fixture
def gpu():
    """Makes a `Gpu`, of which 1 GiB was in use when it was found."""

    def make(index="0", uuid="GPU-5a1b", **options):
        options = {"name": "NVIDIA H100", "memory": 80 * 2**30, "used": 2**30, "driver": "570.86"} | options
        return Gpu(index, uuid, **options)

    return make


@pytest.fixture
def lent(gpu):
    """Makes a `Lent`."""
    return lambda share=1: Lent(gpu(), share)
