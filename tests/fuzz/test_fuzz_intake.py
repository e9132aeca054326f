"""Archives, folders and notebooks from strangers: a submission or a refusal with a reason, and nothing written.

Zip archives are put together byte by byte here, since no program would write these.
"""

import contextlib
import io
import json
import os
import stat
import struct
import tarfile
import zlib
from itertools import count
from pathlib import Path, PurePosixPath
from random import Random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from grader.errors import NoSubmissions, Refused
from grader.intake import collect, digest
from grader.intake.archive import STUDENT_ENTRIES, open_archive
from grader.intake.choose import BYTES_MOST, FILES_MOST
from grader.intake.notebook import check_readable
from grader.intake.tars import UNPACKED_MOST
from grader.model import Refusal, Submission

FUZZ = settings.get_profile("fuzz")
LAB = "lab1"
MUTANTS = 25
"""Inputs made of each archive."""
CANARY = b"left alone"
PAGES = 4
"""How often the largest submission may be in memory at once."""

# ---------------------------------------------------------------- zip archives, byte by byte

FLAGS = (0, 0x800, 1, 0x8, 0x20, 0x40, 0x2000, 0x800 | 0x8)
METHODS = (0, 8, 8, 8, 1, 9, 12, 14, 99)
MODES = (0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFSOCK, stat.S_IFDIR)
LIES = (0, 1, 2**16, 2**31, 2**32 - 1)
EXTRAS = (
    b"",
    b"\1\0\x18\0" + struct.pack("<QQQ", 2**64 - 1, 2**63, 2**62),  # zip64: sizes and offset
    b"\1\0\x08\0" + struct.pack("<Q", 5),
    b"\1\0\xff\xff",
    b"up\x05\0\1aaaa",
    b"\0",
)


def zipped(entries, *, comment=b"", counted=None, shift=0):
    """A zip archive of entries as `entries` draws them, and an end that may lie."""
    data, directory, contents = b"", b"", []
    for name, content, flag, method, mode, lie, extra, overlaps in entries:
        deflate = zlib.compressobj(wbits=-15)
        packed = deflate.compress(content) + deflate.flush() if method == 8 else content
        sizes = [zlib.crc32(content), len(packed), len(content)]
        if lie is not None:
            which, value = lie
            sizes[which] = value
        start = contents[-1] if overlaps and contents else len(data)
        contents.append(start)
        common = struct.pack("<HHHHHIIIHH", 20, flag, method, 0x6000, 0x5C61, *sizes, len(name), len(extra))
        if start == len(data):
            data += b"PK\3\4" + common + name + extra + packed
        directory += b"PK\1\2" + struct.pack("<H", 0x31E) + common
        directory += struct.pack("<HHHII", 0, 0, 0, mode << 16, start) + name + extra
    number = len(entries) if counted is None else counted
    sizes = (number & 0xFFFF, number & 0xFFFF, len(directory), (len(data) + shift) & 0xFFFFFFFF, len(comment))
    return data + directory + b"PK\5\6\0\0\0\0" + struct.pack("<HHIIH", *sizes) + comment


spelt = st.sampled_from(
    [
        *("lab1.py", "lab1.ipynb", "LAB1.py", "lab1 (1).py", "sub/lab1.py", "a/b/lab1.py", "helper.py", "data/x.csv"),
        *(
            "../lab1.py",
            "/etc/lab1.py",
            "..\\lab1.py",
            "a\\lab1.py",
            "C:lab1.py",
            "./lab1.py",
            "a//lab1.py",
            "a/../b.py",
        ),
        *(
            "lab1.py\0.txt",
            "la\nb1.py",
            "\x1b[31mlab1.py",
            "..",
            ".",
            "/",
            "",
            "sub/",
            "a" * 300 + ".py",
            "a/" * 600 + "b.py",
        ),
        *(
            "\u00e9.py",
            "e\u0301.py",
            "\u212b.py",
            "\u00c5.py",
            "\ufb01.py",
            "\u202elab1.py",
            "lab1.py/x.py",
            "lab1.py ",
        ),
        *(
            "torch.py",
            "sitecustomize.py",
            "conftest.py",
            "x.pth",
            "x.so",
            "__MACOSX/._lab1.py",
            ".git/config",
            "env/pyvenv.cfg",
        ),
        *("inner.zip", "ada_1_2_lab1.py", "LATE_anon_a1_3_lab1.py", "bob_4_text.html", "=cmd.py", "<script>.py"),
    ]
)
names = st.one_of(
    spelt, spelt, st.text(max_size=12), st.lists(st.text(max_size=4), min_size=1, max_size=4).map("/".join)
).map(lambda name: name.encode("utf-8", "surrogatepass")) | st.binary(max_size=20)
source = st.sampled_from([b"x = 1\n", b"", b"\0" * 100, b"\xff\xfe", b"PK\3\4", b"def f(:\n", b"a" * 500]) | st.binary(
    max_size=40
)
ordinary = st.tuples(
    names,
    source,
    st.sampled_from([0, 0x800]),
    st.sampled_from([0, 8]),
    st.sampled_from([0, 0o100644]),
    st.none(),
    st.just(b""),
    st.sampled_from([False]),
)
odd = st.tuples(
    names,
    source,
    st.sampled_from(FLAGS),
    st.sampled_from(METHODS),
    st.sampled_from(MODES),
    st.none() | st.tuples(st.integers(0, 2), st.sampled_from(LIES)),
    st.sampled_from(EXTRAS),
    st.booleans(),
)
archives = st.builds(
    zipped,
    st.lists(ordinary, max_size=5) | st.lists(ordinary | odd, max_size=5),
    comment=st.sampled_from([b"", b"", b"PK\5\6" + bytes(18), b"x" * 3000]),
    counted=st.none() | st.none() | st.sampled_from([0, 1, 65535]),
    shift=st.sampled_from([0, 0, 0, 1, -1, 2**31]),
)

# ---------------------------------------------------------------- the property


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """Where submissions are put, one folder for each; what else is there is a canary."""
    root = tmp_path_factory.mktemp("shelf")
    (root / "canary.py").write_bytes(CANARY)
    numbers = count()

    def empty():
        made = root / str(next(numbers)) / "class"
        made.mkdir(parents=True)
        return made

    return empty


def listing(root):
    """Everything below `root`, with what tells whether it was touched."""
    return sorted((os.fsencode(each), facts.st_mode, facts.st_size, facts.st_mtime_ns) for each, facts in _facts(root))


def _facts(root):
    for folder, folders, files in os.walk(root):
        for each in (*folders, *files):
            path = os.path.join(folder, each)  # noqa: PTH118 - as os.walk gives them
            yield path, os.lstat(path)


def taken(place, root):
    """What `collect` makes of `place`; nothing below `root` is touched by it."""
    before = listing(root)
    found, said = outcome(lambda: list(collect([place], LAB)), NoSubmissions)
    assert said.isprintable()
    assert listing(root) == before
    found = found or []
    for each in found:
        check_taken(each)
    return found


def outcome(work, refusal):
    """(what `work` returns, "") or (None, the text of the refusal that it raises)."""
    try:
        return work(), ""
    except refusal as raised:
        return None, str(raised)


def check_taken(found):
    assert found.source.isprintable()
    assert found.student.key.isprintable()
    if isinstance(found, Refusal):
        assert found.reason.isprintable()
        assert found.reason.endswith((".", "”"))
        return
    assert isinstance(found, Submission)
    assert found.entry in found.files
    assert found.entry in {f"{LAB}.py", f"{LAB}.ipynb"}
    assert found.digest == digest(found.entry, found.files)
    assert len(found.files) <= FILES_MOST
    assert sum(map(len, found.files.values())) <= BYTES_MOST
    for name in found.files:
        check_name(name)


def check_name(name):
    """A relative path, written in the one way, that can be stored and shown."""
    path = PurePosixPath(name)
    assert name == str(path)
    assert not path.is_absolute()
    assert name.isprintable()
    assert not {"", ".", ".."} & set(name.split("/"))
    assert len(name.encode()) <= 1000


# ---------------------------------------------------------------- what is generated


@pytest.fixture(scope="module")
def unpacked(inputs, memory):
    """Reads all of an archive, in bounded memory."""
    most = 300  # some of what is drawn is larger
    bound = memory(40, 2**20)

    def unpacked(data):
        inputs["archives"] += 1
        bound.check(lambda: read_all(data, most), len(data))

    return unpacked


def read_all(data, most):
    archive, said = outcome(lambda: open_archive(io.BytesIO(data), STUDENT_ENTRIES), Refused)
    assert said.isprintable()
    if archive is None:
        return
    with contextlib.closing(archive):
        for member in archive.members():
            with contextlib.suppress(Refused):
                assert len(archive.read(member, most)) <= most
            if not member.trouble:
                assert not {"", ".", ".."} & set(member.path.split("/"))
                assert "\\" not in member.path


@pytest.mark.generated(18_000)
@given(archives, st.integers(0, 2**32))
@settings(FUZZ, max_examples=700)
def test_an_archive_and_what_accidents_make_of_it_is_read_or_refused(unpacked, mutant, data, seed):
    unpacked(data)
    random = Random(seed)
    for _ in range(MUTANTS):
        broken = mutant(random, data)
        try:
            unpacked(broken)
        except BaseException:
            note(f"the archive: {broken!r}")
            raise


@pytest.mark.generated(1000)
@given(archives, st.sampled_from(["ada.zip", "class.zip", "LATE_x_1_2_a.zip", "\x1b.zip", "a.ZIP"]), st.booleans())
@settings(FUZZ, max_examples=1000)
def test_an_archive_is_a_submission_or_a_refusal(inputs, shelf, data, name, beside):
    inputs["archives handed in"] += 1
    root = shelf()
    (root / name).write_bytes(data)
    if beside:
        (root / "bea.py").write_bytes(b"x = 1\n")
    found = taken(root if beside else root / name, root.parent)
    if beside:
        assert len(found) == 2


@pytest.mark.generated(10)
@given(st.integers(1, 3), st.sampled_from([10**6, 3 * 10**7]), st.integers(0, 2))
@settings(FUZZ, max_examples=15)
def test_a_bomb_takes_no_more_memory_than_the_largest_submission(inputs, memory, shelf, entries, size, nested):
    inputs["bombs"] += 1
    data = zipped([(b"lab%d.py" % n, b"x" * size, 0, 8, 0, None, b"", False) for n in range(1, entries + 1)])
    for _ in range(nested):
        data = zipped([(b"inner.zip", data, 0, 8, 0, None, b"", False)])
    root = shelf()
    (root / "ada.zip").write_bytes(data)
    memory(40, PAGES * BYTES_MOST).check(lambda: taken(root / "ada.zip", root), len(data))


# ---------------------------------------------------------------- folders

file_names = st.one_of(spelt, st.text(max_size=8), st.binary(max_size=8).map(os.fsdecode)).map(
    lambda name: name.replace("\0", "").replace("/", "\u2215")[:60]
)


def new_file(path, content):
    with path.open("xb") as file:  # never an existing one, nor through a link
        file.write(content)


PLANTERS = {
    "file": new_file,
    "folder": lambda path, _: path.mkdir(),
    "link out": lambda path, _: path.symlink_to(canary_of(path)),
    "relative link out": lambda path, _: path.symlink_to(os.path.relpath(canary_of(path), path.parent)),
    "loop": lambda path, _: path.symlink_to(path.parent),
    "fifo": lambda path, _: os.mkfifo(path),
    "socket": lambda path, _: os.mknod(path, stat.S_IFSOCK | 0o600),
    "secret": lambda path, content: (new_file(path, content), path.chmod(0)),
    "sparse": lambda path, content: (new_file(path, content), os.truncate(path, 2**40)),
}


trees = st.lists(
    st.tuples(st.lists(file_names, min_size=1, max_size=3), st.sampled_from(["file", "file", *PLANTERS]), source),
    max_size=6,
)


def canary_of(path):
    """The canary on the shelf that holds `path`; links lead there and nowhere else."""
    return next(found for parent in path.parents if (found := parent / "canary.py").exists())


def plant(root, parts, kind, content):
    """One odd thing below `root`, where nothing is yet and no planted link is on the way there.

    What the file system refuses is left out.
    """
    path = Path(root, *parts)
    if not {"", ".", ".."}.isdisjoint(parts) or root not in path.parents:
        return
    with contextlib.suppress(OSError, ValueError):
        on_the_way = [path, *(parent for parent in path.parents if root in parent.parents)]
        if os.path.lexists(path) or any(each.is_symlink() for each in on_the_way):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        PLANTERS[kind](path, content)


@pytest.mark.generated(1500)
@given(trees, st.booleans())
@settings(FUZZ, max_examples=1500)
def test_a_folder_is_taken_apart_into_submissions_and_refusals(inputs, memory, shelf, tree, whole):
    inputs["folders"] += 1
    root = shelf()
    for parts, kind, content in tree:
        plant(root, parts, kind, content)
    if whole:
        plant(root, ["lab1.py"], "file", b"x = 1\n")
    found = memory(0, PAGES * BYTES_MOST).check(lambda: taken(root, root.parent), 0)
    contents = [content for each in found if isinstance(each, Submission) for content in each.files.values()]
    assert CANARY not in contents, "a link was followed"
    assert canary_of(root).read_bytes() == CANARY
    if whole and (root / "lab1.py").is_file():
        assert found


# ---------------------------------------------------------------- notebooks, tars

numbers = st.integers() | st.floats() | st.sampled_from([10**4000, -(10**300), 1e308])
jsons = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["cells", "worksheets", "nbformat", "metadata", "source", "cell_type", "outputs", ""]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
notebooks = st.one_of(
    jsons,
    st.builds(
        lambda cells, more: {"cells": cells, "nbformat": 4, **more}, jsons, st.just({}) | st.just({"metadata": 1})
    ),
).map(lambda found: json.dumps(found).encode())


EXTREMES = {
    b"nested lists": b"[" * 100_000,
    b"nested cells": b'{"cells":' * 50_000,
    b"a long number": b'{"cells": [' + b"9" * 10_000 + b"]}",
    b"a mark of order": b"\xef\xbb\xbf{}",
}


@pytest.mark.generated(1500)
@given(
    notebooks | st.sampled_from(list(EXTREMES)),
    st.integers(0, 2**32),
    st.sampled_from(["utf-8", "utf-16", "latin-1", "damaged"]),
)
@settings(FUZZ, max_examples=1500)
def test_a_notebook_of_any_json_is_taken_or_refused(inputs, memory, shelf, mutant, data, seed, how):
    inputs["notebooks"] += 1
    data = EXTREMES.get(data, data)
    if how == "damaged":
        data = mutant(Random(seed), data)
    elif how != "utf-8":
        data = data.decode().encode(how, "replace")
    root = shelf()
    (root / "lab1.ipynb").write_bytes(data)
    memory(8, 2**20).check(lambda: outcome(lambda: check_readable(data), Refused), len(data))
    (found,) = taken(root / "lab1.ipynb", root)
    if isinstance(found, Submission):
        cells = json.loads(found.files["lab1.ipynb"].decode("utf-8-sig"), parse_int=len)  # of any length
        assert isinstance(cells.get("cells", cells.get("worksheets")), list)


TYPES = (
    tarfile.REGTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.FIFOTYPE,
    tarfile.DIRTYPE,
)


EXTENDED = (b"x", b"g", b"L", b"K")
RECORDS = (
    b"13 path=a.py\n",
    b"15 path=../a.py\n",
    b"9 size=5\n",
    b"22 GNU.sparse.major=1\n",
    b"99999 a=b\n",
    b"\0" * 9,
)


def tarred(members, mode):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as made:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, "../../canary.py", len(content)
            made.addfile(info, io.BytesIO(content))
    return file.getvalue()


tars = st.builds(
    tarred,
    st.lists(
        st.tuples(spelt, st.sampled_from(TYPES), st.sampled_from([b"", b"x = 1\n"]))
        | st.tuples(spelt, st.sampled_from(EXTENDED), st.lists(st.sampled_from(RECORDS), max_size=3).map(b"".join)),
        max_size=4,
    ),
    st.sampled_from(["w", "w:gz", "w:bz2", "w:xz"]),
)


@pytest.mark.generated(7500)
@given(tars, st.integers(0, 2**32))
@settings(FUZZ, max_examples=300)
def test_a_tar_and_what_accidents_make_of_it_is_read_or_refused(inputs, memory, mutant, data, seed):
    bound = memory(40, 2 * UNPACKED_MOST)  # a hundred bytes may unpack to so many before they turn out to be damaged
    random = Random(seed)
    for broken in (data, *(mutant(random, data) for _ in range(MUTANTS))):
        inputs["tar archives"] += 1
        try:
            bound.check(lambda broken=broken: read_all(broken, 300), len(broken))
        except BaseException:
            note(f"the archive: {broken!r}")
            raise


@pytest.mark.generated(600)
@given(
    tars,
    st.sampled_from(["ada.tar", "ada.tar.gz", "ada.tgz", "ada.zip", "ada.py", "ada.ipynb"]),
    st.integers(0, 2**32),
)
@settings(FUZZ, max_examples=600)
def test_a_tar_is_a_submission_or_a_refusal(inputs, shelf, mutant, data, name, seed):
    inputs["tar archives handed in"] += 1
    data = mutant(Random(seed), data)
    root = shelf()
    (root / name).write_bytes(data)
    (root / "bea.py").write_bytes(b"x = 1\n")
    found = {each.student.key: each for each in taken(root, root.parent)}
    assert found.keys() == {"bea", "ada"}
    contents = [content for each in found.values() if isinstance(each, Submission) for content in each.files.values()]
    assert CANARY not in contents, "a link was followed"
