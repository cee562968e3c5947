"""Many metrics at a glance: a tile each, with its latest figure and the shape of its days."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from annulet.charts.axes import DayAxis
from annulet.charts.scene import Heading, Scene, Tile, Tiles
from annulet.charts.text import NOTHING, short_day, with_unit
from annulet.charts.trend import series_axis
from annulet.charts.values import DailySeries, days_between


def _tile(series: DailySeries, days: list[date], axis: DayAxis, *, is_main: bool) -> Tile:
    last = next((day for day in reversed(days) if series.at(day) is not None), None)
    value = None if last is None else series.at(last)
    return Tile(
        series.label,
        "" if value is None else with_unit(value, series.unit, series.decimals),
        "" if last is None or last == days[-1] else short_day(last),
        series_axis(series, days),
        tuple((axis.at(day), series.at(day)) for day in days),
        series.usual,
        last is not None and series.is_unusual(last),
        is_main,
    )


def overview(
    metrics: Sequence[DailySeries],
    start: date,
    end: date,
    heading: Heading,
    main: Collection[str] = (),
) -> Scene:
    """Return tiles of several metrics: for one day against what is usual, else day by day.

    Args:
        metrics: What is shown.
        start: The first day.
        end: The last day, included.
        heading: What stands around it.
        main: Labels of the metrics to show where there is little room; empty for all.
    """
    days = days_between(start, end)
    axis = DayAxis(start, end)
    tiles = tuple(
        _tile(series, days, axis, is_main=not main or series.label in main)
        for series in metrics
        if days
    )
    if not any(tile.words for tile in tiles):
        return Scene(heading, NOTHING, axis=axis)
    figures = (f"{tile.label}: {tile.words or 'No data'}" for tile in tiles)
    return Scene(heading, "; ".join(figures) + ".", (Tiles(tiles),), axis=axis)
