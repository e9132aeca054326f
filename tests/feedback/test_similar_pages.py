"""Submissions that are alike: on the class page, side by side, and nowhere else."""

import re
from dataclasses import replace
from html import unescape

import pytest

from grader.errors import SetupError
from grader.feedback import page_name, student_page, write_report
from grader.feedback.similar import parts


@pytest.fixture
def few(lab1):
    return replace(lab1, grades=lab1.grades[:5])


@pytest.fixture
def site(few, similar, tmp_path):
    write_report(few, tmp_path, similar=similar)
    return tmp_path


def words(page):
    """What people read on a page."""
    body = re.sub(r"(?s)<(style|script)>.*?</\1>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", body)).split())


def section(site):
    return words((site / "index.html").read_text()).partition("Similar submissions")[2]


def test_the_class_page_names_the_pairs_and_says_when_and_of_what_the_comparison_was(site):
    told = section(site)
    assert "30 submissions looked through 20 November 2026, 14:05 UTC" in told
    assert "2 submissions that count by now were not compared: run grader similar lab1_tensors" in told
    assert "Ana, Bo Li and Chidi the very same files" in told
    assert "Dolores and Eve 80% 60%" in told
    assert "and 2 more 100% 57%" in told
    assert (
        "and 6 more pairs, less alike. To see fewer, ask for a larger share than 50%: "
        "grader similar lab1_tensors --threshold 75." in told
    )


def test_it_is_a_prompt_and_no_verdict(site):
    pages = [section(site), *(words(path.read_text()) for path in (site / "similar").glob("a*.html"))]
    for page in pages:
        assert "innocent reasons" in page
        assert "tudents do not see this" in page
        assert not re.search(r"(?i)plagiari|cheat|guilt|suspect|copied", page)


def test_without_pairs_and_without_a_comparison_the_class_page_says_so(few, similar, tmp_path):
    write_report(few, tmp_path, similar=replace(similar, unseen=0, count=0, lost=0, pairs=()))
    assert "No two of them share 50% of their code or more." in section(tmp_path)
    assert "not compared" not in section(tmp_path)
    assert not (tmp_path / "similar").exists()
    write_report(few, tmp_path)
    assert "Not compared yet. grader similar lab1_tensors finds" in section(tmp_path)


@pytest.mark.parametrize(
    ("lost", "gone", "told"),
    [
        (0, 0, "No two of them share 90% of their code or more."),
        (0, 1, "The one pair that was found is not of submissions that still count."),
        (0, 7, "Of the 7 pairs found, none is of submissions that still count."),
        (100, 200, "Of the 300 pairs found, the 200 most alike are not of submissions that still count."),
    ],
)
def test_where_no_pair_is_left_the_class_page_does_not_say_that_none_was_found(
    few, similar, tmp_path, lost, gone, told
):
    left = replace(similar, threshold=0.9, unseen=1, count=0, lost=lost, gone=gone, pairs=())
    write_report(few, tmp_path, similar=left)
    assert told in section(tmp_path)
    assert ("No two of them" in section(tmp_path)) is (lost + gone == 0)
    assert "1 submission that counts by now was not compared: run grader similar" in section(tmp_path)


@pytest.mark.parametrize(
    ("threshold", "fewer"), [(0.01, "--threshold 51."), (0.8, "--threshold 90."), (0.99, "--threshold 100."), (1.0, "")]
)
def test_to_see_fewer_a_larger_share_is_named_if_there_is_one(few, similar, tmp_path, threshold, fewer):
    one_more = replace(similar, threshold=threshold, count=len(similar.pairs) + 1, lost=0)
    write_report(few, tmp_path, similar=one_more)
    told = section(tmp_path)
    assert "and 1 more pair, less alike." in told
    assert fewer in told
    assert ("--threshold" in told) is bool(fewer)


def test_matching_parts_have_one_number_on_both_sides_and_lead_to_each_other(site):
    page = (site / "similar" / "a1-b2.html").read_text()
    left, right = page.split('id="right"')
    assert re.findall(r'<mark id="([^"]+)"><a class="number" href="#([^"]+)"><b>(\d+)', left) == [
        ("left-1", "right-1", "1"),
        ("left-2", "right-2", "2"),
    ]
    assert re.findall(r'<mark id="([^"]+)"><a class="number" href="#([^"]+)"><b>(\d+)', right) == [
        ("right-2", "left-2", "2"),
        ("right-1", "left-1", "1"),
    ]
    assert "1 lines 3 to 4: show the same part on the other side def first_row(x): return x[0]" in words(left)
    assert f'href="../{page_name("1003")}"' in left


def test_where_shared_code_has_no_mark_of_its_own_the_page_says_why(site):
    told = "further matches may lie in lines that are marked already"
    assert told in words((site / "similar" / "a1-b2.html").read_text())
    assert told not in words((site / "similar" / "a1-a1.html").read_text())


def test_the_very_same_file_is_shown_once_with_all_who_handed_it_in(site):
    page = (site / "similar" / "a1-a1.html").read_text()
    assert words(page).count("x = 1") == 1
    assert "Handed in by Ana 1000, Bo Li 1001, Chidi 1002" in words(page)
    assert "<mark" not in page


def test_where_only_the_beginning_was_compared_the_page_says_so(few, similar, tmp_path):
    pair = similar.pairs[1]
    long = replace(similar, pairs=(replace(pair, left=replace(pair.left, cut=True)),))
    write_report(few, tmp_path, similar=long)
    assert words((tmp_path / "similar" / "a1-b2.html").read_text()).count("Only this much of it was compared") == 1


def test_pages_of_pairs_that_are_none_any_more_go_and_files_of_others_stay(few, similar, site):
    (site / "similar" / "notes.html").write_text("<p>mine</p>")
    kept = site / "similar" / "a1-b2.html"
    before = kept.stat().st_mtime_ns
    write_report(few, site, similar=replace(similar, pairs=similar.pairs[1:2]))
    assert sorted(path.name for path in (site / "similar").iterdir()) == ["a1-b2.html", "notes.html"]
    assert kept.stat().st_mtime_ns == before
    write_report(few, site)
    assert [path.name for path in (site / "similar").iterdir()] == ["notes.html"]


def test_the_class_page_never_leads_to_a_pair_that_has_no_page(few, similar, tmp_path):
    """It comes after the pages it leads to, and pages go after it no longer leads to them."""
    theirs = tmp_path / "similar" / "c3-d4.html"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    with pytest.raises(SetupError):
        write_report(few, tmp_path, similar=similar)
    assert not (tmp_path / "index.html").exists()
    theirs.unlink()
    write_report(few, tmp_path, similar=similar)
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(SetupError):
        write_report(few, tmp_path)
    assert len(list((tmp_path / "similar").iterdir())) == len(similar.pairs)


def test_what_students_get_says_nothing_of_it(few, similar, tmp_path):
    write_report(few, tmp_path / "with", similar=similar)
    write_report(few, tmp_path / "without")
    for grade in few.grades:
        page = page_name(grade.student.key)
        told = (tmp_path / "with" / page).read_text()
        assert told == (tmp_path / "without" / page).read_text()
        assert told == student_page(grade, few.lab_title, few.lab_version)
        assert "similar" not in words(told).lower()


@pytest.mark.parametrize(
    ("text", "spans", "found"),
    [
        ("a\nb\nc", [], [(0, "lines 1 to 3", "a\nb\nc")]),
        ("a\nb\nc", [(1, 3, 1)], [(1, "lines 1 to 3", "a\nb\nc")]),
        ("a\nb\nc", [(3, 3, 1), (1, 1, 2)], [(2, "line 1", "a"), (0, "line 2", "b"), (1, "line 3", "c")]),
        ("a", [(1, 9, 1)], [(1, "lines 1 to 9", "a")]),
        ("", [], [(0, "line 1", "")]),
    ],
)
def test_a_text_falls_into_parts(text, spans, found):
    assert [(part.number, part.lines, part.text) for part in parts(text, spans)] == found
