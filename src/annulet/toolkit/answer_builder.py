"""How answers are put together: the common keys, tables, and the days that have data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

import msgspec

from annulet.data_frames import Columnar, ColumnType, TableColumn
from annulet.errors import UsageError
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.tool import Answer, Schema

Number: TypeAlias = int | float
Cell: TypeAlias = str | Number | None
Row: TypeAlias = Sequence[Cell]
Record: TypeAlias = Mapping[str, Cell]

_LISTED_MISSING: Final = 10

TABLE_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {
            "type": "array",
            "items": {
                "type": "array",
                # A cell is text, number or null, and a union is what converters fail on.
                "items": {"description": "Text, number or null"},
            },
        },
    },
    "required": ["columns", "rows"],
}
_PERIOD_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("start", "end", "timezone")},
    "required": ["start", "end", "timezone"],
}
_COVERAGE_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "days": {"type": "integer"},
        "with_data": {"type": "integer"},
        "missing": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["days", "with_data", "missing"],
}
COMMON_OUTPUT: Final[Schema] = {
    "summary": {"type": "string"},
    "period": _PERIOD_SCHEMA,
    "coverage": _COVERAGE_SCHEMA,
    "unfinished": {"type": "string"},
    "notes": {"type": "array", "items": {"type": "string"}},
}


class Body(msgspec.Struct, omit_defaults=True):
    """Keys of an answer, or of a part of one; those left at ``None`` are not written."""


class Table(Columnar, msgspec.Struct, frozen=True):
    """A table as every answer writes it."""

    columns: Sequence[str]
    rows: Sequence[Row]

    def records(self) -> list[dict[str, Cell]]:
        """The rows as dictionaries by the name of the column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def columns_of_values(self) -> dict[str, TableColumn]:
        """The columns by name: numbers, days where the column is ``day``, else text."""
        return {
            name: _column(name, [row[place] for row in self.rows])
            for place, name in enumerate(self.columns)
        }


def _column(name: str, cells: Sequence[Cell]) -> TableColumn:
    if name == "day":
        return TableColumn(
            ColumnType.DAY, [date.fromisoformat(str(c)) if c else None for c in cells]
        )
    if all(cell is None or isinstance(cell, int | float) for cell in cells):
        return TableColumn(
            ColumnType.NUMBER, [None if cell is None else float(cell) for cell in cells]
        )
    return TableColumn(ColumnType.TEXT, [None if cell is None else str(cell) for cell in cells])


class Coverage(Body, kw_only=True):
    """Which days were asked for and which have data.

    Attributes:
        days: How many days were asked for.
        with_data: How many of them have data.
        missing: The others.
    """

    days: int
    with_data: int
    missing: list[date]


class ResolvedPeriod(msgspec.Struct, frozen=True):
    """The days or times that were asked for, as they were understood.

    Attributes:
        start: First day, ISO.
        end: Last day, inclusive.
        timezone: IANA name where it is known, else the offset.
    """

    start: str
    end: str
    timezone: str


class TypedAnswer(Columnar, Body, kw_only=True):
    """What every answer has. As a table (``.to_pandas()``) it is its one table.

    Attributes:
        summary: One to three sentences a person can read.
        period: The resolved range, where one applies.
        coverage: Which days have data, where days matter.
        unfinished: The day whose figures still grow.
        notes: What the person should know, such as values that were left out.
        data: The whole answer, as assistants get it.
    """

    summary: str = ""
    period: ResolvedPeriod | None = None
    coverage: Coverage | None = None
    unfinished: date | None = None
    notes: Sequence[str] = ()
    data: dict[str, Any] = {}

    def columns_of_values(self) -> Mapping[str, TableColumn]:
        """The columns of the answer's table.

        Raises:
            UsageError: The answer has no table, or several.
        """
        table = getattr(self, "table", None)
        if isinstance(table, Table):
            return table.columns_of_values()
        tables = {n: t for n in self.__struct_fields__ if isinstance(t := getattr(self, n), Table)}
        if len(tables) == 1:
            return next(iter(tables.values())).columns_of_values()
        named = ", ".join(f"answer.{name}" for name in tables)
        raise UsageError(
            "This answer has more than one table." if tables else "This answer has no table.",
            hint=f"Choose from: {named}." if tables else "Its values are attributes; see .data.",
        )


def compose(
    summary: str,
    body: TypedAnswer,
    *,
    local_time: LocalTime | None = None,
    period: Period | None = None,
    covered: Coverage | None = None,
    unfinished: date | None = None,
    notes: Iterable[str] = (),
    names_every_day: bool = False,
) -> Answer:
    """One answer: the common keys that apply, the tool's own keys, nothing empty.

    Args:
        summary: One to three sentences a person can read.
        body: The answer with the tool's own keys only.
        local_time: The person's clock, where days matter.
        period: The resolved range.
        covered: What `coverage` returned.
        unfinished: The day whose figures still grow, where the answer has figures of it.
        notes: Remarks; empty ones and repetitions are left out.
        names_every_day: Whether all missing days are listed, as an answer with a row a day does;
            else the newest ones are.
    """
    answer: Answer = {"summary": summary}
    zone_note = ""
    if period is not None and local_time is not None:
        answer["period"] = {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "timezone": local_time.zone.name,
        }
        zone_note = local_time.note
    missing_note = ""
    if covered is not None:
        if not names_every_day:
            covered, missing_note = _newest_missing(covered)
        answer["coverage"] = _plain(covered)
    if unfinished is not None:
        answer["unfinished"] = unfinished.isoformat()
    answer |= _plain(body)
    distinct = [note for note in dict.fromkeys((*notes, missing_note, zone_note)) if note]
    if distinct:
        answer["notes"] = distinct
    return answer


def _newest_missing(covered: Coverage) -> tuple[Coverage, str]:
    """The coverage with the newest missing days alone, and a note where there are more."""
    count = len(covered.missing)
    if count <= _LISTED_MISSING:
        return covered, ""
    newest = Coverage(
        days=covered.days, with_data=covered.with_data, missing=covered.missing[-_LISTED_MISSING:]
    )
    return newest, f"The newest {_LISTED_MISSING} of {count} missing days are listed."


def _plain(part: Body) -> Answer:
    """A part of an answer as JSON has it: tuples are lists, days are texts."""
    plain: Answer = msgspec.json.decode(msgspec.json.encode(part))
    return plain


def coverage(period: Period, with_data: Collection[date]) -> Coverage:
    """How many days were asked for, how many have data, and which do not."""
    missing = [day for day in period.days if day not in with_data]
    return Coverage(
        days=period.length,
        with_data=period.length - len(missing),
        missing=missing,
    )
