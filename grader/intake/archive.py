"""Archives from strangers, told apart by what they are and not by what they are called."""

from typing import IO, Final

from grader.intake.entries import Archive
from grader.intake.tars import Tar, is_tar
from grader.intake.zips import Zip

STUDENT_ENTRIES: Final = 5_000
CLASS_ENTRIES: Final = 50_000
"""Entries of one student's archive, and of a class's."""

_HEAD: Final = 512
_BEGINNINGS: Final = (b"PK\3\4", b"PK\5\6", b"Rar!\x1a\7", b"7z\xbc\xaf\x27\x1c")
"""Of zip, RAR and 7z archives."""


def open_archive(file: IO[bytes], entries_most: int) -> Archive:
    """A zip or tar archive that keeps the rules.

    What is wrong with one entry is that member's trouble; what is wrong with the whole refuses the archive. Nested
    archives are ordinary files here.

    Raises:
        Refused: it does not keep them, or is damaged.
    """
    head = file.read(_HEAD)
    file.seek(0)
    return (Tar if is_tar(head) else Zip)(file, entries_most)


def is_packed(content: bytes) -> bool:
    """Whether it is an archive, whatever it is called."""
    return content.startswith(_BEGINNINGS) or is_tar(content[:_HEAD])
