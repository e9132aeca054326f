"""Archives that students hand in: broken, hostile, and honest but unusual. Each is made here, none is kept as a file.

`ARCHIVES` says of each how it is called and what must come of it. What is graded earns full marks.
"""

import bz2
import gzip
import io
import json
import lzma
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

HERE: Final = Path(__file__).parent
REFERENCE: Final = HERE / "courses" / "quick" / "reference" / "quick"
SOLUTION: Final = (REFERENCE / "solution.py").read_bytes()
HIDDEN: Final = str(REFERENCE / "test_hidden.py")
BEYOND: Final = 30_000_000
"""Bytes, more than a submission may have."""
_RAISES: Final = b"raise SystemExit('what lies beside a solution was run')\n"


class Case(NamedTuple):
    """An archive and what must come of it.

    Attributes:
        build: makes its bytes.
        says: a part of the reason why it is refused; "" if it is graded.
        suffix: what it is called.
    """

    build: Callable[[], bytes]
    says: str = ""
    suffix: str = ".zip"


# ---------------------------------------------------------------- how they are made


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """A zip of (name, content) pairs."""
    return zipped_as(*((info(name), content) for name, content in entries), method=method, comment=comment)


def zipped_as(
    *entries: tuple[zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    """A zip of entries that say more than their names."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # duplicate names are meant
        made.comment = comment
        for entry, content in entries:
            made.writestr(entry, content, method)
    return file.getvalue()


def info(name: str, mode: int = 0, date: tuple[int, ...] = (2026, 3, 1, 10, 30, 0)) -> zipfile.ZipInfo:
    """An entry of that name, just as it is given."""
    entry = zipfile.ZipInfo("?", date)  # type: ignore[arg-type]
    entry.filename = entry.orig_filename = name
    entry.external_attr = mode << 16
    return entry


def altered(data: bytes, at: int, form: str, value: int, mark: bytes = b"PK\1\2") -> bytes:
    """`data` with a number overwritten, so many bytes behind the first `mark`."""
    raw = bytearray(data)
    struct.pack_into(form, raw, raw.index(mark) + at, value)
    return bytes(raw)


def tarred(*members: tuple[str, bytes], **attributes: object) -> bytes:
    """A tar of (name, content) pairs, each with the same attributes."""
    return tarred_as(*((member(name, len(content), **attributes), content) for name, content in members))


def tarred_as(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of members that say more than their names."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as made:
        for entry, content in members:
            made.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def member(name: str, size: int = 0, **attributes: object) -> tarfile.TarInfo:
    """A member of a tar."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = size, 1_772_361_000
    for attribute, value in attributes.items():
        setattr(entry, attribute, value)
    return entry


def block(name: bytes, size: int, kind: bytes) -> bytes:
    """The header of a tar's member, which may say anything."""
    number = b"%011o\0" % size if 0 <= size < 8**11 else b"\x80" + (size % 2**88).to_bytes(11, "big")
    head = struct.pack(
        "100s8s8s8s12s12s8sc100s6s2s", name, b"644", b"0", b"0", number, b"0", b" " * 8, kind, b"", b"ustar", b"00"
    )
    head = head.ljust(512, b"\0")
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


def padded(content: bytes) -> bytes:
    """`content`, filled up to whole blocks of a tar."""
    return content + bytes(-len(content) % 512)


def record(key: bytes, value: bytes) -> bytes:
    """A record of a tar's extended header."""
    size = len(key) + len(value) + 3
    while len(b"%d" % size) + len(key) + len(value) + 3 != size:
        size = len(b"%d" % size) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (size, key, value)


GOOD: Final = ("quick.py", SOLUTION)
END: Final = bytes(1024)
GOOD_BLOCKS: Final = block(b"quick.py", len(SOLUTION), b"0") + padded(SOLUTION) + END


def beside(*entries: tuple[str, bytes]) -> Callable[[], bytes]:
    """Makes a zip of the solution and something else."""
    return partial(zipped, GOOD, *entries)


def notebook() -> bytes:
    """The solution as a notebook."""
    cell = {"cell_type": "code", "source": SOLUTION.decode(), "outputs": [], "metadata": {}, "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def overlapping() -> bytes:
    """Two entries of the directory that share one content."""
    data = zipped(("quick.py", SOLUTION), ("twice.py", SOLUTION), method=zipfile.ZIP_STORED)
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    return data[: second + 42] + bytes(4) + data[second + 46 :]


def lying_about_size(method: int) -> bytes:
    """Says that it unpacks to ten bytes."""
    return altered(zipped(("quick.py", bytes(BEYOND)), method=method), 24, "<I", 10)


def lzma_of_four_gigabytes() -> bytes:
    """Asks for as large a dictionary as the format knows."""
    data = bytearray(zipped(GOOD, method=zipfile.ZIP_LZMA))
    at = data.index(b"quick.py") + len("quick.py")
    struct.pack_into("<I", data, at + 5, 2**32 - 1)
    return bytes(data)


def quine() -> bytes:
    """An archive in an archive, and so on."""
    data = zipped(GOOD)
    for _ in range(20):
        data = zipped(("quick.zip", data))
    return data


def two_ends() -> bytes:
    """Two archives, one behind the other: which one is read is the reader's choice."""
    return zipped(("other.py", b"evil = 1\n")) + zipped(GOOD)


def zip64() -> bytes:
    """Sizes of 64 bits where 32 would do."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made, made.open("quick.py", "w", force_zip64=True) as stream:
        stream.write(SOLUTION)
    return file.getvalue()


def streamed() -> bytes:
    """Written to a pipe, sizes behind the contents."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes, /) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as made:  # type: ignore[type-var]
        made.writestr("quick.py", SOLUTION)
    return pipe.data


def crowded(entries: int) -> bytes:
    """Far more entries than a submission has files."""
    local = b"PK\3\4" + bytes(22) + struct.pack("<HH", 1, 0) + b"x"
    central = b"PK\1\2" + bytes(24) + struct.pack("<HH", 1, 0) + bytes(14) + b"x"
    directory = central * entries
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local), 0)
    return local + directory + end


def deep(folders: int) -> bytes:
    """A module below thousands of folders."""
    return zipped(GOOD, ("a/" * folders + "x.py", b""))


def long_names(size: int) -> bytes:
    """A tar whose member is said to have a name of many bytes."""
    return block(b"././@LongLink", size, b"L") + padded(b"x" * size) + GOOD_BLOCKS


def extended(*records: bytes) -> bytes:
    """A tar whose member has an extended header."""
    content = b"".join(records)
    return block(b"PaxHeader", len(content), b"x") + padded(content) + GOOD_BLOCKS


def link(kind: bytes, target: str) -> bytes:
    """A tar with a link for a solution."""
    return tarred_as((member("quick.py", type=kind, linkname=target), b""))


def wall_of_headers(kind: bytes) -> bytes:
    """Extended headers upon extended headers, with nothing that they describe."""
    return block(b"x", 0, kind) * 6_000 + END


SHADOWS: Final = tuple(
    (name, _RAISES)
    for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "torch.py", "json.py", "grader/__init__.py")
)

# ---------------------------------------------------------------- what must come of them

ESCAPES: Final = "which points outside of it"
NOT_READ: Final = "is damaged or cut off"
UNSHOWN: Final = "too long or has characters that cannot be shown"
SPECIAL: Final = "is a link or a special file"
CROWD: Final = "5,000 are allowed"
MORE: Final = "at most 20.0 MB"
LARGE: Final = "is larger than the 20.0 MB"
HARM: Final = "as only archives made to do harm do"

HONEST: Final = {
    "macos": Case(beside(("__MACOSX/._quick.py", b"\0\5\x16\7"), (".DS_Store", b"\0\0\0\1Bud1"))),
    "one_folder": Case(partial(zipped, ("Homework of mine/quick.py", SOLUTION), ("Homework of mine/notes.txt", b""))),
    "path_of_a_whole_disk": Case(partial(zipped, ("Users/ana/Desktop/homework/quick.py", SOLUTION))),
    "backslashes": Case(partial(zipped, ("homework\\quick.py", SOLUTION), ("homework\\data\\x.csv", b"1\n"))),
    "dots": Case(partial(zipped, ("./quick.py", SOLUTION))),
    "helper": Case(partial(zipped, ("quick.py", b"from helper import *\n"), ("helper.py", SOLUTION))),
    "notebook": Case(partial(zipped, ("quick.ipynb", notebook()), ("quick_files/figure.png", b"\x89PNG"))),
    "bzip2_in_zip": Case(partial(zipped, GOOD, method=zipfile.ZIP_BZIP2)),
    "lzma_in_zip": Case(partial(zipped, GOOD, method=zipfile.ZIP_LZMA)),
    "zip64": Case(zip64),
    "streamed": Case(streamed),
    "shell_before": Case(lambda: b"#!/bin/sh\nexit 1\n" * 100 + zipped(GOOD)),
    "something_behind": Case(lambda: zipped(GOOD) + b"\r\n" * 100),
    "long_comment": Case(partial(zipped, GOOD, comment=b"x" * 65_535)),
    "modes": Case(partial(zipped_as, (info("quick.py", 0o106000), SOLUTION), (info("x.csv", stat.S_IFREG), b""))),
    "year_2107": Case(partial(zipped_as, (info("quick.py", date=(2107, 15, 31, 31, 63, 62)), SOLUTION))),
    "beside_a_link": Case(partial(zipped_as, (info("quick.py"), SOLUTION), (info("venv", stat.S_IFLNK), b"/etc"))),
    "shadows": Case(beside(*SHADOWS, ("pytest.ini", b"[pytest]\naddopts = --collect-only\n"), ("a.pth", _RAISES))),
    "names_for_a_shell": Case(
        beside(
            *((f"{name}.csv", b"1") for name in ("-rf", "*", "~", "$(touch x)", "`id`", "a;b", "CON", "...", "%s%n"))
        )
    ),
    "packages_of_ours": Case(
        beside(
            *((name, _RAISES) for name in ("sandbox/child.py", "quick/__init__.py", "encodings/__init__.py", "os.py"))
        )
    ),
    "names_of_ours": Case(beside(("test_hidden.py", b""), ("lab.toml", b"title = 'Mine'"), ("solution.py", _RAISES))),
    "beside_an_archive": Case(lambda: zipped(GOOD, ("inner.zip", quine()))),
    "tar": Case(partial(tarred, GOOD), suffix=".tar"),
    "tar_of_this_folder": Case(partial(tarred, ("./quick.py", SOLUTION), ("./._quick.py", b"\0\5")), suffix=".tar"),
    "tgz": Case(lambda: gzip.compress(tarred(GOOD)), suffix=".tgz"),
    "tar_gz": Case(lambda: gzip.compress(tarred(("homework/quick.py", SOLUTION))), suffix=".tar.gz"),
    "tar_bz2": Case(lambda: bz2.compress(tarred(GOOD)), suffix=".tar.bz2"),
    "tar_xz": Case(lambda: lzma.compress(tarred(GOOD)), suffix=".tar.xz"),
    "gzip_in_parts": Case(
        lambda: b"".join(gzip.compress(tarred(GOOD)[at : at + 4096]) for at in range(0, 10240, 4096)), suffix=".tar.gz"
    ),
    "tar_called_zip": Case(lambda: gzip.compress(tarred(GOOD))),
    "zip_called_tar": Case(partial(zipped, GOOD), suffix=".tar.gz"),
    "tar_modes": Case(partial(tarred, GOOD, mode=0o7000, uid=0, uname="root", mtime=8**11 - 1), suffix=".tar"),
    "tar_of_git": Case(
        lambda: block(b"pax_global_header", 52, b"g") + padded(record(b"comment", b"0" * 40)) + GOOD_BLOCKS,
        suffix=".tar",
    ),
    "tar_long_names": Case(
        partial(tarred_as, (member("a" * 120 + "/quick.py", len(SOLUTION)), SOLUTION), form=tarfile.GNU_FORMAT),
        suffix=".tar",
    ),
    "tar_letters": Case(partial(tarred, ("\u00fc\u4e16" * 40 + "/quick.py", SOLUTION)), suffix=".tar"),
    "tar_below_a_link": Case(
        lambda: tarred_as(
            (member("out", type=tarfile.SYMTYPE, linkname="/tmp"), b""),
            (member("out/quick.py", len(SOLUTION)), SOLUTION),
        ),
        suffix=".tar",
    ),
    "tar_beside_links": Case(
        lambda: tarred_as(
            (member("quick.py", len(SOLUTION)), SOLUTION),
            (member("loop", type=tarfile.SYMTYPE, linkname="."), b""),
            (member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3), b""),
        ),
        suffix=".tar",
    ),
}

BROKEN: Final = {
    "empty": Case(zipped, "It is empty"),
    "no_bytes": Case(lambda: b"", NOT_READ),
    "cut_off": Case(lambda: zipped(GOOD)[:-30], NOT_READ),
    "no_directory": Case(lambda: zipped(GOOD).partition(b"PK\1\2")[0], NOT_READ),
    "only_an_end": Case(lambda: b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 9, 9, 2**31, 2**31, 0), NOT_READ),
    "wrong_sum": Case(lambda: altered(zipped(GOOD), 16, "<I", 1), NOT_READ),
    "other_name_inside": Case(lambda: zipped(GOOD).replace(b"quick.py", b"other.py", 1), NOT_READ),
    "of_version_9": Case(lambda: altered(zipped(GOOD), 6, "<H", 90), NOT_READ),
    "password": Case(lambda: altered(zipped(GOOD), 8, "<H", 1), "protected by a password"),
    "strong_password": Case(lambda: altered(zipped(GOOD), 8, "<H", 0x41), "protected by a password"),
    "deflate64": Case(lambda: altered(zipped(GOOD), 10, "<H", 9), "packed in an unusual way"),
    "zstd": Case(lambda: altered(zipped(GOOD), 10, "<H", 93), "packed in an unusual way"),
    "rar_called_zip": Case(lambda: b"Rar!\x1a\7\1\0" + bytes(500), NOT_READ),
    "7z": Case(lambda: b"7z\xbc\xaf\x27\x1c\0\4" + bytes(500), "which is not read here", ".7z"),
    "rar": Case(lambda: b"Rar!\x1a\7\1\0" + bytes(500), "which is not read here", ".rar"),
    "gzip_of_a_file": Case(lambda: gzip.compress(SOLUTION), "which is not read here", ".py.gz"),
    "gzip_of_no_tar": Case(lambda: gzip.compress(SOLUTION), NOT_READ, ".tar.gz"),
    "notebook_called_zip": Case(notebook, NOT_READ),
    "zip_called_py": Case(partial(zipped, GOOD), "is an archive under the name of", ".py"),
    "notebook_called_py": Case(notebook, "is a notebook under the name of", ".py"),
    "tar_called_py": Case(lambda: gzip.compress(tarred(GOOD)), "is an archive under the name of", ".py"),
    "zip_called_ipynb": Case(partial(zipped, GOOD), "The notebook cannot be read", ".ipynb"),
    "tar_cut_off": Case(lambda: tarred(GOOD)[:700], NOT_READ, ".tar"),
    "tar_gz_cut_off": Case(lambda: gzip.compress(tarred(GOOD))[:-20], NOT_READ, ".tar.gz"),
    "tar_wrong_sum": Case(lambda: tarred(("a.csv", b"1"), GOOD).replace(b"quick.py", b"quack.py"), NOT_READ, ".tar"),
    "tar_of_nothing": Case(tarred, NOT_READ, ".tar"),
    "two_students": Case(partial(zipped, ("ana.py", SOLUTION), ("bo.py", SOLUTION)), "several files that could be"),
    "two_folders": Case(partial(zipped, ("ana/quick.py", SOLUTION), ("bo/quick.py", SOLUTION)), "several files that"),
    "folder_called_quick": Case(partial(zipped, ("quick.py/notes.txt", b"x")), "No Python file or notebook"),
}

HOSTILE: Final = {
    "bomb": Case(partial(zipped, ("quick.py", bytes(BEYOND))), MORE),
    "bomb_that_lies": Case(partial(lying_about_size, zipfile.ZIP_DEFLATED), NOT_READ),
    "bomb_tight": Case(partial(zipped, ("quick.py", bytes(19_000_000))), HARM),
    "bomb_of_bzip2": Case(partial(lying_about_size, zipfile.ZIP_BZIP2), NOT_READ),
    "bomb_of_lzma": Case(partial(lying_about_size, zipfile.ZIP_LZMA), NOT_READ),
    "dictionary_of_lzma": Case(lzma_of_four_gigabytes, NOT_READ),
    "bomb_in_a_bomb": Case(lambda: zipped(("quick.zip", zipped(("quick.py", bytes(BEYOND))))), "It holds an archive"),
    "quine": Case(quine, "It holds an archive"),
    "overlapping": Case(overlapping, "overlap, as no ordinary program"),
    "crowd": Case(partial(crowded, 6_000), CROWD),
    "crowd_beyond": Case(partial(crowded, 400_000), "far too many entries"),
    "comment_of_ends": Case(partial(zipped, GOOD, comment=b"PK\5\6" * 16_000), NOT_READ),
    "huge_size": Case(lambda: altered(zipped(GOOD), 24, "<I", 2**32 - 2), MORE),
    "far_offset": Case(lambda: altered(zipped(GOOD), 42, "<I", 2**31), "overlap, as no ordinary program"),
    "absolute": Case(partial(zipped, ("/quick.py", SOLUTION)), ESCAPES),
    "parents": Case(beside(("../../../tmp/evil.py", _RAISES)), ESCAPES),
    "parents_of_windows": Case(beside(("..\\..\\evil.py", _RAISES)), ESCAPES),
    "drive": Case(partial(zipped, ("C:\\quick.py", SOLUTION)), ESCAPES),
    "share": Case(partial(zipped, ("\\\\server\\share\\quick.py", SOLUTION)), ESCAPES),
    "nul": Case(beside(("helper.py\0.txt.py", _RAISES)), UNSHOWN),
    "escapes": Case(beside(("\x1b[2J\x1b]0;owned\7helper.py", _RAISES)), UNSHOWN),
    "newlines": Case(beside(("a\nTotal: 100\r.py", _RAISES)), UNSHOWN),
    "right_to_left": Case(beside(("helper\u202eyp.py", _RAISES)), UNSHOWN),
    "long_name": Case(beside(("x" * 300 + ".py", _RAISES)), UNSHOWN),
    "longest_name": Case(beside(("x" * 65_000 + ".py", _RAISES)), "has a name of more than"),
    "folders_without_end": Case(
        beside(*((f"{n}/" + "d/" * 240 + "x.csv", b"1") for n in range(190))), "at most 200 are allowed"
    ),
    "deep": Case(partial(deep, 32_000), "has a name of more than"),
    "capitals": Case(beside(("Data.csv", b"1"), ("data.csv", b"2")), "differ only in capitals"),
    "accents": Case(beside(("\u00e9.csv", b"1"), ("e\u0301.csv", b"2")), "differ only in capitals"),
    "twice": Case(partial(zipped, GOOD, ("quick.py", _RAISES)), "more than once"),
    "twice_in_disguise": Case(partial(zipped, GOOD, (".\\quick.py", _RAISES)), "more than once"),
    "file_and_folder": Case(beside(("data.csv", b"1"), ("data.csv/x.csv", b"2")), "both a file and a folder"),
    "link": Case(partial(zipped_as, (info("quick.py", stat.S_IFLNK | 0o777), b"/etc/passwd")), SPECIAL),
    "link_to_the_suite": Case(partial(zipped_as, (info("quick.py", stat.S_IFLNK), HIDDEN.encode())), SPECIAL),
    "device": Case(partial(zipped_as, (info("quick.py", stat.S_IFCHR | 0o666), b"")), SPECIAL),
    "fifo": Case(partial(zipped_as, (info("quick.py", stat.S_IFIFO), b"")), SPECIAL),
    "two_archives": Case(lambda: zipped(GOOD, ("x.csv", b"1")) + zipped(("../quick.py", _RAISES)), ESCAPES),
    "tar_link": Case(partial(link, tarfile.SYMTYPE, "/etc/passwd"), SPECIAL, ".tar"),
    "tar_link_to_the_suite": Case(partial(link, tarfile.SYMTYPE, HIDDEN), SPECIAL, ".tar"),
    "tar_hard_link": Case(partial(link, tarfile.LNKTYPE, "quick.py"), SPECIAL, ".tar"),
    "tar_device": Case(partial(link, tarfile.BLKTYPE, ""), SPECIAL, ".tar"),
    "tar_fifo": Case(partial(link, tarfile.FIFOTYPE, ""), SPECIAL, ".tar"),
    "tar_sparse": Case(lambda: block(b"quick.py", 10, b"S") + padded(b"x" * 10) + END, SPECIAL, ".tar"),
    "tar_sparse_of_pax": Case(
        lambda: extended(record(b"GNU.sparse.realsize", b"9" * 15), record(b"GNU.sparse.major", b"1")), SPECIAL, ".tar"
    ),
    "tar_parents": Case(partial(tarred, ("../../quick.py", SOLUTION)), ESCAPES, ".tar"),
    "tar_absolute": Case(partial(tarred, ("/tmp/quick.py", SOLUTION)), ESCAPES, ".tar"),
    "tar_parents_of_pax": Case(lambda: extended(record(b"path", b"../quick.py")), ESCAPES, ".tar"),
    "tar_twice": Case(partial(tarred, GOOD, ("quick.py", _RAISES)), "more than once", ".tar"),
    "tar_long_name": Case(partial(long_names, 2_000_000), NOT_READ, ".tar"),
    "tar_name_of_a_terabyte": Case(lambda: block(b"x", 2**40, b"L") + END, NOT_READ, ".tar"),
    "tar_header_of_many": Case(lambda: extended(record(b"path", b"x" * 2_000_000)), NOT_READ, ".tar"),
    "tar_header_that_lies": Case(lambda: extended(b"99999999999999999999 path=x\n"), NOT_READ, ".tar"),
    "tar_of_headers": Case(partial(wall_of_headers, b"x"), CROWD, ".tar"),
    "tar_of_long_names": Case(partial(wall_of_headers, b"L"), CROWD, ".tar"),
    "tar_backwards": Case(lambda: block(b"quick.py", -512, b"0") + END, NOT_READ, ".tar"),
    "tar_of_a_terabyte": Case(lambda: block(b"quick.py", 2**70, b"0") + END, NOT_READ, ".tar"),
    "tar_crowd": Case(lambda: gzip.compress(block(b"x", 0, b"0") * 50_000 + END), CROWD, ".tgz"),
    "tar_gz_bomb": Case(lambda: gzip.compress(tarred(("quick.py", bytes(100_000_000)))), "unpacks to more", ".tar.gz"),
    "tar_bz2_bomb": Case(
        lambda: bz2.compress(tarred(("quick.py", bytes(1_000_000)))) + bz2.compress(bytes(900_000)) * 200,
        "unpacks to more",
        ".tar.bz2",
    ),
    "tar_xz_bomb": Case(lambda: lzma.compress(bytes(100_000_000), preset=0), "unpacks to more", ".tar.xz"),
    "gzip_of_many_parts": Case(lambda: gzip.compress(b"") * 100_000, NOT_READ, ".tar.gz"),
    "gzip_in_gzip": Case(lambda: gzip.compress(gzip.compress(tarred(GOOD))), NOT_READ, ".tar.gz"),
}

ARCHIVES: Final = HONEST | BROKEN | HOSTILE
