"""Reads answers for pictures: tables as records, days and instants, metrics as chart series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from annulet.charts import DailySeries, Labels
from annulet.toolkit.metrics import DAYTIME, METRICS
from annulet.toolkit.tool import Answer

__all__ = [
    "Look",
    "daily_series",
    "day",
    "day_words",
    "instant",
    "label",
    "number",
    "period_days",
    "period_words",
    "records",
    "unit",
]


Band = tuple[float, float] | Mapping[date, tuple[float, float]] | None


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture is wanted."""

    theme: str
    width: int


def records(table: Any) -> list[dict[str, Any]]:
    """The rows of a table of an answer, each as a mapping of column to cell."""
    if not isinstance(table, Mapping):
        return []
    columns = table.get("columns", ())
    return [dict(zip(columns, row, strict=False)) for row in table.get("rows", ())]


def number(cell: Any) -> float | None:
    """A cell as a number; ``None`` where it is none."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return float(cell)


def day(text: Any) -> date | None:
    """An ISO day; ``None`` where there is none."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def instant(text: Any) -> datetime | None:
    """An ISO instant; ``None`` where there is none."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def label(name: str) -> str:
    """A metric's name as a heading: only the first letter changes, HRV stays HRV."""
    words = METRICS[name].label if name in METRICS else name.replace("_", " ")
    return words[:1].upper() + words[1:]


def unit(name: str) -> str:
    """A metric's unit, left out where the name says it already."""
    found = METRICS[name].unit if name in METRICS else ""
    return "" if found == "steps" else found


def period_days(answer: Answer) -> tuple[date, date] | None:
    """The first and the last day of an answer's period."""
    period = answer.get("period") or {}
    first, last = day(period.get("start")), day(period.get("end"))
    return None if first is None or last is None or first > last else (first, last)


def day_words(one: date, *, year: bool = True) -> str:
    """``6 May 2026``."""
    written = Labels().day(one)
    return f"{written} {one.year}" if year else written


def period_words(answer: Answer) -> str:
    """Period, coverage and zone of an answer in one line."""
    ends = period_days(answer)
    if ends is None:
        return ""
    first, last = ends
    days = day_words(last)
    if first != last:
        days = f"{day_words(first, year=first.year != last.year)} \N{EN DASH} {days}"
    parts = [days]
    covered = answer.get("coverage") or {}
    if covered.get("days", 1) != 1:
        parts.append(f"{covered.get('with_data')} of {covered.get('days')} days")
    parts.append(str(answer["period"].get("timezone", "")))
    return " \N{MIDDLE DOT} ".join(part for part in parts if part)


def daily_series(answer: Answer) -> dict[str, DailySeries]:
    """The numeric columns of a daily summary as series, with the usual range where it is told."""
    bands = {
        row["metric"]: (low, high)
        for row in records(answer.get("baselines"))
        if (low := number(row.get("low"))) is not None
        and (high := number(row.get("high"))) is not None
    }
    rows = [(day(row.get("day")), row) for row in records(answer.get("table"))]
    unfinished = day(answer.get("unfinished"))
    found: dict[str, DailySeries] = {}
    for name in answer.get("table", {}).get("columns", ()):
        values = {at: v for at, row in rows if at and (v := number(row.get(name))) is not None}
        band: Band = bands.get(name)
        daytime = name in METRICS and METRICS[name].collection in DAYTIME
        if daytime and unfinished in values:
            # Half a day's steps or stress are no drop and not unusual: the day has not ended.
            if len(values) > 1:
                values = {at: value for at, value in values.items() if at != unfinished}
            else:
                band = None
        if values:
            digits = METRICS[name].digits if name in METRICS else 0
            found[name] = DailySeries(label(name), values, unit(name), band, decimals=digits)
    return found
