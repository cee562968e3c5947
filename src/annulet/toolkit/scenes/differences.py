"""Trends, comparisons and effects as scenes: how much each metric moved, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from annulet.charts import Heading, MetricDifference, Scene, differences, trend
from annulet.toolkit.scenes.answer_parts import (
    daily_series,
    day_with_year,
    decimals_of,
    label_of,
    period_days,
    period_words,
    unit_of,
    value_words,
)
from annulet.toolkit.scenes.fields import Fields

_Legend: TypeAlias = tuple[tuple[Literal["clear", "chance", "usual"], str], ...]

_CLEAR: Final = ("higher", "lower")
_INTERVALS: Final[_Legend] = (
    ("clear", "Clear difference, with its 95 % range"),
    ("chance", "May be chance"),
)
_NOISE: Final[_Legend] = (
    ("clear", "Beyond your usual swings"),
    ("chance", "Within them"),
    ("usual", "Your usual swings"),
)


def trends_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build one metric by day where the days are known; else the change of each metric."""
    rows = answer.rows("table")
    ends = period_days(answer)
    if ends is None:
        return None
    series = daily_series(more)
    name = rows[0].text("metric") if len(rows) == 1 else ""
    if name in series:
        figure = value_words(name, rows[0].number("mean"))
        heading = Heading(label_of(name), period_words(answer), figure, "mean of the window")
        return trend(series[name], *ends, heading)
    heading = Heading("Changes against the window before", period_words(answer))
    return differences([_change(row) for row in rows], heading, _NOISE)


def _change(row: Fields) -> MetricDifference:
    name = row.text("metric")
    change, noise = row.number("change"), row.number("noise")
    mean = value_words(name, row.number("mean"))
    return MetricDifference(
        label_of(name),
        change,
        usual=None if noise is None else (-noise, noise),
        unit=unit_of(name),
        decimals=_decimals(name, change),
        is_clear=change is not None and noise is not None and abs(change) > noise,
        words=f"mean {mean}" if mean else "too few days",
    )


def _decimals(name: str, value: float | None) -> int:
    """Small differences of whole numbers deserve a decimal."""
    digits = decimals_of(name)
    is_small = value is not None and 0 < abs(value) < 10 and digits == 0  # noqa: PLR2004 -- one digit
    return 1 if is_small else digits


def compare_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build the difference of each metric with its interval."""
    del more
    against = answer.fields("against")
    ends = (against.day("start"), against.day("end"))
    days = " \N{EN DASH} ".join(dict.fromkeys(day_with_year(day) for day in ends if day))
    heading = Heading("Difference of two periods", f"{period_words(answer)}, against {days}")
    return _intervals(answer.rows("table"), "difference", heading)


def effects_scene(answer: Fields, more: Fields) -> Scene | None:
    """Build the difference that something makes, with its interval; the summary names it."""
    del more
    rows = answer.rows("table")
    nights = max((row.number("with_n") or 0.0 for row in rows), default=0.0)
    counted = f" \N{MIDDLE DOT} {nights:.0f} nights with it" if nights else ""
    heading = Heading("Effects", f"{period_words(answer)}{counted}", note=answer.text("summary"))
    return _intervals(rows, "effect", heading)


def _intervals(rows: Sequence[Fields], field: str, heading: Heading) -> Scene:
    metrics = []
    for row in rows:
        name, value = row.text("metric"), row.number(field)
        low, high = row.number("low"), row.number("high")
        metrics.append(
            MetricDifference(
                label_of(name),
                value,
                None if low is None or high is None else (low, high),
                unit=unit_of(name),
                decimals=_decimals(name, value),
                is_clear=row.text("verdict") in _CLEAR,
                words=row.text("verdict"),
            )
        )
    return differences(metrics, heading, _INTERVALS)
