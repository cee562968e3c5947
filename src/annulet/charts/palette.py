"""The design tokens of annulet: one set of colours for charts, dashboard and charts in chat.

Every text colour has a contrast of at least 4.5 and every mark at least 3 against the surface it
stands on (a test computes it). Stages and states are never told apart by colour alone: they also
have a place, a shape or a word. Nothing here is alarming: what deserves a look is amber.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, TypeAlias

Colour: TypeAlias = Literal[
    "line", "edge", "accent", "mark", "band", "deep", "light", "rem", "awake", "heart", "hrv",
    "active", "attention", "attention_wash", "heart_wash", "hrv_wash", "active_wash",
]  # fmt: skip
"""The colours that a scene may name."""

FONT_STACK = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by meaning; each is a CSS colour.

    Attributes:
        name: ``light``, ``dark`` or ``page``.
        background: The page behind cards.
        surface: Cards, and the ground of every chart.
        raised: A quiet fill on the surface: chips, tracks, days without data.
        line: Hairlines and grid lines.
        edge: Outlines that must be seen: borders of bands, rings, inputs.
        ink: Text.
        muted: Secondary text and axis labels.
        accent: The colour of annulet: links, buttons, the line one is meant to follow.
        on_accent: Text on the accent.
        mark: A single measurement.
        band: The fill of a personal range.
        deep: Deep sleep.
        light: Light sleep.
        rem: REM sleep.
        awake: Awake.
        heart: Heart rate.
        hrv: Heart-rate variability.
        active: Movement and activity.
        good: In the person's usual range, connected, done.
        attention: Unusual, waiting, worth a look.
        attention_wash: The quiet ground of something worth a look.
        heart_wash: The fill below or around a line of heart rate.
        hrv_wash: The same for its variability.
        active_wash: The same for movement.
    """

    name: str
    background: str
    surface: str
    raised: str
    line: str
    edge: str
    ink: str
    muted: str
    accent: str
    on_accent: str
    mark: str
    band: str
    deep: str
    light: str
    rem: str
    awake: str
    heart: str
    hrv: str
    active: str
    good: str
    attention: str
    attention_wash: str
    heart_wash: str
    hrv_wash: str
    active_wash: str

    def colour(self, name: Colour) -> str:
        """Return the CSS colour of that name."""
        return str(getattr(self, name))


LIGHT = Theme(
    name="light",
    background="#f6f5f1",
    surface="#ffffff",
    raised="#f1f2f0",
    line="#e4e6e6",
    edge="#78848a",
    ink="#1c262b",
    muted="#59666c",
    accent="#0f6a73",
    on_accent="#ffffff",
    mark="#5b7f86",
    band="#e3eff0",
    deep="#2a3a86",
    light="#4f86cb",
    rem="#138a7e",
    awake="#cf6f28",
    heart="#bd3f66",
    hrv="#7650b8",
    active="#2f7d4f",
    good="#237a54",
    attention="#a1560a",
    attention_wash="#fbf0e1",
    heart_wash="#f3d9e1",
    hrv_wash="#e5dcf3",
    active_wash="#d5e8dc",
)

DARK = Theme(
    name="dark",
    background="#0e1315",
    surface="#161d20",
    raised="#1f282c",
    line="#2a353a",
    edge="#76868d",
    ink="#e9eeef",
    muted="#a0aeb4",
    accent="#5cc3c9",
    on_accent="#08272a",
    mark="#83a9b0",
    band="#1d3438",
    deep="#7585ee",
    light="#86b9f2",
    rem="#45c8b2",
    awake="#f0a25c",
    heart="#f087a4",
    hrv="#b99bf4",
    active="#6fc590",
    good="#67c99b",
    attention="#efb05e",
    attention_wash="#33281a",
    heart_wash="#4a2733",
    hrv_wash="#352d49",
    active_wash="#20392b",
)


def _token(field: str) -> str:
    return f"--annulet-{field.replace('_', '-')}"


PAGE = replace(
    LIGHT,
    name="page",
    **{field.name: f"var({_token(field.name)})" for field in fields(Theme) if field.name != "name"},
)
"""Colours taken from the page a chart is placed in: it follows the page between light and dark."""

TERMINAL: dict[str, str] = {
    "ink": "default",
    "muted": "#7f8b90",
    "accent": "#1f9aa3",
    "deep": "#6272dd",
    "light": "#5a8fd0",
    "rem": "#1a9c8e",
    "awake": "#cf7a2e",
    "heart": "#d65a80",
    "hrv": "#936fd0",
    "active": "#3f9a63",
    "good": "#2f9a6c",
    "attention": "#c27a1f",
}
"""Style names of terminal charts and middle colours that read on light and on dark terminals."""

_THEMES = {"light": LIGHT, "dark": DARK, "page": PAGE}


def theme(name: str) -> Theme:
    """Return the theme called ``light``, ``dark`` or ``page``.

    Raises:
        ValueError: If there is no such theme.
    """
    try:
        return _THEMES[name]
    except KeyError:
        raise ValueError(f"There is no theme {name!r}; take light, dark or page.") from None


def css_variables(colours: Theme) -> str:
    """Return the theme as CSS declarations, ``--annulet-surface: #ffffff; …``, for a rule."""
    return " ".join(
        f"{_token(field.name)}: {getattr(colours, field.name)};"
        for field in fields(Theme)
        if field.name != "name"
    )
