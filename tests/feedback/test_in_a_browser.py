"""The pages in a real browser: nothing of a student's runs, keyboard and phone suffice, both schemes can be read."""

import os
import shutil
from collections import Counter
from dataclasses import replace

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium_axe_python import Axe

from grader.feedback import student_page, write_report
from grader.model import Student

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
)

UNREADABLE = """
const number = (text) => text.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = number(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  throw new Error("no ground under " + element.outerHTML);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
let seen = 0;
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
  if (element.closest("script, .hidden")) continue;
  const style = getComputedStyle(element);
  const front = luminance(number(element.closest("svg") ? style.fill : style.color));
  const back = luminance(ground(element));
  const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
  seen += 1;
  if (ratio < 4.5) found.push([element.outerHTML.slice(0, 120), ratio]);
}
return [seen, found];
"""
"""Texts on the page with less contrast than WCAG AA asks for, as the browser paints them."""


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not (chromium and driver):
        missing = "needs Chromium and its chromedriver on the PATH"
        if os.environ.get("GRADER_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


@pytest.fixture(scope="module")
def site(lab1, lab3, lab4, pictures, hostile, similar, handout, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    write_report(lab1, folder, similar=similar)
    (folder / "lab3.html").write_text(student_page(lab3, "Lab 3", "2.0"))
    (folder / "lab4.html").write_text(student_page(lab4, "Lab 4", "2.0", handout))
    (folder / "pictures.html").write_text(student_page(pictures, "Lab 4", "2.0", handout))
    (folder / "hostile.html").write_text(student_page(hostile, hostile.lab, hostile.lab, handout))
    return folder


STUDENT_PAGES = [
    "lab3.html",
    "lab4.html",
    "pictures.html",
    "hostile.html",
    "students/1103.html",
    "students/1104.html",
    "students/1105.html",
    "students/1106.html",
    "students/1108.html",
]
PAGES = ["index.html", *STUDENT_PAGES, "similar/a1-a1.html", "similar/a1-b2.html", "similar/c3-d4.html"]


def show(browser, path, *, width=1280, scheme="light", media=""):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    browser.get(path.as_uri())


def open_everything(browser):
    browser.execute_script("document.querySelectorAll('details').forEach((one) => { one.open = true; });")


def names(browser):
    script = """return Array.from(document.querySelectorAll("#students tbody tr"))
      .filter((row) => !row.hidden).map((row) => row.querySelector("bdi").textContent);"""
    return browser.execute_script(script)


def scores(browser):
    script = (
        """return Array.from(document.querySelectorAll("#students tbody tr"), (row) => row.cells[1].dataset.sort);"""
    )
    return browser.execute_script(script)


def press(browser, *keys):
    browser.switch_to.active_element.send_keys(*keys)


@pytest.mark.parametrize("page", PAGES)
def test_no_script_of_a_student_runs_and_nothing_is_refused_to_our_own(browser, site, page):
    show(browser, site / page)
    open_everything(browser)
    assert browser.execute_script("return document.documentElement.dataset.pwned") is None
    assert browser.execute_script("return document.querySelectorAll('script').length") == (page == "index.html")
    assert browser.execute_script("return getComputedStyle(document.querySelector('.card')).borderRadius") == "12px"
    assert browser.get_log("browser") == []
    assert (
        browser.execute_script(
            "return performance.getEntriesByType('resource').filter((r) => !r.name.startsWith('data:')).length"
        )
        == 0
    )


def test_the_policy_stops_a_script_that_would_get_onto_a_page(browser, site, tmp_path):
    text = (site / "hostile.html").read_text()
    pwned = "document.documentElement.dataset.pwned = 1"
    attack = f"<script>{pwned}</script><img src=x onerror='{pwned}'>"
    (tmp_path / "attacked.html").write_text(text.replace("<main>", "<main>" + attack))
    show(browser, tmp_path / "attacked.html")
    assert browser.execute_script("return document.documentElement.dataset.pwned") is None
    assert any("Content Security Policy" in entry["message"] for entry in browser.get_log("browser"))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_to_the_side(browser, site, page, width):
    show(browser, site / page, width=width)
    open_everything(browser)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast_as_painted(browser, site, page, scheme):
    show(browser, site / page, scheme=scheme)
    open_everything(browser)
    seen, unreadable = browser.execute_script(UNREADABLE)
    assert seen > 10
    assert unreadable == []


def test_the_two_schemes_differ(browser, site):
    grounds = set()
    for scheme in ("light", "dark"):
        show(browser, site / "lab3.html", scheme=scheme)
        grounds.add(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


def test_the_table_sorts_by_keyboard_with_missing_scores_last(browser, site, lab1):
    show(browser, site / "index.html")
    button = browser.find_element(By.CSS_SELECTOR, "#students thead th:nth-child(2) button")
    browser.execute_script("arguments[0].focus()", button)
    press(browser, Keys.ENTER)
    falling = scores(browser)
    assert falling[-2:] == ["", ""]
    assert [float(score) for score in falling[:-2]] == sorted((float(score) for score in falling[:-2]), reverse=True)
    assert browser.find_element(By.CSS_SELECTOR, "th[aria-sort]").text.startswith("Score")
    press(browser, Keys.SPACE)
    rising = scores(browser)
    assert rising[-2:] == ["", ""]
    assert rising[:-2] == sorted(rising[:-2], key=float)
    assert len(names(browser)) == len(lab1.grades)


def test_tab_leads_from_the_filter_through_the_heads_to_the_first_student(browser, site):
    show(browser, site / "index.html")
    browser.execute_script("document.getElementById('find').focus()")
    passed = []
    for _ in range(7):
        press(browser, Keys.TAB)
        passed.append(browser.execute_script("return document.activeElement.id || document.activeElement.tagName"))
    assert passed == ["DIV", "BUTTON", "BUTTON", "BUTTON", "BUTTON", "BUTTON", "A"]


def test_the_table_filters_by_name_without_accents_and_by_id(browser, site):
    show(browser, site / "index.html")
    find = browser.find_element(By.ID, "find")
    find.send_keys("garcia MARQ")
    assert names(browser) == ["Dolores García Márquez"]
    assert browser.find_element(By.ID, "shown").text == "1 of 30 shown"
    find.clear()
    find.send_keys("1105")
    assert names(browser) == ["Brooke Enn"]
    find.send_keys(Keys.ENTER)
    assert browser.current_url.endswith("/index.html")


def choose(browser, label):
    """Press the count with this label, by keyboard."""
    link = browser.find_element(By.XPATH, f"//ul[@id='choices']//a[contains(., '{label}')]")
    browser.execute_script("arguments[0].focus()", link)
    press(browser, Keys.ENTER)
    return link


def chosen(browser):
    script = "return Array.from(document.querySelectorAll('[aria-current]'), (one) => one.textContent)"
    return browser.execute_script(script)


def test_one_press_on_a_count_shows_those_whom_it_counts(browser, site):
    show(browser, site / "index.html")
    assert chosen(browser) == ["30 everyone"]
    script = "return Array.from(document.querySelectorAll('#choices a'), (one) => one.textContent)"
    counts = dict(reversed(text.split(" ", 1)) for text in browser.execute_script(script))
    for label, count in counts.items():
        choose(browser, label)
        assert (label, len(names(browser))) == (label, int(count))
        assert browser.find_element(By.ID, "shown").text == f"{count} of 30 shown"
        assert chosen(browser) == [f"{count} {label}"]
    assert set(counts) >= {"need a look", "flagged", "ungraded", "not taken in", "out of time", "set by hand"}
    choose(browser, "need a look")
    assert {"Tim E. Out", "Mem O’Ry", "Cora Crash", "Rex Jected", "Brooke Enn", "Max Imus"} <= set(names(browser))
    choose(browser, "set by hand")
    assert "Explained every step in the lab." in browser.find_element(By.ID, "students").text


def test_the_choice_stands_in_the_address_so_that_it_can_be_gone_back_to_and_kept(browser, site):
    show(browser, site / "index.html")
    link = choose(browser, "ungraded")
    assert browser.current_url.endswith("index.html#show-ungraded")
    assert browser.switch_to.active_element == link
    choose(browser, "out of time")
    assert names(browser) == ["Tim E. Out"]
    browser.back()
    assert names(browser) == ["Brooke Enn"]
    browser.back()
    assert len(names(browser)) == 30
    browser.forward()
    assert chosen(browser) == ["1 ungraded"]
    browser.get("about:blank")
    browser.get((site / "index.html").as_uri() + "#show-timeout")
    assert names(browser) == ["Tim E. Out"]


def test_another_link_within_the_page_leaves_the_choice_alone_and_an_unknown_one_shows_everyone(browser, site):
    show(browser, site / "index.html")
    choose(browser, "ungraded")
    browser.execute_script("document.querySelector('.skip').click()")
    assert browser.current_url.endswith("#class")
    assert names(browser) == ["Brooke Enn"]
    browser.get("about:blank")
    browser.get((site / "index.html").as_uri() + "#show-nobody")
    assert len(names(browser)) == 30
    assert chosen(browser) == ["30 everyone"]


def test_a_choice_and_a_search_are_both_kept_to(browser, site):
    show(browser, site / "index.html")
    choose(browser, "need a look")
    browser.find_element(By.ID, "find").send_keys("cora")
    assert names(browser) == ["Cora Crash"]
    choose(browser, "ungraded")
    assert names(browser) == []
    assert browser.find_element(By.ID, "shown").text == "0 of 30 shown"


def test_what_to_do_shows_with_the_choice_that_it_is_about(browser, site):
    show(browser, site / "index.html")
    told = (
        "return Array.from(document.querySelectorAll('.advice'), (one) => one.checkVisibility() && one.dataset.about)"
    )
    assert not any(browser.execute_script(told))
    choose(browser, "flagged")
    assert [one for one in browser.execute_script(told) if one] == ["flagged"]


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_scores_and_remarks_are_seen_without_scrolling_to_the_side(browser, site, width):
    show(browser, site / "index.html", width=width)
    open_everything(browser)
    outside = """return Array.from(document.querySelectorAll("#students :is(td, th), .statistics :is(td, th)"))
      .filter((cell) => cell.checkVisibility()).map((cell) => [cell.textContent, cell.getBoundingClientRect().right])
      .filter(([, right]) => right > arguments[0]);"""
    assert browser.execute_script(outside, width) == []
    wide = "return Array.from(document.querySelectorAll('.scroll'), (one) => one.scrollWidth - one.clientWidth)"
    assert browser.execute_script(wide) == [0, 0, 0]
    assert "ran out of time" in browser.find_element(By.ID, "students").text


@pytest.mark.parametrize("width", [390, 1280])
def test_however_rows_are_laid_out_they_are_read_out_as_a_table(browser, site, width):
    show(browser, site / "index.html", width=width)
    tree = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = Counter(node["role"]["value"] for node in tree if not node.get("ignored"))
    marked = """return ["table", "tr", "th[scope=row]", "th[scope=col]", "td"].map((what) =>
      Array.from(document.querySelectorAll(what)).filter((one) => one.checkVisibility()).length);"""
    told = [roles[role] for role in ("table", "row", "rowheader", "columnheader", "cell")]
    assert told == browser.execute_script(marked)
    assert roles["row"] > 40


def test_wrong_answers_to_a_check_open_by_keyboard(browser, site):
    show(browser, site / "index.html")
    summary = browser.find_element(By.CSS_SELECTOR, ".statistics summary")
    table = browser.find_element(By.CSS_SELECTOR, ".statistics .said-by")
    assert not table.is_displayed()
    browser.execute_script("arguments[0].focus()", summary)
    press(browser, Keys.ENTER)
    assert table.is_displayed()
    assert "should have shape" in table.text


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_class_page(browser, site, width, scheme):
    show(browser, site / "index.html", width=width, scheme=scheme)
    choose(browser, "flagged")
    choose(browser, "everyone")
    open_everything(browser)
    axe = Axe(browser)
    axe.inject()
    found = axe.run()
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []
    assert len(found["passes"]) > 20


def test_a_check_opens_and_closes_by_keyboard_and_the_list_of_fixes_leads_to_it(browser, site):
    show(browser, site / "lab3.html")
    link = browser.find_element(By.CSS_SELECTOR, ".fixes a")
    target = link.get_attribute("href").split("#")[1]
    browser.execute_script("arguments[0].focus()", link)
    press(browser, Keys.ENTER)
    assert browser.execute_script("return document.querySelector(':target').id") == target
    summary = browser.find_element(By.CSS_SELECTOR, f"#{target} summary")
    browser.execute_script("arguments[0].focus()", summary)
    press(browser, Keys.ENTER)
    assert browser.execute_script("return arguments[0].parentElement.open", summary) is False


@pytest.mark.parametrize("page", STUDENT_PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_a_students_page(browser, site, page, scheme, width):
    show(browser, site / page, width=width, scheme=scheme)
    open_everything(browser)
    axe = Axe(browser)
    axe.inject()
    found = axe.run()
    assert len(found["passes"]) > 15
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []


def opened(browser, selector):
    script = "return document.querySelector(arguments[0]).checkVisibility({contentVisibilityAuto: true})"
    return browser.execute_script(script, selector)


def test_a_link_into_the_handout_opens_what_is_folded_by_keyboard_as_well(browser, site):
    show(browser, site / "lab4.html")
    assert opened(browser, "#handout-2 p") is False
    link = browser.find_element(By.CSS_SELECTOR, ".check a[href='#handout-2']")
    browser.execute_script("arguments[0].focus()", link)
    press(browser, Keys.ENTER)
    assert opened(browser, "#handout-2 p") is True
    assert opened(browser, "#handout-1 p") is False
    top = browser.execute_script("return document.querySelector('#handout-2').getBoundingClientRect().top")
    assert 0 <= top < 900
    press(browser, Keys.TAB)
    inside = browser.execute_script("return document.activeElement.closest('.group').querySelector('h3').textContent")
    assert inside.startswith("What it draws")


def test_the_handout_unfolds_by_keyboard(browser, site):
    show(browser, site / "lab4.html")
    summary = browser.find_element(By.CSS_SELECTOR, ".handout summary")
    browser.execute_script("arguments[0].focus()", summary)
    press(browser, Keys.ENTER)
    assert opened(browser, "#handout-1 p") is True


def test_a_check_leads_to_its_picture_and_the_picture_back(browser, site):
    show(browser, site / "lab4.html")
    press_link = "arguments[0].focus()"
    for selector, target in ((".check a[href='#figure-1']", "figure-1"), ("#figure-1 a", "check-3")):
        browser.execute_script(press_link, browser.find_element(By.CSS_SELECTOR, selector))
        press(browser, Keys.ENTER)
        assert browser.execute_script("return document.querySelector(':target').id") == target


def test_all_that_is_drawn_is_seen_and_stays_within_its_card(browser, site):
    show(browser, site / "pictures.html", width=390)
    open_everything(browser)
    script = """const drawn = document.querySelectorAll(".plot > svg, .scale, .shapes svg, .bars, .sheets img");
    return Array.from(drawn, (one) => {
      const [inner, outer] = [one, one.closest(".card")].map((box) => box.getBoundingClientRect());
      return [inner.width > 20, inner.height > 10, inner.left >= outer.left - 1, inner.right <= outer.right + 1];
    });"""
    found = browser.execute_script(script)
    assert len(found) > 8
    assert all(all(one) for one in found)


def test_what_is_folded_prints_but_controls_do_not(browser, site):
    show(browser, site / "lab3.html", media="print")
    folded = "return document.querySelector('.check.passed dd').checkVisibility({contentVisibilityAuto: true})"
    assert browser.execute_script(folded) is True
    show(browser, site / "lab4.html", media="print")
    for drawn in (".plot > svg", ".scale", ".shapes svg", ".sheets img"):
        assert opened(browser, drawn) is True
    assert opened(browser, ".handout") is False
    show(browser, site / "index.html", media="print")
    assert not browser.find_element(By.ID, "controls").is_displayed()


def test_without_scripts_the_table_is_whole_and_has_no_controls(browser, site):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(browser, site / "index.html")
        assert not browser.find_element(By.ID, "controls").is_displayed()
        assert len(browser.find_elements(By.CSS_SELECTOR, "#students tbody tr")) == 30
        assert browser.find_elements(By.TAG_NAME, "button") == []
        assert "It shows everyone" in browser.find_element(By.TAG_NAME, "nav").text
        browser.find_element(By.CSS_SELECTOR, "#choices a[href='#show-flagged']").click()
        assert browser.current_url.endswith("#show-flagged")
        top = browser.find_element(By.ID, "students").rect["y"]
        assert 0 < top - browser.execute_script("return scrollY") < 900
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_thousand_students_are_sorted_and_filtered(browser, lab1, tmp_path):
    grades = tuple(replace(lab1.grades[n % 30], student=Student(f"k{n}", f"Student {n}")) for n in range(1000))
    show(browser, write_report(replace(lab1, grades=grades), tmp_path))
    browser.find_element(By.CSS_SELECTOR, "#students thead th:nth-child(2) button").click()
    assert len(set(scores(browser)[:30])) <= 2
    browser.find_element(By.ID, "find").send_keys("student 77")
    assert len(names(browser)) == 19
    choose(browser, "ungraded")
    assert names(browser) == ["Student 776"]


def test_from_the_class_page_a_pair_and_from_there_each_matching_part_is_one_key_away(browser, site):
    show(browser, site / "index.html")
    link = browser.find_element(By.CSS_SELECTOR, "a[href='similar/a1-b2.html']")
    browser.execute_script("arguments[0].focus()", link)
    press(browser, Keys.ENTER)
    assert browser.find_element(By.TAG_NAME, "h1").text == "Two submissions to look at"
    for side, other in (("left", "right"), ("right", "left")):
        link = browser.find_element(By.CSS_SELECTOR, f"#{side}-2 a")
        browser.execute_script("arguments[0].focus()", link)
        press(browser, Keys.ENTER)
        assert browser.execute_script("return document.querySelector(':target').id") == f"{other}-2"
        assert "def add_dim" in browser.execute_script("return document.querySelector(':target').innerText")


def test_two_files_stand_beside_each_other_and_on_a_phone_below(browser, site):
    corners = """return Array.from(document.querySelectorAll(".side"), (side) => {
      const box = side.getBoundingClientRect(); return [box.left, box.top].map(Math.round); });"""
    show(browser, site / "similar" / "a1-b2.html")
    (left, top), (right, beside) = browser.execute_script(corners)
    assert right > left
    assert beside == top
    show(browser, site / "similar" / "a1-b2.html", width=390)
    (left, top), (right, below) = browser.execute_script(corners)
    assert right == left
    assert below > top


def test_code_is_shown_as_it_was_written(browser, site, similar):
    show(browser, site / "similar" / "a1-b2.html")
    shown = browser.execute_script(
        "return Array.from(document.querySelectorAll('#left ~ .code code'), (one) => one.textContent)"
    )
    assert "\n".join(shown) == similar.pairs[1].left.text
