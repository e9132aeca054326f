"""Text of unknown origin shows what it holds and does nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.feedback.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text\twith a tab\nand a line", "plain text\twith a tab\nand a line"),
        ("Zoë 李小龙 🎓 محمد", "Zoë 李小龙 🎓 محمد"),
        ("\x1b[31mred\x00\x7f", "␛[31mred␀␡"),
        ("\u202eevil\u202c\u2066x\u2069", "⟨U+202E⟩evil⟨U+202C⟩⟨U+2066⟩x⟨U+2069⟩"),
        ("10%\r20%\r\n30%\x0b\u2028.", "10%\n20%\n30%\n\n."),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("\u200b\ufeff", "⟨U+200B⟩⟨U+FEFF⟩"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 8),
        ("ก" + "\u0e48" * 80 + "า", "ก" + "\u0e48" * 8 + "า"),
        ("क" + "\u0947\u200d" * 80, "क" + "\u0947\u200d" * 8),
        ("x" + "\u20dd\u0670\u05b0" * 30, "x" + ("\u20dd\u0670\u05b0" * 3)[:8]),
        ("ที่นี้ ชื่อ ព្រះ བསྒྲུབས་ Việt Nam שָׁלוֹם", "ที่นี้ ชื่อ ព្រះ བསྒྲུབས་ Việt Nam שָׁלוֹם"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_what_cannot_be_seen_becomes_a_sign_and_the_rest_stays(text, shown):
    assert visible(text) == shown


@given(st.text(st.characters(codec=None)))
def test_nothing_that_acts_is_left_and_showing_twice_changes_nothing(text):
    shown = visible(text)
    shown.encode()
    left = {unicodedata.category(sign) for sign in shown if sign not in "\t\n"}
    assert not left & {"Cc", "Cs", "Zl", "Zp"}
    assert {unicodedata.bidirectional(sign) for sign in shown}.isdisjoint(
        {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    )
    assert visible(shown) == shown
