"""The files of the code that runs beside students': what makes one sandbox another."""

from pathlib import Path
from typing import Final

import sandbox

FOLDER: Final = Path(str(sandbox.__file__)).parent


def modules() -> dict[str, bytes]:
    """The sandbox's own modules: path below `FOLDER` -> content, sorted."""
    return {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in sorted(FOLDER.rglob("*.py"))}


def labelled(files: dict[str, bytes]) -> bytes:
    """Names, lengths and contents one after the other, so that different files never give the same bytes."""
    return b"".join(f"{name}\0{len(content)}\0".encode() + content for name, content in files.items())
