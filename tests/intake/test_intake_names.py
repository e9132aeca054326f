import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.names import KEY_MOST, escapes, folded, identity, is_awkward, shown, worth_keeping


def test_an_ordinary_name_is_its_own_key():
    assert identity("ana_silva-2") == "ana_silva-2"
    assert identity("小龙") == "小龙"


def test_composed_and_decomposed_letters_are_the_same_student():
    assert identity("jose\u0301") == identity("jos\u00e9") == "jos\u00e9"


WRITTEN_WITH_JOINERS = [
    "مریم\u200cنوری",
    "مم\u064e\u200cن",
    "राम\u0915\u094d\u200dष",
    "श्री\u0915\u094d\u200cष",
    "സുരേഷ്\u200cകുമാര്\u200d",
    "ශ්\u200dරී",
    "র\u200d্যাচেল",
    "ana 👩\u200d💻",
    "🏳\ufe0f\u200d🌈 ❤\ufe0f",
    "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏻",
    "lab 1\ufe0f\u20e3",
    "葛\U000e0100城",
]


@pytest.mark.parametrize("name", WRITTEN_WITH_JOINERS)
def test_joiners_that_change_how_a_name_looks_are_part_of_it(name):
    assert identity(name) == shown(name) == name
    assert not is_awkward(f"{name}/lab.py")


@pytest.mark.parametrize(
    "raw",
    [
        *("Ana\u200cSilva", "Ana\u200dSilva", "\u200cAna", "Ana\u200c", "Ана\u200cБ", "小\u200c龙"),
        *("آزاد\u200cپور", "مریم\u200c", "\u200cمریم", "مریم\u200c\u200cنوری", "مریم\u200dنوری", "مریم\u200cx"),
        *("गंगा\u200cराम", "राम\u094d\u200c", "राम\u094d\u200d\u200d", "🎓\u200d", "🎓\u200cx", "a\u200d🎓"),
        *("Ana\ufe0f", "Ana\U000e0100", "A\u034fna", "Ana\u115f", "1\ufe0f", "小\ufe00", "\U0001f8ff\ufe0f"),
        *("\u3164", "\u2800\u2800", "\u115f", "\u1160", "\uffa0", "Ana\u3164"),
    ],
)
def test_what_nobody_sees_in_a_name_is_marked(raw):
    key = identity(raw)
    assert "\ufffd" in key
    assert re.search(r"~[0-9a-f]{12}\Z", key)
    assert is_awkward(raw)


def test_control_characters_are_replaced_and_the_key_is_marked():
    key = identity("eve\x1b[31m\nbob")
    assert key.startswith("eve\ufffd[31m\ufffdbob~")
    assert key.isprintable()


def test_a_key_that_imitates_a_mark_is_not_taken_for_the_marked_one():
    marked = identity("eve\n")
    assert identity(marked) != marked


@given(st.text(), st.text())
def test_distinct_names_stay_distinct(one, other):
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert (identity(one) == identity(other)) is same


@given(st.text(st.characters(), max_size=3000))
def test_a_key_can_always_be_shown(raw):
    key = identity(raw)
    assert key
    assert key.replace("\u200c", "").replace("\u200d", "").isprintable()
    assert len(key) <= KEY_MOST


def test_two_long_names_that_differ_at_the_end_stay_distinct():
    one, other = identity("a" * 2000 + "x"), identity("a" * 2000 + "y")
    assert one != other
    assert max(len(one), len(other)) <= KEY_MOST


def test_what_is_shown_is_one_line_without_escapes_and_bounded():
    assert shown("a\x1b[2J\nb\u202e") == "a\ufffd[2J\ufffdb\ufffd"
    assert shown("x" * 500, 10) == "xxxxxxxxx…"


def test_housekeeping_of_systems_and_tools_is_left_out():
    clutter = [
        "__MACOSX/._lab.py",
        "._lab.py",
        ".DS_Store",
        "Thumbs.db",
        "a/.ipynb_checkpoints/lab-checkpoint.ipynb",
        "a/__pycache__/lab.cpython-311.pyc",
        "a/.git/HEAD",
        "old.pyc",
    ]
    assert worth_keeping([*clutter, "a/lab.py", "lab.py"]) == ["a/lab.py", "lab.py"]


def test_a_virtual_environment_is_left_out_whatever_it_is_called():
    paths = ["ana/lab.py", "ana/mine/pyvenv.cfg", "ana/mine/lib/torch.py", "ana/mines/helper.py"]
    assert worth_keeping(paths) == ["ana/lab.py", "ana/mines/helper.py"]


names = st.lists(st.sampled_from(["a", "lib", "lib-", "pyvenv.cfg"]), min_size=1, max_size=4).map("/".join)


@given(st.sets(names, max_size=12))
def test_what_is_in_an_environment_is_left_out_and_nothing_else(paths):
    homes = [path.removesuffix("pyvenv.cfg") for path in paths if path.endswith("/pyvenv.cfg")]
    parts = [f"{home}{part}/" for home in homes for part in ("lib", "pyvenv.cfg")]
    outside = [path for path in paths if not any(map(f"{path}/".startswith, parts))]
    assert sorted(worth_keeping(paths)) == sorted(outside)


def test_work_beside_an_environment_of_its_own_folder_is_kept():
    made = [
        "pyvenv.cfg",
        "bin/activate_this.py",
        "lib/python3.11/site-packages/torch/nn.py",
        "Lib/x.py",
        "Scripts/x.py",
    ]
    assert worth_keeping([*(f"ana/{path}" for path in made), "ana/lab.py", "ana/data/x.csv"]) == [
        "ana/lab.py",
        "ana/data/x.csv",
    ]


def test_names_that_lead_out_of_an_archive_are_told():
    out = ["../x", "a/../x", "/x", "\\x", "C:/x", "c:x", "a\\..\\x", "..", "/"]
    assert all(map(escapes, out))
    assert not any(map(escapes, ["x", "a/x", "a/", "a..b/x", "...x", "./x", "a//x", "a\\x", ""]))


def test_names_that_some_systems_take_for_the_same_fold_alike():
    assert folded("Lab.PY") == folded("lab.py")
    assert folded("e\u0301") == folded("\u00c9")
    assert folded("lab.py") != folded("lab1.py")


def test_names_too_long_or_unprintable_are_awkward():
    assert is_awkward("x" * 256)
    assert is_awkward("é" * 128)
    assert is_awkward("/".join(["x" * 200] * 6))
    assert is_awkward("a\nb.py")
    assert is_awkward("a\udcff.py")
    assert not is_awkward("a/" + "x" * 255)
