"""What ``oura_intraday`` says in a sentence: heart rate or activity inside a time range."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from annulet.analytics.intraday import SampleStats
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.time_ranges import TimeRange
from annulet.toolkit.wording.date_format import month_name, span_words


def heart_rate_summary(
    time_range: TimeRange, local_time: LocalTime, statistics: SampleStats | None
) -> str:
    """The summary of an answer about heart rate; ``None`` stands for no samples."""
    asked = _asked(time_range, local_time)
    if statistics is None:
        return f"No heart rate recorded {asked}."
    low_at, high_at = (
        _clock(instant.astimezone(local_time.zone.tz), time_range)
        for instant in (statistics.low_at, statistics.high_at)
    )
    return (
        f"Heart rate {asked}: {statistics.mean:.0f} bpm on average, lowest {statistics.low:.0f} "
        f"({low_at}), highest {statistics.high:.0f} ({high_at}); {statistics.samples:,} samples."
    )


def activity_summary(
    time_range: TimeRange,
    local_time: LocalTime,
    minutes: Mapping[str, int],
    steps: Mapping[date, float],
) -> str:
    """The summary of an answer about activity.

    Args:
        time_range: What was asked for.
        local_time: The person's clock.
        minutes: Minutes by class of activity.
        steps: Steps by day.
    """
    asked = _asked(time_range, local_time)
    if not minutes and not steps:
        return f"No activity recorded {asked}."
    moved = [
        f"{minutes[name]} min of {name} activity"
        for name in ("high", "medium", "low")
        if name in minutes
    ]
    whole = "" if time_range.whole_days else " in the whole day"
    total = [f"{sum(steps.values()):,.0f} steps{whole}"] if steps else []
    return f"Activity {asked}: {', '.join([*total, *moved] or ['nothing above rest'])}."


def _clock(at: datetime, time_range: TimeRange) -> str:
    """The time of day, with its day where the range has several."""
    day = "" if time_range.period.length == 1 else f"{at:%d} {month_name(at)} "
    return f"{day}{at:%H:%M}"


def _asked(time_range: TimeRange, local_time: LocalTime) -> str:
    period = time_range.period
    if time_range.whole_days:
        days = span_words(period.start, period.end, local_time.today)
        return f"on {days}" if period.length == 1 else f"from {days}"
    return f"from {time_range.start:%Y-%m-%d %H:%M} to {time_range.end:%Y-%m-%d %H:%M}"
