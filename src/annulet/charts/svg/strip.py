"""One quiet track of days with numbered stretches on it."""

from __future__ import annotations

from itertools import pairwise

from annulet.charts.axes import Linear
from annulet.charts.scene import DayStrip
from annulet.charts.svg.page import Page

_HEIGHT = 30.0
_FARTHEST_ASIDE = 16.0
_HALF = 9.0


def draw_strip(page: Page, strip: DayStrip, x: Linear) -> None:
    """Draw the strip below what is there."""
    drawing, colours = page.drawing, page.theme
    middle = page.top + 14 + _HEIGHT / 2
    page.top += 14 + _HEIGHT
    drawing.rect((x.start, middle - 5, x.end - x.start, 10), colours.raised, radius=5)
    for at in strip.missing:
        drawing.rect((x(at), middle - 5, x(at + 1) - x(at), 10), colours.line)
    edges = [(x(mark.start), x(mark.end)) for mark in strip.marks]
    numbered = _move_apart([_widen(*ends) for ends in edges], x.start, x.end)
    for place, mark in enumerate(strip.marks, start=1):
        left, right = (numbered or edges)[place - 1]
        width = max(right - left, 3.0)
        box = (left, middle - _HALF, width, 2 * _HALF)
        drawing.rect(box, colours.attention, radius=min(_HALF, width / 2), tip=mark.tip)
        if numbered:
            centre = ((left + right) / 2, middle + 4)
            drawing.text(centre, str(place), fill=colours.surface, bold=True, anchor="middle")


def _widen(left: float, right: float) -> tuple[float, float]:
    """The ends of a mark, wide enough for its number."""
    centre, half = (left + right) / 2, max((right - left) / 2, _HALF)
    return centre - half, centre + half


def _move_apart(
    marks: list[tuple[float, float]], low: float, high: float
) -> list[tuple[float, float]]:
    """Push marks aside so that each number can be read; none where that would mislead."""
    reached = low - _HALF
    placed = []
    for left, right in marks:
        aside = max(reached + 2 - left, 0.0)
        placed.append((left + aside, right + aside))
        reached = right + aside
    reached = high + _HALF
    for at in range(len(placed) - 1, -1, -1):
        left, right = placed[at]
        aside = min(reached - 2 - right, 0.0)
        placed[at] = (left + aside, right + aside)
        reached = left + aside
    moved = (abs(new[0] - old[0]) for new, old in zip(placed, marks, strict=True))
    overlap = any(earlier[1] > later[0] for earlier, later in pairwise(placed))
    return [] if overlap or max(moved, default=0.0) > _FARTHEST_ASIDE else placed
