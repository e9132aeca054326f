"""What files hold: text in whatever encoding, all that a notebook holds, what HTML shows, and what is in archives."""

import bz2
import codecs
import gzip
import html
import io
import json
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Final

from grader.errors import HandoutRefused

_MOST: Final = 16 * 2**20
"""Bytes of a file that are looked at as text."""
_UNPACKED_MOST: Final = 2**30
"""Bytes of a file in an archive, above which it is refused: what is not read whole could be a copy of anything."""
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_COMPRESSED: Final[Mapping[bytes, Callable[[io.BytesIO], io.BufferedIOBase]]] = {
    b"\x1f\x8b\x08": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
"""What a compressed file begins with, and what opens it."""
_CELL: Final = re.compile(r"</t[dh]>\s*", re.IGNORECASE)
_BLOCK: Final = re.compile(r"</?(br|div|li|p|pre|tr)\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")


def files(found: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The files, and those within zips, tars and what gzip, bzip2 and xz make.

    Raises:
        HandoutRefused: one of these cannot be read, or has a file of more than 1 GiB.
    """
    for name, content in found.items():
        yield name, content
        for inner, held in _within(name, content):  # one at a time, for unpacked they may be large
            yield from files({inner: held})


def lines(content: bytes) -> Iterator[str]:
    """The lines of a text, of a JSON document as a notebook all that it holds; rows of numbers in it are lines, too.

    Of HTML there are also the lines that a browser would show.
    """
    text = content[:_MOST].decode("utf-16" if content.startswith(_UTF16) else "utf-8", "replace")
    for part in _strings(text.replace("\0", "").lstrip("\ufffd\ufeff")):
        yield from part.splitlines()
        if "</" in part:
            yield from _shown(part).splitlines()


def _within(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files in an archive, or what is compressed; of other files nothing."""
    opener = next((opener for sign, opener in _COMPRESSED.items() if content.startswith(sign)), None)
    try:
        if content[257:262] == b"ustar":
            yield from _untarred(name, content)
        elif opener:
            with opener(io.BytesIO(content)) as file:
                yield f"{name} (unpacked)", _whole(file, "what is")
        elif zipfile.is_zipfile(io.BytesIO(content)):
            yield from _unzipped(name, content)
    except Exception as error:  # these libraries raise whatever a damaged or encrypted one makes them
        raise HandoutRefused(f"{name} cannot be looked into ({error}). Take it out, or unpack it there.") from error


def _unzipped(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as file:
                yield f"{name}: {entry.filename}", _whole(file, entry.filename)


def _untarred(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for entry in archive:
            if entry.isfile() and (file := archive.extractfile(entry)):
                yield f"{name}: {entry.name}", _whole(file, entry.name)


def _whole(file: io.BufferedIOBase | IO[bytes], name: str) -> bytes:
    content = file.read(_UNPACKED_MOST + 1)
    if len(content) > _UNPACKED_MOST:
        raise ValueError(f"{name} in it is too large to be looked at")
    return content


def _shown(text: str) -> str:
    """What a browser shows of HTML; the cells of a table's row in one line."""
    plain = _TAG.sub("", _BLOCK.sub("\n", _CELL.sub(", ", text)))
    return html.unescape(plain).replace("\xa0", " ")


def _strings(text: str) -> Iterator[str]:
    """All strings of a JSON document, and rows with numbers; the text itself, where it is none."""
    try:
        todo = [json.loads(text)] if text.lstrip().startswith(("{", "[")) else [text]
    except (ValueError, RecursionError):
        todo = [text]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict | list):
            held = list(one.values()) if isinstance(one, dict) else one
            if any(isinstance(value, float | int) for value in held):
                yield ",".join(str(value) for value in held if isinstance(value, str | float | int))
            todo += held
