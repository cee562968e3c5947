"""Courses as characters: levels, stages, flags, and small line charts."""

from __future__ import annotations

from collections.abc import Sequence

from annulet.charts.axes import Axis
from annulet.charts.scene import Curve, Dot, Panel, Place, PointLabel
from annulet.charts.terminal.columns import Columns
from annulet.charts.terminal.styled import Glyphs, Line, StyledText, join, style_of
from annulet.charts.values import STAGES, known_numbers

_LINE_HEIGHT = 6


def panel_places(panel: Panel) -> tuple[Sequence[Place], str]:
    """Return what a panel shows: its dots, else its line, and the style of it."""
    dots = [(mark.at, mark.value) for mark in panel.marks if isinstance(mark, Dot)]
    if dots:
        return dots, "accent"
    curve = next((mark for mark in panel.marks if isinstance(mark, Curve)), None)
    return ((), "muted") if curve is None else (curve.places, style_of(curve.colour))


def _level(value: float, low: float, high: float, steps: int) -> int:
    if high <= low:
        return steps // 2
    return min(int((value - low) / (high - low) * steps), steps - 1)


def level_row(values: Sequence[float | None], style: str, characters: Glyphs) -> Line:
    """Return the shape of the values as one row; a gap is a small dot."""
    numbers = known_numbers(values)
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    steps = len(characters.levels)
    return join(
        StyledText(characters.gap, "muted")
        if value is None
        else StyledText(characters.levels[_level(value, low, high, steps)], style)
        for value in values
    )


def stage_rows(stages: Sequence[str | None], characters: Glyphs) -> list[Line]:
    """Return a row for each stage of sleep."""
    return [
        join(StyledText(characters.stages[row] if stage == row else " ", row) for stage in stages)
        for row in STAGES
    ]


def strip_row(flags: Sequence[bool | None], characters: Glyphs) -> Line:
    """Return one character a column: unusual, as usual, or nothing known."""
    looks = {
        None: StyledText(characters.gap, "muted"),
        True: StyledText(characters.unusual, "attention"),
        False: StyledText(characters.usual, "good"),
    }
    return join(looks[flag] for flag in flags)


def line_rows(panel: Panel, axis: Axis, width: int, characters: Glyphs) -> list[Line]:
    """Return a small line chart with its highest and lowest figure and the ends of its axis."""
    places, style = panel_places(panel)
    # Extremes of finer measurements are what the answer tells, so they stand here, too.
    extremes = [mark for mark in panel.marks if isinstance(mark, PointLabel)]
    numbers = known_numbers([*(value for _, value in places), *(mark.value for mark in extremes)])
    if not numbers or axis.length <= 1:
        return []
    low, high = min(numbers), max(numbers)
    words = {
        _LINE_HEIGHT - 1: panel.axis.words(high, panel.axis.decimals),
        0: panel.axis.words(low, panel.axis.decimals),
    }
    head = max(map(len, words.values())) + 2
    columns = Columns.over(axis, width - head)
    values = columns.values(places)
    for mark in extremes:
        values[columns.index(mark.at)] = mark.value
    levels = [None if v is None else _level(v, low, high, _LINE_HEIGHT) for v in values]
    lines: list[Line] = []
    for row in reversed(range(_LINE_HEIGHT)):
        marks = "".join(characters.point if level == row else " " for level in levels)
        name = words.get(row, "").rjust(head - 2)
        lines.append((StyledText(f"{name} {characters.edge}", "muted"), StyledText(marks, style)))
    return [*lines, axis_line(axis, head, columns.count)]


def axis_line(axis: Axis, head: int, room: int) -> Line:
    """Return the names of both ends below the first and the last column."""
    first, last = axis.ends
    gap = max(room - len(first) - len(last), 1)
    return (StyledText(" " * head + first + " " * gap + last, "muted"),)
