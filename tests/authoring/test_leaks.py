"""What of the reference is known again in what students would get, and what anybody writes."""

import bz2
import gzip
import html
import io
import json
import lzma
import random
import tarfile
import textwrap
import zipfile

import pytest
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from grader import opened
from grader.authoring import leaks
from grader.errors import HandoutRefused
from grader.labs import Course, Lab

STEPS = """
def train(model, x, y, epochs, lr=0.1):
    \"\"\"Train a model in place.\"\"\"
    # BEGIN SOLUTION
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for images, labels in shuffled(x, y, seed=epoch):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(images), labels)
            loss.backward()
            optimizer.step()
        losses.append(total / len(x))
    return [float(one) for one in losses]
    # END SOLUTION
"""
LOADER = """
class Digits:
    def __init__(self, images, labels, transform=None):
        # BEGIN SOLUTION
        self.images, self.labels = images, labels
        self.transform = transform
        # END SOLUTION

    def __len__(self):
        # BEGIN SOLUTION
        return len(self.labels)
        # END SOLUTION
"""
ONE = """
def output_size(size, kernel, stride, padding):
    # BEGIN SOLUTION
    return (size - kernel + 2 * padding) // stride + 1
    # END SOLUTION


def without_ones(x):
    # BEGIN SOLUTION
    return x.squeeze()
    # END SOLUTION
"""
SUITE = """
@check("size", points=5)
def test_size(submission):
    expect.that(submission.output_size(7, 3, 1, 0) == 5)
    expect.that(submission.output_size(7, 3, 2, 1) == 4)


@check("ones", points=5)
def test_ones(submission, draw):
    expect.close(submission.without_ones(draw.uniform(3, 1)), draw.uniform(3))
"""


@pytest.fixture
def lab(tmp_path) -> Lab:
    """A lab whose starter was written by hand, from a solution that keeps its markers to itself."""
    for half, name, text in (
        ("reference", "solution.py", STEPS + LOADER + ONE),
        ("reference", "test_hidden.py", SUITE),
        ("assignments", "lab.toml", 'title = "A"\nversion = "1"\nlimits = {call_seconds = 1}\n'),
    ):
        (tmp_path / half / "lab1").mkdir(parents=True, exist_ok=True)
        (tmp_path / half / "lab1" / name).write_text(text)
    return Course(tmp_path).lab("lab1")


def unmarked(lab: Lab) -> str:
    lines = lab.solution.read_text().splitlines(keepends=True)
    lab.solution.write_text("".join(line for line in lines if "SOLUTION" not in line))
    return lab.solution.read_text()


def found(lab: Lab, text: str | bytes, name: str = "README.md") -> list[str]:
    return list(leaks.found(lab, {name: text.encode() if isinstance(text, str) else text}))


ORDINARY = """
for images, labels in loader:
    optimizer.zero_grad()
    loss = criterion(model(images), labels)
    loss.backward()
    optimizer.step()
with torch.no_grad():
    x = x.squeeze()
optimizer = torch.optim.SGD(model.parameters(), lr=lr)
class Points:
    def __init__(self, points, labels, transform=None):
        self.points = points
        self.transform = transform
    def __len__(self):
        return len(self.labels)
def squeezed(x):
    return x.squeeze()
"""


@pytest.mark.parametrize("markers", [True, False])
def test_what_anybody_writes_who_uses_pytorch_is_no_secret(lab, markers):
    if not markers:
        unmarked(lab)
    assert found(lab, f"# My lab\n\n```python{ORDINARY}```\n") == []
    assert found(lab, ORDINARY, "loader.py") == []


@pytest.mark.parametrize("markers", [True, False])
@pytest.mark.parametrize("copied", [STEPS, ONE])
@pytest.mark.parametrize("form", ["{}", "# My lab\n\n```python\n{}\n```\n", "{}\n# the end"])
def test_what_students_are_to_write_is_known_again_in_whatever_place(lab, markers, copied, form):
    if not markers:
        unmarked(lab)
    for text in (copied, textwrap.indent(copied, "        "), copied.replace("\n", "\r\n"), copied.replace("\n", "\r")):
        (told,) = found(lab, form.format(text))
        assert told.startswith("README.md has what students are to write: “")
        assert told.endswith("Take it out, or give it in the starter, too.")


@pytest.mark.parametrize("mark", ["# BEGIN SOLUTION", "  ### END SOLUTION"])
def test_what_has_a_mark_of_solutions_is_told_whatever_else_it_says(lab, mark):
    text = f"def f(x):\n{mark}\n    return x + 1\n"
    for name, content in (("hint.py", text), ("hint.ipynb", notebook(source=text)), ("hint.md", f"```\n{text}```\n")):
        (told,) = found(lab, content, name)
        assert told.startswith(f"{name} has a line “{mark.strip()}”, as solutions have")
    assert found(lab, "# BEGIN SOLUTION is a line that lecturers write.") == []


def test_half_of_a_stretch_is_enough_and_one_of_its_lines_is_not(lab):
    (one, *_), *_ = leaks._known(lab, {}).stretches
    assert one == "loss = torch.nn.functional.cross_entropy(model(images), labels)"
    assert found(lab, one) == []
    assert len(found(lab, f"{one}\n    losses.append(total / len(x))")) == 1


def test_a_line_by_itself_is_known_again_if_it_is_long_and_all_that_is_to_be_written(lab):
    assert found(lab, "    return x.squeeze()") == []
    assert len(found(lab, "    return (size - kernel + 2 * padding) // stride + 1  # as in the lecture")) == 1


def test_short_lines_are_known_again_where_they_are_most_of_the_solution(lab):
    lab.solution.write_text("".join(f"def f{one}(x):\n    return x.{one * 8}()\n\n" for one in "abcdef"))
    assert found(lab, "return x.aaaaaaaa()\nreturn x.bbbbbbbb()\n") == []
    assert len(found(lab, "return x.aaaaaaaa()\nreturn x.bbbbbbbb()\nreturn x.cccccccc()\n")) == 1


def test_a_copy_without_the_comments_is_known_again(lab):
    line = "    return (size - kernel + 2 * padding) // stride + 1"
    lab.solution.write_text(
        lab.solution.read_text().replace(line, "    # It rounds down: see the lecture.\n" * 3 + line)
    )
    assert len(found(lab, line)) == 1


def test_what_the_starter_gives_is_no_secret(lab):
    text = unmarked(lab)
    given = "\n".join(text.split("\n")[3:13])
    files = {"lab1.py": f"def train():\n{given}\nraise NotImplementedError\n".encode()}
    assert list(leaks.found(lab, {**files, "README.md": given.encode()})) == []
    assert len(found(lab, given)) == 1


@pytest.mark.parametrize("more", ["", "# Lab 1\n", "import os\n"])
def test_a_starter_by_hand_that_is_the_solution_is_refused(lab, more):
    lab.solution.write_text("# To be kept.\n" + unmarked(lab))
    content = more + lab.solution.read_text().replace("# To be kept.", "")
    assert found(lab, content, "lab1.py") == ["lab1.py is the solution. Take out what students are to write."]


def test_a_sample_class_may_have_the_starter_as_it_is(lab):
    lab.sample_class.mkdir()
    (lab.sample_class / "ben.py").write_text("def f(x):\n    pass\n")
    assert found(lab, "def f(x):\n    pass\n", "lab1.py") == []
    assert len(found(lab, "def f(x):\n    pass\n", "other.py")) == 1


def test_a_starter_by_hand_may_leave_little_to_write(lab):
    text = (
        "".join(f"value_{number} = given_to_students({number})\n" for number in range(50)) + "def f(x):\n    return 2\n"
    )
    lab.solution.write_text(text)
    assert found(lab, text.replace("return 2", "return 3"), "lab1.py") == []
    assert found(lab, text.replace("return 2", "pass"), "lab1.py") == []


def test_a_short_suite_is_known_again_and_a_public_one_of_its_kind_is_not(lab):
    assert found(lab, f"# public\n{SUITE}", "test_public.py") == [
        "test_public.py has most of the hidden suite. Take it out."
    ]
    public = SUITE.replace("7, 3", "9, 5").replace("uniform(3", "uniform(4")
    assert found(lab, public, "test_public.py") == []


def test_what_stands_around_the_tests_of_a_suite_is_in_a_public_one_too(lab):
    helpers = "".join(f"def helper_{one}(got):\n    return shape_of(got, {one}) == {one}\n\n\n" for one in range(30))
    lab.hidden_suite.write_text(helpers + SUITE)
    assert found(lab, helpers + SUITE.replace("7, 3", "9, 5").replace("uniform(3", "uniform(4"), "test_public.py") == []
    assert len(found(lab, SUITE, "more.py")) == 1


def test_a_hidden_suite_that_is_no_python_is_known_again_as_a_whole(lab):
    lab.hidden_suite.write_text(f"{SUITE}\nelse else\n")
    assert len(found(lab, SUITE, "test_public.py")) == 1


def test_a_public_suite_of_the_same_checks_with_other_questions_is_none(lab):
    checks = "".join(
        f'@check("check {one}", title="Some title {one}", points=1)\ndef test_{one}(submission):\n'
        f'    """What is asked for in {one}."""\n    expect.integer(submission.f{one}(1234), want={one}){{}}\n\n'
        for one in range(20)
    )
    lab.hidden_suite.write_text(checks.replace("{}", ""))
    assert found(lab, checks.replace("1234", "12"), "test_public.py") == []
    assert found(lab, checks.replace("{}", "  # as before"), "test_public.py") != []


def notebook(**cell: object) -> str:
    cells = [{"cell_type": "code", "metadata": {}, "source": "1", "outputs": [], **cell}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def zipped(name: str, content: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return whole.getvalue()


def tarred(name: str, content: bytes, mode: str = "w:") -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=mode) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", STEPS.encode("utf-16")),
        ("notes.txt", STEPS.encode("utf-16-be")),
        ("notes.txt", f"Lösung\n{STEPS}".encode("latin-1")),
        ("demo.ipynb.txt", notebook(source=STEPS)),
        ("demo.ipynb", notebook(source=STEPS.splitlines(keepends=True)).encode("utf-16")),
        ("demo.ipynb", notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": STEPS}])),
        ("demo.ipynb", notebook(outputs=[{"data": {"text/plain": STEPS.splitlines(keepends=True)}}])),
        ("demo.ipynb", notebook(metadata={"note": STEPS})),
        ("broken.ipynb", "{" + STEPS),
        ("old.zip", zipped("reference/solution.py", STEPS.encode())),
        ("older.zip", zipped("old.zip", zipped("solution.py", f"#\n{STEPS}".encode()))),
        ("solution.py.gz", gzip.compress(STEPS.encode())),
        ("solution.py.bz2", bz2.compress(STEPS.encode())),
        ("solution.py.xz", lzma.compress(STEPS.encode())),
        ("old.tar", tarred("reference/solution.py", STEPS.encode())),
        ("old.tar", tarred("old.zip", zipped("solution.py", STEPS.encode()))),
        ("old.tgz", tarred("reference/solution.py", STEPS.encode(), "w:gz")),
        ("solution.html", highlight(STEPS, PythonLexer(), HtmlFormatter(full=True))),
        ("solution.html", "<br>".join(html.escape(STEPS).replace(" ", "&nbsp;").splitlines()) + "</html>"),
        ("demo.ipynb", notebook(outputs=[{"data": {"text/html": highlight(STEPS, PythonLexer(), HtmlFormatter())}}])),
    ],
)
def test_it_is_known_again_in_whatever_a_file_is(lab, name, content):
    told = found(lab, content, name)  # of a tar that is not compressed twice
    assert told
    assert all(one.startswith(name) and "has what students are to write" in one for one in told)


def test_a_copy_of_a_file_is_known_in_a_zip(lab):
    (told,) = found(lab, zipped("a/s.py", lab.solution.read_bytes()), "old.zip")
    assert told == "old.zip: a/s.py is the same file as solution.py of the reference. Take it out."


def test_a_copy_of_a_file_is_known_where_it_is_compressed(lab):
    (told,) = found(lab, gzip.compress(lab.solution.read_bytes()), "s.py.gz")
    assert told == "s.py.gz (unpacked) is the same file as solution.py of the reference. Take it out."


def test_a_copy_of_a_large_file_is_known_in_a_zip(lab):
    """Of which as text only the beginning is looked at."""
    large = random.Random(0).randbytes(17 * 2**20)
    (lab.reference / "weights.pt").write_bytes(large)
    (told,) = found(lab, zipped("backup.zip", zipped("w.pt", large)), "old.zip")
    assert told.startswith("old.zip: backup.zip: w.pt is the same file as weights.pt of the reference.")


def test_a_zip_with_more_than_can_be_looked_at_is_refused(lab, monkeypatch):
    monkeypatch.setattr(opened, "_UNPACKED_MOST", 100)
    assert found(lab, zipped("a.py", b"x" * 100), "old.zip") == []
    with pytest.raises(HandoutRefused, match=r"old\.zip cannot be looked into \(a\.py in it is too large .*\)\. Take"):
        found(lab, zipped("a.py", b"x" * 101), "old.zip")


def test_what_is_compressed_with_more_than_can_be_looked_at_is_refused(lab, monkeypatch):
    monkeypatch.setattr(opened, "_UNPACKED_MOST", 100)
    for content in (gzip.compress(b"x" * 101), tarred("a.py", b"x" * 101)):
        with pytest.raises(HandoutRefused, match=r"a cannot be looked into \(.* in it is too large .*\)\. Take it out"):
            found(lab, content, "a")


@pytest.mark.parametrize("content", [gzip.compress(b"x" * 999), bz2.compress(b"x" * 999), lzma.compress(b"x" * 999)])
def test_what_is_compressed_and_cannot_be_read_is_refused(lab, content):
    with pytest.raises(HandoutRefused, match=r"a cannot be looked into .* Take it out, or unpack it there\."):
        found(lab, content[:-5], "a")


def test_a_zip_that_cannot_be_read_is_refused(lab):
    whole = bytearray(zipped("a.py", b"x" * 999))
    whole[40] ^= 255
    with pytest.raises(HandoutRefused, match=r"old\.zip cannot be looked into .* Take it out, or unpack it there\."):
        found(lab, bytes(whole), "old.zip")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff\xfe", bytes(range(256)) * 9, b'{"cells": 3}']
)
def test_files_that_hold_nothing_of_it_are_fine_whatever_they_are(lab, content):
    assert found(lab, content, "odd.ipynb") == []
