"""Text can be read in both colour schemes: WCAG AA, 4.5 to 1 for text and 3 to 1 for signs."""

import re

import pytest

from grader.feedback.pages import _source

STYLE = _source("style.css")
TONES = ("passed", "partial", "failed", "error", "skipped")
TEXT = [
    (front, back) for front in ("ink", "muted", "link") for back in ("paper", "card", "sunk")
] + [(tone, back) for tone in TONES for back in ("card", tone + "-soft")] + [
    ("ink", tone + "-soft") for tone in TONES
]  # fmt: skip
SIGNS = [("accent", "card"), ("accent", "paper"), ("accent", "track"), ("muted", "card")]


def colours(text):
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))


LIGHT = colours(STYLE[: STYLE.index("@media")])
SCHEMES = {"light": LIGHT, "dark": {**LIGHT, **colours(re.search(r"@media \(prefers.*?\n}\n", STYLE, re.DOTALL)[0])}}


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_that_the_standard_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_dark_scheme_has_every_colour_of_its_own():
    assert set(colours(re.search(r"@media \(prefers.*?\n}\n", STYLE, re.DOTALL)[0])) == set(LIGHT)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_stands_out_from_its_ground(scheme, front, back):
    assert contrast(SCHEMES[scheme][front], SCHEMES[scheme][back]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("front", "back"), SIGNS)
def test_bars_and_borders_stand_out_from_their_ground(scheme, front, back):
    assert contrast(SCHEMES[scheme][front], SCHEMES[scheme][back]) >= 3


def test_every_colour_in_the_stylesheet_is_one_of_the_palette_or_behind_a_picture():
    rules = re.sub(r"--[\w-]+: #[0-9a-f]{6};", "", STYLE)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) <= {"#000000"}
