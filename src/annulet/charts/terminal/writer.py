"""Draws a scene as lines of characters, none wider than asked for."""

from __future__ import annotations

from collections.abc import Iterator

from annulet.charts.axes import Axis
from annulet.charts.scene import (
    Bar,
    Block,
    DayStrip,
    DifferenceRows,
    Panel,
    Scene,
    StageRows,
    Tiles,
)
from annulet.charts.terminal.columns import Columns
from annulet.charts.terminal.rows import bar_lines, difference_lines
from annulet.charts.terminal.shapes import (
    axis_line,
    level_row,
    line_rows,
    panel_places,
    stage_rows,
    strip_row,
)
from annulet.charts.terminal.styled import Glyphs, Line, StyledText, glyphs, shorten, to_ascii
from annulet.charts.text import STAGE_WORDS

_NARROWEST = 30
_LEAST_HEAD = 12


def draw_lines(scene: Scene, *, width: int = 80, ascii_only: bool = False) -> list[Line]:
    """Return a scene as lines; none where a terminal has nothing to show.

    Args:
        scene: What is drawn.
        width: The most characters in a line, at least 30.
        ascii_only: Whether nothing beyond ASCII may appear.
    """
    characters = glyphs(ascii_only=ascii_only)
    lines = list(_lines(scene, max(width, _NARROWEST), characters))
    return [to_ascii(line) for line in lines] if ascii_only else lines


def _lines(scene: Scene, width: int, characters: Glyphs) -> Iterator[Line]:
    plots: list[Panel | StageRows | DayStrip | Tiles] = []
    for block in scene.blocks:
        if isinstance(block, DifferenceRows):
            yield from difference_lines(block, width, characters)
        elif isinstance(block, Panel) and any(isinstance(mark, Bar) for mark in block.marks):
            if len(scene.blocks) > 1:
                yield (StyledText(shorten(block.label, width), "muted"),)
            yield from bar_lines(block, scene.keys, width, characters)
        elif isinstance(block, Panel | StageRows | DayStrip | Tiles):
            plots.append(block)
    if scene.axis is None or not plots:
        return
    if len(plots) == 1 and isinstance(plots[0], Panel):
        yield from line_rows(plots[0], scene.axis, width, characters)
    else:
        yield from _plot_lines(plots, scene.axis, width, characters)


def _plot_lines(
    plots: list[Panel | StageRows | DayStrip | Tiles], axis: Axis, width: int, characters: Glyphs
) -> Iterator[Line]:
    """Yield rows with their names before them, over one axis."""
    longest = max((len(name) for block in plots for name in _names(block)), default=0)
    head = min(longest + 1, max(width // 3, _LEAST_HEAD)) if longest else 0
    columns = Columns.over(axis, width - head)
    if columns.length <= 1:  # one day has no course
        return
    for block in plots:
        if isinstance(block, StageRows) and block.remark:
            yield (StyledText(shorten(f"Drawn: {block.remark}", width), "muted"),)
        for name, row in zip(_names(block), _rows(block, columns, characters), strict=True):
            words = f"{shorten(name, head - 1).rjust(head - 1)} " if head else ""
            yield (StyledText(words, "muted"), *row)
    yield axis_line(axis, head, columns.count)


def _names(block: Block) -> list[str]:
    if isinstance(block, StageRows):
        return list(STAGE_WORDS.values())
    if isinstance(block, Tiles):
        return [tile.label for tile in block.tiles if tile.is_main]
    return [block.label] if isinstance(block, Panel) else [""]


def _rows(block: Block, columns: Columns, characters: Glyphs) -> list[Line]:
    if isinstance(block, StageRows):
        return stage_rows(columns.stages(block.blocks), characters)
    if isinstance(block, Tiles):
        shown = [tile for tile in block.tiles if tile.is_main]
        return [level_row(columns.values(tile.places), "accent", characters) for tile in shown]
    if isinstance(block, DayStrip):
        return [strip_row(columns.flags(block), characters)]
    if isinstance(block, Panel):
        places, style = panel_places(block)
        return [level_row(columns.values(places), style, characters)]
    return []
