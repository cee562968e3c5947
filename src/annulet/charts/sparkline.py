"""The smallest chart: the shape of a few days beside a figure."""

from __future__ import annotations

from collections.abc import Sequence

from annulet.charts.drawing import Drawing
from annulet.charts.palette import theme as theme_of
from annulet.charts.panel import runs
from annulet.charts.scale import Linear
from annulet.charts.text import number
from annulet.charts.values import Range, finite, present

__all__ = ["sparkline"]

_INSET = 4.0


def sparkline(
    values: Sequence[float | None],
    title: str,
    *,
    band: Range | None = None,
    theme: str = "light",
    width: int = 120,
    height: int = 32,
    decimals: int = 0,
) -> str:
    """Return a line without axes; the last value that exists is a dot, gaps stay open."""
    drawing = Drawing(width, theme_of(theme))
    numbers = present(values)
    if not numbers:
        return drawing.render(height, title, "No data.")
    bounds = present(band or ())
    low, high = min([*numbers, *bounds]), max([*numbers, *bounds])
    y = Linear(low, high, height - _INSET, _INSET)
    x = Linear(0, max(len(values) - 1, 1), _INSET, width - _INSET)
    if len(bounds) == 2:  # noqa: PLR2004 -- a low and a high bound
        top, bottom = y(max(bounds)), y(min(bounds))
        drawing.rect((0, top, width, bottom - top), drawing.theme.band)
    places = [(x(n), finite(value)) for n, value in enumerate(values)]
    points = [(at, None if value is None else y(value)) for at, value in places]
    for run in runs(points):
        drawing.path(run, drawing.theme.accent, width=1.75)
    last = next(point for point in reversed(points) if point[1] is not None)
    drawing.dot((last[0], last[1] or 0.0), drawing.theme.accent, radius=3)
    low_words, high_words = number(min(numbers), decimals), number(max(numbers), decimals)
    return drawing.render(
        height, title, f"{low_words} to {high_words}, latest {number(numbers[-1], decimals)}."
    )
