"""Data of a lab's own: found, identified, read and split."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from grader.datasets import digits, fashion, images, tables, tensors
from grader.datasets.items import Data, Items, check_there
from grader.datasets.kinds import Asked, FashionSpec, Filed, ImagesSpec, Own, TableSpec, TensorsSpec, kind
from grader.datasets.parts import Parts, split

_known: dict[str, tuple[tuple[int, int, int], bytes]] = {}
"""Files that were read: (size, times of change), and the SHA-256 of what they held then."""


def named(asked: Asked, wanted: str, root: Path | None) -> str:
    """What a lab's dataset comes to on this machine: "none", "mnist", "digits", or the kind of its own.

    Args:
        wanted: which digits, see `choose`; no other dataset asks for it.
        root: the folder that MNIST and Fashion-MNIST lie in.

    Raises:
        DatasetMissing: what has to be downloaded is not there.
    """
    if asked == "digits28":
        return digits.choose(wanted, root)
    if isinstance(asked, FashionSpec):
        fashion.files(root)
    return kind(asked)


def digest(own: Own, folder: Path) -> str:
    """Identity of the data in a lab's folder. Files are read once per process, and again where they changed.

    Raises:
        InvalidLab: it is missing.
    """
    found = hashlib.sha256(own.kind.encode())
    if isinstance(own, FashionSpec):
        return found.hexdigest()  # public, and the same everywhere
    place = folder / own.place
    check_there(place, own.form, there=place.is_dir() if isinstance(own, ImagesSpec) else place.is_file())
    for part in _classed(place) if isinstance(own, ImagesSpec) else [file_digest(place)]:
        found.update(part)
    return found.hexdigest()


def _classed(place: Path) -> list[bytes]:
    """Of each image what it holds and which class it is in; what it is called decides nothing."""
    paths = ((path, path.rpartition("/")[0]) for path in images.files_of(place))
    return sorted(file_digest(f"{place}/{path}") + os.fsencode(folder) + b"\0" for path, folder in paths)


def file_digest(file: Path | str) -> bytes:
    """The SHA-256 of a file's content, from memory where nothing tells that it changed."""
    name, about = str(file), os.stat(file)  # noqa: PTH116  a path of each would take longer
    state = (about.st_size, about.st_mtime_ns, about.st_ctime_ns)
    if name not in _known or _known[name][0] != state:
        _known[name] = state, hashlib.sha256(Path(file).read_bytes()).digest()
    return _known[name][1]


def read(own: Filed, folder: Path) -> Items:
    """All items in a lab's folder: reference/LAB has all, assignments/LAB the students' part.

    Raises:
        InvalidLab: there is something that an instructor has to put right.
    """
    match own:
        case ImagesSpec():
            return images.read(own, folder)
        case TableSpec():
            return tables.read(own, folder)
        case TensorsSpec():
            return tensors.read(own, folder)


def load_own(own: Own, folder: Path, root: Path | None, *, public: bool) -> Data:
    """What a suite gets; read once per process, and again where files changed.

    Args:
        folder: the lab's, in reference/ or, for a public suite, in assignments/.
        root: see `named`.
        public: the test part is split off from what students have.

    Raises:
        InvalidLab: as `read`.
        DatasetMissing: as `named`.
    """
    return _load(own, folder, root, public, digest(own, folder))


@lru_cache(maxsize=2)
def _load(own: Own, folder: Path, root: Path | None, public: bool, _state: str) -> Data:  # noqa: FBT001  a cache's key
    if isinstance(own, FashionSpec):
        items, where = fashion.train(root), fashion.files(root)[0]
        if not public:
            rest = fashion.test(root)
            return Data(own.kind, items.inputs, items.targets, rest.inputs, rest.targets, items.classes)
    else:
        items, where = read(own, folder), folder / own.place
    return divided(own.kind, items, split(items, own.hidden, where, keep=1 if public else 2))


def divided(name: str, items: Items, parts: Parts) -> Data:
    """What a suite gets of items that are split; `name` is their kind."""
    train, test = parts.students, parts.hidden
    return Data(name, items.inputs[train], items.targets[train], items.inputs[test], items.targets[test], items.classes)
