"""Files that are whole at every moment: written under another name, then put into place."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """The name to write under; when the block ends well, what is there takes the place of the file at `path`.

    A link is replaced, not followed. The rights of a file that was there stay. What is no file, as a terminal, is
    written itself.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield part
        if path.exists() and not path.is_symlink():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
