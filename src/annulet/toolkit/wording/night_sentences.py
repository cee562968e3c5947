"""What ``oura_sleep_sessions`` says in a sentence: one night in figures, or how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from statistics import fmean

from annulet.contract.documents import Sleep
from annulet.toolkit.dates import Period
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.wording.date_format import duration_words, weekday_words
from annulet.toolkit.wording.missing_data import nothing
from annulet.toolkit.wording.number_format import counted


def night_summary(
    period: Period, by_day: Mapping[date, Sleep], naps: int, local_time: LocalTime
) -> str:
    """The summary of an answer.

    Args:
        period: The days asked for.
        by_day: The night of each day that has one.
        naps: How many naps are listed.
        local_time: The person's clock.
    """
    more = f" {counted(naps, 'nap')}." if naps else ""
    if not by_day:
        return f"{nothing('No night', period, local_time)}{more}"
    if period.length == 1:
        return f"{_night_words(by_day[period.start], local_time)}.{more}"
    slept = [s.total_sleep_duration for s in by_day.values() if s.total_sleep_duration is not None]
    mean = f", {duration_words(fmean(slept) / 60)} asleep on average" if slept else ""
    return f"{len(by_day)} of {period.length} nights recorded{mean}.{more}"


def _night_words(night: Sleep, local_time: LocalTime) -> str:
    day = night.day or local_time.today
    parts = []
    if night.total_sleep_duration is not None:
        parts.append(f"{duration_words(night.total_sleep_duration / 60)} asleep")
    if night.bedtime_start is not None and night.bedtime_end is not None:
        parts.append(f"{night.bedtime_start:%H:%M} to {night.bedtime_end:%H:%M}")
    if night.efficiency is not None:
        parts.append(f"efficiency {night.efficiency:.0f} %")
    if night.lowest_heart_rate is not None:
        parts.append(f"lowest heart rate {night.lowest_heart_rate:.0f} bpm")
    if night.average_hrv is not None:
        parts.append(f"HRV {night.average_hrv:.0f} ms")
    written = weekday_words(day)
    is_last = day == local_time.today
    when = f"Last night ({written})" if is_last else f"The night to {written} {day.year}"
    return f"{when}: {', '.join(parts) or 'no figures'}"
