"""Metrics side by side: figure and course, or the place of one day in the usual range."""

from __future__ import annotations

from annulet.charts.axes import Axis, Linear
from annulet.charts.scene import Tile, Tiles
from annulet.charts.svg.page import Page
from annulet.charts.svg.panels import runs
from annulet.charts.text import fit, text_width

_HEIGHT = 104.0
_LOW = 62.0
_GAP = 12.0
_LEAST = 136.0
_INSET = 14.0
_MOST_COLUMNS = 3

_Corner = tuple[float, float]


def draw_tiles(page: Page, tiles: Tiles, axis: Axis | None) -> None:
    """Draw rows of tiles below what is there; a row without graphs is lower."""
    fitting = max(int((page.inner + _GAP) // (_LEAST + _GAP)), 1)
    columns = min(fitting, _MOST_COLUMNS, len(tiles.tiles))
    width = (page.inner - (columns - 1) * _GAP) / columns
    length = 1.0 if axis is None else axis.length
    page.top += 16
    for first in range(0, len(tiles.tiles), columns):
        row = tiles.tiles[first : first + columns]
        height = _HEIGHT if any(_has_graph(tile) for tile in row) else _LOW
        for column, tile in enumerate(row):
            corner = (page.left + column * (width + _GAP), page.top)
            page.drawing.rect((*corner, width, height), page.theme.raised, radius=10)
            _draw_words(page, tile, corner, width)
            if _has_graph(tile):
                x = Linear(0, length, corner[0] + _INSET, corner[0] + width - _INSET)
                draw = _draw_course if len(tile.places) > 1 else _draw_place
                draw(page, tile, x, (page.top + 58, page.top + height - 12))
        page.top += height + _GAP
    page.top -= _GAP


def _has_graph(tile: Tile) -> bool:
    """Tell whether something stands below the figure: a course, or a place in a range."""
    return bool(tile.words) and (len(tile.places) > 1 or tile.band is not None)


def _draw_words(page: Page, tile: Tile, corner: _Corner, width: float) -> None:
    drawing, (left, top) = page.drawing, corner
    room = width - 2 * _INSET
    beside = text_width(tile.day, 11) + 8 if tile.day else 0.0
    drawing.text((left + _INSET, top + 22), fit(tile.label, room - beside, 11))
    if tile.day:
        drawing.text((left + width - _INSET, top + 22), tile.day, anchor="end")
    if not tile.words:
        drawing.text((left + _INSET, top + 46), "No data", size=13)
        return
    size = 18 if text_width(tile.words, 18, bold=True) <= room else 15
    words = fit(tile.words, room, size, bold=True)
    drawing.text((left + _INSET, top + 46), words, size=size, fill=page.theme.ink, bold=True)


def _draw_course(page: Page, tile: Tile, x: Linear, ends: tuple[float, float]) -> None:
    """Draw the days as a line over the usual range, the last one as a dot."""
    drawing, colours = page.drawing, page.theme
    y = Linear(tile.axis.low, tile.axis.high, ends[1], ends[0])
    if tile.band is not None:
        low, high = y(tile.band[0]), y(tile.band[1])
        drawing.rect((x.start, high, x.end - x.start, low - high), colours.band)
    course = runs((x(at), None if value is None else y(value)) for at, value in tile.places)
    for run in course:
        drawing.path(run, colours.accent, width=1.75)
    colour = colours.attention if tile.is_unusual else colours.accent
    drawing.dot(course[-1][-1], colour, radius=3.5)


def _draw_place(page: Page, tile: Tile, x: Linear, ends: tuple[float, float]) -> None:
    """Draw where the figure of one day lies against the usual range, from low to high."""
    value = tile.places[0][1]
    if tile.band is None or value is None:
        return
    drawing, colours = page.drawing, page.theme
    middle, (low, high) = sum(ends) / 2, tile.band
    pad = (high - low) or 1.0
    place = Linear(min(low - pad, value), max(high + pad, value), x.start + 5, x.end - 5)
    drawing.rect((x.start, middle - 4, x.end - x.start, 8), colours.line, radius=4)
    box = (place(low), middle - 4, place(high) - place(low), 8)
    drawing.rect(box, colours.band, stroke=colours.edge)
    colour = colours.attention if tile.is_unusual else colours.accent
    drawing.dot((place(value), middle), colour, radius=6, stroke=colours.raised, width=2)
