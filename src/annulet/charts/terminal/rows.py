"""Rows with a name and a figure: bars of nights, differences around zero."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annulet.charts.axes import Linear
from annulet.charts.scene import (
    Bar,
    DifferenceRow,
    DifferenceRows,
    Key,
    Missing,
    Panel,
)
from annulet.charts.terminal.styled import Glyphs, Line, StyledText, join, shorten, style_of

_NO_DATA = "no data"
_LEAST_TRACK = 11


def bar_lines(panel: Panel, keys: Sequence[Key], width: int, characters: Glyphs) -> Iterator[Line]:
    """Yield one horizontal bar a day or group with its name before and its figure after."""
    bars = [mark for mark in panel.marks if isinstance(mark, Bar | Missing)]
    if len(bars) <= 1:  # one bar tells nothing
        return
    figures = [mark.words if isinstance(mark, Bar) else _NO_DATA for mark in bars]
    head = min(max(len(mark.name) for mark in bars), width // 3)
    tail = max(map(len, figures))
    room = max(width - head - tail - 2, 1)
    ends = [
        end for mark in bars if isinstance(mark, Bar) for part in mark.parts for end in part[1:3]
    ]
    x = Linear(min(ends), max(ends), 0, room)
    for mark, words in zip(bars, figures, strict=True):
        parts = _bar_parts(mark, x, characters) if isinstance(mark, Bar) else []
        blank = " " * (room - sum(len(part.text) for part in parts) + 1)
        style = "ink" if isinstance(mark, Bar) else "muted"
        yield (
            StyledText(shorten(mark.name, head).rjust(head) + " ", "muted"),
            *parts,
            StyledText(blank + words.rjust(tail), style),
        )
    legend = [
        StyledText(f"{characters.stages[key.colour]} {key.words} ", style_of(key.colour))
        for key in keys
        if key.colour in characters.stages
    ]
    if legend:
        yield tuple(legend)


def _bar_parts(bar: Bar, x: Linear, characters: Glyphs) -> list[StyledText]:
    parts = [StyledText(" " * round(x(bar.parts[0][1])))]
    for colour, low, high, _ in bar.parts:
        glyph = characters.stages.get(colour, characters.block)
        parts.append(StyledText(glyph * (round(x(high)) - round(x(low))), style_of(colour)))
    return parts


def difference_lines(rows: DifferenceRows, width: int, characters: Glyphs) -> Iterator[Line]:
    """Yield one row a metric: its name, its place around zero, its figure, what is said of it."""
    head = min(max(len(row.label) for row in rows.rows), width // 3)
    tail = max(len(row.figure) for row in rows.rows)
    words = max(len(row.words) for row in rows.rows)
    has_words = width - head - tail - words - 4 >= 2 * _LEAST_TRACK
    track = width - head - tail - 2 - (words + 2 if has_words else 0)
    track -= 1 - track % 2  # a middle column for zero
    for row in rows.rows:
        yield (
            StyledText(shorten(row.label, head).ljust(head) + " ", "muted"),
            *_track(row, max(track, 1), characters),
            StyledText(" " + row.figure.rjust(tail), "ink" if row.is_clear else "muted"),
            StyledText("  " + row.words if has_words and row.words else "", "muted"),
        )


def _track(row: DifferenceRow, room: int, characters: Glyphs) -> Line:
    """The band of usual differences, the interval, zero and the difference on one line."""
    x = Linear(-row.reach, row.reach, 0, room - 1)
    cells = [StyledText(" ")] * room

    def fill(low: float, high: float, piece: StyledText) -> None:
        for column in range(round(x(low)), round(x(high)) + 1):
            cells[column] = piece

    style = "accent" if row.is_clear else "muted"
    if row.usual is not None:
        fill(min(row.usual), max(row.usual), StyledText(characters.band, "muted"))
    if row.interval is not None and row.value is not None:
        fill(min(row.interval), max(row.interval), StyledText(characters.interval, style))
    fill(0.0, 0.0, StyledText(characters.edge, "muted"))
    if row.value is not None:
        glyph = characters.clear if row.is_clear else characters.chance
        fill(row.value, row.value, StyledText(glyph, style))
    return join(cells)
