"""The figures of a query as cells of its tables, and as words of its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from annulet.analytics.query.columns import CALENDAR, Column, Kind, QueryField
from annulet.analytics.query.evaluation import Evidence, clock_minute
from annulet.analytics.query.question import STREAKS, Line, RecordQuery, Result
from annulet.analytics.query.rows import Row as RecordRow
from annulet.analytics.query.rows import reader
from annulet.toolkit.answer_builder import Cell, Row, Table
from annulet.toolkit.query_columns import CLOCK_METRICS, ROW_COLUMNS
from annulet.toolkit.wording.date_format import duration_words
from annulet.toolkit.wording.number_format import rounded

LISTED_ROWS: Final = 60
"""Rows that are listed at most."""

_NAMED: Final = 12
_DAY_MIN: Final = 1440
_HOUR: Final = 60
_LARGE: Final = 1000
_MOST_DIGITS: Final = 3
_PERCENTS: Final = frozenset({"share_pct", "cv_pct", "sum_pct"})
_WHOLE: Final = frozenset({"count", "days", *STREAKS})
_SINGLE: Final = frozenset({"min", "max", "sum"})
_NEVER_PARTS: Final = frozenset({"steps"})
"""Units of which there are no parts, also on average."""
LENGTHS: Final = frozenset({"sd", "range", "change"})
"""Figures of clock times that are lengths and no clock times."""
_EVENT_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "days": (),
    "sleeps": ("type", "total_sleep_min"),
    "workouts": ("activity", "duration_min", "distance_m", "calories_kcal"),
    "sessions": ("type", "duration_min"),
    "tags": ("tag",),
}


def result_table(query: RecordQuery, result: Result) -> Table:
    """The calculated figures: a line a group and metric."""
    columns = [*(["group"] if query.by else []), *(["metric", "unit"] if query.metrics else [])]
    for name in query.calculate:
        columns.append(name)
        if name in {"min", "max"}:
            columns.append(f"{name}_day")
    return Table(columns, [_line(query, line) for line in result.lines])


def _line(query: RecordQuery, line: Line) -> Row:
    cells: list[Cell] = [line.group] if query.by else []
    if query.metrics and line.field is not None:
        cells += [line.field.name, _unit(line.field.column)]
    for name in query.calculate:
        cells.append(_figure(line.figures.get(name), name, line.field))
        if name in {"min", "max"}:
            row = line.min_row if name == "min" else line.max_row
            cells.append(None if row is None else row.start or _iso(row.day))
    return cells


def _unit(column: Column) -> str:
    return "clock" if _is_clock(column) else column.unit


def _is_clock(column: Column) -> bool:
    """Whether its values are shown as a clock shows them."""
    return column.kind is Kind.CLOCK and column.name not in CLOCK_METRICS


def _figure(value: float | None, name: str, field: QueryField | None) -> Cell:
    """A figure as a cell: counts whole, single values as they are, averages a digit finer."""
    if value is None:
        return None
    if name in _WHOLE:
        return round(value)
    if name in _PERCENTS or field is None:
        return rounded(value, 1)
    column = field.column
    if _is_clock(column) and name not in LENGTHS:
        return clock_words(value)
    digits = column.digits + (0 if name in _SINGLE or column.unit in _NEVER_PARTS else 1)
    return rounded(value, 0 if abs(value) >= _LARGE else digits)


def row_table(of: str, query: RecordQuery, result: Result, evidence: Evidence) -> Table:
    """The rows, each with the fields of the query."""
    fields = _row_fields(of, query, evidence)
    readers = [reader(field, evidence.days) for field in fields]
    head = ["day"] if of == "days" else ["day", "start"]
    rows = []
    for row in result.rows[:LISTED_ROWS]:
        cells = [_row_cell(read(row), field) for read, field in zip(readers, fields, strict=True)]
        rows.append([*_row_head(of, row), *cells])
    return Table([*head, *(field.name for field in fields)], rows)


def _row_head(of: str, row: RecordRow) -> list[Cell]:
    return [_iso(row.day)] if of == "days" else [_iso(row.day), row.start or None]


def _row_fields(of: str, query: RecordQuery, evidence: Evidence) -> list[QueryField]:
    used = [field for field in query.fields if field.column.name not in {*CALENDAR, "start"}]
    own = {name for row in evidence.rows for name in row.cells}
    words = [QueryField(column, of_day=False) for column in _own_columns(of) if column.name in own]
    return list(dict.fromkeys((*words, *used)))


def _own_columns(of: str) -> Sequence[Column]:
    return [ROW_COLUMNS[of][name] for name in _EVENT_COLUMNS[of]]


def _row_cell(value: object, field: QueryField) -> Cell:
    if isinstance(value, frozenset):
        names = sorted(value)
        return ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])
    if isinstance(value, str) or value is None:
        return value
    if not isinstance(value, int | float):
        return None
    if _is_clock(field.column):
        return clock_words(value)
    return rounded(value, field.column.digits)


def clock_words(minutes: float) -> str:
    """Minutes from midnight as a clock shows them: the seconds are cut off.

    >>> clock_words(-30), clock_words(-29.3)
    ('23:30', '23:30')
    """
    whole = clock_minute(minutes) % _DAY_MIN
    return f"{whole // 60:02}:{whole % 60:02}"


def figure_words(value: float, name: str, field: QueryField) -> str:
    """A calculated figure in a sentence, with its unit."""
    if name in _PERCENTS:
        return f"{value:.1f} %".replace(".0 %", " %")
    column = field.column
    if column.kind is Kind.CLOCK:
        return duration_words(value) if name in LENGTHS else clock_words(value)
    is_whole = name in _SINGLE or abs(value) >= _LARGE or column.unit in _NEVER_PARTS
    finer = 0 if is_whole else 1
    return _with_unit(value, column, column.digits + finer)


def value_words(value: float, column: Column) -> str:
    """A single value in a sentence, with its unit.

    >>> value_words(10000, Column("steps", unit="steps"))
    '10,000'
    """
    return clock_words(value) if column.kind is Kind.CLOCK else _with_unit(value, column, None)


def _with_unit(value: float, column: Column, digits: int | None) -> str:
    if column.unit == "min" and abs(value) >= _HOUR:
        return duration_words(value)
    if digits is None:  # a value as it was written, perhaps in another unit
        digits = 1 if abs(value) >= _LARGE else min(column.digits + 2, _MOST_DIGITS)
    written = f"{value:,.{digits}f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    if column.unit in ("", "steps"):
        return written
    return f"{written}{'' if column.unit.startswith('/') else ' '}{column.unit}"


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()
