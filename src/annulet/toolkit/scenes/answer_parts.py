"""The parts that all answers share, for charts: period, coverage, metrics by day."""

from __future__ import annotations

from datetime import date

from annulet.charts import DailySeries, short_day, with_unit
from annulet.toolkit.metrics import DAYTIME, METRICS
from annulet.toolkit.scenes.fields import Fields, as_day


def label_of(name: str) -> str:
    """Return a metric's name as a heading: only the first letter changes, HRV stays HRV."""
    words = METRICS[name].label if name in METRICS else name.replace("_", " ")
    return words[:1].upper() + words[1:]


def unit_of(name: str) -> str:
    """Return a metric's unit, left out where the name says it already."""
    unit = METRICS[name].unit if name in METRICS else ""
    return "" if unit == "steps" else unit


def decimals_of(name: str, unknown: int = 1) -> int:
    """Return the digits behind the point of a metric."""
    return METRICS[name].digits if name in METRICS else unknown


def value_words(name: str, value: float | None) -> str:
    """Return a value of a metric with its unit; empty where there is none."""
    return "" if value is None else with_unit(value, unit_of(name), decimals_of(name))


def period_days(answer: Fields) -> tuple[date, date] | None:
    """Return the first and the last day of an answer's period."""
    period = answer.fields("period")
    first, last = period.day("start"), period.day("end")
    return None if first is None or last is None or first > last else (first, last)


def covered_days(answer: Fields) -> int:
    """Return how many days an answer is about."""
    ends = period_days(answer)
    return 1 if ends is None else (ends[1] - ends[0]).days + 1


def missing_days(answer: Fields) -> list[date]:
    """Return the days about which an answer knows nothing."""
    days = map(as_day, answer.fields("coverage").items("missing"))
    return [day for day in days if day is not None]


def day_with_year(day: date) -> str:
    """Return ``6 May 2026``."""
    return f"{short_day(day)} {day.year}"


def period_words(answer: Fields) -> str:
    """Return period, coverage and zone of an answer in one line."""
    ends = period_days(answer)
    if ends is None:
        return ""
    first, last = ends
    days = day_with_year(last)
    if first != last:
        begin = day_with_year(first) if first.year != last.year else short_day(first)
        days = f"{begin} \N{EN DASH} {days}"
    parts = [days]
    coverage = answer.fields("coverage")
    total, known = coverage.number("days"), coverage.number("with_data")
    if total is not None and total != 1 and known is not None:
        parts.append(f"{known:.0f} of {total:.0f} days")
    parts.append(answer.fields("period").text("timezone"))
    return " \N{MIDDLE DOT} ".join(part for part in parts if part)


def daily_series(answer: Fields, baselines: Fields | None = None) -> dict[str, DailySeries]:
    """Return the numeric columns of a daily summary as series, with the usual range of each.

    Args:
        answer: Has the days.
        baselines: Has the usual ranges, where that is another answer.
    """
    ranges = {
        row.text("metric"): (low, high)
        for row in (baselines or answer).rows("baselines")
        if (low := row.number("low")) is not None and (high := row.number("high")) is not None
    }
    rows = [(day, row) for row in answer.rows("table") if (day := row.day("day")) is not None]
    unfinished = answer.day("unfinished")
    series: dict[str, DailySeries] = {}
    for name in answer.columns("table"):
        values = {day: value for day, row in rows if (value := row.number(name)) is not None}
        usual = ranges.get(name)
        is_daytime = name in METRICS and METRICS[name].collection in DAYTIME
        if is_daytime and unfinished in values:
            # Half a day's steps or stress are no drop and not unusual: the day has not ended.
            if len(values) > 1:
                values = {day: value for day, value in values.items() if day != unfinished}
            else:
                usual = None
        if values:
            series[name] = DailySeries(
                label_of(name), values, unit_of(name), usual, decimals_of(name, 0)
            )
    return series
