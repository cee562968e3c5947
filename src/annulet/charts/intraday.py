"""Inside a day or a few: heart rate as a line, or movement above its ground."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from annulet.charts.axes import ClockAxis, value_axis
from annulet.charts.night import sample_places
from annulet.charts.palette import Colour
from annulet.charts.scene import Curve, Heading, Mark, Panel, PointLabel, Scene
from annulet.charts.text import NOTHING, WEEKDAYS, long_day, with_unit
from annulet.charts.values import Extreme, Samples, known_numbers

_TWO_DAYS = 2 * 1440


@dataclass(frozen=True, slots=True)
class Intraday:
    """Measurements inside a stretch of time.

    Attributes:
        start: The left end of the axis; its offset decides the clock times shown.
        end: The right end.
        samples: The measurements.
        label: What is measured.
        unit: Its unit.
        kind: A line of heart rate, or movement that is filled down to zero.
        decimals: Digits behind the point.
    """

    start: datetime
    end: datetime
    samples: Samples
    label: str
    unit: str
    kind: Literal["heart", "active"] = "heart"
    decimals: int = 0


def _point_labels(data: Intraday, axis: ClockAxis) -> Iterator[PointLabel]:
    """Yield the words at the highest and, for heart rate, the lowest measurement."""
    if len(known_numbers(data.samples.values)) <= 1:  # a lone point needs no extremes
        return
    lowest = data.samples.lowest() if data.kind == "heart" else None
    for extreme, is_below in ((lowest, True), (data.samples.highest(), False)):
        if extreme is not None and extreme.at is not None:
            at = axis.at(extreme.at)
            if 0 <= at <= axis.length:
                yield PointLabel(at, extreme.value, _extreme_words(extreme, data, axis), is_below)


def _extreme_words(extreme: Extreme, data: Intraday, axis: ClockAxis) -> str:
    """The figure and its clock time, with its day where there are several."""
    if extreme.at is None:
        return with_unit(extreme.value, data.unit, data.decimals)
    weekday = f"{WEEKDAYS[extreme.at.weekday()]} " if axis.length > _TWO_DAYS else ""
    figure = with_unit(extreme.value, data.unit, data.decimals)
    return f"{figure} \N{MIDDLE DOT} {weekday}{extreme.at:%H:%M}"


def _describe(data: Intraday) -> str:
    figures = data.samples.lowest(), data.samples.highest()
    average = data.samples.average()
    if figures[0] is None or figures[1] is None or average is None:
        return f"{data.label}: {NOTHING}."
    low, high, mean = (
        with_unit(value, data.unit, data.decimals)
        for value in (figures[0].value, figures[1].value, average)
    )
    return (
        f"{data.label}, {long_day(data.start.date())} {data.start:%H:%M} to "
        f"{long_day(data.end.date())} {data.end:%H:%M}: "
        f"lowest {low}, highest {high}, average {mean}."
    )


def intraday(data: Intraday, heading: Heading) -> Scene:
    """Return the chart of one measurement through a day or a few."""
    axis = ClockAxis(data.start, data.end)
    places = sample_places(data.samples, axis)
    numbers = known_numbers(value for _, value in places)
    if not numbers:
        return Scene(heading, _describe(data), axis=axis)
    is_filled = data.kind == "active"
    fill: Colour | None = "active_wash" if is_filled else None
    labels = tuple(_point_labels(data, axis))
    values = value_axis(
        [*numbers, *(label.value for label in labels)],
        data.decimals,
        zero=is_filled,
        floor=0.0,
        least=10.0 if data.decimals == 0 else 2.0,
    )
    marks: tuple[Mark, ...] = (Curve(places, data.kind, fill), *labels)
    panel = Panel(data.label, data.unit, values, marks, size="tall")
    return Scene(heading, _describe(data), (panel,), axis=axis)
