"""What a daily summary says in a sentence: one day in figures, or averages over days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import fmean
from typing import Any, Final

from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import DAYTIME, METRICS
from annulet.toolkit.wording.date_format import day_words, duration_words, sentence_start
from annulet.toolkit.wording.missing_data import nothing
from annulet.toolkit.wording.number_format import plain

__all__ = ["Cells", "summary"]

Cells = Mapping[str, Mapping[date, Any]]
"""Values by column and day."""

# What a sentence says, and what it says where there is room.
_SAID: Final = {
    "sleep_score": "sleep score {:.0f}",
    "total_sleep_min": "sleep {}",
    "hrv_avg_ms": "HRV {:.0f} ms",
    "readiness_score": "readiness {:.0f}",
    "activity_score": "activity score {:.0f}",
    "steps": "{:,.0f} steps",
    "stress_high_min": "{:.0f} min of high stress",
}
_ELSE: Final = {
    "spo2_avg_pct": "SpO2 {:.1f} %",
    "vascular_age": "vascular age {:.0f}",
    "vo2_max": "VO2 max {:.0f}",
    "resilience_level": "resilience {}",
}
_SHORT: Final = 4
_MOST: Final = 8


def summary(cells: Cells, found: Sequence[date], period: Period, moment: LocalTime) -> str:
    """One sentence about the days.

    Args:
        cells: The columns of the table.
        found: The days that have anything.
        period: The days asked for.
        moment: The person's clock.
    """
    if not found:
        return nothing("Nothing", period, moment)
    if period.length == 1:
        said = _one_day(cells, period.start, moment.today)
        return f"{sentence_start(day_words(period.start, moment.today))}: {said}."
    means = _averages(cells, found, moment.today)
    return f"Averages of {len(found)} of {period.length} days: {means}."


def _one_day(cells: Cells, day: date, today: date) -> str:
    row = {name: column[day] for name, column in cells.items() if column.get(day) is not None}
    parts = []
    if "total_sleep_min" in cells:
        slept = row.pop("total_sleep_min", None)
        none = "no night yet" if day == today else "no night recorded"
        parts.append(none if slept is None else f"slept {duration_words(slept)}")
    first, rest = _in_order(row)
    parts += [_words(name, row[name]) for name in first]
    parts += [_words(name, row[name]) for name in rest[: max(_SHORT - len(parts), 0)]]
    return ", ".join(parts) if parts else "see the table"


def _averages(cells: Cells, found: Sequence[date], today: date) -> str:
    """Means over the days that are over; how many, where that differs from the others."""
    parts: list[str] = []
    first, rest = _in_order(cells)
    for name in [*first, *rest]:
        if name not in METRICS or len(parts) >= _MOST:
            continue
        growing = METRICS[name].collection in DAYTIME and today in found
        over = {day: value for day, value in cells[name].items() if not growing or day != today}
        if over:
            count = f" ({len(over)} d)" if len(over) != len(found) - growing else ""
            parts.append(f"{_words(name, fmean(over.values()))}{count}")
    return ", ".join(parts) if parts else "none"


def _in_order(cells: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The columns a sentence names, and those it names where there is room.

    Beside the usual ones the others are left to the table; alone, they are what was asked.
    """
    first = [name for name in _SAID if name in cells]
    rest = [name for name in _ELSE if name in cells]
    return first, rest or ([] if first else list(cells))


def _words(name: str, value: Any) -> str:
    if name == "total_sleep_min":
        value = duration_words(value)
    said = _SAID.get(name) or _ELSE.get(name)
    metric = METRICS.get(name)
    if said is None and metric is not None:
        return f"{metric.label} {plain(value, metric)}"
    return (said or "{}").format(value)
