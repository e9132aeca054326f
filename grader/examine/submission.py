"""The student's file as a suite sees it: calls that are answered from the sandbox."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from itertools import count
from pathlib import PurePosixPath
from typing import Any, Final

from grader.examine import sentences
from grader.examine.draw import Draw
from grader.examine.journal import Asked
from grader.examine.session import Session
from sandbox.protocol import messages
from sandbox.protocol.frames import Buffer
from sandbox.protocol.messages import Attribute, Call, Describe, Facts, Items, Question, Value, Write
from sandbox.protocol.values import pack

FILE_MOST: Final = 64 * 2**20
"""Bytes of a file for a submission: well below the scratch space that a lab allows by default."""


class Desk:
    """Turns calls into questions and answers into objects; shared by a submission and its handles.

    Args:
        seeds: where the sandbox's random generators get their seeds from.
    """

    def __init__(self, session: Session, seeds: Draw, limit: Callable[[str], float]) -> None:
        self.session = session
        self._seeds = seeds
        self._limit = limit
        self._ids = count(1)

    def call(
        self, target: "str | Handle", method: str, args: tuple[Any, ...], kwargs: dict[str, Any], **options: Any
    ) -> Any:
        """Call a name, a handle, or a method of it; `options` are `keep` and `seed` of `messages.Call`."""
        bulk: list[Buffer] = []
        touched: set[str] = set()
        seed, keep = options.get("seed"), options.get("keep", False)
        question = Call(
            next(self._ids),
            self._wire(target, touched),
            [self._packed(value, bulk, touched) for value in args],
            [(name, self._packed(value, bulk, touched)) for name, value in kwargs.items()],
            method,
            self._seeds.seed() if seed is None else seed,
            keep,
        )
        origin = target if isinstance(target, str) else target.origin
        return self._ask(question, bulk, touched, _doing(target, method), origin)

    def attribute(self, target: "Handle", path: str) -> Any:
        """Read a dotted attribute."""
        return self._read(lambda id_, wire: Attribute(id_, wire, path), target, f"Reading .{path} of")

    def value(self, name: str) -> Any:
        """Read a variable."""
        return self._ask(Attribute(next(self._ids), name, ""), [], set(), f"Reading {name}", name)

    def items(self, target: "Handle", most: int) -> Any:
        """Loop over something."""
        return self._read(lambda id_, wire: Items(id_, wire, most), target, "Looping over")

    def write(self, name: str, content: bytes) -> Any:
        """Put a file beside the student's."""
        return self._ask(Write(next(self._ids), name), [content], set(), f"Writing {name}", name)

    def describe(self, target: "Handle") -> Any:
        """Look at an `nn.Module`."""
        return self._read(Describe, target, "Looking at")

    def _read(self, question: Callable[[int, messages.Handle], Question], target: "Handle", verb: str) -> Any:
        touched: set[str] = set()
        asked = question(next(self._ids), self._wire(target, touched))
        return self._ask(asked, [], touched, f"{verb} the result of {target.origin}", target.origin)

    def _ask(self, question: Question, bulk: list[Buffer], touched: set[str], doing: str, origin: str) -> Any:
        name = question.target if isinstance(question, Call) and isinstance(question.target, str) else ""
        asked = Asked(question, b"".join(bulk), frozenset(touched), doing, self._limit(name))
        return self._unwrapped(self.session.ask(asked), origin)

    def _wire(self, target: Any, touched: set[str]) -> Any:
        if isinstance(target, Handle):
            if target.desk is not self:
                raise TypeError(f"{target!r} belongs to another submission; make handles anew for each one")
            touched.add(target.wire.id)
            return target.wire
        return target

    def _packed(self, value: Any, bulk: list[Buffer], touched: set[str]) -> Value:
        def kept(item: object) -> messages.Handle:
            if isinstance(item, Handle):
                wire: messages.Handle = self._wire(item, touched)
                return wire
            raise TypeError(f"something of type {type(item).__name__} cannot be sent to a submission")

        return pack(value, bulk, kept)

    def _unwrapped(self, value: Any, origin: str) -> Any:
        match value:
            case messages.Handle():
                return Handle(value, self, origin)
            case list():
                return [self._unwrapped(item, origin) for item in value]
            case tuple():
                return tuple(self._unwrapped(item, origin) for item in value)
            case dict():
                return {key: self._unwrapped(item, origin) for key, item in value.items()}
        return value


class Submission:
    """The student's file. `submission.NAME(…)` calls NAME in the sandbox and returns its answer.

    Numbers, strings, None, lists, tuples, dicts, numpy arrays and dense tensors come as they are, anything else as a
    `Handle`. The student's code may raise `CallRaised` and `CallEnded` from every call here and of a handle.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self._function, name)

    def _function(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        return self._desk.call(name, "", args, kwargs)

    def call(self, name: str, /, *args: Any, keep: bool = False, seed: int | None = None, **kwargs: Any) -> Any:
        """Call `name` with options.

        Args:
            keep: answer with a handle even for plain data.
            seed: what the sandbox's global random generators are set to before the call.
        """
        return self._desk.call(name, "", args, kwargs, keep=keep, seed=seed)

    def library(self, path: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call something of torch in the sandbox, e.g. "torch.nn.Linear"."""
        if "." not in path:
            raise ValueError(f"{path} is not the dotted name of something in a library")
        return self._desk.call(path, "", args, kwargs)

    def file(self, name: str, content: str | bytes) -> "Handle":
        """Write a file into the folder that the student's code works in; the handle stands for its path, a str.

        Args:
            name: plain, without a folder; a file of that name is replaced.
            content: at most FILE_MOST bytes; text is written as UTF-8.
        """
        if not name or name == ".." or PurePosixPath(name).name != name:
            raise ValueError(f"{name!r} is not the plain name of a file")
        data = content.encode() if isinstance(content, str) else content
        if len(data) > FILE_MOST:
            raise ValueError(f"{name} has {len(data):,} bytes; a file for a submission may have {FILE_MOST:,}")
        path: Handle = self._desk.write(name, data)
        return path

    def value(self, name: str) -> Any:
        """What the file's top level has under `name`: a variable, or a function or class as a handle."""
        return self._desk.value(name)

    def aside(self) -> AbstractContextManager[None]:
        """For a picture's questions, after what is judged: a finding ends the block, and costs nothing.

        Give each question a seed of its own, so that what is drawn later stays the same.
        """
        return self._desk.session.aside()

    def has(self, name: str) -> bool:
        """Whether the file defines `name`."""
        return self._desk.session.defines(name)


class Handle:
    """Something that stays in the sandbox. Called, it calls what it stands for.

    Attributes:
        wire: the handle as it travels.
        origin: the name whose call it comes from.
    """

    def __init__(self, wire: messages.Handle, desk: Desk, origin: str) -> None:
        self.wire = wire
        self.desk = desk
        self.origin = origin

    def __repr__(self) -> str:
        return f"<handle to a {self.kind} from {self.origin}>"

    @property
    def kind(self) -> str:
        """The class's name; the student's word."""
        return sentences.plain(self.wire.kind, sentences.NAME_MOST) or "object"

    @property
    def is_module(self) -> bool:
        """Whether it is an `nn.Module`."""
        return self.wire.module

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call what it stands for."""
        return self.desk.call(self, "", args, kwargs)

    def method(self, name: str, /, *args: Any, keep: bool = False, seed: int | None = None, **kwargs: Any) -> Any:
        """Call a method; `keep` and `seed` as for `Submission.call`."""
        return self.desk.call(self, name, args, kwargs, keep=keep, seed=seed)

    def attribute(self, path: str) -> Any:
        """Read a dotted attribute, e.g. "fc.out_features"."""
        return self.desk.attribute(self, path)

    def items(self, most: int = 100) -> list[Any]:
        """What looping over it yields, at most `most` items."""
        found = self.desk.items(self, most)
        return found if isinstance(found, list) else [found]

    def facts(self) -> Facts:
        """An `nn.Module`'s parameters, buffers and submodules."""
        found: Facts = self.desk.describe(self)
        return found


def _doing(target: str | Handle, method: str) -> str:
    if isinstance(target, str):
        return target
    return (
        f"Calling .{method}() of the result of {target.origin}" if method else f"Calling the result of {target.origin}"
    )
