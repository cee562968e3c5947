"""Answers for eyes: the sentence first, then tables, then remarks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from annulet.toolkit.tool import Answer, Tool

__all__ = ["render"]

_COMMON: Final = frozenset({"summary", "period", "coverage", "notes"})
_SIDEWAYS_FROM: Final = 9
_SIDEWAYS_ROWS: Final = 4
_WIDEST: Final = 200


def render(tool: Tool, answer: Answer) -> None:
    """Print one answer on standard output."""
    console = Console(highlight=False, soft_wrap=False, emoji=False, markup=False)
    if not console.is_terminal:
        console = Console(
            highlight=False, emoji=False, markup=False, width=_WIDEST, color_system=None
        )
    console.print(answer["summary"], style="bold")
    _period(console, answer)
    for key, value in answer.items():
        if key not in _COMMON:
            _value(console, key, value)
    _chart(console, tool, answer)
    for note in answer.get("notes", []):
        console.print(f"· {note}", style="dim")


def _period(console: Console, answer: Answer) -> None:
    period, covered = answer.get("period"), answer.get("coverage")
    if not period:
        return
    days = (
        period["start"]
        if period["start"] == period["end"]
        else (f"{period['start']} to {period['end']}")
    )
    words = f"{days}, {period['timezone']}"
    if covered:
        words += f" · {covered['with_data']} of {covered['days']} days"
    console.print(words, style="dim")


def _value(console: Console, key: str, value: Any) -> None:
    if isinstance(value, Mapping) and "columns" in value:
        _table(console, key, value)
    elif isinstance(value, Mapping):
        grid = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for name, figure in value.items():
            grid.add_row(_words(str(name)), _cell(figure))
        console.print()
        console.print(_words(key), style="bold")
        console.print(grid)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        console.print()
        console.print(_words(key), style="bold")
        for item in value:
            console.print(_item(item))
    elif value not in ([], None):
        console.print(f"{_words(key)}: {_cell(value)}")


def _table(console: Console, key: str, value: Mapping[str, Any]) -> None:
    columns, rows = value["columns"], value["rows"]
    if not rows:
        return
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    console.print()
    if key != "table":
        console.print(_words(key), style="bold")
    if len(columns) >= _SIDEWAYS_FROM and len(rows) <= _SIDEWAYS_ROWS:
        # Few days with many figures read better with the figures below each other.
        for heading in (columns[0], *(_cell(row[0]) for row in rows)):
            grid.add_column(_words(heading), justify="left" if heading == columns[0] else "right")
        for place, name in enumerate(columns[1:], start=1):
            grid.add_row(_words(name), *(_cell(row[place]) for row in rows))
    else:
        for place, name in enumerate(columns):
            numeric = any(isinstance(row[place], int | float) for row in rows)
            grid.add_column(_words(name), justify="right" if numeric else "left")
        for row in rows:
            grid.add_row(*(_cell(cell) for cell in row))
    console.print(grid)


def _item(item: Mapping[str, Any]) -> str:
    said = item.get("explanation")
    if said:
        return f"· {item.get('start', '')} to {item.get('end', '')}: {said}"
    return "· " + ", ".join(f"{_words(str(k))} {_cell(v)}" for k, v in item.items())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_cell(item) for item in value)
    return str(value)


def _chart(console: Console, tool: Tool, answer: Answer) -> None:
    """The terminal chart of the answer, where it has one."""
    from annulet.cli.charts import terminal_lines

    for line in terminal_lines(tool, answer, width=min(console.width, 100)):
        console.print(line)
