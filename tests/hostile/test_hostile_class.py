"""Every hostile case ends as declared, harms nobody beside it, and leaves nothing behind."""

import ctypes
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from battle import CANARY, CASES, DISGUISE, OUTCOMES, QUICK, Battle, Expected

DISK_MOST = 30_000_000
"""Bytes of database and pages together: a class that prints 300 MB and fills every folder that it can."""
MODES = [
    pytest.param("warm", marks=pytest.mark.docker),
    pytest.param("container", marks=pytest.mark.docker),
    "local",
]
each_mode = pytest.mark.parametrize("mode", MODES)
each_case = pytest.mark.parametrize(
    ("mode", "name"),
    [
        pytest.param(mode, name, marks=[pytest.mark.docker] if mode != "local" else [])
        for mode in ("warm", "container", "local")
        for name in OUTCOMES.of(mode)
    ],
)


@each_case
def test_a_case_ends_as_declared(battle, mode, name):
    found = battle(mode)
    row, expected = found.rows[name], OUTCOMES.of(mode)[name]
    told = " ".join(check["message"] for check in row["checks"])
    if row["ending"] == "rejected":
        told = " ".join(found.terminal.split())
    assert row["ending"] in ([expected.ending] if isinstance(expected.ending, str) else expected.ending), told
    assert row["flags"] == expected.flags, told
    assert_score(row["score"], expected, row["ending"])
    assert expected.says in told


def assert_score(score: float | None, expected: Expected, ending: str) -> None:
    if ending == "rejected":
        assert score is None
    elif isinstance(expected.score, tuple):
        assert expected.score[0] <= score <= expected.score[1]
    else:
        assert score == expected.score


@each_mode
def test_good_submissions_among_hostile_ones_get_full_marks(battle, mode):
    found = {name: row["score"] for name, row in battle(mode).rows.items() if name.startswith("good ")}
    assert len(found) > 5
    assert set(found.values()) == {100.0}


@each_mode
def test_a_hostile_class_is_graded_to_its_end(battle, mode):
    found = battle(mode)
    assert found.status == 0, found.terminal
    assert found.rows.keys() >= OUTCOMES.of(mode).keys()
    assert "Not graded" not in found.terminal
    assert "Traceback" not in found.terminal


@each_mode
def test_no_word_of_the_trusted_side_gets_out(battle, mode):
    assert battle(mode).canaries == []


@each_mode
def test_nothing_is_left_behind(battle, mode):
    assert battle(mode).leftovers == []


@each_mode
def test_little_is_written_whatever_is_printed(battle, mode):
    assert battle(mode).grown < DISK_MOST


@each_mode
def test_listeners_on_the_loopback_count_no_connection(battle, mode):
    assert battle(mode).knocks == 0


@each_mode
def test_nothing_that_a_terminal_obeys_reaches_it(battle, mode):
    assert [char for char in battle(mode).terminal if not char.isprintable() and char != "\n"] == []


@each_mode
def test_markup_of_students_is_inert_on_pages(battle, mode):
    assert battle(mode).markup == []


@each_mode
def test_markup_of_students_means_nothing_to_the_terminal(battle, mode):
    assert DISGUISE in battle(mode).terminal


@pytest.fixture
def aftermath(tmp_path):
    """A class that left everything behind that it could, and gave away what it should not."""
    left = Battle("local", tmp_path)
    for folder in (left.database.parent, left.scratch, left.out):
        folder.mkdir()
    with sqlite3.connect(left.database) as database:
        database.execute("create table contents (digest, files)")
        database.execute("insert into contents values ('0', ?)", [zlib.compress(b"CANARY-test-00000000")])
    database.close()
    (left.out / "index.html").write_text(f"<script>alert('{left.mark}')</script><i>271828.1875</i>")
    planted = Path("/dev/shm", left.mark)
    planted.touch()
    key = int(left.mark[-6:], 16)
    libc = ctypes.CDLL(None)
    queue = libc.msgget(key, 0o1600)
    waits = [sys.executable, "-c", "print(flush=True); input()", left.mark]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()  # until it runs, the kernel may not show its arguments yet
        yield left
        process.communicate(b"\n")
    libc.msgctl(queue, 0, None)
    planted.unlink()


def test_what_is_left_behind_would_be_found(aftermath):
    (aftermath.scratch / "forgotten").touch()
    process, *rest = aftermath.leftovers()
    assert process.startswith("process ")
    assert [found.split(":")[0] for found in rest] == [
        f"/dev/shm/{aftermath.mark}",
        f"{aftermath.scratch}/forgotten",
        "/proc/sysvipc/msg",
    ]


def test_what_gets_out_would_be_found(aftermath):
    found = aftermath.canaries("CANARY-test-00000001")
    assert found == [
        ("terminal and JSON", "CANARY-test-00000001"),
        ("out/index.html", "271828"),
        ("submission 0", "CANARY-test-00000000"),
    ]
    assert [what[:7] for _, what in aftermath.live_markup()] == ["<script", "<i>"]


def test_every_case_has_an_outcome_and_says_what_it_tries():
    names = [name for cases in OUTCOMES.cases.values() for name in cases]
    assert len(set(names)) == len(names) >= 80
    assert {path.stem for path in CASES.iterdir()} == set(names)
    for path in CASES.glob("*.py"):
        begins, says, *_ = path.read_text(encoding="utf-8").split('"""')
        assert (begins, says[-1]) == ("", "."), path.name


def test_the_words_to_be_kept_are_where_a_leak_would_begin():
    suite = (QUICK / "reference" / "quick" / "test_hidden.py").read_bytes()
    kinds = {word.split(b"-")[1] for word in CANARY.findall(suite) if b"-" in word}
    assert kinds == {b"docstring", b"constant", b"comment", b"paragraph", b"expected", b"local"}
