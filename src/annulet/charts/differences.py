"""Differences with their uncertainty: one row a metric, each on its own scale around zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annulet.charts.drawing import Drawing
from annulet.charts.page import DESKTOP, Key, Page
from annulet.charts.scale import Linear
from annulet.charts.text import fit, number, text_width
from annulet.charts.values import DEFAULT_LABELS, Heading, Labels, Range, finite

__all__ = ["Difference", "differences"]

_ROW = 46.0
_COMPACT_ROW = 62.0


@dataclass(frozen=True, slots=True)
class Difference:
    """How one metric differs.

    Attributes:
        label: The metric.
        value: The difference in the metric's unit; ``None`` where it cannot be told.
        interval: Its uncertainty.
        usual: Differences that mean nothing in this person, drawn as a band around zero.
        unit: The unit.
        decimals: Digits behind the point.
        clear: Whether it is more than chance.
        words: What is said about it.
    """

    label: str
    value: float | None
    interval: Range | None = None
    usual: Range | None = None
    unit: str = ""
    decimals: int = 0
    clear: bool = False
    words: str = ""


def _reach(row: Difference) -> float:
    """The number that the row's scale must hold on both sides of zero."""
    bounds = [*(row.interval or ()), *(row.usual or ()), row.value]
    sizes = [abs(size) for bound in bounds if (size := finite(bound)) is not None]
    return (max(sizes, default=0.0) or 1.0) * 1.08


def _figure(row: Difference) -> str:
    value = finite(row.value)
    if value is None:
        return "\N{EN DASH}"
    return f"{number(value, row.decimals, signed=True)} {row.unit}".strip()


def _marks(drawing: Drawing, row: Difference, x: Linear, middle: float) -> None:
    colours = drawing.theme
    drawing.rect((x.start, middle - 7, x.end - x.start, 14), colours.raised, radius=7)
    if row.usual is not None:
        low, high = x(min(row.usual)), x(max(row.usual))
        drawing.rect((low, middle - 7, high - low, 14), colours.band, stroke=colours.edge, radius=2)
    zero = x(0.0)
    drawing.line((zero, middle - 11), (zero, middle + 11), colours.edge)
    value = finite(row.value)
    if value is None:
        return
    colour = colours.accent if row.clear else colours.mark
    if row.interval is not None:
        ends = [(x(bound), middle) for bound in sorted(row.interval)]
        drawing.line(ends[0], ends[1], colour, width=3)
        for at in ends:
            drawing.line((at[0], middle - 4), (at[0], middle + 4), colour, width=2)
    fill = colour if row.clear else colours.surface
    tip = f"{row.label}: {_figure(row)}"
    drawing.dot((x(value), middle), fill, radius=5, stroke=colour, width=2, tip=tip)


def _row(page: Page, row: Difference, top: float) -> None:
    drawing, colours = page.drawing, page.theme
    reach = _reach(row)
    figure = _figure(row)
    width = text_width(figure, 13, bold=True)
    if page.compact:
        names, line = page.inner - width - 12, top + 16
        marks = Linear(-reach, reach, page.left, page.right)
        middle = top + 44
        words_at, words_room = (page.left, top + 31), page.inner
    else:
        names, line = page.inner * 0.3, top + 19
        marks = Linear(-reach, reach, page.left + names + 12, page.right - page.inner * 0.3)
        middle = top + 22
        words_at, words_room = (page.right, top + 33), page.inner * 0.28
    label = fit(row.label, names, 12, bold=True)
    drawing.text((page.left, line), label, size=12, fill=colours.ink, bold=True)
    ink = colours.ink if row.clear else colours.muted
    drawing.text((page.right, line), figure, size=13, fill=ink, bold=True, anchor="end")
    words = fit(row.words, words_room, 11)
    drawing.text(words_at, words, anchor=None if page.compact else "end")
    _marks(drawing, row, marks, middle)


def differences(
    rows: Sequence[Difference],
    heading: Heading,
    *,
    legend: Sequence[tuple[str, str]] = (),
    theme: str = "light",
    width: int = DESKTOP,
    labels: Labels = DEFAULT_LABELS,
) -> str:
    """Return a row for each difference; a filled dot is a clear one, a ring may be chance.

    Args:
        rows: What is shown, in this order.
        heading: What stands around it.
        legend: Words for ``clear``, ``chance``, ``usual`` in the order they are wanted.
        theme: ``light``, ``dark`` or ``page``.
        width: In pixels.
        labels: The chart's own words.
    """
    page = Page(heading, width, theme)
    if not rows:
        page.empty(labels.nothing, 100)
        return page.finish(labels.nothing)
    colours = page.theme
    looks: dict[str, Key] = {
        "clear": Key("", colours.accent, "dot"),
        "chance": Key("", colours.mark, "ring"),
        "usual": Key("", colours.band, "band"),
    }
    page.legend([Key(words, looks[look].colour, looks[look].mark) for look, words in legend])
    height = _COMPACT_ROW if page.compact else _ROW
    top = page.top + 12
    for row in rows:
        _row(page, row, top)
        top += height
    page.top = top
    said = "; ".join(f"{row.label}: {_figure(row)} {row.words}".strip() for row in rows)
    return page.finish(f"{said}.")
