"""The colours: readable in light and in dark, and told apart without relying on hue."""

from __future__ import annotations

import pytest

from annulet.charts.palette import DARK, LIGHT, PAGE, TERMINAL, css_variables, theme

_MARKS = (
    "edge", "mark", "deep", "light", "rem", "awake", "heart", "hrv", "active", "good",
)  # fmt: skip
_WORDS = ("ink", "muted", "accent", "attention", "good")


def luminance(colour):
    """The relative luminance of WCAG."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour, ground):
    """The contrast ratio of WCAG."""
    dark, bright = sorted((luminance(colour), luminance(ground)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "background", "raised"])
def test_text_and_marks_stand_out(colours, ground):
    """Text reaches 4.5, marks reach 3, on every ground of the product."""
    behind = getattr(colours, ground)
    for name in _WORDS:
        assert contrast(getattr(colours, name), behind) >= 4.5, name
    for name in _MARKS:
        assert contrast(getattr(colours, name), behind) >= 3, name


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_buttons_and_numbered_marks_are_readable(colours):
    """Text on the accent and on the colour of attention reaches 4.5."""
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.surface, colours.attention) >= 4.5
    assert contrast(colours.attention, colours.attention_wash) >= 4.5


def test_terminal_colours_read_on_black_and_on_white():
    """A terminal may have a light or a dark ground."""
    for name, colour in TERMINAL.items():
        if colour != "default":
            assert contrast(colour, "#ffffff") >= 3, name
            assert contrast(colour, "#000000") >= 3, name


def test_page_theme_takes_every_colour_from_the_page():
    """Each variable that charts ask for is one that the style sheet defines."""
    defined = css_variables(DARK)
    for name in ("surface", "ink", "attention_wash"):
        variable = getattr(PAGE, name)
        assert variable.removeprefix("var(").removesuffix(")") + ":" in defined
    assert theme("page") is PAGE
