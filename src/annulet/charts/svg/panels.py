"""Plots of values: caption, grid and marks of one panel over the shared axis."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from annulet.charts.axes import Axis, ClockAxis, Linear, ValueAxis
from annulet.charts.scene import (
    Band,
    Bar,
    Curve,
    Dot,
    Mark,
    Missing,
    Panel,
    Place,
    PointLabel,
    Wash,
)
from annulet.charts.svg.drawing import Drawing, Point
from annulet.charts.svg.page import Page
from annulet.charts.text import NOTHING, fit, text_width

_AXIS_SIZE = 11.0
_CAPTION_SIZE = 12.0
_HEIGHTS = {"tall": (170.0, 220.0), "low": (76.0, 92.0), "lane": (64.0, 64.0)}
_DENSE = 4.0
"""Pixels between places below which lines grow thinner."""


def panel_gutter(panel: Panel) -> float:
    """Return the room that the widest number of the panel's axis needs."""
    return max(text_width(words, _AXIS_SIZE) for _, words in _ticks(panel.axis)) + 10


def _ticks(axis: ValueAxis) -> list[tuple[float, str]]:
    return [(tick, axis.words(tick, axis.tick_decimals)) for tick in axis.ticks]


def runs(points: Iterable[tuple[float, float | None]]) -> list[list[Point]]:
    """Split a line at its missing values: gaps stay gaps."""
    return [
        [(x, y) for x, y in group if y is not None]
        for has_value, group in groupby(points, key=lambda point: point[1] is not None)
        if has_value
    ]


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where marks go: a drawing with both scales. The panel lies between the ends of `y`."""

    drawing: Drawing
    x: Linear
    y: Linear

    @property
    def unit(self) -> float:
        """The pixels of one unit of the shared axis: a day or a minute."""
        return self.x(1.0) - self.x(0.0)

    def draw(self, mark: Mark) -> None:
        """Draw one mark."""
        if isinstance(mark, Wash):
            self.wash(mark)
        elif isinstance(mark, Band):
            self.band(mark)
        elif isinstance(mark, Curve):
            self.curve(mark)
        elif isinstance(mark, Dot):
            self.dot(mark)
        elif isinstance(mark, PointLabel):
            self.point_label(mark)
        elif isinstance(mark, Bar):
            self.bar(mark)
        else:
            self.missing(mark)

    def wash(self, mark: Wash) -> None:
        box = (self.x(mark.start), self.y.end, self.x(mark.end) - self.x(mark.start))
        colour = self.drawing.theme.colour(mark.colour)
        self.drawing.rect((*box, self.y.start - self.y.end), colour)

    def band(self, mark: Band) -> None:
        colours, top, bottom = self.drawing.theme, self.y(mark.high), self.y(mark.low)
        left, right = self.x.start, self.x.end
        self.drawing.rect((left, top, right - left, bottom - top), colours.band)
        for edge in (top, bottom):
            self.drawing.line((left, edge), (right, edge), colours.edge, dash="2 4")

    def grid(self, axis: ValueAxis) -> None:
        for tick, words in _ticks(axis):
            y = self.y(tick)
            self.drawing.line((self.x.start, y), (self.x.end, y), self.drawing.theme.line)
            self.drawing.text((self.x.start - 8, y + 4), words, size=_AXIS_SIZE, anchor="end")

    def curve(self, mark: Curve) -> None:
        colours = self.drawing.theme
        width = 2.25 if _pixels_apart(mark.places, self.unit) > _DENSE else 1.75
        points = ((self.x(at), None if v is None else self.y(v)) for at, v in mark.places)
        for run in runs(points):
            if mark.fill is not None:
                ground = [(place, self.y.start) for place, _ in run]
                self.drawing.area(run, ground, colours.colour(mark.fill))
            self.drawing.path(run, colours.colour(mark.colour), width=width)

    def dot(self, mark: Dot) -> None:
        colours = self.drawing.theme
        radius = 3.2 if self.unit > 9 else 2.4 if self.unit > 4 else 1.6  # noqa: PLR2004 -- pixels
        at = (self.x(mark.at), self.y(mark.value))
        if mark.is_unusual:
            self.drawing.dot(
                at, colours.surface, radius=radius + 1, stroke=colours.attention, width=2,
                tip=mark.tip,
            )  # fmt: skip
        else:
            self.drawing.dot(at, colours.mark, radius=radius, tip=mark.tip)

    def point_label(self, mark: PointLabel) -> None:
        """Draw a ring and its words: below or above it, beside it where the panel ends."""
        colours = self.drawing.theme
        at = (self.x(mark.at), self.y(mark.value))
        self.drawing.dot(at, colours.surface, radius=4, stroke=colours.ink, width=1.75)
        half = text_width(mark.words, _AXIS_SIZE, bold=True) / 2 + 2
        middle = min(max(at[0], self.x.start + half), self.x.end - half)
        line = at[1] + 19 if mark.is_below else at[1] - 10
        if not self.y.end + 10 <= line <= self.y.start - 5:
            line = at[1] + 4
            beside = at[0] + 8 + half
            middle = beside if beside + half <= self.x.end else at[0] - 8 - half
        self.drawing.text(
            (middle, line), mark.words, fill=colours.ink, bold=True, anchor="middle", halo=True
        )

    def _slot(self, at: float) -> tuple[float, float]:
        """The left edge and the width of a day's bar."""
        width = min(max(self.unit * 0.68, 1.5), 44.0)
        return self.x(at) - width / 2, width

    def bar(self, mark: Bar) -> None:
        left, width = self._slot(mark.at)
        for colour, low, high, tip in mark.parts:
            top, bottom = self.y(high), self.y(low)
            # A hair of ground between the parts tells them apart without colour.
            box = (left, top + 0.75, width, max(bottom - top - 1.5, 0.5))
            self.drawing.rect(box, self.drawing.theme.colour(colour), tip=tip)

    def missing(self, mark: Missing) -> None:
        """Draw a short dash on the ground: there was a day, and nothing is known about it."""
        left, width = self._slot(mark.at)
        ends = (left, self.y.start - 4), (left + width, self.y.start - 4)
        self.drawing.line(*ends, self.drawing.theme.edge, width=2, dash="2 3")


def _pixels_apart(places: tuple[Place, ...], unit: float) -> float:
    return (places[-1][0] - places[0][0]) / max(len(places) - 1, 1) * unit


def _draw_caption(page: Page, panel: Panel) -> float:
    """Name the panel and its unit, its summary at the right or below; return its top."""
    drawing, ink = page.drawing, page.theme.ink
    top = page.top + (40 if panel.summary else 30 if panel.size == "tall" else 38)
    taken = text_width(panel.summary, _CAPTION_SIZE, bold=True) + 12 if panel.summary else 0.0
    unit_room = text_width(panel.unit, _AXIS_SIZE) + 8 if panel.unit else 0.0
    label = text_width(panel.label, _CAPTION_SIZE, bold=True) + unit_room
    if panel.summary and label + taken + 12 > page.inner:
        top += 18
        drawing.text((page.left, top - 12), panel.summary)
        line, taken = top - 30, 0.0
    else:
        line = top - 12
        drawing.text(
            (page.right, line), panel.summary, size=_CAPTION_SIZE, fill=ink, bold=True, anchor="end"
        )
    words = fit(panel.label, page.inner - taken - unit_room, _CAPTION_SIZE, bold=True)
    drawing.text(
        (page.left, line), words, size=_CAPTION_SIZE, fill=ink, bold=True, after=panel.unit
    )
    return top


def draw_hours(page: Page, axis: Axis | None, x: Linear, top: float, bottom: float) -> None:
    """Draw a vertical line at each labelled clock time between the ends."""
    if isinstance(axis, ClockAxis):
        for tick in axis.ticks(x.end - x.start):
            place = x(tick.at)
            if x.start + 1 < place < x.end - 1:
                page.drawing.line((place, top), (place, bottom), page.theme.line)


def draw_panel(page: Page, panel: Panel, x: Linear, axis: Axis | None) -> None:
    """Draw one panel below what is there."""
    top = _draw_caption(page, panel)
    page.top = top + _HEIGHTS[panel.size][0 if page.compact else 1]
    plot = _Plot(page.drawing, x, Linear(panel.axis.low, panel.axis.high, page.top, top))
    if panel.size == "low":
        draw_hours(page, axis, x, top, page.top)
    behind = [mark for mark in panel.marks if isinstance(mark, Wash | Band)]
    for ground in behind:
        plot.draw(ground)
    plot.grid(panel.axis)
    for mark in panel.marks:
        if mark not in behind:
            plot.draw(mark)
    if not any(isinstance(mark, Dot | Curve | Bar) for mark in panel.marks):
        page.drawing.text((x.start + 8, (top + page.top) / 2 + 4), NOTHING)
