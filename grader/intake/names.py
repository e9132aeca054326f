"""Names as students and their machines write them: what they tell, and how they are shown. Pure."""

import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from grader.model import Student
from grader.notebooks import FORMS

ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
KEY_MOST: Final = 200
"""Characters of a student's key or name."""
COMPONENT_MOST: Final = 255
"""Bytes of one file name that a file system takes."""
PATH_MOST: Final = 1000
"""Bytes of a whole path."""

_FOREIGN: Final = (".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".lzma", ".z", ".zipx", ".iso", ".dmg")
_COMPRESSED: Final = re.compile(r"(\.(?:tar|py|ipynb))\.(?:gz|bz2|xz|zst|lzma|z)\Z", re.IGNORECASE)
_MARK: Final = re.compile(r"~[0-9a-f]{12}\Z")
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)
"""Printable as Unicode has it, and invisible: fillers, empty signs, variation selectors."""
_EMOJI: Final = "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_VIRAMA: Final = "[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca]"
_ARABIC_JOINING: Final = (
    "[\u0620\u0626\u0628\u062a-\u062e\u0633-\u063f\u0641-\u0647\u0649\u064a\u066e\u066f\u0678-\u0687\u069a-\u06bf"
    "\u06c1\u06c2\u06cc\u06ce\u06d0\u06d1\u06fa-\u06fc\u06ff]"
)
"""Letters that join the next one, unless something comes in between."""
_JOINED: Final = re.compile(
    "("
    f"{_ARABIC_JOINING}[\u064b-\u065f\u0670]*\u200c(?=[\u0620\u0622-\u064a\u066e-\u0673\u0675-\u06d3\u06d5\u06fa-\u06fc\u06ff])"
    f"|{_VIRAMA}(?:\u200d|\u200c(?=[\u0900-\u0dff]))"
    "|[\u09b0\u0cb0]\u200d(?=[\u09cd\u0ccd])"
    f"|{_EMOJI}[\ufe0e\ufe0f]?\u200d(?={_EMOJI})"
    f"|{_EMOJI}[\ufe0e\ufe0f]"
    "|[0-9#*]\ufe0f(?=\u20e3)"
    "|[\u3400-\u9fff\U00020000-\U0003ffff][\U000e0100-\U000e01ef]"
    "|[\u1820-\u18aa][\u180b-\u180d]"
    ")"
)
"""One sign, then what changes how it looks: the joiners of RFC 5892 and of emoji, and variation selectors."""
_OPERATORS: Final = frozenset(
    {
        ".csv",
        ".tsv",
        ".xls",
        ".xlsx",
        ".json",
        ".xml",
        ".md",
        ".toml",
        ".yaml",
        ".yml",
        ".log",
        ".html",
        ".db",
        ".db-wal",
        ".db-shm",
    }
)
"""Suffixes of what teachers keep beside submissions: rosters, worksheets, notes, pages, databases."""
_HOUSEKEEPING: Final = frozenset({"__macosx", "__pycache__", "thumbs.db", "desktop.ini"})
_ENVIRONMENT: Final = ("bin", "Scripts", "lib", "lib64", "Lib", "include", "Include", "share", "etc", "pyvenv.cfg")
"""What a virtual environment puts into its folder, where a student's work may lie beside it."""


def visible(text: str) -> str:
    """`text` with a sign in place of what a terminal could take for a command and of what nobody sees.

    Joiners stay where they change the writing (Persian, Hindi, emoji); elsewhere they would only make two names alike.
    """
    if text.isascii() and text.isprintable():
        return text  # almost every name
    parts = enumerate(_JOINED.split(text))
    return "".join(_covered(part[0]) + part[1:] if at % 2 else _covered(part) for at, part in parts)


def _covered(text: str) -> str:
    return "".join(
        char if char.isprintable() and not _BLANK.match(char) else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def shown(text: str, most: int = 80) -> str:
    """`text` for a sentence: one line of what can be seen, at most `most` characters."""
    plain = visible(text)
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def student(raw: str, name: str = "") -> Student:
    """The student whom a file, a folder or an LMS calls `raw`."""
    key = identity(raw)
    return Student(key, identity(name) if name else key)


def identity(raw: str) -> str:
    """`raw` as a key: visible, at most `KEY_MOST` characters.

    Two texts that differ (but for Unicode's composed and decomposed letters) stay different: what had to be altered
    carries a mark made from the original, and what looks like such a mark is itself altered.
    """
    text = unicodedata.normalize("NFC", raw)
    if text and visible(text) == text == text.strip() and len(text) <= KEY_MOST and not _MARK.search(text):
        return text
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{shown(text.strip(), KEY_MOST - 13)}~{mark}"


def apart(key: str) -> str:
    """A key for somebody who has an id that is another's: nobody else gets it. `naming.parted` reads it."""
    return identity(f"{key}\n")


def is_code(name: str) -> bool:
    """Whether it can be a lab's file."""
    return name.lower().endswith(FORMS)


def is_archive(name: str) -> bool:
    """Whether it calls itself an archive that is looked into."""
    return name.lower().endswith(ARCHIVES)


def is_foreign(name: str) -> bool:
    """Whether it calls itself an archive that is not looked into."""
    return not is_archive(name) and name.lower().endswith(_FOREIGN)


def is_work(name: str) -> bool:
    """Whether it can be, or hold, what a student is graded for."""
    return is_code(name) or is_archive(name) or is_foreign(name)


def is_operators(name: str) -> bool:
    """Whether it is what teachers keep beside submissions."""
    if is_code(name) or is_archive(name):
        return False
    return PurePosixPath(name).suffix.lower() in _OPERATORS or name.lower().startswith(("readme", "license"))


def stem(name: str) -> str:
    """A file's name without what says of which kind it is."""
    return PurePosixPath(_COMPRESSED.sub(r"\1", name)).stem


def is_housekeeping(component: str) -> bool:
    """Whether a file or folder was left there by a system or a tool, not by a person."""
    return component.startswith(".") or component.lower() in _HOUSEKEEPING or component.lower().endswith(".pyc")


def worth_keeping(paths: Iterable[str]) -> list[str]:
    """The paths without housekeeping and virtual environments, in order."""
    kept = [path for path in paths if not any(map(is_housekeeping, path.split("/")))]
    homes = {path.removesuffix("pyvenv.cfg") for path in kept if path.endswith("/pyvenv.cfg")}
    environments: list[str] = []  # in order, none within another: only the last one before a path can hold it
    for found in sorted(f"{home}{part}/" for home in homes for part in _ENVIRONMENT):
        if not (environments and found.startswith(environments[-1])):
            environments.append(found)
    return [path for path in kept if not _is_in(f"{path}/", environments)]


def escapes(name: str) -> bool:
    """Whether a name found in an archive points, on any system, to somewhere other than below the archive's root."""
    return name.startswith(("/", "\\")) or _DRIVE.match(name) is not None or ".." in _parts(name)


def below(name: str) -> str:
    """The path that a name found in an archive means, as far as it is below the archive's root.

    Some programs on Windows write backslashes between folders; `tar` begins all names with "./".
    """
    parts = _parts(name)
    return "/".join(part for part in parts if part not in {"", ".", ".."}) or "?"


def _is_in(path: str, folders: list[str]) -> bool:
    place = bisect_right(folders, path)
    return place > 0 and path.startswith(folders[place - 1])


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def is_awkward(path: str) -> bool:
    """Whether a file of that name could not be written on every machine."""
    too_long = len(path.encode("utf-8", "replace")) > PATH_MOST or any(
        len(part.encode("utf-8", "replace")) > COMPONENT_MOST for part in path.split("/")
    )
    return too_long or visible(path) != path


def folded(path: str) -> str:
    """What file systems that ignore capitals and forms of accents take `path` for."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
