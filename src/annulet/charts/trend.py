"""Days of one metric: a dot a day, a smoothed line, the person's own range, gaps left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from annulet.charts.axes import DayAxis, ValueAxis, value_axis
from annulet.charts.scene import Band, Curve, Dot, Heading, Key, Mark, Panel, Scene, Wash
from annulet.charts.text import NOTHING, long_day, short_day, with_unit
from annulet.charts.values import DailySeries, days_between, known_numbers

_WEEK = 7
_ENOUGH = 4
_MOST_TIPS = 120  # beyond that the picture grows heavy


def rolling_mean(values: Mapping[date, float | None], days: list[date]) -> dict[date, float]:
    """Return the mean of each day and the six before it, where at least four of them exist."""
    means: dict[date, float] = {}
    for day in days:
        window = known_numbers(values.get(day - timedelta(days=back)) for back in range(_WEEK))
        if len(window) >= _ENOUGH:
            means[day] = sum(window) / len(window)
    return means


def series_axis(series: DailySeries, days: list[date], count: int = 3) -> ValueAxis:
    """Return the axis that holds the values and the range, without blowing up noise."""
    values = known_numbers(series.at(day) for day in days)
    middle = abs(sum(values) / len(values)) if values else 0.0
    return value_axis(
        [*values, *(series.usual or ())],
        series.decimals,
        count=count,
        floor=0.0 if values and min(values) >= 0 else None,
        least=max(0.06 * middle, 4 * 10.0**-series.decimals),
    )


def _marks(series: DailySeries, days: list[date], axis: DayAxis) -> Iterator[Mark]:
    """Yield gaps, range, dots and line, from back to front."""
    for has_value, group in groupby(days, key=lambda day: series.at(day) is not None):
        gap = list(group)
        if not has_value:
            yield Wash(axis.at(gap[0]) - 0.5, axis.at(gap[-1]) + 0.5, "line")
    if series.usual is not None:
        yield Band(*series.usual)
    for day in days:
        value = series.at(day)
        if value is not None:
            words = f"{long_day(day)}: {with_unit(value, series.unit, series.decimals)}"
            tip = words if len(days) <= _MOST_TIPS else ""
            yield Dot(axis.at(day), value, tip, series.is_unusual(day))
    means = rolling_mean(series.values, days)
    if means:
        yield Curve(tuple((axis.at(day), means.get(day)) for day in days), "accent")


def series_panel(
    series: DailySeries,
    axis: DayAxis,
    washes: tuple[Wash, ...] = (),
    *,
    size: Literal["tall", "lane"] = "tall",
) -> Panel:
    """Return the panel of one metric, with more washes behind it."""
    days = days_between(axis.first, axis.last)
    values = series_axis(series, days, 5 if size == "tall" else 3)
    marks = (*washes, *_marks(series, days, axis))
    return Panel(series.label, series.unit, values, marks, size=size)


def series_keys(panels: list[Panel]) -> list[Key]:
    """Return the legend of what the panels really show."""
    marks = [mark for panel in panels for mark in panel.marks]
    keys = [Key("One day", "mark", "dot")]
    if any(isinstance(mark, Curve) for mark in marks):
        keys.append(Key("7-day mean", "accent", "line"))
    if any(isinstance(mark, Band) for mark in marks):
        keys.append(Key("Usual range", "band", "band"))
    if any(isinstance(mark, Dot) and mark.is_unusual for mark in marks):
        keys.append(Key("Outside usual range", "attention", "ring"))
    if any(isinstance(mark, Wash) and mark.colour == "line" for mark in marks):
        keys.append(Key("No data", "line", "block"))
    return keys


def _describe(series: DailySeries, days: list[date]) -> str:
    values = known_numbers(series.at(day) for day in days)
    if not values:
        return f"{series.label}: {NOTHING}."
    low, high, latest = (
        with_unit(value, series.unit, series.decimals)
        for value in (min(values), max(values), values[-1])
    )
    last = next(day for day in reversed(days) if series.at(day) is not None)
    unusual = sum(series.is_unusual(day) for day in days)
    words = (
        f"{series.label}, {long_day(days[0])} to {long_day(days[-1])}: "
        f"{low} to {high} on {len(values)} of {len(days)} days; {latest} on {short_day(last)}."
    )
    return f"{words} Outside usual range: {unusual}." if unusual else words


def trend(series: DailySeries, start: date, end: date, heading: Heading) -> Scene:
    """Return the chart of one metric over the days from start to end, both included."""
    days = days_between(start, end)
    axis = DayAxis(start, end)
    description = _describe(series, days)
    if not any(series.at(day) is not None for day in days):
        return Scene(heading, description, axis=axis)
    panel = series_panel(series, axis)
    return Scene(heading, description, (panel,), tuple(series_keys([panel])), axis)
