"""Pictures of pages as a browser shows them, so that a person can look: wide and narrow, light, dark and printed.

`make screenshots` takes them of the demo's pages, `make pictures` renews those of the README.
"""

import base64
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import click
from selenium import webdriver

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars")
LOOKS = {
    "light": {"features": [{"name": "prefers-color-scheme", "value": "light"}]},
    "dark": {"features": [{"name": "prefers-color-scheme", "value": "dark"}]},
    "print": {"media": "print"},
}
PAPER = 794
"""Width of a sheet of A4, in CSS pixels."""


@click.command(epilog="Example:  python docs/screenshots.py out/demo/*/index.html --out out/screenshots")
@click.argument("pages", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the pictures go.")
@click.option("--width", "widths", multiple=True, type=int, default=(1280, 390), show_default=True, help="CSS pixels.")
@click.option("--look", "looks", multiple=True, type=click.Choice(list(LOOKS)), default=tuple(LOOKS), show_default=True)
@click.option("--height", type=int, help="Show only so much of a page, from its top.  [default: all of it]")
@click.option("--name", help="What the picture of a single page, width and look is called.")
def screenshots(
    pages: tuple[Path, ...],
    out: Path,
    widths: tuple[int, ...],
    looks: tuple[str, ...],
    height: int | None,
    name: str | None,
) -> None:
    """Take pictures of PAGES."""
    wanted = [(page, look, width) for page, look in product(pages, looks) for width in _widths(look, widths)]
    if name and len(wanted) != 1:
        raise click.UsageError("--name is for one page, one --width and one --look.")
    called = _names(pages)
    out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for page, look, width in wanted:
            picture = out / f"{name or f'{called[page]}-{width}-{look}'}.png"
            picture.write_bytes(taken(browser, page, width, height, LOOKS[look]))
            click.echo(picture)


def _names(pages: tuple[Path, ...]) -> dict[Path, str]:
    """What the pictures of each page are called: by the folders that tell it from the others."""
    common = Path(os.path.commonpath([page.parent for page in pages]))
    return {page: "-".join(page.with_suffix("").relative_to(common).parts) for page in pages}


def _widths(look: str, widths: tuple[int, ...]) -> tuple[int, ...]:
    return (PAPER,) if look == "print" else widths


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser without a window."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


def taken(browser: webdriver.Chrome, page: Path, width: int, height: int | None, look: dict[str, object]) -> bytes:
    """A page as a PNG, two pixels to a CSS pixel where it is as narrow as a phone."""
    scale = 2 if width < 500 else 1
    screen = {"width": width, "height": height or 900, "deviceScaleFactor": scale, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []} | look)
    browser.get(page.resolve().as_uri())
    whole = height is None
    made = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
    return base64.b64decode(made["data"])


if __name__ == "__main__":
    screenshots()
