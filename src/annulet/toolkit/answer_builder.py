"""How answers are put together: the common keys, tables, and why something is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.tool import Answer

__all__ = [
    "COMMON_OUTPUT",
    "TABLE_SCHEMA",
    "compose",
    "coverage",
    "table",
]

TABLE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"type": "array"}},
    },
    "required": ["columns", "rows"],
}
_PERIOD_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("start", "end", "timezone")},
    "required": ["start", "end", "timezone"],
}
_COVERAGE_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "days": {"type": "integer"},
        "with_data": {"type": "integer"},
        "missing": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["days", "with_data", "missing"],
}
COMMON_OUTPUT: Final[dict[str, Any]] = {
    "summary": {"type": "string"},
    "period": _PERIOD_SCHEMA,
    "coverage": _COVERAGE_SCHEMA,
    "notes": {"type": "array", "items": {"type": "string"}},
}


def compose(
    summary: str,
    body: Mapping[str, Any],
    *,
    moment: LocalTime | None = None,
    period: Period | None = None,
    covered: Mapping[str, Any] | None = None,
    notes: Iterable[str] = (),
) -> Answer:
    """One answer: the common keys that apply, the tool's own keys, nothing empty.

    Args:
        summary: One to three sentences a person can read.
        body: The tool's own keys; those with nothing in them are left out.
        moment: The person's clock, where days matter.
        period: The resolved range.
        covered: What `coverage` says.
        notes: Remarks; empty ones and repetitions are left out.
    """
    answer: Answer = {"summary": summary}
    if period is not None and moment is not None:
        answer["period"] = {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "timezone": moment.zone.name,
        }
    if covered is not None:
        answer["coverage"] = dict(covered)
    answer.update({key: value for key, value in body.items() if value is not None})
    said = [*notes, moment.note if moment is not None and period is not None else ""]
    kept = [note for note in dict.fromkeys(said) if note]
    if kept:
        answer["notes"] = kept
    return answer


def coverage(period: Period, with_data: Collection[date]) -> dict[str, Any]:
    """How many days were asked for, how many have data, and which do not."""
    missing = [day for day in period.days if day not in with_data]
    return {
        "days": period.length,
        "with_data": period.length - len(missing),
        "missing": [day.isoformat() for day in missing],
    }


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """A table as every answer writes it."""
    return {"columns": list(columns), "rows": [list(row) for row in rows]}
