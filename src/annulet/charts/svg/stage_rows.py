"""The hypnogram: four rows of stages with steps between them."""

from __future__ import annotations

from itertools import pairwise

from annulet.charts.axes import ROUNDING_NOISE, Axis, Linear
from annulet.charts.night import STAGE_COLOURS
from annulet.charts.scene import StageRows
from annulet.charts.svg.page import Page
from annulet.charts.svg.panels import draw_hours
from annulet.charts.text import STAGE_WORDS, fit, text_width
from annulet.charts.values import STAGES

_ROW = 26.0
_BAR = 14.0
_SIZE = 11.0


def stage_gutter() -> float:
    """Return the room that the names of the stages need."""
    return max(text_width(words, _SIZE) for words in STAGE_WORDS.values()) + 14


def draw_stages(page: Page, rows: StageRows, x: Linear, axis: Axis | None) -> None:
    """Draw the hypnogram below what is there."""
    drawing, colours = page.drawing, page.theme
    top = page.top + 14
    if rows.remark:
        top += 18
        words = fit(f"Drawn: {rows.remark}", page.inner, _SIZE)
        drawing.text((page.left, top - 8), words, size=_SIZE)
    page.top = top + len(STAGES) * _ROW
    middles = {stage: top + (row + 0.5) * _ROW for row, stage in enumerate(STAGES)}
    draw_hours(page, axis, x, top, page.top)
    for stage, middle in middles.items():
        drawing.line((x.start, middle), (x.end, middle), colours.line)
        drawing.text((x.start - 10, middle + 4), STAGE_WORDS[stage], anchor="end")
    for block, following in pairwise(rows.blocks):
        if following.start - block.end < ROUNDING_NOISE:  # the next one follows at once
            upper, lower = sorted((middles[block.stage], middles[following.stage]))
            place = x(following.start)
            drawing.line((place, upper), (place, lower), colours.edge)
    for block in rows.blocks:
        left, width = x(block.start), max(x(block.end) - x(block.start), 1.0)
        box = (left, middles[block.stage] - _BAR / 2, width, _BAR)
        fill = colours.colour(STAGE_COLOURS[block.stage])
        drawing.rect(box, fill, radius=min(3.0, width / 2), tip=block.tip)
