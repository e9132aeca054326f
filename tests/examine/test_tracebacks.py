"""What students see of a function that calls itself."""

import pytest

from grader.examine.tracebacks import condensed

MIDDLE = "… 964 more lines of calls …"


def frame(name, line=3):
    return f'File "lab.py", line {line}, in {name}\n  return {name}(x)'


def test_a_function_that_calls_itself_is_shown_once_with_what_called_it():
    frames = [frame("start"), *[frame("f")] * 4, MIDDLE, *[frame("f")] * 14, frame("end")]
    assert condensed("\n".join(frames)).split("\n") == [
        *frame("start").split("\n"),
        *frame("f").split("\n"),
        "… 981 more frames like this …",
        *frame("end").split("\n"),
    ]


def test_functions_that_call_each_other_are_shown_one_round():
    frames = [*[frame("f"), frame("g")] * 2, frame("f"), MIDDLE, frame("g"), *[frame("f"), frame("g")] * 7]
    assert condensed("\n".join(frames)) == f"{frame('f')}\n{frame('g')}\n… 982 more frames like these …"


@pytest.mark.parametrize(
    "traceback",
    [
        "",
        frame("f"),
        f"{frame('f')}\n{frame('f')}\n{frame('g')}",
        "\n".join([*(frame("f", line) for line in range(5)), MIDDLE, *(frame("g", line) for line in range(15))]),
        f"{MIDDLE}\n{frame('f')}",
        'File "lab.py", line 1\n  def f(:\n        ^',
    ],
)
def test_what_does_not_go_round_stays_as_it_is(traceback):
    assert condensed(traceback) == traceback


def test_what_was_left_out_does_not_go_round_where_what_follows_does_not():
    frames = [*[frame("f")] * 5, MIDDLE, *(frame("g", line) for line in range(15))]
    assert condensed("\n".join(frames)).split("\n")[2:4] == ["… 4 more frames like this …", MIDDLE]
