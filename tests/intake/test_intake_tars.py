"""Tar archives, plain and compressed: headers are written byte by byte where `tarfile` would not write them."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
from datetime import UTC, datetime

import pytest

from grader.errors import Refused
from grader.intake import packing, tars
from grader.intake.tars import Tar, is_tar

DAMAGED = "The archive is damaged or cut off, or is neither zip nor tar. Make a zip of the files and hand it in."
SPECIAL = "is a link or a special file: put the file itself there"
SPARSE = f"{SPECIAL}, not as a sparse one (make the archive without tar's -S)"
END = bytes(1024)
COMPRESSED = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
each_compression = pytest.mark.parametrize("compress", COMPRESSED.values(), ids=COMPRESSED)


def packed(*members, form=tarfile.PAX_FORMAT):
    """A tar of (name or TarInfo, content) pairs."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as made:
        for member, content in members:
            entry = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def info(name, **attributes):
    made = tarfile.TarInfo(name)
    for attribute, value in attributes.items():
        setattr(made, attribute, value)
    return made


def block(name, size, kind=b"0"):
    """A header that may say anything."""
    number = b"%011o\0" % size if 0 <= size < 8**11 else b"\x80" + (size % 2**88).to_bytes(11, "big")
    fields = (name, b"644", b"0", b"0", number, b"0", b" " * 8, kind, b"", b"ustar", b"00")
    head = struct.pack("100s8s8s8s12s12s8sc100s6s2s", *fields).ljust(512, b"\0")
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


def extended(content, kind=b"x"):
    """An extended header."""
    return block(b"header", len(content), kind) + content + bytes(-len(content) % 512)


def opened(data, entries_most=100):
    return Tar(io.BytesIO(data), entries_most)


def contents(data, most=10_000_000):
    found = opened(data)
    return {member.path: found.read(member, most) for member in found.members()}


def troubles(data):
    return {member.path: member.trouble for member in opened(data).members()}


def refused(data, entries_most=100):
    with pytest.raises(Refused) as caught:
        opened(data, entries_most)
    return str(caught.value)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_an_ordinary_archive_is_read_in_the_order_of_its_paths(form):
    long = "a" * 90 + "/" + "b" * 90 + ".py"
    data = packed(("b.py", b"two"), (info("sub", type=tarfile.DIRTYPE), b""), (long, b"x" * 600), form=form)
    assert contents(data) == {"b.py": b"two", long: b"x" * 600}
    assert [member.path for member in opened(data).members()] == [long, "b.py"]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_of_any_letters_and_length_are_read(form):
    name = "\u00fc\u4e16" * 60 + "/lab.py"
    assert contents(packed((name, b"x"), form=form)) == {name: b"x"}


def test_the_directory_itself_and_dots_before_names_are_nothing():
    data = packed((info(".", type=tarfile.DIRTYPE), b""), ("./lab.py", b"x"), ("./sub/a.py", b"y"))
    assert contents(data) == {"lab.py": b"x", "sub/a.py": b"y"}


@each_compression
def test_a_compressed_archive_is_read(compress):
    assert contents(compress(packed(("lab.py", b"x" * 200_000)))) == {"lab.py": b"x" * 200_000}


@each_compression
def test_a_file_compressed_in_parts_is_read_and_what_lies_behind_it_is_not(compress):
    data = packed(("lab.py", bytes(range(256)) * 1000))
    parts = b"".join(compress(data[at : at + 65_536]) for at in range(0, len(data), 65_536))
    assert contents(parts + bytes(512)) == {"lab.py": bytes(range(256)) * 1000}


@each_compression
def test_a_compressed_file_that_is_cut_off_is_refused(compress):
    assert refused(compress(packed(("lab.py", bytes(range(256)) * 100)))[:-9]) == DAMAGED


def test_a_damaged_compressed_file_is_refused():
    data = bytearray(gzip.compress(packed(("lab.py", b"x"))))
    data[-6] ^= 1
    assert refused(bytes(data)) == DAMAGED


def test_more_parts_than_honest_files_have_are_refused():
    parts = gzip.compress(b"") * (packing._PARTS_MOST + 1)
    assert refused(parts + gzip.compress(packed(("lab.py", b"x")))) == DAMAGED


@each_compression
def test_a_bomb_is_unpacked_to_the_limit_and_no_further(compress, monkeypatch):
    monkeypatch.setattr(tars, "UNPACKED_MOST", 1_000_000)
    data = compress(packed(("lab.py", bytes(40_000_000))))
    tracemalloc.start()
    try:
        assert refused(data) == (
            "The archive unpacks to more than 1.0 MB. Leave out data and environments, or make a zip of it."
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000  # xz keeps 8 MB to look back


def test_a_stream_that_asks_for_much_memory_is_refused():
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 200_000_000}]
    assert refused(lzma.compress(packed(("lab.py", b"x")), filters=filters)) == DAMAGED


@pytest.mark.parametrize(("seconds", "moment"), [(1_000_000_000, 2001), (0, None), (8**11 - 1, 2242), (2**60, None)])
def test_a_members_date_is_taken_where_it_is_one(seconds, moment):
    (member,) = opened(packed((info("a.py", mtime=seconds), b"x"), form=tarfile.GNU_FORMAT)).members()
    assert (member.modified and member.modified.year) == moment
    assert member.modified is None or member.modified == datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("name", "path"),
    [("bo/../../x.py", "bo/x.py"), ("/bo/x.py", "bo/x.py"), ("..\\x.py", "x.py"), ("C:x.py", "C:x.py")],
)
def test_a_name_that_leads_out_is_in_trouble_under_the_path_that_is_left_of_it(name, path):
    trouble = troubles(packed((name, b"")))
    assert trouble == {
        path: f"is called {name} in the archive, which points outside of it: "
        "make the archive again with your system's own tool"
    }


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.GNUTYPE_SPARSE,
        b"Z",
    ],
)
def test_links_special_and_sparse_files_are_in_trouble(kind):
    trouble = SPARSE if kind == tarfile.GNUTYPE_SPARSE else SPECIAL
    assert troubles(packed((info("lab.py", type=kind, linkname="/etc/passwd"), b""))) == {"lab.py": trouble}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("target", ["work/lab.py", "w" * 120 + "/lab.py"])
def test_a_hard_link_is_the_file_before_it_that_it_names(form, target):
    link, second = (info(name, type=tarfile.LNKTYPE, linkname=target) for name in ("lab.py", "again.py"))
    data = packed((target, b"x = 1"), (link, b""), (second, b""), ("z.py", b"z"), form=form)
    assert contents(data) == {target: b"x = 1", "lab.py": b"x = 1", "again.py": b"x = 1", "z.py": b"z"}


def test_a_hard_link_to_what_comes_later_or_is_no_plain_file_is_in_trouble():
    late = info("late.py", type=tarfile.LNKTYPE, linkname="z.py")
    soft = info("soft.py", type=tarfile.SYMTYPE, linkname="/etc/passwd")
    hard = info("hard.py", type=tarfile.LNKTYPE, linkname="soft.py")
    data = packed((late, b""), (soft, b""), (hard, b""), ("z.py", b"z"))
    assert troubles(data) == {"late.py": SPECIAL, "soft.py": SPECIAL, "hard.py": SPECIAL, "z.py": ""}


def test_a_hard_link_is_no_way_around_the_cap():
    found = opened(packed(("a.py", bytes(1001)), (info("b.py", type=tarfile.LNKTYPE, linkname="a.py"), b"")))
    assert [member.size for member in found.members()] == [1001, 1001]


def test_a_sparse_file_in_its_newer_form_is_in_trouble():
    records = b"22 GNU.sparse.major=1\n30 GNU.sparse.name=w/data.csv\n"
    data = extended(records) + block(b"w/GNUSparseFile.48/data.csv", 0) + block(b"x.py", 0) + END
    assert troubles(data) == {"w/data.csv": SPARSE, "x.py": ""}


def test_the_map_of_an_older_sparse_file_is_passed_over():
    head = bytearray(block(b"data.csv", 5, tarfile.GNUTYPE_SPARSE))
    head[482] = 1
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    maps = bytes(504) + b"\1" + bytes(7) + bytes(512)
    data = bytes(head) + maps + b"x = 1".ljust(512, b"\0") + block(b"x.py", 0) + END
    assert troubles(data) == {"data.csv": SPARSE, "x.py": ""}
    assert refused(bytes(head) + maps[:512]) == DAMAGED


def test_what_a_header_says_of_one_member_means_no_other():
    data = extended(b"13 path=a.py\n") + block(b"x", 0) + block(b"y.py", 0) + END
    assert troubles(data) == {"a.py": "", "y.py": ""}


def test_what_is_said_of_all_members_and_of_links_is_skipped():
    data = extended(b"13 path=a.py\n", b"g") + extended(b"far away", b"K") + block(b"x.py", 0) + END
    assert troubles(data) == {"x.py": ""}


def test_an_archive_that_ends_without_its_mark_is_read():
    assert contents(block(b"x.py", 0)) == {"x.py": b""}


def test_links_have_no_content_whatever_they_say():
    data = block(b"lab.py", 5, tarfile.LNKTYPE) + block(b"x.py", 0) + END
    assert troubles(data) == {"lab.py": SPECIAL, "x.py": ""}


def test_a_member_in_trouble_is_not_read():
    found = opened(packed(("lab.py", b"good"), ("lab.py", b"evil")))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 1000)
    assert str(caught.value) == "lab.py is in the archive more than once: make it again with each file once."


def test_a_name_that_comes_twice_is_in_trouble():
    assert troubles(packed(("lab.py", b"good"), ("./lab.py", b"evil"))) == {
        "lab.py": "is in the archive more than once: make it again with each file once"
    }


@pytest.mark.parametrize(
    "data",
    [
        packed(("lab.py", b"x" * 2000))[:1000],
        block(b"lab.py", 2**80) + END,
        block(b"lab.py", -512) + END,
        block(b"a.py", 0) + block(b"lab.py", 0).replace(b"lab", b"lob") + END,
        extended(b"13 path=a.py") + block(b"x", 0) + END,
        extended(b"99 path=a.py\n") + block(b"x", 0) + END,
        extended(b"-9 path=a.py\n") + block(b"x", 0) + END,
        extended(b"path=a.py\n") + block(b"x", 0) + END,
        extended(b"6 a=b\n" * 101) + block(b"x", 0) + END,
        extended(b"18 size=" + b"9" * 9 + b"\n") + block(b"x", 0) + END,
        extended(b"x" * 1_000_001, b"L") + block(b"x", 0) + END,
    ],
    ids=[
        *("cut off", "too large", "backwards", "wrong sum", "cut off record", "long record", "negative record"),
        *("no record", "many records", "a larger size", "a long name"),
    ],
)
def test_what_contradicts_itself_is_refused(data):
    assert refused(data) == DAMAGED


@pytest.mark.parametrize("kind", [b"0", b"x", b"L", b"g"])
def test_too_many_headers_are_refused_whatever_they_are(kind):
    assert refused(block(b"x", 0, kind) * 20_000 + END, entries_most=10) == (
        "The archive has more than 10 entries; 10 are allowed. Leave out data, environments and version control."
    )


def test_content_over_the_cap_is_refused():
    found = opened(packed(("lab.py", bytes(1001))))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 1000)
    assert str(caught.value) == "lab.py is larger than the 0.0 MB that it may have."


def test_an_archive_is_told_by_what_it_is():
    assert is_tar(packed(("a.py", b""))[:512])
    assert is_tar(gzip.compress(b"")[:512])
    assert not any(map(is_tar, [b"", b"PK\3\4", b"x = 1\n" * 200, bytes(512)]))
