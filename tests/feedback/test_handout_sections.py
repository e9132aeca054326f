"""What a page takes from a lab's handout."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.feedback import sections
from grader.feedback.handout import HANDOUT_MOST, SECTION_MOST, key


def section(body):
    return str(sections(f"# Lab\n\n## Shapes\n\n{body}\n\n## Next\n\nother")["shapes"]).strip()


def test_a_section_goes_up_to_the_next_heading_that_is_not_below_its_own():
    found = sections("# Lab\n\nintro\n\n## A\n\none\n\n### B\n\ntwo\n\n## C\n\nthree")
    assert "intro" in found["lab"]
    assert [word in found["a"] for word in ("one", "two", "three")] == [True, True, False]
    assert found["b"] == "<p>two</p>\n"


@pytest.mark.parametrize("group", ["Shapes and views", "shapes  and VIEWS", " Shapes and views "])
def test_a_group_finds_its_section_whatever_the_case_and_the_blanks(group):
    assert key(group) in sections("## Shapes  and `views`\n\ntext")


@pytest.mark.parametrize(
    "markdown",
    ["", "no heading", "## A\n\none\n\n## a\n\ntwo", "## A", "> ## A\n>\n> quoted", "## A\n\n" + "x" * HANDOUT_MOST],
)
def test_without_one_heading_of_that_name_and_something_below_it_there_is_no_section(markdown):
    assert "a" not in sections(markdown)


def test_a_section_that_would_swell_every_page_is_left_out_and_the_others_stay():
    found = sections("## Long\n\n" + "word " * (SECTION_MOST // 5 + 1) + "\n\n## Short\n\ntext")
    assert set(found) == {"short"}


def test_a_handout_of_a_megabyte_has_no_sections():
    assert sections("## A\n\ntext\n\n" * 70_000) == {}


def test_markup_shows_as_text():
    assert section("<b onclick=x>&amp;</b>") == "<p>&lt;b onclick=x&gt;&amp;&lt;/b&gt;</p>"


@pytest.mark.parametrize("link", ["https://pytorch.org/docs", "http://example.org", "mailto:a@example.org"])
def test_links_to_the_web_and_to_mail_stay(link):
    assert section(f'[docs]({link} "title")') == f'<p><a href="{link}">docs</a></p>'


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:x",
        "data:text/html,x",
        "file:///etc/passwd",
        "starter.py",
        "#part",
        "//x.org",
        "",
    ],
)
def test_of_other_links_the_words_stay(link):
    assert section(f"[the *docs*]({link})") == "<p>the <em>docs</em></p>"


def test_of_a_picture_the_words_stay_also_within_a_link():
    assert section("![a *graph*](https://example.org/x.png)") == "<p>a graph</p>"
    assert section("[![a graph](x.png)](y.html)") == "<p>a graph</p>"


def test_tables_scroll_by_themselves_and_have_no_inline_style():
    made = section("| a | b |\n|:-:|--:|\n| 1 | 2 |")
    assert made.startswith('<div class="scroll" tabindex="0"')
    assert made.count('<th scope="col">') == 2
    assert "style" not in made


def test_headings_in_a_section_start_below_the_groups_and_skip_no_level():
    made = section("#### Deep\n\n###### Deeper\n\n### Flat\n\ntext")
    assert re.findall("<(h.)>", made) == ["h4", "h5", "h4"]


def test_control_characters_of_a_handout_are_shown():
    assert section("a\x1bb \u202e") == "<p>a␛b ⟨U+202E⟩</p>"


@given(st.text(st.sampled_from("#[]()<>!*_`|-: \n\"'&:ahtps/.0\\"), max_size=80))
def test_no_text_breaks_a_handout_and_no_markup_but_the_readers_own_comes_out(text):
    for made in sections(f"## A\n\n{text}").values():
        names = set(re.findall(r"<(\w+)", made))
        assert names <= {
            "p", "a", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "h4", "h5", "h6",
            "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
        }  # fmt: skip
        assert not re.search(r"<[^>]*\s(on\w+|style|src)=", made)
