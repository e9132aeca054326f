"""The warm parent: speaks to the host, forks a driver for each session and holds it to its limits.

    python -P -m sandbox.parent --isolation namespaces|user|plain

Frames come in on stdin and go out on stdout, or both ways on a socket (`--linked`; see `links`), which nothing else
reaches: they are moved away before anything is imported that might print. The end of what comes in is the end of the
parent, and so of its container.
"""

import argparse
import contextlib
import gc
import importlib.util
import os
import re
import select
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import msgspec

from sandbox import devices, links, pages, setting
from sandbox.pipes import Connection, End, Inbox, Outbox
from sandbox.protocol import messages
from sandbox.protocol.frames import BODY_MOST, HEAD_MOST, PREFIX, Buffer, Frame, ProtocolError
from sandbox.protocol.messages import Ask, Measure, Measured, Printed, Ready, Reply, Start, Stop
from sandbox.session import DriverLost, Over, Session
from sandbox.setting import Setting

if sys.platform != "win32":
    from sandbox.pipes import Descriptor

FIRST: Final = ("sandbox.driver",)
"""What every session needs; it brings torch and numpy."""
LATER: Final = (
    *("torch.optim", "torch._dynamo", "torchvision", "torchvision.models", "torchvision.transforms.v2"),
    *("torch.utils.data", "multiprocessing.pool"),
)
"""What most sessions import. torch._dynamo alone, which the first optimizer wants, takes longer than a whole check."""
_PLOTS: Final = ("matplotlib.pyplot",)
MENTIONED: Final = {
    b"matplotlib": _PLOTS,
    b"pylab": _PLOTS,
    b"mpl_toolkits": _PLOTS,
    b"scipy": ("scipy.stats",),
    b"sklearn": (
        *("sklearn.datasets", "sklearn.metrics", "sklearn.linear_model", "sklearn.model_selection"),
        "sklearn.preprocessing",
    ),
}
"""What a session imports whose files mention the word; together they would take a third of a parent's start.

Later sessions can tell by what is imported that an earlier one mentioned it, and by nothing else.
"""
PACKAGES: Final = ("torch", "torchvision", "numpy")


class Parent:
    """Serves one host, one session at a time.

    Args:
        prepare: is given each submission's files before its session starts.
    """

    def __init__(
        self, incoming: End, outgoing: End, setting: Setting, prepare: Callable[[Buffer], None] | None = None
    ) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._inbox = Inbox(incoming, PREFIX.size + HEAD_MOST + BODY_MOST)
        self._outbox = Outbox(outgoing)
        self._setting = setting
        self._prepare = prepare
        self._session: Session | None = None

    def serve(self, between: Callable[[], None]) -> None:
        """Say `Ready` and serve until the host hangs up.

        Args:
            between: called after each session.
        """
        versions = {name: metadata.version(name) for name in PACKAGES}
        versions |= {"python": sys.version.split()[0], "torch build": torch_build()}
        self._send(Ready(messages.VERSION, self._setting.name, self._setting.missing, versions))
        try:
            while True:
                had_one = self._session is not None
                self._wait()
                self._hear_host()
                self._hear_session()
                self._outbox.flush()
                if had_one and self._session is None:
                    between()
        except (EOFError, ConnectionError):
            return
        finally:
            if self._session:
                self._session.kill()

    def _wait(self) -> None:
        reading, writing = [self._incoming], [self._outgoing] if self._outbox else []
        patience = None
        if self._session:
            more, full = self._session.ends()
            reading, writing, patience = reading + more, writing + full, self._session.patience()
        select.select(reading, writing, (), patience)

    def _hear_host(self) -> None:
        while (frame := self._inbox.read()) is not None:
            match messages.decode(messages.to_parent, frame.head):
                case Start() as start if self._session is None:
                    self._start(start, frame)
                case Ask(session) as ask if self._session and self._session.number == session:
                    self._put(self._session, (frame.body,), ask)
                case Stop(session) if self._session and self._session.number == session:
                    self._end(Over("stopped"))
                case Measure(device) if self._session is None:
                    self._send(Measured(*devices.used(device, devices.aside())))
                case Start() | Measure():
                    raise ProtocolError("a second session, or a measurement, while one is running")
                case _:
                    pass  # the session has ended meanwhile, and the host is about to read so

    def _start(self, start: Start, frame: Frame) -> None:
        if self._prepare:
            self._prepare(frame.body)
        driver = self._setting.start(start.limits)
        self._session = Session(start.session, driver, start.limits, confined=self._setting.confined)
        self._put(self._session, (frame.prefix(), frame.head, frame.body), start)

    def _put(self, session: Session, parts: tuple[Buffer, ...], limits: Ask | Start) -> None:
        """Pass a question on. A driver that has hung up ends its own session, and nothing else."""
        try:
            session.ask(parts, limits.cpu_seconds, limits.wall_seconds)
        except ConnectionError:
            self._end(session.hung_up())

    def _hear_session(self) -> None:
        session = self._session
        if session is None:
            return
        session.drain()
        try:
            for reply, used in session.replies():
                parts = (reply.prefix(), reply.head, reply.body)
                self._send(Reply(session.number, used.cpu_seconds, used.wall_seconds), *parts)
            session.outbox.flush()
        except (EOFError, ConnectionError):
            self._end(session.hung_up())
            return
        except ProtocolError as error:
            self._end(Over("protocol", detail=str(error)))
            return
        over = session.over()
        if over:
            self._end(over)

    def _end(self, over: Over) -> None:
        session, self._session = self._session, None
        if session:
            session.kill()
            printed, ended = session.result(over)
            self._send(Printed(ended.session), printed)
            self._send(ended)

    def _send(self, message: msgspec.Struct, *parts: Buffer) -> None:
        head = messages.frame(message).head
        self._outbox.put(PREFIX.pack(len(head), sum(map(len, parts))), head, *parts)


def preload(names: Iterable[str]) -> None:
    """Import what is there of `names`. No tensor operation runs: its thread pool would not survive a fork."""
    gc.disable()  # it would look through all of torch a dozen times, a fifth of the import
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a library, who needs it will see it
            print(f"{name} cannot be preloaded: {type(error).__name__}: {error}", file=sys.stderr)
    gc.freeze()  # the collector would touch, and so copy, every page that sessions share
    gc.enable()


def hide_gpus() -> None:
    """Have this process see no GPU: a library that asks for one would start CUDA, which does not survive a fork."""
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"  # else torch starts CUDA to learn that there is nothing to see


def torch_build() -> str:
    """The version of torch with what it was built for, as in "2.15.0+cu132", which packages' records leave out."""
    found = importlib.util.find_spec("torch")
    file = Path(found.origin).with_name("version.py") if found and found.origin else None
    told = re.search(r"^__version__ = '([^']*)'", file.read_text("utf-8"), re.MULTILINE) if file else None
    return told[1] if told else metadata.version("torch")


def mentioned(files: Buffer, words: Iterable[bytes]) -> set[bytes]:
    """Those of `words` that are somewhere in `files`, of which nothing else is copied: see `pages.unshared`."""
    pattern = b"|".join(map(re.escape, words))
    return {found.group() for found in re.finditer(pattern, files)} if pattern else set()


@contextlib.contextmanager
def settings_kept() -> Iterator[None]:
    """Undo what importing does beyond the library itself: scikit-learn sets variables and filters of warnings."""
    environment = dict(os.environ)
    with warnings.catch_warnings():
        yield
    for name in os.environ.keys() - environment:
        del os.environ[name]
    os.environ.update(environment)


def take_streams(*, linked: bool) -> tuple[End, End]:
    """Move the host's streams away from 0 and 1, so that nothing a library prints reaches the host."""
    if linked or sys.platform == "win32":
        connection = Connection(links.taken())
        return connection, connection
    else:  # noqa: RET505 - mypy, which looks at each system, wants it
        incoming, outgoing = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(2, 1)
        os.close(null)
        return Descriptor(incoming), Descriptor(outgoing)


def choose(options: argparse.Namespace) -> Setting:
    """How sessions are started; the process may have left the machine when this returns."""
    if options.isolation == "plain":
        return setting.plain()
    if sys.platform == "linux":
        from sandbox import confinement  # noqa: PLC0415 - it is Linux's alone

        if options.machine:
            return confinement.on_machine(options.hide, options.node)
        return confinement.in_container(namespaces=options.isolation == "namespaces")
    else:  # noqa: RET505 - as above
        return setting.plain(["namespaces, which only Linux has"])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -P -m sandbox.parent")
    parser.add_argument("--isolation", choices=["namespaces", "user", "plain"], default="namespaces")
    parser.add_argument("--machine", action="store_true", help="there is no container: leave the machine first")
    parser.add_argument("--hide", type=Path, action="append", default=[], help="with --machine: a folder to cover")
    parser.add_argument("--node", type=Path, action="append", default=[], help="with --machine: a device to show")
    parser.add_argument("--linked", action="store_true", help="the stream to the host is one of `links`")
    options = parser.parse_args()
    hide_gpus()
    incoming, outgoing = take_streams(linked=options.linked)
    made = choose(options)
    later, missing = (list(LATER), dict(MENTIONED)) if made.warm else ([], {})

    def warm_up() -> None:
        if later:
            preload(later)
            later.clear()
            pages.collapse()

    def prepare(files: Buffer) -> None:
        for word in mentioned(files, missing):
            with settings_kept():
                preload(missing.pop(word))
            pages.collapse()

    if made.warm:
        preload(FIRST)
    if not options.machine:  # where a student waits for one check, the rest comes after it, if there is another
        warm_up()
    try:
        Parent(incoming, outgoing, made, prepare).serve(between=warm_up)
    except (DriverLost, OSError) as error:  # no disk for a session's folder, for instance: a sentence for the operator
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)  # finalizers of libraries would only print


if __name__ == "__main__":
    main()
