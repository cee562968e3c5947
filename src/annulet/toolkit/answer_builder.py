"""How answers are put together: the common keys, tables, and the days that have data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias

import msgspec

from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.tool import Answer, Schema

__all__ = [
    "COMMON_OUTPUT",
    "TABLE_SCHEMA",
    "Body",
    "Cell",
    "Coverage",
    "Number",
    "Record",
    "Row",
    "Table",
    "compose",
    "coverage",
]

Number: TypeAlias = int | float
Cell: TypeAlias = str | Number | None
Row: TypeAlias = Sequence[Cell]
Record: TypeAlias = Mapping[str, Cell]

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


class Table(msgspec.Struct, frozen=True):
    """A table as every answer writes it."""

    columns: Sequence[str]
    rows: Sequence[Row]


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


def compose(
    summary: str,
    body: Body,
    *,
    local_time: LocalTime | None = None,
    period: Period | None = None,
    covered: Coverage | None = None,
    unfinished: date | None = None,
    notes: Iterable[str] = (),
) -> Answer:
    """One answer: the common keys that apply, the tool's own keys, nothing empty.

    Args:
        summary: One to three sentences a person can read.
        body: The tool's own keys.
        local_time: The person's clock, where days matter.
        period: The resolved range.
        covered: What `coverage` returned.
        unfinished: The day whose figures still grow, where the answer has figures of it.
        notes: Remarks; empty ones and repetitions are left out.
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
    if covered is not None:
        answer["coverage"] = _plain(covered)
    if unfinished is not None:
        answer["unfinished"] = unfinished.isoformat()
    answer |= _plain(body)
    distinct = [note for note in dict.fromkeys((*notes, zone_note)) if note]
    if distinct:
        answer["notes"] = distinct
    return answer


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
