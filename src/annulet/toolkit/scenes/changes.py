"""Trends, comparisons and effects as pictures: how much each metric moved, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annulet import charts
from annulet.charts import Difference, Heading
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.scenes.reading import (
    Look,
    daily_series,
    day,
    day_words,
    label,
    number,
    period_days,
    period_words,
    records,
    unit,
)
from annulet.toolkit.tool import Answer

__all__ = ["compare_picture", "effects_picture", "trends_picture"]

_CLEAR = ("higher", "lower")
_INTERVALS = (
    ("clear", "Clear difference, with its 95 % range"),
    ("chance", "May be chance"),
)
_NOISE = (
    ("clear", "Beyond your usual swings"),
    ("chance", "Within them"),
    ("usual", "Your usual swings"),
)


def trends_picture(answer: Answer, more: Answer, look: Look) -> str | None:
    """One metric by day where the days are known; else the change of each against its noise."""
    rows = records(answer.get("table"))
    ends = period_days(answer)
    if ends is None:
        return None
    series = daily_series(more)
    if len(rows) == 1 and str(rows[0].get("metric")) in series:
        name = str(rows[0]["metric"])
        heading = _trend_heading(rows[0], answer)
        return charts.trend(series[name], *ends, heading, theme=look.theme, width=look.width)
    heading = Heading("Changes against the window before", period_words(answer))
    return charts.differences(
        [_moved(row) for row in rows], heading, legend=_NOISE, theme=look.theme, width=look.width
    )


def _trend_heading(row: Mapping[str, Any], answer: Answer) -> Heading:
    name = str(row.get("metric"))
    mean = number(row.get("mean"))
    digits = _digits(name)
    figure = "" if mean is None else charts.with_unit(mean, unit(name), digits)
    return Heading(label(name), period_words(answer), figure, "mean of the window")


def _digits(name: str) -> int:
    return METRICS[name].digits if name in METRICS else 1


def _moved(row: Mapping[str, Any]) -> Difference:
    name = str(row.get("metric"))
    change, noise, mean = (number(row.get(key)) for key in ("change", "noise", "mean"))
    digits = _digits(name)
    said = "" if mean is None else f"mean {charts.with_unit(mean, unit(name), digits)}"
    return Difference(
        label(name),
        change,
        usual=None if noise is None else (-noise, noise),
        unit=unit(name),
        decimals=_decimals(change, digits),
        clear=change is not None and noise is not None and abs(change) > noise,
        words=said or "too few days",
    )


def _decimals(value: float | None, digits: int) -> int:
    """Small differences of whole numbers deserve a decimal."""
    small = value is not None and 0 < abs(value) < 10 and digits == 0  # noqa: PLR2004 -- one digit
    return 1 if small else digits


def compare_picture(answer: Answer, more: Answer, look: Look) -> str | None:
    """The difference of each metric with its interval."""
    del more
    against = answer.get("against") or {}
    ends = [day_words(at) for at in map(day, (against.get("start"), against.get("end"))) if at]
    other = " \N{EN DASH} ".join(dict.fromkeys(ends))
    heading = Heading("Difference of two periods", f"{period_words(answer)}, against {other}")
    return _intervals(records(answer.get("table")), "difference", heading, look)


def effects_picture(answer: Answer, more: Answer, look: Look) -> str | None:
    """The difference on the nights after a tag, with its interval."""
    del more
    rows = records(answer.get("table"))
    nights = max((int(number(row.get("with_n")) or 0) for row in rows), default=0)
    subtitle = f"{period_words(answer)} \N{MIDDLE DOT} {nights} nights with the tag"
    return _intervals(rows, "effect", Heading("Nights after the tag", subtitle), look)


def _intervals(rows: Sequence[Mapping[str, Any]], key: str, heading: Heading, look: Look) -> str:
    shown = []
    for row in rows:
        name, value = str(row.get("metric")), number(row.get(key))
        low, high = number(row.get("low")), number(row.get("high"))
        shown.append(
            Difference(
                label(name),
                value,
                None if low is None or high is None else (low, high),
                unit=unit(name),
                decimals=_decimals(value, _digits(name)),
                clear=row.get("verdict") in _CLEAR,
                words=str(row.get("verdict") or ""),
            )
        )
    return charts.differences(shown, heading, legend=_INTERVALS, theme=look.theme, width=look.width)
