"""The messages, as tagged structs: three conversations, one union each.

    host -> parent    Start, Ask, Stop, Measure          parent -> host    Ready, Printed, Reply, Ended, Measured
    host -> driver    Call, Attribute, Items, Describe, Write     (inside Ask)
    driver -> host    Imported, Answer, Facts, Raised      (inside Reply)

The parent speaks for itself; what a driver sends arrives wrapped in `Reply`, so student code can lie in an answer
but cannot end a session, report a time or start another one.

For each session: `Start`, to which the driver's `Imported` or `Raised` is the reply; then `Ask` and `Reply` in turns;
then `Stop`. `Ended` closes the session, asked for or not. Between sessions, `Measure` is answered by `Measured`.
"""

from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

from sandbox.protocol.frames import Buffer, Frame, ProtocolError

VERSION: Final = 4
STRETCH: Final = 4.0
"""A question's wall time grows by what its processes wait for a processor, up to so many times the limit."""


# ---------------------------------------------------------------- values; see `values`


class TensorData(msgspec.Struct, tag="tensor", frozen=True):
    """A dense tensor; its elements are the next bytes of the body, C-contiguous, little endian."""

    dtype: str
    shape: list[int]
    requires_grad: bool = False


class ArrayData(msgspec.Struct, tag="array", frozen=True):
    """A numpy array, laid out like a tensor."""

    dtype: str
    shape: list[int]


class Handle(msgspec.Struct, tag="handle", frozen=True):
    """Something that stays in the sandbox: a module, an optimiser, a dataset, and so on.

    `id` is "<id of the call that made it>.<n>", so that repeating the call in a fresh child gives the same id.
    `kind` is the class's name and `module` tells an `nn.Module`; both are the student's word.
    """

    id: str
    kind: str = ""
    module: bool = False
    callable: bool = False


class ListData(msgspec.Struct, tag="list", frozen=True):
    """A list."""

    items: list["Value"]


class TupleData(msgspec.Struct, tag="tuple", frozen=True):
    """A tuple."""

    items: list["Value"]


class DictData(msgspec.Struct, tag="dict", frozen=True):
    """A dict, in its order."""

    items: list[tuple["Value", "Value"]]


class BytesData(msgspec.Struct, tag="bytes", frozen=True):
    """Bytes, within the head."""

    data: bytes


Value: TypeAlias = (
    bool | int | float | str | TensorData | ArrayData | Handle | ListData | TupleData | DictData | BytesData | None
)


# ---------------------------------------------------------------- host -> parent


class Gpu(msgspec.Struct, frozen=True):
    """The GPU that a session may use.

    Attributes:
        device: its UUID.
        share: of its memory, above 0 and at most 1.
    """

    device: str
    share: float


class Limits(msgspec.Struct, frozen=True):
    """What one submission may use. Times travel with each question instead."""

    memory_bytes: int
    processes: int
    output_bytes: int
    scratch_bytes: int
    threads: int
    gpu: Gpu | None = None


class Start(msgspec.Struct, tag="start", frozen=True):
    """Begin a session; the body holds the files' contents one after the other.

    Attributes:
        files: (POSIX path, size in bytes) of each file, in the order of the body.
        entry: the file to import.
        cells: which cells of a notebook to run.
        cpu_seconds, wall_seconds: limits for importing the file.
    """

    session: int
    files: list[tuple[str, int]]
    entry: str
    cells: Literal["definitions", "all"]
    limits: Limits
    cpu_seconds: float
    wall_seconds: float


class Ask(msgspec.Struct, tag="ask", frozen=True):
    """Pass the body, one frame, to the session's driver and give it so long to reply; see `STRETCH`."""

    session: int
    cpu_seconds: float
    wall_seconds: float


class Stop(msgspec.Struct, tag="stop", frozen=True):
    """End the session: kill whatever runs in it."""

    session: int


class Measure(msgspec.Struct, tag="measure", frozen=True):
    """Tell how much of a GPU's memory is in use. Between sessions only.

    Attributes:
        device: its UUID.
    """

    device: str


# ---------------------------------------------------------------- parent -> host


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """Said once, when the parent can fork.

    Attributes:
        isolation: what a session gets: "namespaces", "user" (an own uid, no namespaces) or "plain".
        missing: what was asked for and could not be had, in words.
        versions: of Python and the packages preloaded; "torch build" tells for which CUDA torch was built.
    """

    protocol: int
    isolation: str
    missing: list[str]
    versions: dict[str, str]


class Printed(msgspec.Struct, tag="printed", frozen=True):
    """The body is what the session printed, the first `output_bytes` of it."""

    session: int


class Reply(msgspec.Struct, tag="reply", frozen=True):
    """The body is one frame of the session's driver.

    Attributes:
        cpu_seconds: what this question used.
        wall_seconds: how long it took; less what its processes waited for a processor, if it took over 0.1 s.
    """

    session: int
    cpu_seconds: float
    wall_seconds: float


class Ended(msgspec.Struct, tag="ended", frozen=True):
    """The session is over and nothing of it is left.

    Attributes:
        cause: "stopped" as asked; "cpu" or "wall" time used up; "memory"; "exited" with `status`; killed by
            "signal" number `status`; "protocol" for a driver that broke it.
        cpu_seconds: of all the session's processes, from its start.
        wall_seconds: as in `Reply`, of a question that was not answered.
        peak_bytes: the most memory it held, as far as the parent could see.
        printed_bytes: how much it printed, cut or not.
    """

    session: int
    cause: Literal["stopped", "cpu", "wall", "memory", "exited", "signal", "protocol"]
    status: int = 0
    detail: str = ""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_bytes: int = 0
    printed_bytes: int = 0


class Measured(msgspec.Struct, tag="measured", frozen=True):
    """What is in use of the GPU's memory, by whomever.

    Attributes:
        used: bytes.
        trouble: why that cannot be told; "" if it can.
    """

    used: int
    trouble: str = ""


# ---------------------------------------------------------------- host -> driver


class Call(msgspec.Struct, tag="call", frozen=True):
    """Call something.

    Attributes:
        target: a name in the student's file; "torch.nn.Linear" and the like, with a dot, for a library's; or a handle.
        method: of the target; "" calls the target itself.
        seed: every global random generator is set to it before the call.
        keep: answer with a handle even where the value could travel.
    """

    id: int
    target: str | Handle
    args: list[Value]
    kwargs: list[tuple[str, Value]]
    method: str = ""
    seed: int = 0
    keep: bool = False


class Attribute(msgspec.Struct, tag="attribute", frozen=True):
    """Read a dotted attribute, e.g. "fc.out_features"; an empty path reads the target itself."""

    id: int
    target: str | Handle
    path: str


class Items(msgspec.Struct, tag="items", frozen=True):
    """Loop over the target and answer with a list of its first `most` items."""

    id: int
    target: Handle
    most: int


class Describe(msgspec.Struct, tag="describe", frozen=True):
    """Tell about an `nn.Module`; answered with `Facts`."""

    id: int
    target: Handle


class Write(msgspec.Struct, tag="write", frozen=True):
    """Write the body to a file in the working folder, in place of one of that name.

    Answered with a handle to its path, a str: where the folder lies is the driver's to know.
    """

    id: int
    name: str


# ---------------------------------------------------------------- driver -> host


class Imported(msgspec.Struct, tag="imported", frozen=True):
    """The student's file ran. `skipped` describes the notebook cells or lines that did not."""

    names: list[str]
    skipped: list[str]


class Answer(msgspec.Struct, tag="answer", frozen=True):
    """What the call returned."""

    id: int
    value: Value


class ParameterFacts(msgspec.Struct, frozen=True):
    """One parameter; `name` is dotted."""

    name: str
    shape: list[int]
    dtype: str
    requires_grad: bool


class ModuleFacts(msgspec.Struct, frozen=True):
    """One submodule: its dotted name ("" for the module itself), its class and the library classes it derives from."""

    name: str
    type: str
    bases: list[str]
    training: bool


class Facts(msgspec.Struct, tag="facts", frozen=True):
    """An `nn.Module` from outside."""

    id: int
    parameters: list[ParameterFacts]
    buffers: list[str]
    modules: list[ModuleFacts]


class Raised(msgspec.Struct, tag="raised", frozen=True):
    """The student's code raised.

    Attributes:
        kind: the exception's class.
        traceback: the frames in the student's own files, oldest first, as text.
        missing: the called name does not exist in the student's file.
        bases: the classes that the exception's class derives from, nearest first.
    """

    id: int
    kind: str
    text: str
    traceback: str = ""
    missing: bool = False
    bases: list[str] = []


ToParent: TypeAlias = Start | Ask | Stop | Measure
FromParent: TypeAlias = Ready | Printed | Reply | Ended | Measured
Question: TypeAlias = Call | Attribute | Items | Describe | Write
FromDriver: TypeAlias = Imported | Answer | Facts | Raised

Message = TypeVar("Message")

_encoder = msgspec.msgpack.Encoder()
to_parent: Final = msgspec.msgpack.Decoder(ToParent)
start: Final = msgspec.msgpack.Decoder(Start)
from_parent: Final = msgspec.msgpack.Decoder(FromParent)
question: Final = msgspec.msgpack.Decoder(Question)
from_driver: Final = msgspec.msgpack.Decoder(FromDriver)


def frame(message: msgspec.Struct, body: Buffer = b"") -> Frame:
    """`message` and its bulk, ready to be sent."""
    return Frame(_encoder.encode(message), body)


def decode(decoder: "msgspec.msgpack.Decoder[Message]", head: Buffer) -> Message:
    """The message in a frame's head.

    Raises:
        ProtocolError: it is none of the decoder's messages.
    """
    try:
        return decoder.decode(head)
    except (msgspec.MsgspecError, RecursionError, UnicodeError, ValueError) as error:
        raise ProtocolError(f"not a message: {error}") from error
