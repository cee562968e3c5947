"""The daily metrics: what each one is called, where it comes from, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

from annulet.analytics.derived.hrv_status import HRV_DAYS
from annulet.analytics.derived.regularity import REGULARITY_DAYS
from annulet.analytics.derived.sleep_debt import DEBT_DAYS
from annulet.analytics.derived.sleep_timing import TIMING_DAYS
from annulet.analytics.derived.training_load import LOAD_DAYS
from annulet.contract.collections import (
    DAILY_ACTIVITY,
    DAILY_CARDIOVASCULAR_AGE,
    DAILY_READINESS,
    DAILY_RESILIENCE,
    DAILY_SLEEP,
    DAILY_SPO2,
    DAILY_STRESS,
    SLEEP,
    VO2_MAX,
    AnyCollection,
)
from annulet.contract.documents import DailySpO2, Document, Sleep
from annulet.toolkit.local_time import LocalTime

Fields: TypeAlias = tuple[str, ...] | None
"""Which fields to read of a document; ``None`` for all of them."""

NIGHT_FIELDS: Final = (
    "day",
    "type",
    "bedtime_start",
    "bedtime_end",
    "time_in_bed",
    "total_sleep_duration",
    "deep_sleep_duration",
    "light_sleep_duration",
    "rem_sleep_duration",
    "awake_time",
    "latency",
    "efficiency",
    "average_heart_rate",
    "lowest_heart_rate",
    "average_hrv",
    "average_breath",
    "restless_periods",
)
SERIES_FIELDS: Final = (*NIGHT_FIELDS, "heart_rate", "hrv", "sleep_phase_5_min")

ACTIVITY_FIELDS: Final = (
    "day",
    "score",
    "steps",
    "active_calories",
    "total_calories",
    "timestamp",
)

FIELDS: Final[dict[AnyCollection, Fields]] = {
    DAILY_SLEEP: ("day", "score"),
    DAILY_READINESS: (
        "day",
        "score",
        "temperature_deviation",
        "temperature_trend_deviation",
    ),
    DAILY_ACTIVITY: ACTIVITY_FIELDS,
    DAILY_STRESS: ("day", "stress_high", "recovery_high"),
    DAILY_SPO2: ("day", "spo2_percentage", "breathing_disturbance_index"),
    DAILY_CARDIOVASCULAR_AGE: ("day", "vascular_age", "pulse_wave_velocity"),
    VO2_MAX: ("day", "vo2_max"),
    DAILY_RESILIENCE: None,
    SLEEP: NIGHT_FIELDS,
}
"""One set of fields per collection, the same for every question, so that one answer serves many."""


FEW_FIELDS: Final[dict[AnyCollection, Fields]] = {
    DAILY_SLEEP: FIELDS[DAILY_SLEEP],
    DAILY_READINESS: ("day", "score", "temperature_deviation"),
    DAILY_ACTIVITY: ("day", "score", "steps"),
    DAILY_STRESS: ("day", "stress_high"),
    SLEEP: (
        "day",
        "type",
        "bedtime_end",
        "total_sleep_duration",
        "average_hrv",
        "lowest_heart_rate",
        "average_breath",
    ),
}
"""What the usual metrics need of a long history.

Oura sends the start of a sleep and the timestamp of a day with every choice of fields.
"""

DAYTIME: Final[frozenset[AnyCollection]] = frozenset({DAILY_ACTIVITY, DAILY_STRESS})
"""Collections whose documents of today change until the day is over."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number a day.

    Attributes:
        name: The column name, with its unit where it has one.
        unit: The unit as people write it.
        label: The words of a sentence.
        collection: Where it comes from; for ``sleep`` it is read from the night of the day.
        read: Reads it from a document; ``None`` where the document has nothing.
        ratio: Whether a percent change means something.
        digits: Decimals a person wants to see.
        extra_fields: Fields beyond the collection's usual set.
        days_before: How many earlier days a value follows from.
        is_derived: Whether it follows from several documents.
    """

    name: str
    unit: str
    label: str
    collection: AnyCollection
    read: Callable[[Document], float | None]
    ratio: bool = True
    digits: int = 0
    extra_fields: tuple[str, ...] = ()
    days_before: int = 0
    is_derived: bool = False

    @property
    def is_clock(self) -> bool:
        """Whether it is a clock time, in minutes from a midnight."""
        return self.name.endswith("_min_from_midnight")

    def is_left_out(self, document: Document) -> bool:
        """Whether a document has a value of this metric that is no measurement."""
        if self.read(document) is not None:
            return False
        if isinstance(self.read, _FieldReader):
            return self.read.field in document.extra
        oxygen = document.spo2_percentage if isinstance(document, DailySpO2) else None
        if self.read is _spo2 and oxygen is not None:
            return "average" in oxygen.extra
        return self.read in _READ_FROM and _READ_FROM[self.read] in document.extra


@dataclass(frozen=True, slots=True)
class _FieldReader:
    """Reads one field of a document; rounding is left to where it is shown."""

    field: str
    divisor: int = 1

    def __call__(self, document: Document) -> float | None:
        value: float | None = getattr(document, self.field)
        return value if value is None or self.divisor == 1 else value / self.divisor


def _field(name: str) -> _FieldReader:
    return _FieldReader(name)


def _minutes(name: str) -> _FieldReader:
    return _FieldReader(name, 60)


def _spo2(document: Document) -> float | None:
    percentage = document.spo2_percentage if isinstance(document, DailySpO2) else None
    return None if percentage is None else percentage.average


def _bedtime(document: Document) -> float | None:
    """Minutes from the midnight that begins the night's day; an evening before is negative."""
    if not isinstance(document, Sleep):
        return None
    start, day = document.bedtime_start, document.day
    if start is None or day is None:
        return None
    local = start.replace(tzinfo=None)
    return round((local - datetime(day.year, day.month, day.day)).total_seconds() / 60)  # noqa: DTZ001 - both are the person's wall clock


def _wake(document: Document) -> float | None:
    """Minutes from the midnight that begins the night's day to waking."""
    if not isinstance(document, Sleep) or document.bedtime_end is None or document.day is None:
        return None
    wall_clock = document.bedtime_end.replace(tzinfo=None)
    midnight = datetime.combine(document.day, time())
    return round((wall_clock - midnight).total_seconds() / 60)


_READ_FROM: Final[dict[Callable[[Document], float | None], str]] = {
    _spo2: "spo2_percentage",
    _bedtime: "bedtime_start",
    _wake: "bedtime_end",
}
"""The field that decides whether a metric of its own reader is there."""


def derived_metric(
    name: str,
    unit: str,
    label: str,
    collection: AnyCollection,
    days_before: int = 0,
    *,
    ratio: bool = True,
    digits: int = 0,
    extra_fields: tuple[str, ...] = (),
) -> Metric:
    """A metric that `annulet.toolkit.reading.derived_metrics` derives: no document holds it."""
    return Metric(
        name,
        unit,
        label,
        collection,
        _unread,
        ratio,
        digits,
        extra_fields,
        days_before,
        is_derived=True,
    )


def _unread(_: Document) -> float | None:
    return None


def _activity_minutes(name: str, field: str, label: str) -> Metric:
    return Metric(name, "min", label, DAILY_ACTIVITY, _minutes(field), extra_fields=(field,))


_TABLE: Final = (
    Metric("sleep_score", "", "sleep score", DAILY_SLEEP, _field("score")),
    Metric("readiness_score", "", "readiness score", DAILY_READINESS, _field("score")),
    Metric("activity_score", "", "activity score", DAILY_ACTIVITY, _field("score")),
    Metric("total_sleep_min", "min", "sleep time", SLEEP, _minutes("total_sleep_duration")),
    Metric("hrv_avg_ms", "ms", "HRV", SLEEP, _field("average_hrv")),
    Metric("hr_lowest_bpm", "bpm", "resting heart rate", SLEEP, _field("lowest_heart_rate")),
    Metric(
        "temperature_deviation_c",
        "°C",
        "temperature deviation",
        DAILY_READINESS,
        _field("temperature_deviation"),
        ratio=False,
        digits=2,
    ),
    Metric("steps", "steps", "steps", DAILY_ACTIVITY, _field("steps")),
    Metric("stress_high_min", "min", "high stress", DAILY_STRESS, _minutes("stress_high")),
    Metric("deep_min", "min", "deep sleep", SLEEP, _minutes("deep_sleep_duration")),
    Metric("rem_min", "min", "REM sleep", SLEEP, _minutes("rem_sleep_duration")),
    Metric("light_min", "min", "light sleep", SLEEP, _minutes("light_sleep_duration")),
    Metric("awake_min", "min", "time awake in bed", SLEEP, _minutes("awake_time")),
    Metric("time_in_bed_min", "min", "time in bed", SLEEP, _minutes("time_in_bed")),
    Metric("efficiency_pct", "%", "sleep efficiency", SLEEP, _field("efficiency")),
    Metric("latency_min", "min", "time to fall asleep", SLEEP, _minutes("latency")),
    Metric(
        "breath_avg_per_min", "/min", "breathing rate", SLEEP, _field("average_breath"), digits=1
    ),
    Metric("hr_avg_bpm", "bpm", "heart rate asleep", SLEEP, _field("average_heart_rate"), digits=1),
    Metric("restless_periods", "", "restless periods", SLEEP, _field("restless_periods")),
    Metric("bedtime_min_from_midnight", "min", "bedtime", SLEEP, _bedtime, ratio=False),
    Metric("recovery_high_min", "min", "high recovery", DAILY_STRESS, _minutes("recovery_high")),
    Metric("spo2_avg_pct", "%", "blood oxygen", DAILY_SPO2, _spo2, digits=1),
    Metric(
        "breathing_disturbance_index",
        "",
        "breathing disturbance index",
        DAILY_SPO2,
        _field("breathing_disturbance_index"),
    ),
    Metric(
        "active_calories_kcal",
        "kcal",
        "active calories",
        DAILY_ACTIVITY,
        _field("active_calories"),
    ),
    Metric(
        "total_calories_kcal", "kcal", "total calories", DAILY_ACTIVITY, _field("total_calories")
    ),
    Metric(
        "temperature_trend_deviation_c",
        "°C",
        "temperature trend",
        DAILY_READINESS,
        _field("temperature_trend_deviation"),
        ratio=False,
        digits=2,
    ),
    Metric(
        "vascular_age", "years", "vascular age", DAILY_CARDIOVASCULAR_AGE, _field("vascular_age")
    ),
    Metric(
        "pulse_wave_velocity_m_per_s",
        "m/s",
        "pulse wave velocity",
        DAILY_CARDIOVASCULAR_AGE,
        _field("pulse_wave_velocity"),
        digits=1,
    ),
    Metric("vo2_max", "ml/kg/min", "VO2 max", VO2_MAX, _field("vo2_max")),
    _activity_minutes("high_activity_min", "high_activity_time", "high activity"),
    _activity_minutes("medium_activity_min", "medium_activity_time", "medium activity"),
    _activity_minutes("low_activity_min", "low_activity_time", "low activity"),
    _activity_minutes("sedentary_min", "sedentary_time", "sedentary time"),
    _activity_minutes("resting_min", "resting_time", "resting time"),
    _activity_minutes("non_wear_min", "non_wear_time", "time without the ring"),
    Metric(
        "walking_distance_m",
        "m",
        "equivalent walking distance",
        DAILY_ACTIVITY,
        _field("equivalent_walking_distance"),
        extra_fields=("equivalent_walking_distance",),
    ),
    Metric(
        "inactivity_alerts",
        "",
        "inactivity alerts",
        DAILY_ACTIVITY,
        _field("inactivity_alerts"),
        extra_fields=("inactivity_alerts",),
    ),
    Metric("wake_min_from_midnight", "min", "wake time", SLEEP, _wake, ratio=False),
    derived_metric("sleep_24h_min", "min", "sleep with naps", SLEEP),
    derived_metric("nap_min", "min", "naps", SLEEP),
    derived_metric("midsleep_min_from_midnight", "min", "midsleep", SLEEP, ratio=False),
    derived_metric("deep_pct", "%", "deep sleep share", SLEEP),
    derived_metric("light_pct", "%", "light sleep share", SLEEP),
    derived_metric("rem_pct", "%", "REM share", SLEEP),
    derived_metric("awake_pct", "%", "share awake in bed", SLEEP),
    derived_metric(
        "sleep_regularity_index",
        "",
        "sleep regularity",
        SLEEP,
        REGULARITY_DAYS,
        ratio=False,
        extra_fields=("sleep_phase_5_min",),
    ),
    derived_metric("sleep_debt_min", "min", "sleep debt", SLEEP, DEBT_DAYS, ratio=False),
    derived_metric("social_jetlag_min", "min", "social jet lag", SLEEP, TIMING_DAYS, ratio=False),
    derived_metric(
        "training_load",
        "",
        "training load",
        DAILY_ACTIVITY,
        LOAD_DAYS,
        digits=2,
        extra_fields=(
            "low_activity_met_minutes",
            "medium_activity_met_minutes",
            "high_activity_met_minutes",
        ),
    ),
    derived_metric(
        "hrv_7d_vs_60d_pct",
        "%",
        "HRV of 7 days against 60",
        SLEEP,
        HRV_DAYS,
        ratio=False,
        digits=1,
    ),
)

METRICS: Final[dict[str, Metric]] = {metric.name: metric for metric in _TABLE}
DEFAULT_METRICS: Final = tuple(METRICS)[:9]
USUAL: Final = frozenset({*DEFAULT_METRICS, "breath_avg_per_min"})
"""The metrics that `FEW_FIELDS` suffice for: the default ones and the vitals."""


def open_since(metric: Metric, local_time: LocalTime) -> date:
    """The first day of which a metric may still grow; the day after today where it never does.

    Activity belongs to days that end at 04:00, stress to days of the calendar.
    """
    if metric.collection is DAILY_ACTIVITY:
        return local_time.open_day
    return local_time.today + timedelta(days=0 if metric.collection in DAYTIME else 1)


def first_day(metrics: Iterable[Metric], start: date) -> date:
    """The first day to read so that derived metrics have their value on ``start``."""
    return start - timedelta(days=max((metric.days_before for metric in metrics), default=0))
