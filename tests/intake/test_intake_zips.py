import contextlib
import io
import stat
import struct
import tracemalloc
import warnings
import zipfile
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Refused
from grader.intake import zips
from grader.intake.zips import Zip

DAMAGED = "The archive is damaged or cut off, or is neither zip nor tar. Make a zip of the files and hand it in."


def packed(*entries, method=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, content) pairs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as zipped, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # duplicate names are meant
        for name, content in entries:
            zipped.writestr(name, content)
    return file.getvalue()


def opened(data, entries_most=100):
    return Zip(io.BytesIO(data), entries_most)


def contents(data, most=10_000_000):
    found = opened(data)
    return {member.path: found.read(member, most) for member in found.members()}


def troubles(data):
    return {member.path: member.trouble for member in opened(data).members()}


def refused(data, entries_most=100):
    with pytest.raises(Refused) as caught:
        opened(data, entries_most)
    return str(caught.value)


def info(name, **attributes):
    made = zipfile.ZipInfo(name, (2026, 3, 1, 10, 30, 0))
    for attribute, value in attributes.items():
        setattr(made, attribute, value)
    return made


def test_an_ordinary_archive_is_read_in_the_order_of_its_paths():
    data = packed(("b.py", b"two"), ("sub/", b""), ("sub/a.py", b"one"))
    assert contents(data) == {"b.py": b"two", "sub/a.py": b"one"}
    assert [member.path for member in opened(data).members()] == ["b.py", "sub/a.py"]


def test_an_entrys_date_is_taken_as_utc():
    (member,) = opened(packed((info("a.py"), b"x"))).members()
    assert member.modified == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("date", [(1980, 1, 1, 0, 0, 0), (2026, 0, 0, 0, 0, 0), (2026, 2, 31, 0, 0, 0)])
def test_a_date_that_is_none_is_unknown(date):
    (member,) = opened(packed((zipfile.ZipInfo("a.py", date), b"x"))).members()
    assert member.modified is None


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("bo/../../x.py", "bo/x.py"),
        ("../x.py", "x.py"),
        ("/bo/x.py", "bo/x.py"),
        ("..\\bo\\x.py", "bo/x.py"),
        ("\\x.py", "x.py"),
        ("C:x.py", "C:x.py"),
        ("..", "?"),
    ],
)
def test_a_name_that_leads_out_is_in_trouble_under_the_path_that_is_left_of_it(name, path):
    assert troubles(packed(("ok.py", b""), (name, b""))) == {
        path: f"is called {name} in the archive, which points outside of it: "
        "make the archive again with your system's own tool",
        "ok.py": "",
    }


@pytest.mark.parametrize("name", ["../", "/", "a/../b/", "a\\"])
def test_folders_are_nothing_wherever_they_lead(name):
    assert contents(packed((name, b""), ("lab.py", b"x"))) == {"lab.py": b"x"}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_special_files_are_in_trouble(kind):
    data = packed((info("lab.py", external_attr=(kind | 0o644) << 16), b"/etc/passwd"))
    assert troubles(data) == {"lab.py": "is a link or a special file: put the file itself there"}


def test_an_encrypted_entry_is_in_trouble():
    data = bytearray(packed(("lab.py", b"x")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert troubles(bytes(data)) == {"lab.py": "is protected by a password: make the archive again without one"}


def test_unusual_compression_is_trouble():
    data = bytearray(packed(("lab.py", b"x")))
    data[data.index(b"PK\x01\x02") + 10] = 9  # deflate64
    assert troubles(bytes(data)) == {
        "lab.py": "is packed in an unusual way: make the archive again with your system's own tool"
    }


each_method = pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)


@each_method
@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 5000], ids=len)
def test_what_python_packs_is_read(method, content):
    assert contents(packed(("lab.py", content), ("other.py", content[::-1]), method=method)) == {
        "lab.py": content,
        "other.py": content[::-1],
    }


@each_method
def test_content_that_is_cut_off_is_refused(method):
    data = packed(("lab.py", bytes(range(256)) * 5), method=method)
    raw = bytearray(data)
    at = raw.index(b"PK\x01\x02") + 20
    struct.pack_into("<I", raw, at, struct.unpack_from("<I", raw, at)[0] - 4)
    found = opened(bytes(raw))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 10_000)
    assert str(caught.value) == DAMAGED


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_to_more_than_it_says_is_not_unpacked_further(method):
    raw = bytearray(packed(("lab.py", bytes(50_000_000)), method=method))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 10)
    found = opened(bytes(raw))
    tracemalloc.start()
    try:
        with pytest.raises(Refused) as caught:
            found.read(found.members()[0], 20_000_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(caught.value) == DAMAGED
    assert peak < 10_000_000  # LZMA keeps 8 MB to look back


def test_properties_of_lzma_that_are_none_are_refused():
    raw = packed(("lab.py", b"x"), method=zipfile.ZIP_LZMA)
    found = opened(raw.replace(b"lab.py\x09\x04\x05\x00", b"lab.py\x09\x04\x06\x00"))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 1000)
    assert str(caught.value) == DAMAGED


@pytest.mark.parametrize("name", ["./bo/x.py", "bo\\x.py", "bo//x.py", ".\\bo/./x.py"])
def test_names_in_unusual_style_mean_what_they_usually_do(name):
    assert contents(packed((name, b"x"))) == {"bo/x.py": b"x"}


@pytest.mark.parametrize("name", ["a/" * 32_000 + "x.py", "y" * 65_000 + "/x.py"])
def test_a_name_of_great_length_is_in_trouble_and_cut(name):
    ((path, trouble),) = troubles(packed((name, b"x"))).items()
    assert len(path) == 1000
    assert path.startswith(name[:400])
    assert path.endswith("/x.py")
    assert trouble == "has a name of more than 1,000 characters: rename it, or hand in what is needed alone"


def test_a_name_that_comes_twice_is_in_trouble():
    data = packed(("lab.py", b"good"), ("lab.py", b"evil"), ("other.py", b""))
    assert troubles(data) == {
        "lab.py": "is in the archive more than once: make it again with each file once",
        "other.py": "",
    }


def test_an_entry_in_trouble_is_not_read():
    found = opened(packed(("lab.py", b"good"), ("lab.py", b"evil")))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 1000)
    assert str(caught.value) == "lab.py is in the archive more than once: make it again with each file once."


def test_names_without_the_utf8_flag_are_tried_as_utf8():
    data = packed(("\u00fcbung.py", b"x"))
    raw = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(mark) + offset
        (flags,) = struct.unpack_from("<H", raw, at)
        struct.pack_into("<H", raw, at, flags & ~0x800)
    assert contents(bytes(raw)) == {"\u00fcbung.py": b"x"}


def test_names_that_are_not_utf8_stay_cp437():
    raw = packed(("aXbung.py", b"x")).replace(b"aXbung", b"a\x81bung")
    assert contents(raw) == {"a\u00fcbung.py": b"x"}


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"Rar!\x1a\x07\x00", packed(("a.py", b"x" * 5000))[:-40]],
    ids=["empty", "text", "RAR", "cut off"],  # the last one's bytes hold the time
)
def test_what_is_no_archive_or_cut_off_is_refused(data):
    assert refused(data) == DAMAGED


def test_an_archive_without_entries_has_no_members():
    assert opened(packed()).members() == []


def test_damaged_content_is_refused():
    data = bytearray(packed(("lab.py", b"x = 1\n" * 100), method=zipfile.ZIP_STORED))
    data[60] ^= 0xFF
    found = opened(bytes(data))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 10_000)
    assert str(caught.value) == DAMAGED


def test_too_many_entries_are_refused_with_the_figures():
    data = packed(*((f"{n}.py", b"") for n in range(11)))
    assert refused(data, entries_most=10) == (
        "The archive has 11 entries; 10 are allowed. Leave out data, environments and version control."
    )


def test_an_immense_directory_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(zips, "_AT_ONCE", 0)
    monkeypatch.setattr(zips, "_PER_ENTRY", 100)
    data = packed(*((f"{n:0200}.py", b"") for n in range(600)))
    assert refused(data, entries_most=1000) == (
        "The archive has far too many entries; 1,000 are allowed. Leave out data, environments and version control."
    )


def test_entries_are_counted_before_anything_is_made_of_them():
    data = packed(*((f"{n}", b"") for n in range(1500)))
    tracemalloc.start()
    try:
        assert refused(data, entries_most=1400).startswith("The archive has 1,500 entries; 1,400 are allowed.")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(data)


def test_overlapping_entries_are_refused():
    data = packed(("a.py", b"same"), ("b.py", b"same"), method=zipfile.ZIP_STORED)
    raw = bytearray(data)
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", raw, second + 42, 0)
    assert refused(bytes(raw)) == ("Entries of the archive overlap, as no ordinary program makes them. Make it again.")


def test_content_over_the_cap_is_refused():
    found = opened(packed(("lab.py", bytes(range(256)) * 10)))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 1000)
    assert str(caught.value) == "lab.py is larger than the 0.0 MB that it may have."


def test_content_packed_tighter_than_honest_files_is_refused():
    found = opened(packed(("lab.py", bytes(8_000_000))))
    with pytest.raises(Refused) as caught:
        found.read(found.members()[0], 20_000_000)
    assert str(caught.value) == (
        "lab.py unpacks to more than 200 times its packed size, as only archives made to do harm do. "
        "Hand in the files themselves."
    )


def test_a_lie_about_the_size_yields_no_more_than_the_cap():
    raw = bytearray(packed(("lab.py", bytes(range(256)) * 4000)))
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 10)
    found = opened(bytes(raw))
    assert found.members()[0].size == 10
    with pytest.raises(Refused):
        found.read(found.members()[0], 1000)


def test_a_nested_archive_is_a_file_like_any_other():
    inner = packed(("../evil.py", b"x"))
    assert contents(packed(("inner.zip", inner))) == {"inner.zip": inner}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8), st.integers(0, 10_000))
def test_a_mangled_archive_is_read_or_refused_and_nothing_else(changes, cut):
    raw = bytearray(packed(("lab.py", b"x = 1\n" * 30), ("data/points.csv", b"1,2\n" * 30), ("\u00fc.py", b"")))
    for at, value in changes:
        raw[at % len(raw)] = value
    data = bytes(raw[: len(raw) - cut % 60])
    with contextlib.suppress(Refused):
        contents(data, 1000)


def test_lzma_is_read_without_a_mark_where_it_ends():
    """As other programs than Python write it: version, properties of 5 bytes, six letters."""
    stream = b'\x09\x04\x05\x00\x00\x00\x10\x00\x00\x00<\x08B\xce\xe3\x97U"\x80\x00'
    raw = bytearray(packed(("lab.py", stream), method=zipfile.ZIP_STORED))
    entry = raw.index(b"PK\x01\x02")
    struct.pack_into("<H", raw, entry + 10, zipfile.ZIP_LZMA)
    struct.pack_into("<I", raw, entry + 16, zlib.crc32(b"x = 1\n"))
    struct.pack_into("<I", raw, entry + 24, len(b"x = 1\n"))
    assert contents(bytes(raw)) == {"lab.py": b"x = 1\n"}
