"""The student's files, laid out in a private folder and imported as a module."""

import importlib.util
import linecache
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import CodeType, ModuleType

from sandbox import notebook
from sandbox.protocol.frames import Buffer, ProtocolError
from sandbox.protocol.messages import Start


@dataclass(frozen=True, slots=True)
class Imported:
    """A module made from the student's file, and what of it was not run."""

    module: ModuleType
    skipped: list[str]


class Folder:
    """The folder that holds one submission.

    Attributes:
        root: where it lies; also the working folder of the student's code.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._prefix = f"{root}{os.sep}"

    def write(self, files: Sequence[tuple[str, int]], contents: Buffer) -> None:
        """Write `files`, (POSIX path, size) each, whose contents follow each other in `contents`.

        Raises:
            ProtocolError: a path that leaves the folder, or sizes that do not add up.
        """
        view = memoryview(contents)
        if sum(size for _, size in files) != len(view):
            raise ProtocolError("files whose sizes are not those of their contents")
        self.root.mkdir()
        for name, size in files:
            self.put(name, view[:size])
            view = view[size:]

    def put(self, name: str, content: Buffer) -> Path:
        """Write one file, in place of what has its name, and return where it lies.

        Raises:
            ProtocolError: `name`, a POSIX path, leaves the folder.
        """
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ProtocolError(f"a file outside its folder: {name!r}")
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)  # it may have become read-only, or a link
        target.write_bytes(content)
        return target

    def own(self, filename: str) -> str | None:
        """What the student calls the file of a frame, None for a file that is not the student's."""
        if filename.startswith(self._prefix):
            return filename.removeprefix(self._prefix).replace(os.sep, "/")
        return filename if notebook.is_cell(filename) else None

    def run(self, start: Start) -> Imported:
        """Import the entry of `start`. Whatever the student's code raises is raised.

        The folder comes last on `sys.path`: helper modules are found there, but nothing in it shadows what Python or a
        library would import.
        """
        module = self._module(start.entry)
        sys.path.append(str(self.root / PurePosixPath(start.entry).parent))
        sys.modules[module.__name__] = module
        if start.entry.endswith(".ipynb"):
            text = (self.root / start.entry).read_bytes()
            return Imported(module, notebook.run(text, PurePosixPath(start.entry).name, module, start.cells))
        code = _compiled(self.root / start.entry)
        linecache.checkcache()
        exec(code, vars(module))  # noqa: S102 - running the student's file is what this process is for
        return Imported(module, [])

    def _module(self, entry: str) -> ModuleType:
        name = re.sub(r"\W", "_", PurePosixPath(entry).stem) or "submission"
        if name in sys.modules or importlib.util.find_spec(name) is not None:
            name = f"submission_{name}"
        module = ModuleType(name)
        module.__file__ = str(self.root / entry)
        return module


def _compiled(file: Path) -> CodeType:
    try:
        return compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    except (MemoryError, RecursionError):  # its limits, whatever the memory
        raise SyntaxError("Python's parser gives up: " + notebook.TOO_DEEP) from None
