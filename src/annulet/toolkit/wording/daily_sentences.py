"""What a daily summary says in a sentence: one day in figures, or averages over days."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from statistics import fmean
from typing import Final, TypeAlias

from annulet.analytics.clock_times import circular_mean
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import METRICS, open_since
from annulet.toolkit.wording.date_format import day_words, duration_words, sentence_start
from annulet.toolkit.wording.missing_data import nothing
from annulet.toolkit.wording.number_format import plain

Cells: TypeAlias = Mapping[str, Mapping[date, float | str]]
"""Values by column and day; words only in columns that are no metrics."""

# Columns that a sentence names, and those it names where there is room.
_FIRST: Final = {
    "sleep_score": "sleep score {:.0f}",
    "total_sleep_min": "sleep {}",
    "hrv_avg_ms": "HRV {:.0f} ms",
    "readiness_score": "readiness {:.0f}",
    "activity_score": "activity score {:.0f}",
    "steps": "{:,.0f} steps",
    "stress_high_min": "{:.0f} min of high stress",
}
_IF_ROOM: Final = {
    "spo2_avg_pct": "SpO2 {:.1f} %",
    "vascular_age": "vascular age {:.0f}",
    "vo2_max": "VO2 max {:.0f}",
    "resilience_level": "resilience {}",
}
_SHORT: Final = 4
_MOST: Final = 8


def daily_summary(
    cells: Cells,
    days: Sequence[date],
    period: Period,
    local_time: LocalTime,
    nights: Collection[date] = (),
) -> str:
    """One sentence about the days.

    Args:
        cells: The columns of the table.
        days: The days that have anything.
        period: The days asked for.
        local_time: The person's clock.
        nights: The days that have a night, with or without figures.
    """
    is_unmeasured = period.length == 1 and "total_sleep_min" in cells and period.start in nights
    if not days and not is_unmeasured:
        return nothing("Nothing", period, local_time)
    if period.length == 1:
        figures = _one_day(cells, period.start, local_time.today, nights)
        return f"{sentence_start(day_words(period.start, local_time.today))}: {figures}."
    means = _averages(cells, days, local_time)
    return f"Averages of {_days_over(cells, days, local_time)} of {period.length} days: {means}."


def _days_over(cells: Cells, days: Sequence[date], local_time: LocalTime) -> int:
    """How many days count in averages: one that is not over does not for what still grows."""
    first_open = [open_since(METRICS[name], local_time) for name in cells if name in METRICS]
    return sum(day < max(first_open, default=date.max) for day in days)


def _one_day(cells: Cells, day: date, today: date, nights: Collection[date]) -> str:
    row = {name: column[day] for name, column in cells.items() if column.get(day) is not None}
    parts = []
    if "total_sleep_min" in cells:
        slept = row.pop("total_sleep_min", None)
        none = "no night yet" if day == today else "no night recorded"
        none = "a night without its sleep time" if day in nights else none
        parts.append(f"slept {duration_words(slept)}" if isinstance(slept, float) else none)
    first, rest = _in_order(row)
    parts += [_words(name, row[name]) for name in first]
    parts += [_words(name, row[name]) for name in rest[: max(_SHORT - len(parts), 0)]]
    return ", ".join(parts) if parts else "see the table"


def _averages(cells: Cells, days: Sequence[date], local_time: LocalTime) -> str:
    """Means over the days that are over; how many, where that differs from the others."""
    parts: list[str] = []
    first, rest = _in_order(cells)
    for name in [*first, *rest]:
        if name not in METRICS or len(parts) >= _MOST:
            continue
        first_open = open_since(METRICS[name], local_time)
        growing = sum(day >= first_open for day in days)
        over = [
            value
            for day, value in cells[name].items()
            if isinstance(value, float) and day < first_open
        ]
        if over:
            count = f" ({len(over)} d)" if len(over) != len(days) - growing else ""
            mean = circular_mean(over) if METRICS[name].is_clock else fmean(over)
            if mean is not None:
                parts.append(f"{_words(name, mean)}{count}")
    return ", ".join(parts) if parts else "none"


def _in_order(cells: Collection[str]) -> tuple[list[str], list[str]]:
    """The columns a sentence names, and those it names where there is room.

    Beside the usual ones the others are left to the table; alone, they are what was asked.
    """
    first = [name for name in _FIRST if name in cells]
    rest = [name for name in _IF_ROOM if name in cells]
    return first, rest or ([] if first else list(cells))


def _words(name: str, value: float | str) -> str:
    template = _FIRST.get(name) or _IF_ROOM.get(name, "{}")
    if isinstance(value, str):
        return template.format(value)
    if name in _FIRST or name in _IF_ROOM:
        return template.format(duration_words(value) if name == "total_sleep_min" else value)
    return f"{METRICS[name].label} {plain(value, METRICS[name])}"
