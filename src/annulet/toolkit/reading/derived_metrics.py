"""Metrics that follow from several sleeps or several days, from documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from annulet.analytics.derived.hrv_status import hrv_week_vs_normal
from annulet.analytics.derived.regularity import Hypnogram, regularity, sleep_epochs
from annulet.analytics.derived.sleep_debt import sleep_debt
from annulet.analytics.derived.sleep_timing import midsleep, social_jetlag
from annulet.analytics.derived.training_load import training_load
from annulet.analytics.series import Series
from annulet.contract.documents import DailyActivity, Sleep
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
    """All sleep of each day that has a night."""
    total: dict[date, float] = {}
    for day, seconds in _asleep(finished(source.sleeps)):
        total[day] = total[day] + seconds / 60 if day in total else seconds / 60
    recorded = nights(source.sleeps)
    return Series.of({day: value for day, value in total.items() if day in recorded})


def _naps(source: DerivedFrom) -> Series:
    """Sleep besides the night; none at all is 0 where the night was recorded."""
    recorded = nights(source.sleeps)
    main = {id(night) for night in recorded.values()}
    total: dict[date, float] = dict.fromkeys(recorded, 0.0)
    for day, seconds in _asleep(s for s in finished(source.sleeps) if id(s) not in main):
        total[day] = total[day] + seconds / 60 if day in total else seconds / 60
    return Series.of(total)


def _asleep(sleeps: Iterable[Sleep]) -> Iterable[tuple[date, float]]:
    for sleep in sleeps:
        if sleep.day is not None and sleep.total_sleep_duration is not None:
            yield sleep.day, sleep.total_sleep_duration


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
    values: dict[date, float] = {}
    for day, night in nights(source.sleeps).items():
        start, end = night.bedtime_start, night.bedtime_end
        if start is not None and end is not None:
            bounds = (_from_midnight(start, day), _from_midnight(end, day))
            values[day] = midsleep(*bounds)
    return Series.of(values)


def _from_midnight(instant: datetime, day: date) -> float:
    """Minutes from the midnight that begins the day, by the person's clock."""
    days = (instant.date() - day).days
    return days * 1440.0 + instant.hour * 60 + instant.minute + instant.second / 60


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
    "sleep_regularity_index": _regularity,
    "sleep_debt_min": lambda source: sleep_debt(_sleep_24h(source), source.sleep_need_min),
    "social_jetlag_min": lambda source: social_jetlag(_midsleeps(source)),
    "training_load": lambda source: training_load(_met_minutes(source)),
    "hrv_7d_vs_60d_pct": lambda source: hrv_week_vs_normal(_hrv(source)),
}
"""Each derived metric, and how it follows."""
