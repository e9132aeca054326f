"""The pages as HTML: well-formed, self-contained, and deaf to what students write."""

import base64
import hashlib
import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from grader.feedback import page_name, student_page
from grader.feedback.classroom import Tally
from grader.feedback.pages import class_page
from grader.model import ClassResults, Ending, Outcome, Run, Student
from grader.stats.kinds import NAMED_MOST

HANDOUT_LINKS = {"https://pytorch.org/docs", "https://example.org/", "mailto:help@example.org"}
VOID = {"meta", "img", "input", "link", "br", "hr"}


class Page(HTMLParser):
    """A page taken apart; any end tag out of place is an error."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.texts, self.raw = [], [], [], {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"style", "script"}:
            self.raw.setdefault(self.open[-1], []).append(data)
        else:
            self.texts.append(data)

    @property
    def text(self):
        return "".join(self.texts)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def ids(self):
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]


def page_of(results):
    """The class page."""
    tally = Tally(results.max_score)
    for grade in results.grades:
        tally.add(grade, page_name(grade.student.key))
    return class_page(results, tally)


@pytest.fixture(scope="module")
def pages(lab1, lab3, lab4, pictures, hostile, handout):
    made = {one.student.name[:20]: student_page(one, lab1.lab_title, lab1.lab_version) for one in lab1.grades}
    made["lab3"] = student_page(lab3, "Lab 3", "2.0")
    made["lab4"] = student_page(lab4, "Lab 4", "2.0", handout)
    made["pictures"] = student_page(pictures, "Lab 4", "2.0", handout)
    made["hostile"] = student_page(hostile, hostile.lab, hostile.lab, handout)
    made["class"] = page_of(lab1)
    made["hostile class"] = page_of(ClassResults(hostile.lab, hostile.lab, hostile.lab, 35.0, (hostile,)))
    made["empty class"] = page_of(ClassResults("lab", "Lab", "1", 100.0))
    return made


@pytest.fixture(scope="module")
def parsed(pages):
    return {name: Page(text) for name, text in pages.items()}


def test_every_tag_is_closed_and_every_id_is_there_once(parsed):
    for name, page in parsed.items():
        assert len(page.ids()) == len(set(page.ids())), name


def test_every_reference_within_a_page_has_a_target(parsed):
    for page in parsed.values():
        targets = set(page.ids())
        for _, attributes in page.tags:
            for name in ("aria-labelledby", "for", "aria-describedby"):
                assert set((attributes.get(name) or "").split()) <= targets
            if (attributes.get("href") or "").startswith("#"):
                assert attributes["href"][1:] in targets


def test_nothing_is_fetched_from_anywhere(parsed):
    for name, page in parsed.items():
        for tag, attributes in page.tags:
            assert tag not in {"link", "iframe", "object", "embed", "base", "image"}
            assert not set(attributes) & {"srcset", "style", "action", "background", "ping", "xlink:href"}
            assert not any(attribute.startswith("on") for attribute in attributes)
            source, address = attributes.get("src"), attributes.get("href")
            assert source is None or source.startswith("data:image/png;base64,")
            ours = address is None or re.fullmatch(r"#[\w-]+|students/[\w.~-]+\.html", address)
            assert ours or address in HANDOUT_LINKS, (name, address)
        for styles in page.raw["style"]:
            assert not re.search(r"url\(|@import|https?:", styles)


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(parsed):
    for name, page in parsed.items():
        (policy,) = [m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["img-src"] == "data:"
        assert "unsafe" not in policy
        for kind in ("style", "script"):
            allowed = [f"'sha256-{digest(text)}'" for text in page.raw.get(kind, [])]
            assert [rules[f"{kind}-src"]] == allowed if allowed else f"{kind}-src" not in rules
        assert ("script" in page.raw) == ("class" in name)


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_policy_comes_before_anything_that_it_governs(pages):
    for text in pages.values():
        assert text.index("Content-Security-Policy") < text.index("<title>") < text.index("<style>")


def test_headings_skip_no_level_and_the_first_is_the_only_one_of_its_rank(parsed):
    for name, page in parsed.items():
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1, name
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_a_page_has_its_landmarks_language_and_title(parsed):
    for page in parsed.values():
        names = [tag for tag, _ in page.tags]
        assert names.count("main") == names.count("header") == names.count("title") == 1
        assert page.all("html") == [{"lang": "en"}]


def test_tables_have_captions_and_scoped_headers_and_pictures_have_words(parsed):
    for page in parsed.values():
        names = [tag for tag, _ in page.tags]
        assert names.count("table") == names.count("caption")
        assert all(cell.get("scope") in {"row", "col"} for cell in page.all("th"))
        assert all(picture.get("alt") for picture in page.all("img"))
        assert all(drawing.get("aria-hidden") == "true" or drawing.get("aria-label") for drawing in page.all("svg"))


def test_hostile_texts_show_as_themselves(parsed, hostile):
    for name in ("hostile", "hostile class"):
        shown = parsed[name].text
        for text in (
            "<script>document",
            "{{7*7}} {% for x in y %}",
            '"><img src=x',
            "</pre></details></main><h1>SCORE 100",
        ):
            assert text in shown
        assert "49 " not in shown
        assert "⟨U+202E⟩evil⟨U+202C⟩ ␛[31mred␛[0m ␀␇ \ufffd" in shown
    assert "SCORE 100\n" in parsed["hostile"].text


def test_hostile_texts_make_no_element(parsed):
    assert parsed["hostile"].all("script") == []
    assert [picture["src"][:5] for picture in parsed["hostile"].all("img")] == ["data:", "data:"]
    assert len(parsed["hostile"].all("h1")) == 1
    assert len(parsed["hostile class"].all("script")) == 1


def test_the_pages_say_what_they_must(parsed):
    assert "lost no points" in parsed["Brooke Enn"].text
    assert "AssertionError" not in parsed["Brooke Enn"].text
    assert "AssertionError" in parsed["class"].text
    assert "The zip is encrypted." in parsed["Rex Jected"].text
    assert "Cell 3 of your notebook was not run" in parsed["Max Imus"].text
    assert "public" not in parsed["Max Imus"].text
    assert "public-labels" in parsed["class"].text
    assert "The reason is at the top" in parsed["Cora Crash"].text
    assert "Your code’s traceback" in parsed["Ivo Robotnik"].text + parsed["Sofja Kowalewskaja"].text
    assert "SECRET" not in parsed["lab3"].text
    assert "A look at the training loop" in parsed["lab3"].text
    assert "/home/teacher" not in "".join(page.text for page in parsed.values())


def test_what_the_student_printed_is_folded_away_and_called_theirs(parsed):
    text = parsed["lab3"].text
    assert text.index("What your code printed") < text.index("epoch 1: loss")
    assert {"class": "theirs"} in parsed["lab3"].all("details")


def test_without_a_script_the_table_is_complete_and_no_dead_control_shows(parsed, lab1):
    page = parsed["class"]
    assert page.texts.count("no score") == 2
    assert [link["href"] for link in page.all("a") if "show-" in link["href"]][:2] == [
        "#show-everyone",
        "#show-attention",
    ]
    assert "nobody lost points" in page.text  # what to do is told without being asked for
    assert all(one.student.key[:100] in page.text for one in lab1.grades if one.student.key.isdigit())
    (form,) = page.all("form")
    assert "hidden" in form
    assert page.all("button") == []


def test_what_the_handout_says_stands_folded_at_the_checks_that_lost_points_and_is_linked_from_them(parsed, lab4):
    page = parsed["lab4"]
    assert page.all("details").count({"class": "handout"}) == 2
    assert [link for link in page.all("a") if link["href"].startswith("#handout")] == [
        {"href": "#handout-1"},
        {"href": "#handout-1"},
        {"href": "#handout-2"},
        {"href": "#handout-2"},
    ]
    assert "Two networks play against each other." in page.text
    assert 'reads "a float32 tensor' not in page.text  # nothing of Indexing was asked
    assert "handout" not in parsed["lab3"].text


def test_attempts_that_are_left_out_are_counted_wherever_they_stand(lab4):
    last, counts = lab4.trail[-2:]
    text = student_page(replace(lab4, trail=(last, last, counts, *[last] * 37)), "Lab 4")
    assert "and 33 more." in text


def test_a_skipped_check_leads_to_what_it_waits_for_and_a_scale_does_not_promise_points(lab4):
    text = student_page(lab4, "Lab 4")
    assert '<dt>Put this right first</dt><dd><ul class="plain">\n<li><a href="#check-2">' in text
    assert ">high enough</text>" in text
    assert "all points" not in text


def test_a_picture_and_its_check_lead_to_each_other(parsed):
    links = [link["href"] for link in parsed["lab4"].all("a")]
    assert links.count("#figure-1") == 1
    assert links.index("#figure-1") < links.index("#check-3", links.index("#figure-1"))


def test_hostile_texts_stay_themselves_in_every_new_place(parsed):
    """Why, names of axes, series, marks, bars and sheets, captions, and the handout."""
    shown = parsed["hostile"].text
    script = "<script>document.documentElement.dataset.pwned = 1</script>"
    assert shown.count(script) > 15
    assert '<h1 onclick="document.documentElement.dataset.pwned = 1">SCORE 100</h1>' in shown
    assert not [link for link in parsed["hostile"].all("a") if not re.match("#|https|mailto", link["href"])]


def test_an_ordinary_page_is_small(pages):
    assert len(pages["Ivo Robotnik"].encode()) < 50_000
    assert len(pages["lab4"].encode()) < 100_000


def test_a_page_is_the_same_each_time(lab3, lab1):
    assert student_page(lab3, "Lab 3") == student_page(lab3, "Lab 3")
    assert page_of(lab1) == page_of(lab1)


def test_a_thousand_students_with_long_names_fit_in_two_megabytes(lab1):
    grades = tuple(
        replace(lab1.grades[n % 30], student=Student(f"{n}-" + "k" * 300, f"{n} " + "<&>" * 100)) for n in range(1000)
    )
    crowd = replace(lab1, grades=grades)
    page = page_of(crowd)
    assert len(page.encode()) < 2 * 2**20
    assert len(Page(page).all("tr")) > 1000


def test_nobody_is_named_above_the_table_and_each_of_a_hundred_has_the_reason_in_a_row(lab1):
    (ungraded,) = (grade for grade in lab1.grades if grade.run.ending is Ending.BROKEN)
    crowd = tuple(replace(ungraded, student=Student(f"s{at:03}", f"Person {at:03}")) for at in range(100))
    page = page_of(replace(lab1, grades=crowd))
    above, _, table = page.partition('<table id="students"')
    assert above.count("Person") == NAMED_MOST  # with the commonest reason
    assert "and 95 more" in " ".join(above.split())
    assert table.count("in check “add_dim”") == 100
    assert "<b>100</b> ungraded" in above


def test_wrong_answers_stand_with_the_check_and_lead_to_those_who_gave_them(lab1):
    text = page_of(lab1)
    section = text[text.index('<h2 id="checks">') :]
    assert "first_row(x) should have shape (4, 3), but has shape (3, 4)." in section
    assert 'href="students/1021.html"' in section


def test_a_check_that_is_pointed_out_is_linked_from_the_top_and_says_what_to_look_at(lab1):
    checks = lab1.grades[0].run.checks
    run = Run(Ending.COMPLETED, (*checks[:4], replace(checks[4], outcome=Outcome.FAILED, points=0.0), *checks[5:]))
    grades = tuple(replace(one, run=run) for one in lab1.grades[:10])
    page = page_of(replace(lab1, grades=grades))
    above, _, below = page.partition('<h2 id="class"')
    assert '<a href="#check-5"><bdi>squeeze_dim</bdi></a> <b>⚠ nobody passes</b>' in above
    assert "Nobody of 10 passes it." in below[below.index('id="check-5"') : below.index('id="check-6"')]
