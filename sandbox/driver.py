"""The process that runs a student's code: it imports the file and answers questions about it, and judges nothing.

Its stream carries first `Start` to here, then an empty frame back (the libraries are loaded, the process is set apart
and the files are laid out: whatever goes wrong before is not the student's doing, and clocks start now), `Imported` or
`Raised`, then questions and answers in turns. A call's tensors lie in the frame's body in the order of its args, then
its kwargs.

Whatever the student's code raises, SystemExit and KeyboardInterrupt included, is an answer. What it prints goes to
descriptors 1 and 2, which the parent reads.
"""

import contextlib
import importlib
import itertools
import os
import random
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from sandbox import cuda, limits, raising
from sandbox.folder import Folder
from sandbox.protocol import frames, messages, values
from sandbox.protocol.frames import ANSWER_MOST, HEAD_MOST, PREFIX, Buffer, Frame
from sandbox.protocol.messages import (
    Answer,
    Attribute,
    Call,
    Describe,
    Facts,
    Handle,
    Imported,
    Items,
    ModuleFacts,
    ParameterFacts,
    Question,
    Start,
    Write,
)

HELLO: Final = Frame(b"")
"""The first frame from here: ready to import."""
LIBRARIES: Final = frozenset({"torch", "torchvision", "numpy"})
"""What a dotted target may start with."""
NAMES_MOST: Final = 2000


class Missing(AttributeError):
    """The name that was asked for is not in the student's file."""


class Driver:
    """One submission's objects, and the answers about them."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._names: dict[str, Any] = {}
        self._entry = ""
        self._seeded = False
        self._kept: dict[str, object] = {}

    def start(self, start: Start) -> Frame:
        """Import the student's file."""

        def work() -> Frame:
            imported = self._folder.run(start)
            self._names = vars(imported.module)
            names = [raising.sendable(name, 200) for name in self._names if not str(name).startswith("__")]
            return messages.frame(Imported(names[:NAMES_MOST], imported.skipped))

        self._entry = start.entry
        return self._guarded(0, work)

    def answer(self, question: Question, body: Buffer) -> Frame:
        """The answer to one question; never raises for what a student's code does."""
        return self._guarded(question.id, lambda: self._answer(question, body))

    def _guarded(self, question: int, work: Callable[[], Frame]) -> Frame:
        try:
            frame = work()
            cuda.finish()
            if len(frame.head) > HEAD_MOST or PREFIX.size + len(frame.head) + len(frame.body) > ANSWER_MOST:
                raise ValueError("the answer is too large to be handed over; return tensors, and fewer numbers")  # noqa: TRY301 - answered below like what the student raises
        except Missing as error:
            return messages.frame(messages.Raised(question, "AttributeError", str(error), missing=True))
        except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of a student are answers too
            return messages.frame(raising.describe(question, error, self._folder.own, besides=cuda.trouble()))
        return frame

    def _answer(self, question: Question, body: Buffer) -> Frame:
        match question:
            case Call():
                return self._call(question, body)
            case Attribute():
                found = self._target(question.target)
                for name in filter(None, question.path.split(".")):
                    found = getattr(found, name)
                return self._answered(question.id, found)
            case Items():
                return self._answered(question.id, list(itertools.islice(self._object(question.target), question.most)))
            case Describe():
                return messages.frame(facts(question.id, self._object(question.target)))
            case Write():
                return self._answered(question.id, str(self._folder.put(question.name, body)), kept=True)

    def _call(self, call: Call, body: Buffer) -> Frame:
        sent = values.unpack_many([*call.args, *(value for _, value in call.kwargs)], body)
        arguments = [self._resolved(value) for value in sent]
        named = dict(zip((name for name, _ in call.kwargs), arguments[len(call.args) :], strict=True))
        function = self._target(call.target)
        if call.method:
            function = getattr(function, call.method)
        seed_everything(call.seed, first=not self._seeded)
        self._seeded = True
        of_the_grader = isinstance(call.target, str) and "." in call.target
        plain = of_the_grader and not any(isinstance(value, Handle) for value in sent)
        with float32_by_default() if plain else contextlib.nullcontext():
            made = function(*arguments[: len(call.args)], **named)
        return self._answered(call.id, made, kept=call.keep)

    def _answered(self, question: int, value: object, *, kept: bool = False) -> Frame:
        bulk: list[Buffer] = []
        count = itertools.count()

        def keep(value: object) -> Handle:
            id_ = f"{question}.{next(count)}"
            self._kept[id_] = value
            return Handle(
                id_,
                kind=raising.sendable(type(value).__name__, 200),
                module=isinstance(value, torch.nn.Module),
                callable=callable(value),
            )

        packed = keep(value) if kept else values.pack(value, bulk, keep)
        return messages.frame(Answer(question, packed), b"".join(bulk))

    def _resolved(self, value: Any) -> Any:
        match value:
            case Handle():
                return self._object(value)
            case list():
                return [self._resolved(item) for item in value]
            case tuple():
                return tuple(self._resolved(item) for item in value)
            case dict():
                return {key: self._resolved(item) for key, item in value.items()}
        return value

    def _target(self, target: str | Handle) -> Any:
        if isinstance(target, Handle):
            return self._object(target)
        if "." in target:
            return library(target)
        if target not in self._names:
            raise Missing(f"{self._entry} has no “{target}”. Define it at the top level of the file, spelled so.")
        return self._names[target]

    def _object(self, handle: Handle) -> Any:
        if handle.id not in self._kept:
            raise LookupError("what an earlier call returned is no longer there")
        return self._kept[handle.id]


def library(path: str) -> Any:
    """What a dotted path such as "torch.nn.Linear" names; only below LIBRARIES.

    Raises:
        AttributeError: nothing has that name.
    """
    parts = path.split(".")
    if parts[0] not in LIBRARIES:
        raise AttributeError(f"{path} is not part of torch, torchvision or numpy")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise AttributeError(f"{parts[0]} is not installed")


@contextlib.contextmanager
def float32_by_default() -> Iterator[None]:
    """What a suite makes for itself, of plain data, is float32, whatever default a student's file has set."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def seed_everything(seed: int, *, first: bool) -> None:
    """Set the global random generators of Python, numpy and torch, on every device in use.

    Args:
        first: nothing was seeded before. A device that comes into use later begins with this seed.
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)
    in_use = torch.cuda.is_initialized() or torch.backends.mps.is_available()  # type: ignore[no-untyped-call]
    if first or in_use:
        torch.manual_seed(seed)  # for a device that is not in use it notes who calls, which takes half a question
    else:
        torch.default_generator.manual_seed(seed)


def facts(question: int, module: object) -> Facts:
    """An `nn.Module` from outside.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"this is a {type(module).__name__}, and not an nn.Module")
    return Facts(
        question,
        [
            ParameterFacts(name, list(each.shape), str(each.dtype).removeprefix("torch."), bool(each.requires_grad))
            for name, each in module.named_parameters()
        ],
        [name for name, _ in module.named_buffers()],
        [
            ModuleFacts(name, type(each).__name__, library_bases(type(each)), bool(each.training))
            for name, each in module.named_modules()
        ],
    )


def library_bases(found: type) -> list[str]:
    """The names of the classes of torch and torchvision that `found` is or derives from."""
    return [base.__name__ for base in found.__mro__ if base.__module__.split(".")[0] in LIBRARIES]


def serve(connection: socket.socket) -> None:
    """Hold the conversation until the other side hangs up."""
    torch.set_num_threads(1)
    me = os.getpid()
    connection.settimeout(None)
    received = frames.read(lambda size: _exactly(connection, size))
    start = messages.decode(messages.start, received.head)
    torch.set_num_threads(start.limits.threads)
    if start.limits.gpu:
        cuda.begin(start.limits.gpu)
    limits.limit_memory(start.limits.memory_bytes)
    folder = Folder(Path(tempfile.gettempdir()) / "submission")
    folder.write(start.files, received.body)
    os.chdir(folder.root)
    sys.argv[:] = [start.entry]  # a file that reads its arguments finds none, as when it is imported
    driver = Driver(folder)
    _send(connection, HELLO)
    reply = driver.start(start)
    while True:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):  # the student may have replaced it by anything
                stream.flush()
        if os.getpid() != me:
            os._exit(0)  # a child that the student's code forked and let run on into here
        _send(connection, reply)
        received = frames.read(lambda size: _exactly(connection, size))
        reply = driver.answer(messages.decode(messages.question, received.head), received.body)


def _send(connection: socket.socket, frame: Frame) -> None:
    for piece in frames.pieces(frame.head, frame.body):
        connection.sendall(piece)


def _exactly(connection: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        try:
            count = connection.recv_into(view)
        except ConnectionError:
            count = 0
        if not count:
            os._exit(0)  # the parent is gone; atexit handlers of the student's code have no say
        view = view[count:]
    return data
