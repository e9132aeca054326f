"""The pages in a real browser: nothing of a student's runs, keyboard and phone suffice, both schemes can be read."""

import os
import shutil
from dataclasses import replace

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

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
def site(lab1, lab3, hostile, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    write_report(lab1, folder)
    (folder / "lab3.html").write_text(student_page(lab3, "Lab 3", "2.0"))
    (folder / "hostile.html").write_text(student_page(hostile, hostile.lab, hostile.lab))
    return folder


PAGES = ["index.html", "lab3.html", "hostile.html", "students/1103.html", "students/1108.html"]


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
    for _ in range(9):
        press(browser, Keys.TAB)
        passed.append(browser.execute_script("return document.activeElement.id || document.activeElement.tagName"))
    assert passed == ["only", "DIV", "BUTTON", "BUTTON", "BUTTON", "BUTTON", "BUTTON", "BUTTON", "A"]


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


def test_the_table_filters_by_what_needs_a_look(browser, site):
    show(browser, site / "index.html")
    only = Select(browser.find_element(By.ID, "only"))
    only.select_by_visible_text("full marks")
    assert "Max Imus" in names(browser)
    assert "Tim E. Out" not in names(browser)
    only.select_by_visible_text("needs a look")
    assert {"Tim E. Out", "Mem O’Ry", "Cora Crash", "Rex Jected", "Brooke Enn", "Max Imus"} <= set(names(browser))
    only.select_by_visible_text("everyone")
    assert len(names(browser)) == 30


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


def test_what_is_folded_prints_but_controls_do_not(browser, site):
    show(browser, site / "lab3.html", media="print")
    folded = "return document.querySelector('.check.passed dd').checkVisibility({contentVisibilityAuto: true})"
    assert browser.execute_script(folded) is True
    show(browser, site / "index.html", media="print")
    assert not browser.find_element(By.ID, "controls").is_displayed()


def test_without_scripts_the_table_is_whole_and_has_no_controls(browser, site):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        show(browser, site / "index.html")
        assert not browser.find_element(By.ID, "controls").is_displayed()
        assert len(browser.find_elements(By.CSS_SELECTOR, "#students tbody tr")) == 30
        assert browser.find_elements(By.TAG_NAME, "button") == []
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_thousand_students_are_sorted_and_filtered(browser, lab1, tmp_path):
    grades = tuple(replace(lab1.grades[n % 30], student=Student(f"k{n}", f"Student {n}")) for n in range(1000))
    show(browser, write_report(replace(lab1, grades=grades), tmp_path))
    browser.find_element(By.CSS_SELECTOR, "#students thead th:nth-child(2) button").click()
    assert len(set(scores(browser)[:30])) <= 2
    browser.find_element(By.ID, "find").send_keys("student 77")
    assert len(names(browser)) == 19
