"""The pages of the documentation: they can be built, every link leads somewhere, nothing is fetched to read them."""

import re
import runpy
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from grader.cli import VERBS

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
]
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|^    [^\n]*$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def _names(page: Path) -> set[str]:
    """What headings are called in addresses, as GitHub does it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_there_are(page: Path) -> None:
    for place, _, heading in (link.partition("#") for link in _LINK.findall(_CODE.sub("", page.read_text()))):
        target = page.parent / place if place else page
        assert target.exists(), place
        assert not heading or heading in _names(target), f"{place}#{heading}"


def test_a_page_that_is_named_by_its_path_is_there() -> None:
    for file in [*PAGES, *(file for room in ("grader", "reference") for file in (ROOT / room).rglob("*.py"))]:
        named = re.findall(r"\bdocs/[a-z/-]+\.md\b", file.read_text())
        assert [path for path in named if not (ROOT / path).exists()] == [], file


def test_a_page_that_a_sentence_of_the_program_names_is_there() -> None:
    """Whoever installed it has no files of the documentation, so sentences name pages by their titles."""
    titles = {re.findall(r"^# (.+)$", page.read_text(), re.MULTILINE)[0] for page in (ROOT / "docs").rglob("*/*.md")}
    for file in [*(ROOT / "grader").rglob("*.py"), *filter(Path.is_file, (ROOT / "templates").rglob("*.*"))]:
        named = re.findall(r"page “(.+?)” of the documentation", " ".join(file.read_text().split()))
        assert set(named) <= titles, file


class _Addresses(HTMLParser):
    """Every address in a page that a browser or a reader would follow."""

    def __init__(self) -> None:
        super().__init__()
        self.led_to: list[str] = []
        self.fetched: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if tag == "a" and given.get("href"):
            self.led_to.append(str(given["href"]))
        elif tag in {"img", "script", "link", "iframe"}:
            self.fetched += [str(given[name]) for name in ("src", "href") if given.get(name)]


def _addresses(page: Path) -> _Addresses:
    parser = _Addresses()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as `make docs` builds them: a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    (line,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if "-m sphinx" in line]
    options = line.split("-m sphinx ")[1].partition(" -d ")[0].split()
    command = [sys.executable, "-m", "sphinx", *options, "-d", folder / "read", ROOT / "docs", folder / "site"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"


def test_a_link_out_of_the_repository_is_left_to_sphinx_which_says_where_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.path", [*sys.path])  # conf.py adds to it
    place = runpy.run_path(str(ROOT / "docs" / "conf.py"))["_place"]
    assert place("../../elsewhere/page.md", ROOT / "docs", ROOT / "docs") == "../../elsewhere/page.md"
    assert place("../SECURITY.md", ROOT / "docs", ROOT / "docs") == "security.md"


def test_links_of_built_pages_lead_to_places_that_there_are(site: Path) -> None:
    pages = {page: _addresses(page) for page in site.rglob("*.html")}
    assert len(pages) > len(PAGES) / 2
    for page, addresses in pages.items():
        for address in addresses.led_to + addresses.fetched:
            parts = urlsplit(address)
            if parts.scheme in {"http", "https", "mailto", "data"} or parts.path.startswith("#"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.exists(), f"{page.name}: {address}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{page.name}: {address}"


def test_nothing_is_fetched_from_elsewhere_to_show_a_page(site: Path) -> None:
    fetched = [address for page in site.rglob("*.html") for address in _addresses(page).fetched]
    assert [address for address in fetched if urlsplit(address).netloc] == []
    styles = "".join(style.read_text(encoding="utf-8") for style in site.rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"' ]*", styles) == []


def test_every_page_is_in_the_sites_table_of_contents(site: Path) -> None:
    led_to = {
        (site / urlsplit(address).path).resolve()
        for address in _addresses(site / "index.html").led_to
        if ":" not in address
    }
    written = {page.relative_to(ROOT / "docs").with_suffix(".html") for page in (ROOT / "docs").rglob("*.md")}
    assert [page for page in sorted(written - {Path("index.html")}) if (site / page).resolve() not in led_to] == []


def test_every_verb_is_in_the_reference_of_commands(site: Path) -> None:
    sections = _addresses(site / "reference" / "cli.html").ids
    assert [verb for verb in VERBS if not any(name.startswith(f"grader-{verb}") for name in sections)] == []
