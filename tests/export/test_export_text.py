"""Text for spreadsheets and for the platforms' readers, however long it is."""

import pytest

from grader.export.text import inert, unescaping

MANY = 300_000


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("a;=b", "a;'=b"),
        ('a;" =b', "a;'\" =b"),
        ("a;b; =c", "a;b;' =c"),
        ("a;;=b", "a;;'=b"),
        ("a\t\n=b", "a\t'\n'=b"),
        ("a\n;\t=b", "a\n;'\t'=b"),
        (";=b", ";'=b"),
        ("a =b", "a =b"),
        ("a;b=c", "a;b=c"),
        ("a;＝b", "a;'＝b"),
    ],
)
def test_no_formula_begins_where_a_program_may_see_the_next_cell(text, now):
    assert inert(text) == now


@pytest.mark.parametrize(
    ("text", "now"),
    [("a\\", "a\\ "), ('a\\"b', 'a\\ "b'), ("a\\\\\\", "a\\\\\\ "), ("a\\b", "a\\b"), ('a"b', 'a"b')],
)
def test_no_run_of_backslashes_stands_before_a_quote_or_at_the_end(text, now):
    assert unescaping(text) == now


@pytest.mark.parametrize("change", [inert, unescaping])
@pytest.mark.parametrize("sign", [";", " ", '"', "\t", "\n", "\\", "= ", ";=", '\\"'], ids=ascii)
def test_long_texts_are_gone_through_once(change, sign):
    """Going through the rest from every sign would take minutes to hours: then this test seems to hang."""
    text = "a" + sign * MANY + "b"
    assert change(text).replace("'", "").replace("\\ ", "\\") == text
