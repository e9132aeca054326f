"""Archives of all kinds: each is graded or refused as declared, harms nobody beside it, and leaves nothing behind."""

import io
import tarfile
import tracemalloc
import zipfile

import pytest
from archives import ARCHIVES, HONEST, SOLUTION
from battle import DISGUISE, Battle

from grader.intake import collect
from grader.model import Submission

GOOD = {"000a.py": SOLUTION, "zzza.py": SOLUTION}
DISK_MOST = 10_000_000
"""Bytes of database and pages together."""
MEMORY_MOST = 60_000_000
"""Bytes that taking in one of these archives may need: what a compressed tar may unpack to, and a submission."""


@pytest.fixture(scope="module")
def built():
    """File name -> content of what a class hands in."""
    return {f"{name}{case.suffix}": case.build() for name, case in ARCHIVES.items()} | GOOD


def in_a_folder(built, place):
    for name, content in built.items():
        (place / name).write_bytes(content)
    return place


def in_a_zip(built, place):
    with zipfile.ZipFile(place / "class.zip", "w") as made:
        for name, content in built.items():
            made.writestr(f"submissions/{name}", content)
    return place / "class.zip"


def in_a_tar(built, place):
    with tarfile.open(place / "class.tar", "w") as made:
        for name, content in built.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return place / "class.tar"


def ending(taken):
    return dict(taken.files) if isinstance(taken, Submission) else taken.reason


@pytest.mark.parametrize("how", [in_a_folder, in_a_zip, in_a_tar])
def test_an_archive_among_others_is_taken_or_refused_as_declared(built, tmp_path, how):
    place = how(built, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    found = {taken.student.key: ending(taken) for taken in collect([place], "quick")}
    assert sorted(tmp_path.rglob("*")) == before
    assert found.pop("000a") == found.pop("zzza") == {"quick.py": SOLUTION}
    assert found.keys() == ARCHIVES.keys()
    assert [name for name in HONEST if isinstance(found[name], str)] == []
    differing = {name: end for name, end in found.items() if name not in HONEST and ARCHIVES[name].says not in end}
    assert differing == {}


@pytest.mark.parametrize("name", ARCHIVES)
def test_taking_in_an_archive_needs_little_memory(built, tmp_path, name):
    file = f"{name}{ARCHIVES[name].suffix}"
    place = in_a_folder({file: built[file]}, tmp_path)
    tracemalloc.start()
    try:
        for _ in collect([place], "quick"):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_MOST


class ArchiveBattle(Battle):
    """A class that hands in archives."""

    def __init__(self, mode, place):
        super().__init__(mode, place)
        self.memory_mb = 410  # so that its containers are told from those of the other class

    def _hand_in(self, ports):
        for number, (name, case) in enumerate(ARCHIVES.items()):
            if number % 5 == 0:
                self._good(f"{number:03}a")
            student = f"{number:03}b-{name.replace('_', '-')} {DISGUISE}"
            self.names[student] = name
            (self.place / "class" / f"{student}{case.suffix}").write_bytes(case.build())
        self._good("999a")


@pytest.fixture
def graded(battle):
    """What came of the class of archives, in Docker."""
    return battle("warm", ArchiveBattle)


@pytest.mark.docker
def test_a_class_of_archives_is_graded_to_its_end(graded):
    assert graded.status == 0, graded.terminal
    assert graded.rows.keys() >= ARCHIVES.keys()
    assert "Not graded" not in graded.terminal
    assert "Traceback" not in graded.terminal


@pytest.mark.docker
def test_good_submissions_and_honest_archives_get_full_marks(graded):
    good = {name: row["score"] for name, row in graded.rows.items() if name in HONEST or name.startswith("good ")}
    assert len(good) > len(HONEST) + 10
    assert {name: score for name, score in good.items() if score != 100.0} == {}


@pytest.mark.docker
def test_broken_and_hostile_archives_are_refused_with_their_reasons(graded):
    told = "".join(graded.terminal.split())
    refused = {name: case for name, case in ARCHIVES.items() if name not in HONEST}
    assert {name: row["ending"] for name in refused if (row := graded.rows[name])["ending"] != "rejected"} == {}
    assert [name for name, case in refused.items() if "".join(case.says.split()) not in told] == []


@pytest.mark.docker
def test_archives_let_no_word_out_and_leave_nothing_behind(graded):
    assert graded.canaries == []
    assert graded.leftovers == []
    assert graded.markup == []
    assert graded.grown < DISK_MOST
    assert [char for char in graded.terminal if not char.isprintable() and char != "\n"] == []
