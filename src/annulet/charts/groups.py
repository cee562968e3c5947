"""Groups side by side, a bar each; and single records over days, a dot each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from annulet.charts.axes import DayAxis, GroupAxis, ValueAxis, clock_value_axis, value_axis
from annulet.charts.scene import Bar, Dot, Heading, Mark, Missing, Panel, Scene
from annulet.charts.text import NOTHING, clock_time, long_day, with_unit
from annulet.charts.values import known_numbers


@dataclass(frozen=True, slots=True)
class Figures:
    """One figure of several groups or records.

    Attributes:
        label: What is measured.
        values: A value for each group or record, in their order; ``None`` where there is none.
        unit: Its unit.
        decimals: Digits behind the point.
        is_clock: Whether the values are clock times, in minutes from midnight.
    """

    label: str
    values: Sequence[float | None]
    unit: str = ""
    decimals: int = 0
    is_clock: bool = False

    def words(self, value: float) -> str:
        """Return a value as it is written."""
        return clock_time(value) if self.is_clock else with_unit(value, self.unit, self.decimals)

    def axis(self, *, zero: bool, count: int = 5) -> ValueAxis:
        """Return the axis that holds the values."""
        if self.is_clock:
            return clock_value_axis(self.values, count)
        return value_axis(self.values, self.decimals, zero=zero, count=count)


def group_bars(names: Sequence[str], figures: Sequence[Figures], heading: Heading) -> Scene:
    """Return a bar for each group, a panel for each figure; bars begin at zero.

    Clock times have no zero: their bars begin below the earliest, as the axis says.
    """
    shown = [figure for figure in figures if known_numbers(figure.values)]
    axis = GroupAxis(tuple(names))
    if not shown:
        return Scene(heading, NOTHING, axis=axis)
    panels = []
    for figure in shown:
        is_alone = len(shown) == 1
        values = figure.axis(zero=True, count=5 if is_alone else 3)
        base = values.low if figure.is_clock else 0.0
        marks = tuple(
            _bar(figure, base, place, name, value)
            for place, (name, value) in enumerate(zip(names, figure.values, strict=True))
        )
        unit = "" if figure.is_clock else figure.unit
        panels.append(Panel(figure.label, unit, values, marks, size="tall" if is_alone else "lane"))
    description = "; ".join(
        f"{figure.label}: "
        + ", ".join(
            f"{name} {'no data' if value is None else figure.words(value)}"
            for name, value in zip(names, figure.values, strict=True)
        )
        for figure in shown
    )
    return Scene(heading, f"{description}.", tuple(panels), axis=axis)


def _bar(figure: Figures, base: float, place: int, name: str, value: float | None) -> Mark:
    if value is None:
        return Missing(place + 0.5, name)
    words = figure.words(value)
    ends = sorted((base, value))
    return Bar(place + 0.5, name, (("accent", ends[0], ends[1], f"{name}: {words}"),), words)


def record_dots(
    days: Sequence[date],
    names: Sequence[str],
    figures: Sequence[Figures],
    axis: DayAxis,
    heading: Heading,
) -> Scene:
    """Return a dot for each record on its day, with its name in its tip; a panel each figure."""
    panels, descriptions = [], []
    for figure in figures:
        marks = tuple(
            Dot(axis.at(day), value, _tip(day, name, figure.words(value)), is_unusual=False)
            for day, name, value in zip(days, names, figure.values, strict=True)
            if value is not None and axis.first <= day <= axis.last
        )
        if not marks:
            continue
        unit = "" if figure.is_clock else figure.unit
        is_alone = len(figures) == 1
        values = figure.axis(zero=False, count=5 if is_alone else 3)
        size: Literal["tall", "lane"] = "tall" if is_alone else "lane"
        panels.append(Panel(figure.label, unit, values, marks, size=size))
        low, high = (figure.words(end([dot.value for dot in marks])) for end in (min, max))
        descriptions.append(f"{figure.label}, {len(marks)} values from {low} to {high}")
    if not panels:
        return Scene(heading, NOTHING, axis=axis)
    when = f"{long_day(axis.first)} to {long_day(axis.last)}"
    return Scene(heading, f"{when}: {'; '.join(descriptions)}.", tuple(panels), axis=axis)


def _tip(day: date, name: str, words: str) -> str:
    return f"{long_day(day)}{name}: {words}"
