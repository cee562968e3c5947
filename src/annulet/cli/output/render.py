"""Renders answers for a terminal: the summary, then tables, then a small chart, then notes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from shutil import get_terminal_size
from typing import Final, Literal

from rich.console import Console
from rich.table import Table

from annulet.toolkit.tool import Answer, Tool

_COMMON: Final = frozenset({"summary", "period", "coverage", "notes"})
_SIDEWAYS_FROM: Final = 9
_SIDEWAYS_ROWS: Final = 4
_PIPE_WIDTH: Final = 160
_CHART_WIDTH: Final = 100
_SPACE: Final = 2
_NARROWEST: Final = 12
_INSTANT: Final = re.compile(r"\d{4}-(\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2})?(Z|[+-]\d{2}:\d{2})?")


class _Screen(Console):
    """A console that tells the command line that its reader has ended, as other output does."""

    def on_broken_pipe(self) -> None:
        """Let the broken pipe end the command; the console itself would exit as if it failed."""
        raise BrokenPipeError


def render(tool: Tool, answer: Answer) -> None:
    """Print one answer on standard output."""
    console: Console = _Screen(highlight=False, emoji=False, markup=False)
    if not console.is_terminal:
        console = _Screen(
            highlight=False, emoji=False, markup=False, width=_PIPE_WIDTH, color_system=None
        )
    console.print(answer["summary"], style="bold")
    _period(console, answer)
    for key, value in _with_readable_times(answer).items():
        if key not in _COMMON:
            _value(console, key, value)
    _chart(console, tool, answer)
    if answer.get("notes"):
        console.print()
    for note in answer.get("notes", []):
        console.print(f"· {note}", style="dim")


def _with_readable_times(answer: Answer) -> Answer:
    """The answer with short times; offsets stay where the answer has more than one."""
    written = {match[3] for match in _INSTANT.finditer(json.dumps(answer))}
    several = len(written) > 1

    def shorten(value: object) -> object:
        if isinstance(value, Mapping):
            return {name: shorten(part) for name, part in value.items()}
        if isinstance(value, list):
            return [shorten(part) for part in value]
        instant = _INSTANT.fullmatch(value) if isinstance(value, str) else None
        if instant is None:
            return value
        return f"{instant[1]} {instant[2]}{f' {instant[3]}' if several and instant[3] else ''}"

    return {name: shorten(value) for name, value in answer.items()}


def _period(console: Console, answer: Answer) -> None:
    period, covered = answer.get("period"), answer.get("coverage")
    if not period:
        return
    is_one_day = period["start"] == period["end"]
    days = period["start"] if is_one_day else f"{period['start']} to {period['end']}"
    words = f"{days}, {period['timezone']}"
    if covered:
        words += f" · {covered['with_data']} of {covered['days']} days"
    console.print(words, style="dim")


def _value(console: Console, key: str, value: object) -> None:
    if isinstance(value, Mapping) and "columns" in value:
        if value["rows"]:
            console.print()
            _title(console, key)
            _table(console, value["columns"], value["rows"])
    elif isinstance(value, Mapping):
        console.print()
        _title(console, key)
        grid = Table(box=None, show_header=False, padding=(0, _SPACE, 0, 0))
        for name, figure in value.items():
            grid.add_row(_words(str(name)), _cell(figure))
        console.print(grid)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        console.print()
        _title(console, key)
        for item in value:
            console.print(_item(item))
    elif value not in ([], None):
        console.print(f"{_words(key)}: {_cell(value)}")


def _title(console: Console, key: str) -> None:
    if key != "table":
        console.print(_words(key), style="bold")


def _table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    cells = [[_cell(cell) for cell in row] for row in rows]
    if len(columns) >= _SIDEWAYS_FROM and len(rows) <= _SIDEWAYS_ROWS:
        _sideways(console, columns, cells)
        return
    # A table wider than the screen is continued below, what names a row repeated.
    widths = [
        max(_heading_width(name), *(len(row[place]) for row in cells))
        for place, name in enumerate(columns)
    ]
    named_by = 2 if columns[1:2] == ["metric"] else 1
    # What names a row stays whole: a long text beside it is folded instead.
    room = console.width - sum(width + _SPACE for width in widths[:named_by]) - _SPACE
    widths[named_by:] = [min(width, max(room, _NARROWEST)) for width in widths[named_by:]]
    for part in _fitting(widths, console.width, named_by):
        grid = Table(box=None, padding=(0, _SPACE, 0, 0), header_style="dim")
        for place in part:
            numeric = any(isinstance(row[place], int | float) for row in rows)
            justify: Literal["left", "right"] = "right" if numeric else "left"
            grid.add_column(_words(columns[place]), justify=justify, width=widths[place])
        for row in cells:
            grid.add_row(*(row[place] for place in part))
        console.print(grid)


def _sideways(console: Console, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """Print few rows with many columns as a transposed table, which is easier to read."""
    grid = Table(box=None, padding=(0, _SPACE, 0, 0), header_style="dim")
    grid.add_column(_words(columns[0]))
    for row in cells:
        grid.add_column(row[0], justify="right")
    for place, name in enumerate(columns[1:], start=1):
        grid.add_row(_words(name), *(row[place] for row in cells))
    console.print(grid)


def _fitting(widths: Sequence[int], room: int, named_by: int) -> list[list[int]]:
    """Split the columns into groups that fit the screen; each begins with what names a row."""
    names = list(range(named_by))
    start = sum(widths[place] + _SPACE for place in names)
    parts, used = [[*names]], start
    for place in range(named_by, len(widths)):
        needed = widths[place] + _SPACE
        if used + needed > room and len(parts[-1]) > named_by:
            parts.append([*names])
            used = start
        parts[-1].append(place)
        used += needed
    return parts


def _heading_width(name: str) -> int:
    """Return the width of a heading: its longest word, because its words may wrap."""
    return max(len(word) for word in name.split("_"))


def _item(item: Mapping[str, object]) -> str:
    explanation = item.get("explanation")
    if explanation:
        start, end = item.get("start", ""), item.get("end", "")
        return f"· {start if start == end else f'{start} to {end}'}: {explanation}"
    return "· " + ", ".join(f"{_words(str(k))} {_cell(v)}" for k, v in item.items())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_cell(item) for item in value)
    return str(value)


def _chart(console: Console, tool: Tool, answer: Answer) -> None:
    """The terminal chart of the answer, where it has one."""
    from annulet.cli.output.charts import terminal_lines

    # Into a pipe the width is what COLUMNS says.
    room = get_terminal_size((_CHART_WIDTH, 24)).columns
    lines = terminal_lines(tool, answer, width=min(console.width, room, _CHART_WIDTH))
    if lines:
        console.print()
    for line in lines:
        console.print(line)
