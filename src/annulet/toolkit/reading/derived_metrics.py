"""Metrics that follow from several sleeps or several days, from documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Final

from annulet.analytics.clock_times import unwrapped
from annulet.analytics.derived.hrv_status import hrv_week_vs_normal
from annulet.analytics.derived.regularity import Hypnogram, regularity, sleep_epochs
from annulet.analytics.derived.sleep_debt import sleep_debt
from annulet.analytics.derived.sleep_timing import midsleep, social_jetlag
from annulet.analytics.derived.training_load import training_load
from annulet.analytics.series import Series
from annulet.contract.documents import DailyActivity, Sleep
from annulet.toolkit.reading.main_sleep import (
    join_parts,
    longest_run,
    main_sleep_parts,
    nap_parts,
)
from annulet.toolkit.reading.sleeps import finished, nights


@dataclass(frozen=True, slots=True)
class DerivedFrom:
    """What derived metrics follow from.

    Attributes:
        sleeps: Sleeps of all the days that were read, naps included.
        activities: Days of activity.
        sleep_need_min: The stated need of sleep.
    """

    sleeps: Sequence[Sleep]
    activities: Sequence[DailyActivity]
    sleep_need_min: float


def derived_values(name: str, source: DerivedFrom) -> dict[date, float]:
    """A derived metric by day; a day without enough before it has no value.

    Args:
        name: A key of `DERIVED`.
        source: What it follows from.
    """
    return DERIVED[name](source).as_dict()


def _sleep_24h(source: DerivedFrom) -> Series:
    """The main sleep and the naps of each day that has a main sleep."""
    naps = nap_parts(finished(source.sleeps))
    return _in_minutes(
        {
            day: _asleep_s([night, *naps.get(day, ())])
            for day, night in nights(source.sleeps).items()
        }
    )


def _naps(source: DerivedFrom) -> Series:
    """Sleep besides the main sleep; 0 where a main sleep was recorded and no nap."""
    total: dict[date, float | None] = dict.fromkeys(nights(source.sleeps), 0.0)
    for day, parts in nap_parts(finished(source.sleeps)).items():
        total[day] = _asleep_s(parts)
    return _in_minutes(total)


def _asleep_s(sleeps: Iterable[Sleep]) -> float | None:
    """Seconds asleep; None where a part is unknown."""
    parts = [sleep.total_sleep_duration for sleep in sleeps]
    known = [part for part in parts if part is not None]
    return float(sum(known)) if len(known) == len(parts) else None


def _in_minutes(seconds: Mapping[date, float | None]) -> Series:
    return Series.of({day: None if s is None else s / 60 for day, s in seconds.items()})


def _regularity(source: DerivedFrom) -> Series:
    with_stages = [
        night.day.toordinal()
        for night in nights(source.sleeps).values()
        if night.day is not None and night.sleep_phase_5_min
    ]
    hypnograms = [
        Hypnogram(sleep.bedtime_start.replace(tzinfo=None), sleep.sleep_phase_5_min)
        for sleep in finished(source.sleeps)
        if sleep.bedtime_start is not None and sleep.sleep_phase_5_min
    ]
    return regularity(sleep_epochs(hypnograms), with_stages)


def _midsleeps(source: DerivedFrom) -> Series:
    by_day = main_sleep_parts(finished(source.sleeps))
    return Series.of(
        {day: _midsleep(join_parts(longest_run(parts)), day) for day, parts in by_day.items()}
    )


def _midsleep(night: Sleep, day: date) -> float | None:
    """The middle of the time that passed, by the clock the person wakes to.

    Between bedtime and waking the clock may change, or the person travel: the middle of the two
    clock times would be off by half of that.
    """
    start, end = night.bedtime_start, night.bedtime_end
    if start is None or end is None:
        return None
    wake = end.replace(tzinfo=None) - datetime.combine(day, time())
    return midsleep((wake - (end - start)).total_seconds() / 60, wake.total_seconds() / 60)


def _share(part: str, whole: str, source: DerivedFrom) -> Series:
    """How many percent of one duration of the main sleep another is."""
    values: dict[date, float | None] = {}
    for day, night in nights(source.sleeps).items():
        value, total = getattr(night, part), getattr(night, whole)
        values[day] = 100.0 * value / total if value is not None and total else None
    return Series.of(values)


def _hrv(source: DerivedFrom) -> Series:
    return Series.of({day: n.average_hrv for day, n in nights(source.sleeps).items()})


def _met_minutes(source: DerivedFrom) -> Series:
    values: dict[date, float | None] = {}
    for document in source.activities:
        parts = (
            document.low_activity_met_minutes,
            document.medium_activity_met_minutes,
            document.high_activity_met_minutes,
        )
        known = [part for part in parts if part is not None]
        if document.day is not None:
            values[document.day] = float(sum(known)) if len(known) == len(parts) else None
    return Series.of(values)


DERIVED: Final[Mapping[str, Callable[[DerivedFrom], Series]]] = {
    "sleep_24h_min": _sleep_24h,
    "nap_min": _naps,
    "midsleep_min_from_midnight": _midsleeps,
    "deep_pct": partial(_share, "deep_sleep_duration", "total_sleep_duration"),
    "light_pct": partial(_share, "light_sleep_duration", "total_sleep_duration"),
    "rem_pct": partial(_share, "rem_sleep_duration", "total_sleep_duration"),
    "awake_pct": partial(_share, "awake_time", "time_in_bed"),
    "sleep_regularity_index": _regularity,
    "sleep_debt_min": lambda source: sleep_debt(_sleep_24h(source), source.sleep_need_min),
    "social_jetlag_min": lambda source: social_jetlag(unwrapped(_midsleeps(source))),
    "training_load": lambda source: training_load(_met_minutes(source)),
    "hrv_7d_vs_60d_pct": lambda source: hrv_week_vs_normal(_hrv(source)),
}
"""Each derived metric, and how it follows."""
