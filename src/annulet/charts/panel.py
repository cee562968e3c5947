"""One plot area: its scales, grid lines, axis labels and the marks of days without data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from annulet.charts.drawing import Drawing, Point
from annulet.charts.scale import Linear, Tick
from annulet.charts.text import fit, number, text_width

__all__ = ["Panel", "gutter", "runs"]

_AXIS = 11.0
_CAPTION = 12.0


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot area between four edges."""

    drawing: Drawing
    left: float
    right: float
    top: float
    bottom: float

    def caption(
        self, words: str, unit: str, *, x: float, value: str = "", line: float | None = None
    ) -> None:
        """Name the panel and its unit above it; a figure may stand at the right."""
        colours = self.drawing.theme
        line = self.top - 12 if line is None else line
        taken = text_width(value, _CAPTION, bold=True) + 12 if value else 0.0
        room = self.right - x - taken - (text_width(unit, _AXIS) + 8 if unit else 0)
        shown = fit(words, room, _CAPTION, bold=True)
        self.drawing.text((x, line), shown, size=_CAPTION, fill=colours.ink, bold=True, after=unit)
        if value:
            self.drawing.text(
                (self.right, line), value, size=_CAPTION, fill=colours.ink, bold=True, anchor="end"
            )

    def grid(self, scale: Linear, decimals: int = 0) -> None:
        """Draw horizontal grid lines with their numbers in the gutter."""
        for tick in scale.ticks:
            y = scale(tick)
            self.drawing.line((self.left, y), (self.right, y), self.drawing.theme.line)
            words = number(tick, _decimals(scale, decimals))
            self.drawing.text((self.left - 8, y + 4), words, size=_AXIS, anchor="end")

    def axis(self, ticks: Sequence[Tick], *, marks: bool = True) -> None:
        """Draw labels below the panel; the outermost stay inside the picture."""
        edge = self.drawing.width - 6
        reached = 0.0
        for tick in ticks:
            half = text_width(tick.label, _AXIS) / 2
            at = min(max(tick.at, half + 6), edge - half)
            if at - half < reached + 6:
                continue
            if marks:
                foot = (tick.at, self.bottom + 4)
                self.drawing.line((tick.at, self.bottom), foot, self.drawing.theme.edge)
            self.drawing.text((at, self.bottom + 18), tick.label, size=_AXIS, anchor="middle")
            reached = at + half

    def wash(self, start: float, end: float, fill: str) -> None:
        """Fill a stretch of the panel from top to bottom."""
        self.drawing.rect((start, self.top, end - start, self.bottom - self.top), fill)


def _decimals(scale: Linear, decimals: int) -> int:
    """As many digits as the ticks need, at least those that the metric has for fractions."""
    for digits in range(4):
        if all(abs(tick - round(tick, digits)) < 1e-9 for tick in scale.ticks):  # noqa: PLR2004 -- rounding noise
            return digits if digits == 0 else max(digits, decimals)
    return decimals


def gutter(scales: Iterable[tuple[Linear, int]]) -> float:
    """Return the room that the widest axis number of several panels needs."""
    widths = [
        text_width(number(tick, _decimals(scale, decimals)), _AXIS)
        for scale, decimals in scales
        for tick in scale.ticks
    ]
    return max(widths, default=0.0) + 10


def runs(points: Iterable[tuple[float, float | None]]) -> list[list[Point]]:
    """Split a line at its missing values: gaps stay gaps."""
    found: list[list[Point]] = []
    for there, group in groupby(points, key=lambda point: point[1] is not None):
        if there:
            found.append([(x, y) for x, y in group if y is not None])
    return found
