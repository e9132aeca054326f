"""`grader similar`: what it prints, records and writes."""

import re
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.cli import alike, main
from grader.intake import digest
from grader.model import (
    Alike,
    CheckResult,
    Ending,
    Outcome,
    Run,
    RunKey,
    Similar,
    SimilarPair,
    Student,
    Submission,
)
from grader.pipeline.likening import Compared
from grader.store import Store

TINY = Path(__file__).parents[1] / "courses" / "tiny"
OWN = "".join(
    f"def helper_{at}(n):\n    return n.a{at}().b{at}().c{at}().d{at}() + {at} * n.e{at}(n, n.f{at})\n\n\n"
    for at in range(8)
)
"""Enough of a program to be told from chance."""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(place, monkeypatch, capsys):
    """Runs the program; (exit status, what it printed, what it complained about)."""

    def done(*words):
        monkeypatch.setattr(sys, "argv", ["grader", *words, "--course", str(TINY), "--db", str(place / "grades.db")])
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = stop.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return done


def hand_in(place, texts):
    result = Run(Ending.COMPLETED, (CheckResult("double", "double", "", Outcome.PASSED, 10.0, 10.0),))
    with Store.open(place / "grades.db") as store:
        for number, (name, text) in enumerate(texts.items(), 1):
            files = {"double.py": text.encode()}
            source = f"class.zip/{name.title()}_{number}_assignsubmission_file"
            made = Submission(
                Student(name, name.title()), "double", files, "double.py", digest("double.py", files), source
            )
            store.save([store.add(made)], RunKey(made.digest, "double", "1", "suite", "image"), result)


def packed_text(path):
    """What a file says, those in an archive one after the other, names first."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(name.encode() + archive.read(name) for name in archive.namelist())


COPY = OWN.replace("(n", "(value").replace(" n", " value").replace("helper", "mine")


def test_pairs_are_printed_within_80_columns_and_the_pages_are_written(run, place):
    hand_in(place, {"ana": OWN, "ben": COPY, "cem": OWN, "dov": "def double(n): return 2 * n\n"})
    status, out, err = run("similar", "double", "--out", "pages")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    told = " ".join(out.split())
    assert "Ana (ana), Cem (cem) the very same files" in told
    assert "Ben (ben)" in told
    assert "not a verdict" in told
    assert "4 submissions looked through. 2 pairs found. Class page: pages/index.html" in told
    pages = sorted(path.name for path in (place / "pages" / "similar").iterdir())
    assert len(pages) == 2
    index = (place / "pages" / "index.html").read_text()
    assert all(f'href="similar/{page}"' in index for page in pages)


def test_report_keeps_what_was_found_and_a_larger_share_finds_fewer(run, place):
    half = OWN.split("\n\n\n")
    hand_in(
        place, {"ana": OWN, "ben": "\n\n\n".join(half[:6]) + "".join(f"\nx = y.g{at}.h{at}(3)" for at in range(14))}
    )
    run("similar", "double", "--out", "pages")
    (page,) = (place / "pages" / "similar").iterdir()
    before = page.read_bytes()
    run("report", "double", "--out", "again")
    assert (place / "again" / "similar" / page.name).read_bytes() == before
    status, out, _ = run("similar", "double", "--threshold", "99", "--out", "pages")
    assert status == 0
    assert "2 submissions looked through. No pair found." in out
    assert list((place / "pages" / "similar").iterdir()) == []


def test_feedback_for_a_platform_holds_nothing_of_it(run, place):
    hand_in(place, {"ana": OWN, "ben": COPY})
    (place / "moodle.csv").write_text(
        "Identifier,Full name,Grade,Maximum grade,Grade can be changed,Last modified (grade)\n"
        "Participant 1,Ana,,10.00,Yes,-\nParticipant 2,Ben,,10.00,Yes,-\n"
    )
    assert run("similar", "double", "--out", "pages")[0] == 0
    assert len(list((place / "pages" / "similar").iterdir())) == 1
    handed_out = {path.name: path.read_text() for path in (place / "pages" / "students").iterdir()}
    more = ["--gradebook", "moodle.csv", "--output", "grades.moodle", "--feedback", "pages.zip"]
    assert run("export", "double", "--format", "moodle", *more)[0] == 0
    with zipfile.ZipFile(place / "pages.zip") as archive:
        handed_out |= {name: archive.read(name).decode() for name in archive.namelist()}
    assert len(handed_out) == 4
    for name, text in handed_out.items():
        (other,) = {"ana", "ben"} - {key for key in ("ana", "ben") if key in name.lower()}
        assert not re.search(f"similar|\\b{other}\\b", f"{name} {text}", re.IGNORECASE), name
    for form in ("csv", "json", "gradescope", "junit"):
        assert run("export", "double", "--format", form, "--output", f"grades.{form}")[0] == 0
    for path in place.glob("grades.*"):
        if path.suffix != ".db":
            assert b"similar" not in packed_text(path).lower()


def test_where_pages_cannot_be_written_nothing_is_compared(run, place):
    hand_in(place, {"ana": OWN, "ben": COPY})
    (place / "file").write_text("mine")
    status, out, err = run("similar", "double", "--out", "file/pages")
    assert (status, out) == (2, "")
    assert "cannot be written to file/pages: Not a directory" in err
    with Store.open(place / "grades.db") as store:
        assert store.comparison("double") is None


def test_where_nothing_was_handed_in_it_says_what_to_do(run, place):
    Store.open(place / "grades.db").close()
    status, _, err = run("similar", "double")
    assert status == 2
    assert "Nothing was handed in for double yet. Run `grader batch double …` first." in err


@pytest.mark.parametrize("share", ["0", "101", "half"])
def test_a_share_that_is_none_is_refused(run, share):
    status, _, err = run("similar", "double", "--threshold", share)
    assert status == 2
    assert "--threshold" in err


def test_a_name_from_right_to_left_leaves_the_shares_where_they_are(run, place):
    long = "مريم " * 12
    hand_in(place, {"مريم": OWN, long.strip(): COPY})
    status, out, _ = run("similar", "double", "--out", "pages")
    assert status == 0
    lines = [line for line in out.splitlines() if "مريم" in line]
    assert len(lines) > 1
    for line in lines:
        beside = re.sub("\u2068[^\u2068\u2069]*\u2069", "", line)
        assert not re.search("[\u0600-\u06ff\u2068\u2069]", beside), line
    assert re.search("\u2069 +[0-9]+%", lines[0])


@pytest.mark.parametrize(
    ("count", "threshold", "told"),
    [
        (2, 0.5, "… and 1 more pair, less alike. A larger --threshold names fewer.\n"),
        (3, 1.0, "… and 2 more pairs, less alike.\n"),
    ],
)
def test_pairs_that_are_not_named_are_counted(capsys, count, threshold, told):
    same = Alike((Student("ana", "Ana"), Student("ben", "Ben")), 1.0, "x", cut=False)
    pair = SimilarPair("a-a", same, None, ())
    found = Similar(datetime(2026, 11, 20, tzinfo=UTC), threshold, 2, 0, count, 0, 0, (pair,))
    alike.show(Compared(2, (), ()), found)
    assert told in capsys.readouterr().out


def test_hostile_names_and_files_are_harmless(run, place):
    name = "\x1b[2Jeve <script>"
    hand_in(place, {name: OWN, "bob": COPY, "zoe": "[" * 200_000, "nil": ""})
    status, out, _ = run("similar", "double", "--out", "pages")
    assert status == 0
    assert "\x1b" not in out
    told = " ".join(out.split())
    assert (
        "Only a part was compared of what these handed in, which is very long or has a notebook that cannot be read: "
        "Zoe (zoe)." in told
    )
    assert (
        "Nothing could be compared of what these handed in, since there is no code that can be read: Nil (nil)." in told
    )
    assert all("<script>" not in path.read_text() for path in (place / "pages" / "similar").iterdir())
