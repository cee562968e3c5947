"""Differences below each other: name, figure, and marks on a track around zero."""

from __future__ import annotations

from annulet.charts.axes import Linear
from annulet.charts.scene import DifferenceRow, DifferenceRows
from annulet.charts.svg.page import Page
from annulet.charts.text import fit, text_width

_ROW = 46.0
_COMPACT_ROW = 62.0


def draw_differences(page: Page, rows: DifferenceRows) -> None:
    """Draw the rows below what is there."""
    page.top += 12
    for row in rows.rows:
        _draw_row(page, row, page.top)
        page.top += _COMPACT_ROW if page.compact else _ROW


def _draw_row(page: Page, row: DifferenceRow, top: float) -> None:
    drawing, colours = page.drawing, page.theme
    width = text_width(row.figure, 13, bold=True)
    if page.compact:
        names, line = page.inner - width - 12, top + 16
        x = Linear(-row.reach, row.reach, page.left, page.right)
        middle = top + 44
        words_at, words_room = (page.left, top + 31), page.inner
    else:
        names, line = page.inner * 0.3, top + 19
        x = Linear(-row.reach, row.reach, page.left + names + 12, page.right - page.inner * 0.3)
        middle = top + 22
        words_at, words_room = (page.right, top + 33), page.inner * 0.28
    label = fit(row.label, names, 12, bold=True)
    drawing.text((page.left, line), label, size=12, fill=colours.ink, bold=True)
    ink = colours.ink if row.is_clear else colours.muted
    drawing.text((page.right, line), row.figure, size=13, fill=ink, bold=True, anchor="end")
    words = fit(row.words, words_room, 11)
    drawing.text(words_at, words, anchor=None if page.compact else "end")
    _draw_marks(page, row, x, middle)


def _draw_marks(page: Page, row: DifferenceRow, x: Linear, middle: float) -> None:
    drawing, colours = page.drawing, page.theme
    drawing.rect((x.start, middle - 7, x.end - x.start, 14), colours.raised, radius=7)
    if row.usual is not None:
        low, high = x(min(row.usual)), x(max(row.usual))
        drawing.rect((low, middle - 7, high - low, 14), colours.band, stroke=colours.edge, radius=2)
    zero = x(0.0)
    drawing.line((zero, middle - 11), (zero, middle + 11), colours.edge)
    if row.value is None:
        return
    colour = colours.accent if row.is_clear else colours.mark
    if row.interval is not None:
        ends = [(x(bound), middle) for bound in sorted(row.interval)]
        drawing.line(ends[0], ends[1], colour, width=3)
        for at in ends:
            drawing.line((at[0], middle - 4), (at[0], middle + 4), colour, width=2)
    fill = colour if row.is_clear else colours.surface
    tip = f"{row.label}: {row.figure}"
    drawing.dot((x(row.value), middle), fill, radius=5, stroke=colour, width=2, tip=tip)
