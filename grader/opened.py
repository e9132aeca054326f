"""What files hold: text in whatever encoding, all that a notebook holds, and what is in zips."""

import codecs
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Final

from grader.errors import HandoutRefused

_MOST: Final = 16 * 2**20
"""Bytes of a file that are looked at as text."""
_UNPACKED_MOST: Final = 2**30
"""Bytes of a file in a zip, above which it is refused: what is not read whole could be a copy of anything."""
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def files(found: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The files, and those within zips.

    Raises:
        HandoutRefused: a zip cannot be read, or has a file of more than 1 GiB.
    """
    for name, content in found.items():
        yield name, content
        if zipfile.is_zipfile(io.BytesIO(content)):
            for inner, held in _unzipped(name, content):  # one at a time, for unpacked they may be large
                yield from files({f"{name}: {inner}": held})


def lines(content: bytes) -> Iterator[str]:
    """The lines of a text, of a JSON document as a notebook all that it holds; rows of numbers in it are lines, too."""
    text = content[:_MOST].decode("utf-16" if content.startswith(_UTF16) else "utf-8", "replace")
    for part in _strings(text.replace("\0", "").lstrip("\ufffd\ufeff")):
        yield from part.splitlines()


def _unzipped(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                yield entry.filename, _whole(archive, entry)
    except Exception as error:  # zipfile raises whatever a damaged or encrypted one makes it
        raise HandoutRefused(f"{name} cannot be looked into ({error}). Take it out, or unpack it there.") from error


def _whole(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        content = file.read(_UNPACKED_MOST + 1)
    if len(content) > _UNPACKED_MOST:
        raise zipfile.LargeZipFile(f"{entry.filename} in it is too large to be looked at")
    return content


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
