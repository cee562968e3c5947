"""Draws a scene: heading, legend, blocks from top to bottom, the shared axis, the note."""

from __future__ import annotations

from annulet.charts.axes import Axis, Linear
from annulet.charts.scene import (
    Bar,
    Block,
    DayStrip,
    DifferenceRows,
    EpisodeCards,
    Panel,
    Scene,
    StageRows,
    Tiles,
)
from annulet.charts.svg.cards import draw_cards
from annulet.charts.svg.difference_rows import draw_differences
from annulet.charts.svg.page import DESKTOP, Page
from annulet.charts.svg.panels import draw_panel, panel_gutter
from annulet.charts.svg.stage_rows import draw_stages, stage_gutter
from annulet.charts.svg.strip import draw_strip
from annulet.charts.svg.tiles import draw_tiles
from annulet.charts.text import NOTHING, text_width

_EMPTY = 160.0
_AXIS_SIZE = 11.0


def draw_svg(scene: Scene, *, theme: str = "light", width: int = DESKTOP) -> str:
    """Return a scene as one SVG element.

    Args:
        scene: What is drawn.
        theme: ``light``, ``dark`` or ``page``.
        width: In pixels; `annulet.charts.PHONE` is a phone's.

    Raises:
        ValueError: There is no such theme.
    """
    page = Page(scene.heading, width, theme)
    page.legend(scene.keys)
    if not scene.blocks:
        page.empty(NOTHING, _EMPTY)
        return page.finish(scene.description)
    x = Linear(0, 1, page.left, page.right)
    if scene.axis is not None:
        left = page.left + max(map(_gutter, scene.blocks))
        x = Linear(0, scene.axis.length, left, page.right)
    plots = [block for block in scene.blocks if isinstance(block, Panel | StageRows | DayStrip)]
    for block in scene.blocks:
        _draw_block(page, block, x, scene.axis)
        if scene.axis is not None and plots and block is plots[-1]:
            _draw_axis(page, scene.axis, x, has_marks=_has_tick_marks(block))
    return page.finish(scene.description)


def _gutter(block: Block) -> float:
    """The room for words left of the plot."""
    if isinstance(block, Panel):
        return panel_gutter(block)
    return stage_gutter() if isinstance(block, StageRows) else 0.0


def _draw_block(page: Page, block: Block, x: Linear, axis: Axis | None) -> None:
    if isinstance(block, Panel):
        draw_panel(page, block, x, axis)
    elif isinstance(block, StageRows):
        draw_stages(page, block, x, axis)
    elif isinstance(block, DayStrip):
        draw_strip(page, block, x)
    elif isinstance(block, Tiles):
        draw_tiles(page, block, axis)
    elif isinstance(block, DifferenceRows):
        draw_differences(page, block)
    elif isinstance(block, EpisodeCards):
        draw_cards(page, block)


def _has_tick_marks(block: Block) -> bool:
    """Tell whether ticks point at places; bars and strips are as wide as their days."""
    return not isinstance(block, DayStrip) and not (
        isinstance(block, Panel) and any(isinstance(mark, Bar) for mark in block.marks)
    )


def _draw_axis(page: Page, axis: Axis, x: Linear, *, has_marks: bool) -> None:
    """Draw labels below the plots; the outermost stay inside the picture."""
    drawing, bottom = page.drawing, page.top
    edge = drawing.width - 6
    reached = 0.0
    for tick in axis.ticks(x.end - x.start):
        half = text_width(tick.label, _AXIS_SIZE) / 2
        place = x(tick.at)
        middle = min(max(place, half + 6), edge - half)
        if middle - half < reached + 6:
            continue
        if has_marks:
            drawing.line((place, bottom), (place, bottom + 4), page.theme.edge)
        drawing.text((middle, bottom + 18), tick.label, size=_AXIS_SIZE, anchor="middle")
        reached = middle + half
    page.top += 22
