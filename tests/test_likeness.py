"""What is found alike: copies in disguise, and neither honest work nor what was handed out."""

import ast
import builtins
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from grader import likeness
from grader.likeness import CHARACTERS_MOST, COMMON_LEAST, KEPT_MOST, LINES_MOST, SHARED_LEAST, compare, source
from grader.model import Likeness, Passage

ROOT = Path(__file__).parents[1]
LABS = sorted(path.name for path in (ROOT / "assignments").iterdir() if path.is_dir())
CLASSES = {
    lab: [ROOT / "reference" / lab / "sample_class", ROOT / "tests" / "classes" / f"{lab[:4]}_right"] for lab in LABS
}
SOLUTIONS = [ROOT / "reference" / lab / "solution.py" for lab in LABS]


class Renaming(ast.NodeTransformer):
    """Another name for each variable, argument and attribute of one's own."""

    def __init__(self, kept):
        self._kept = kept
        self._names = {}

    def _another(self, name):
        return name if name in self._kept else self._names.setdefault(name, f"my_{len(self._names)}")

    def visit_Name(self, node):
        node.id = self._another(node.id)
        return node

    def visit_arg(self, node):
        node.arg = self._another(node.arg)
        return self.generic_visit(node)

    def visit_Attribute(self, node):
        if isinstance(node.value, ast.Name) and node.value.id == "self" and not node.attr.startswith("__"):
            node.attr = self._another(node.attr)
        return self.generic_visit(node)


def disguised(text, *, renamed=True, reordered=True):
    """The same program in another dress: no comments, another layout, other names, another order of functions."""
    tree = ast.parse(text)
    kept = {*dir(builtins), "self"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            kept |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            kept.add(node.name)
            if ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    if renamed:
        tree = Renaming(kept).visit(tree)
    if reordered:
        places = [at for at, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        for place, node in zip(
            places, random.Random(1).sample([tree.body[at] for at in places], len(places)), strict=True
        ):
            tree.body[place] = node
    return f"# my own work\n{laid_out(ast.unparse(ast.fix_missing_locations(tree)))}\n"


def laid_out(text):
    """The same with a semicolon after each simple statement, and each `return` and `=` on a line before its value."""
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body") and not isinstance(node, ast.Match):
            lines[node.end_lineno - 1] += ";"
        if isinstance(node, ast.Return | ast.Assign) and node.value:
            at = node.value.col_offset
            lines[node.lineno - 1] = f"{lines[node.lineno - 1][:at]}\\\n  {lines[node.lineno - 1][at:]}"
    laid = "\n".join(lines)
    assert ast.dump(ast.parse(laid)) == ast.dump(ast.parse(text))
    return laid


def handed_out(lab):
    return [path.read_text() for path in sorted((ROOT / "assignments" / lab).glob("*.py"))]


def honest(lab):
    """The programs of those who worked apart."""
    paths = [path for folder in CLASSES[lab] if folder.is_dir() for path in sorted(folder.iterdir())]
    return {f"{path.parent.name}/{path.name}": source({path.name: path.read_bytes()}, path.name).text for path in paths}


def found(texts, twins=(), given=(), threshold=0.5):
    return [(one.left, one.right) for one in compare(texts, twins, given, threshold).likenesses]


def function(number):
    """One that has no sign in common with another number's but the frame."""
    return f"def f(x):\n    return x{''.join(f'.a{number}_{at}()' for at in range(12))}\n"


def program(*numbers):
    return "\n".join(function(number) for number in numbers)


# ------------------------------------------------------------ what is found


@pytest.mark.parametrize("renamed", [True, False])
@pytest.mark.parametrize("reordered", [True, False])
@pytest.mark.parametrize("lab", LABS)
def test_a_copy_is_found_under_other_names_in_another_order_and_layout_without_its_comments(lab, renamed, reordered):
    for name, text in honest(lab).items():
        try:
            copy = disguised(text, renamed=renamed, reordered=reordered)
        except SyntaxError:
            continue  # of a student's who could not hand in better
        own = compare({name: text}, [name], handed_out(lab), 0.5).likenesses
        if own and own[0].shared >= 2 * SHARED_LEAST:  # the others did too little to be told apart from chance
            assert found({name: text, "the copy": copy}, given=handed_out(lab)), name


@pytest.mark.parametrize("lab", LABS)
def test_those_who_worked_apart_are_not_found(lab):
    texts = honest(lab)
    assert len(texts) >= 5
    assert found(texts, given=handed_out(lab)) == []


def test_a_copy_is_found_among_those_who_worked_apart():
    texts = honest("lab2_regression")
    texts["the copy"] = disguised(texts["lab2_right/functional.py"])
    assert found(texts, given=handed_out("lab2_regression")) == [("lab2_right/functional.py", "the copy")]


def test_who_copied_half_of_a_file_is_found_by_the_share_of_the_smaller():
    big, part = program(*range(20)), program(*range(8), 90, 91)
    (one,) = compare({"big": big, "part": part}, (), (), 0.5).likenesses
    assert one.right_share > 0.7
    assert one.left_share < 0.5
    assert found({"big": big, "part": part}, threshold=0.9) == []


def test_what_was_handed_out_is_in_no_share():
    given, mine = program(*range(10)), program(*range(100, 110))
    assert found({"a": given + mine, "b": given + program(*range(200, 210))}, given=[given]) == []
    assert found({"a": given, "b": given + "\n# nothing yet\n", "c": given}, twins=["c"], given=[given]) == []
    (one,) = compare({"a": given + mine, "b": given + mine}, (), [given], 0.5).likenesses
    (alone,) = compare({"a": mine, "b": mine}, (), (), 0.5).likenesses
    assert one.left_share == alone.left_share == 1.0
    assert one.shared - alone.shared < likeness.PIECE  # those across the border between the two


def test_what_much_of_the_class_has_is_common_ground():
    usual = program(*range(10))
    for many, common in ((COMMON_LEAST, False), (COMMON_LEAST + 1, True)):
        texts = {str(at): usual + program(100 + at) for at in range(many)}
        assert bool(found(texts)) is not common
    texts = {str(at): usual + program(100 + at) for at in range(COMMON_LEAST + 1)}
    texts |= {f"other {at}": program(*range(1000 + 20 * at, 1010 + 20 * at)) for at in range(60)}
    assert len(found(texts)) == 55  # eleven of seventy-one are a ring and not the class


def test_the_very_same_file_is_a_pair_if_there_is_enough_of_it():
    texts = {"much": program(*range(10)), "little": program(1)}
    (one,) = compare(texts, ["much", "little"], (), 0.5).likenesses
    assert one == Likeness("much", "much", 1.0, 1.0, one.shared, one.passages)
    assert one.shared >= SHARED_LEAST
    assert compare(texts, (), (), 0.5).count == 0


def test_those_with_the_largest_shares_come_first_and_of_too_many_only_they_are_looked_at():
    texts = {"a": program(*range(20)), "b": program(*range(20)) + "\n", "c": program(*range(14), *range(50, 56))}
    assert found(texts) == [("a", "b"), ("a", "c"), ("b", "c")]
    shares = [one.left_share for one in compare(texts, (), (), 0.5).likenesses]
    assert shares == sorted(shares, reverse=True)
    ring = {
        f"{group}-{at}": program(*range(20 * group, 20 * group + 8)) + "\n" * at
        for group in range(25)
        for at in range(10)
    }
    many = compare(ring, (), (), 0.5)
    assert (many.count, len(many.likenesses)) == (25 * 45, KEPT_MOST)


def test_shares_are_those_that_comparing_each_with_each_gives():
    texts = {path.parent.name: path.read_text() for path in SOLUTIONS} | {
        f"{path.parent.name} again": disguised(path.read_text()) for path in SOLUTIONS
    }
    pieces = {}
    for name, text in texts.items():
        signs = likeness._signs(text).signs
        pieces[name] = {signs[at : at + likeness.PIECE] for at in range(len(signs) - likeness.PIECE + 1)}
    expected = {
        (left, right): (len(both) / len(pieces[left]), len(both) / len(pieces[right]))
        for left, right in itertools.combinations(sorted(texts), 2)
        if len(both := pieces[left] & pieces[right]) >= SHARED_LEAST
        and len(both) >= 0.1 * min(len(pieces[left]), len(pieces[right]))
    }
    result = compare(texts, (), (), 0.1)
    assert len(expected) >= len(SOLUTIONS)
    assert {(one.left, one.right): (one.left_share, one.right_share) for one in result.likenesses} == expected


def test_what_is_found_does_not_depend_on_the_hashes_of_a_process():
    script = (
        "from pathlib import Path; from grader.likeness import compare\n"
        "texts = {p.name: p.read_text() for p in Path('tests/classes/blind_lab5_cnn').glob('*.py')}\n"
        "print(compare(texts, (), (), 0.2))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert "Likeness" in said[0]


# ------------------------------------------------------------ which lines match


def test_matching_lines_are_told_wherever_they_moved():
    first, second = program(*range(6)), program(*range(10, 16))
    between = "\n# nothing\n\n"
    (one,) = compare({"a": first + between + second, "b": second + between + first}, (), (), 0.5).likenesses
    assert one.passages == (Passage((1, 17), (21, 37)), Passage((21, 37), (1, 17)))


def test_no_line_is_in_two_passages_and_each_is_in_its_file():
    texts = {str(path): path.read_text() for path in (ROOT / "tests" / "classes" / "blind_lab4_gan").glob("*.py")}
    result = compare(texts, (), (), 0.2)
    assert len(result.likenesses) > 5
    for one in result.likenesses:
        for side, text in (("left", texts[one.left]), ("right", texts[one.right])):
            spans = sorted(getattr(passage, side) for passage in one.passages)
            lines = [line for first, last in spans for line in range(first, last + 1)]
            assert len(lines) == len(set(lines)) > 5
            assert min(lines) >= 1
            assert max(lines) <= len(text.split("\n"))


# ------------------------------------------------------------ what is read


def notebook(*cells, kind="code", **more):
    made = [{"cell_type": kind, "source": cell, "outputs": [{"data": "x" * 1000}]} for cell in cells]
    return json.dumps({"cells": [*made, {"cell_type": "markdown", "source": ["words"]}], **more}).encode()


def test_of_a_notebook_the_code_is_read_as_the_student_wrote_it():
    assert (
        source({"a.ipynb": notebook("x = 1\ny = 2", ["%time\n", "z = 3"])}, "a.ipynb").text
        == "x = 1\ny = 2\n\n%time\nz = 3"
    )
    assert source({"a.ipynb": notebook("x", kind="raw")}, "a.ipynb").text == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no notebook",
        b"\xff\xfe",
        b'{"cells": 3}',
        b'{"cells": [1, {"cell_type": "code", "source": {}}]}',
        b"[" * 90000,
    ],
    ids=["empty", "text", "bytes", "number", "cells", "nested"],
)
def test_what_cannot_be_read_as_a_notebook_has_no_text(content):
    assert source({"a.ipynb": content}, "a.ipynb").text == ""


BIG = 2_000_000


def filled(before, unit, after):
    return before + ",".join([unit] * ((BIG - len(before + after)) // (len(unit) + 1))) + after


@pytest.mark.parametrize(
    "content",
    [
        filled('{"cells": [', "{}", "]}"),
        filled('{"cells": [', '{"":{}}', "]}"),
        filled('{"cells": [{"cell_type": "code", "source": [', '"a"', "]}]}"),
        filled('{"cells": [', '{"cell_type":"x"}', "]}"),
        filled('{"cells": [', '{"cell_type":"code","source":0}', "]}"),
        filled('{"worksheets": [', '{"cells":[]}', "]}"),
        filled('{"cells": [], "metadata": [', "{}", "]}"),
    ],
    ids=["cells", "unnamed", "lines", "kinds", "sources", "sheets", "metadata"],
)
def test_a_hostile_notebook_takes_little_more_memory_than_its_size(content):
    files = {"a.ipynb": content.encode()}
    tracemalloc.start()
    read = source(files, "a.ipynb")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read.text.strip() == ""
    assert peak < 8 * BIG


def test_of_a_notebook_with_a_cell_that_is_far_too_long_the_others_are_read():
    read = source({"a.ipynb": notebook("x = 1", "y" * 1_000_000, "z = 3")}, "a.ipynb")
    assert read == likeness.Source("x = 1\n\nz = 3", cut=True)


def test_a_notebook_that_cannot_be_read_beside_a_program_is_told():
    read = source({"a.ipynb": b"{", "b.py": b"b = 1"}, "a.ipynb")
    assert read == likeness.Source("# a.ipynb\n\n\n# b.py\nb = 1", cut=True)


def test_a_notebook_of_an_older_format_is_read():
    cell = {"cell_type": "code", "input": ["x = ", "1"], "language": "python"}
    content = json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell, cell]}]}).encode()
    assert source({"a.ipynb": b"\xef\xbb\xbf" + content}, "a.ipynb") == likeness.Source("x = 1\n\nx = 1", cut=False)


@pytest.mark.parametrize("text", ["", "\n \n", "# a.py\n\n\n# b.py\n", '"""words"""\n# more\n', ";\\\n;"])
def test_where_there_is_no_code_it_is_told(text):
    assert compare({"none": text, "some": "x"}, (), (), 0.5).empty == {"none"}


def test_all_programs_of_a_submission_are_read_the_entry_first():
    files = {
        "b.py": b"b = 1",
        "lab.py": b"import b\r\nc = 2\rd = 3",
        "a.txt": b"words",
        "a/c.py": b"\xef\xbb\xbfc = 3 # \xe4",
    }
    assert source(files, "lab.py").text == (
        "# lab.py\nimport b\nc = 2\nd = 3\n\n# a/c.py\nc = 3 # \N{REPLACEMENT CHARACTER}\n\n# b.py\nb = 1"
    )


def test_of_a_long_submission_the_beginning_is_read():
    whole = source({"a.py": b"x" * CHARACTERS_MOST}, "a.py")
    assert (len(whole.text), whole.cut) == (CHARACTERS_MOST, False)
    assert source({"a.py": b"x" * CHARACTERS_MOST + b"y"}, "a.py") == likeness.Source("x" * CHARACTERS_MOST, cut=True)
    assert source({"a.py": b"\n" * LINES_MOST}, "a.py") == likeness.Source("\n" * (LINES_MOST - 1), cut=True)


MOST = CHARACTERS_MOST
HOSTILE = {
    "blank lines": " \n" * (MOST // 2),
    "brackets": "(" * MOST,
    "one line": "x = " + "1 + " * (MOST // 4),
    "digits": "1" * MOST,
    "underscores": "1_" * (MOST // 2),
    "formats": 'x = "%' + "0" * MOST,
    "fields": 'x = """' + "{a[" * (MOST // 3),
    "open texts": "f'" * (MOST // 2),
    "back strokes": '"' + "\\" * MOST,
    "open texts within each other": ('\\"""X"' * MOST)[: MOST - 1] + "\\",
    "the same in single quotes": ("\\'''X'" * MOST)[: MOST - 1] + "\\",
    "an open text": '"""\n' + "x\n" * (MOST // 2),
    "the same again and again": "".join(f"a.b{at % 97}+" for at in range(MOST // 6)),
    "the same again": "".join(f"a.b{at % 97}-" for at in range(MOST // 6)) + "z",
    "bytes": "".join(map(chr, range(0xD7FF))),
    "half a character": "\ud800x.\udfff" * 1000,
    "nothing": "",
}


def test_hostile_files_hide_no_copy():
    text = (ROOT / "reference" / "lab4_gan" / "solution.py").read_text()
    assert found({**HOSTILE, "y": text, "z": disguised(text)}, twins=HOSTILE)[-1] == ("y", "z")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_read_without_going_back(name):
    """What begins a long text is read as one wherever it ends: the text after it is looked at once."""
    text = HOSTILE[name]
    for match in likeness._TOKEN.finditer(text):
        if match.lastgroup == "text":
            begin = match.start() + len(re.match("[A-Za-z]*", match[0])[0])
            assert match.end() >= begin + 3 or not text.startswith(('"""', "'''"), begin)
    signs = likeness._signs(text)
    assert len(signs.signs) == len(signs.lines) <= len(text)
