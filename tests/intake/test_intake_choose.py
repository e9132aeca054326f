import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import Refused
from grader.intake.choose import BYTES_MOST, FILES_MOST, Member, choose, digest

LAB = "lab1_tensors"


def members(*names, size=10):
    return {name: Member(name, size, None) for name in names}


def chosen(*names):
    choice = choose(members(*names), LAB)
    return choice.entry, {name: member.path for name, member in choice.files.items()}


def refused(found):
    with pytest.raises(Refused) as caught:
        choose(found, LAB)
    return str(caught.value)


@pytest.mark.parametrize(
    ("names", "entry", "source"),
    [
        (["lab1_tensors.py", "solution.py"], "lab1_tensors.py", "lab1_tensors.py"),
        (["lab1_tensors.ipynb"], "lab1_tensors.ipynb", "lab1_tensors.ipynb"),
        (["solution.py", "data.csv"], "lab1_tensors.py", "solution.py"),
        (["Untitled.ipynb"], "lab1_tensors.ipynb", "Untitled.ipynb"),
        (["Lab1_Tensors.PY", "other.py"], "lab1_tensors.py", "Lab1_Tensors.PY"),
        (["lab1_tensors-1.py", "helper.py"], "lab1_tensors.py", "lab1_tensors-1.py"),
        (["lab1_tensors (2).py", "helper.py"], "lab1_tensors.py", "lab1_tensors (2).py"),
        (["lab1_tensors-1.py", "lab1_tensors.py"], "lab1_tensors.py", "lab1_tensors.py"),
        (["lab1_tensors.py", "hw/lab1_tensors.ipynb"], "lab1_tensors.py", "lab1_tensors.py"),
        (["lab1_tensors-0f8fad5b-d9cb-469f-a165-70867728950e.py", "x.py"], "lab1_tensors.py",
         "lab1_tensors-0f8fad5b-d9cb-469f-a165-70867728950e.py"),
        (["hw/lab1_tensors.py", "notes.txt"], "lab1_tensors.py", "hw/lab1_tensors.py"),
        (["hw/solution.py", "hw/data.csv"], "lab1_tensors.py", "hw/solution.py"),
        (["solution.py", "test_public.py", "conftest.py"], "lab1_tensors.py", "solution.py"),
        (["draft.py", "hw/lab1_tensors.py"], "lab1_tensors.py", "hw/lab1_tensors.py"),
        (["Users/ana/hw/lab1_tensors.py"], "lab1_tensors.py", "Users/ana/hw/lab1_tensors.py"),
        (["a/b/c/draft.py", "a/b/c/hw/lab1_tensors.py"], "lab1_tensors.py", "a/b/c/hw/lab1_tensors.py"),
        (["a/b/solution.py", "a/b/hw/deeper/lab1_tensors.py"], "lab1_tensors.py", "a/b/solution.py"),
    ],
)  # fmt: skip
def test_the_labs_file_is_found_and_filed_under_its_own_name(names, entry, source):
    got, files = chosen(*names)
    assert (got, files[entry]) == (entry, source)


def test_modules_and_small_data_beside_and_below_the_labs_file_come_along_and_the_rest_stays():
    _, files = chosen(
        "hw/lab1_tensors.py", "hw/helpers.py", "hw/net/blocks.py", "hw/points.csv", "hw/report.pdf", "hw/old.ipynb",
        "hw/more.zip", "outside.py",
    )  # fmt: skip
    assert set(files) == {"lab1_tensors.py", "helpers.py", "net/blocks.py", "points.csv"}


def test_several_files_of_which_none_fits_are_named():
    assert refused(members("a.py", "b.ipynb")) == (
        "It holds several files that could be the one to grade: a.py, b.ipynb. "
        "Call the right one lab1_tensors.py or lab1_tensors.ipynb, leave it once, at the top, and hand in again."
    )


def test_two_files_that_both_fit_are_named():
    sentence = refused(members("one/lab1_tensors.py", "two/lab1_tensors.py"))
    assert sentence.startswith(
        "It holds several files that could be the one to grade: one/lab1_tensors.py, two/lab1_tensors.py."
    )


@pytest.mark.parametrize(
    ("source", "notebook"),
    [
        ("lab1_tensors.py", "lab1_tensors.ipynb"),
        ("Lab1_Tensors.py", "lab1_tensors (1).ipynb"),
        ("hw/lab1_tensors.py", "hw/lab1_tensors.ipynb"),
    ],
)
def test_whether_the_source_or_the_notebook_beside_it_counts_no_name_tells(source, notebook):
    assert refused(members(source, notebook, "helper.py")) == (
        f"{source} and {notebook} are both there, and nothing tells which one is to be graded. "
        "Leave only that one, take the other away, and hand in again."
    )


def test_many_candidates_are_counted_rather_than_listed():
    assert "a0.py, a1.py, a2.py, a3.py, a4.py and 5 more." in refused(members(*(f"a{n}.py" for n in range(10))))


def test_no_code_at_all_is_said_with_what_is_there_instead():
    assert refused(members("essay.pdf")) == (
        "No Python file or notebook to grade is at its top or in one folder; it holds essay.pdf. "
        "Hand in lab1_tensors.py or lab1_tensors.ipynb."
    )


def test_nothing_at_all_is_said():
    assert refused({}) == "It is empty. Hand in lab1_tensors.py or lab1_tensors.ipynb."


def test_an_archive_inside_is_not_looked_into_and_the_student_learns_so():
    assert refused(members("inner.zip", "readme.txt")) == (
        "It holds an archive (inner.zip) where the lab's file should be. Hand in lab1_tensors.py or lab1_tensors.ipynb."
    )


def test_names_in_a_sentence_carry_no_escapes():
    assert "\x1b" not in refused(members("a\x1b[31m.py", "b.py"))


def test_too_many_bytes_are_refused_with_the_figures():
    assert refused(members("lab1_tensors.py", "big.csv", size=BYTES_MOST // 2 + 1_000_000)) == (
        "It takes 22.0 MB in 2 files; at most 20.0 MB in 200 files are allowed. "
        "Leave out data, clear a notebook's outputs, and hand in again."
    )


def test_too_many_folders_are_refused_with_the_figures():
    assert refused(members("lab1_tensors.py", *(f"{n}/d/x.csv" for n in range(101)))) == (
        "It takes 202 folders; at most 200 are allowed. "
        "Put what the lab's file needs beside it, and hand in that alone."
    )


def test_too_many_files_are_refused_with_the_figures():
    sentence = refused(members("lab1_tensors.py", *(f"d/{n}.csv" for n in range(FILES_MOST))))
    assert sentence.startswith("It takes 0.0 MB in 201 files;")


def test_large_files_that_no_submission_needs_do_not_count():
    found = members("lab1_tensors.py") | members("film.mp4", "train-images-idx3-ubyte.gz", size=10**9)
    assert set(choose(found, LAB).files) == {"lab1_tensors.py"}


def test_a_file_that_cannot_be_read_is_refused_with_its_trouble():
    found = members("lab1_tensors.py") | {"helper.py": Member("helper.py", 0, None, "is a link")}
    assert refused(found) == "helper.py is a link."


def test_a_lone_entry_that_is_no_file_tells_its_trouble_first():
    assert refused({"ana": Member("ana", 0, None, "is a link")}) == "ana is a link."


def test_a_name_that_cannot_be_written_everywhere_is_refused():
    assert refused(members("lab1_tensors.py", "a\nb.py")) == (
        "The name a\ufffdb.py is too long or has characters that cannot be shown. Rename the file."
    )


@pytest.mark.parametrize(("one", "other"), [("Data.csv", "data.csv"), ("caf\u00e9.csv", "cafe\u0301.csv")])
def test_names_that_are_one_on_other_systems_are_refused_where_both_would_be_taken(one, other):
    assert refused(members("lab1_tensors.py", one, other)) == (
        f"{min(one, other)} and {max(one, other)} differ only in capitals or in how accents are written. "
        "Rename one of them."
    )
    assert chosen("hw/lab1_tensors.py", one, other) == ("lab1_tensors.py", {"lab1_tensors.py": "hw/lab1_tensors.py"})


def test_a_name_for_both_a_file_and_a_folder_is_refused():
    assert refused(members("solution.py", "lab1_tensors.py/data/points.csv")) == (
        "lab1_tensors.py is both a file and a folder. Rename one of them."
    )


def test_the_digest_covers_entry_names_and_contents():
    base = digest("a.py", {"a.py": b"x", "b.py": b"y"})
    assert base == digest("a.py", {"b.py": b"y", "a.py": b"x"})
    changed = [
        digest("b.py", {"a.py": b"x", "b.py": b"y"}),
        digest("a.py", {"a.py": b"x", "c.py": b"y"}),
        digest("a.py", {"a.py": b"x", "b.py": b"z"}),
        digest("a.py", {"a.py": b"x"}),
    ]
    assert len({base, *changed}) == 5


def test_the_digest_is_sha256_over_parts_after_their_lengths():
    raw = b"".join(len(part).to_bytes(8, "big") + part for part in (b"a.py", b"a.py", b"x"))
    assert digest("a.py", {"a.py": b"x"}) == hashlib.sha256(raw).hexdigest()


files = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=3), st.binary(max_size=4), max_size=3
)


@given(files, files)
def test_two_submissions_share_a_digest_only_if_they_are_equal(one, other):
    assert (digest("a", one) == digest("a", other)) is (one == other)
