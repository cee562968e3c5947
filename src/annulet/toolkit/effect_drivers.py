"""What may move a metric: drivers with a sensible unit, and when the nights they touch follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from annulet.analytics.query.columns import CALENDAR
from annulet.analytics.relations import Relation, relate
from annulet.analytics.rhythm import cyclic_patterns, find_rhythm
from annulet.analytics.series import Series
from annulet.contract.collections import SLEEP, WORKOUT
from annulet.errors import UsageError
from annulet.toolkit.metrics import DAYTIME, METRICS, Metric, derived_metric
from annulet.toolkit.query_columns import (
    EVENT_WORDS,
    NAPS,
    WORKOUT_SUMS,
    vocabulary,
    workout_condition,
)
from annulet.toolkit.reading.history import History, traits
from annulet.toolkit.shared_parts import share_parts

SCANNED_DRIVERS: Final = (
    "bedtime_min_from_midnight",
    "total_sleep_min",
    "steps",
    "stress_high_min",
)
"""The drivers that are looked through where none is named."""

_UNITS: Final[Mapping[str, tuple[float, str]]] = {
    "workout_count": (1.0, "workout"),
    "steps": (1000.0, "1,000 steps"),
    "min": (60.0, "hour"),
    "ms": (10.0, "10 ms"),
    "kcal": (100.0, "100 kcal"),
    "m": (1000.0, "kilometre"),
    "%": (1.0, "percentage point"),
    "bpm": (1.0, "bpm"),
    "°C": (0.1, "0.1 °C"),
}
_CLOCKS: Final = {"bedtime": "bedtime_min_from_midnight", "wake_time": "wake_min_from_midnight"}
_TEMPERATURE: Final = "temperature_deviation_c"
_WORKOUT_METRICS: Final = {
    metric.name: metric
    for metric in (
        derived_metric("workout_count", "", "the number of workouts", WORKOUT),
        derived_metric("workout_min", "min", "workout time", WORKOUT),
        derived_metric("workout_calories_kcal", "kcal", "workout calories", WORKOUT),
        derived_metric("workout_distance_m", "m", "workout distance", WORKOUT),
    )
}
"""A day's workouts together, which no collection holds as a figure of the day."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A metric as a driver.

    Attributes:
        metric: The metric.
        unit: How much of it an effect is told for.
        unit_words: The same in words.
        is_of_day: Whether it happens by day, so that the night and day that follow are meant.
    """

    metric: Metric
    unit: float
    unit_words: str
    is_of_day: bool

    def lag(self, lag_days: int) -> int:
        """How many days after the driver's day the metric's day lies."""
        return lag_days + (1 if self.is_of_day else 0)

    @property
    def needs_event(self) -> bool:
        """Whether only days with a workout have a value."""
        return self.metric.name in WORKOUT_SUMS

    @property
    def words(self) -> str:
        """The driver in a sentence, per unit."""
        if self.metric.name.endswith("_min_from_midnight"):
            return f"per hour that {self.metric.label} is later"
        if self.metric.unit in {"steps", ""}:
            return f"per {self.unit_words}"
        if self.metric.name in _WORKOUT_METRICS:
            return f"per {self.unit_words} of workouts"
        return f"per {self.unit_words} of {self.metric.label}"


def driver_named(name: str, today: int) -> Driver:
    """The driver of this name or short name.

    Args:
        name: A daily metric, or a figure of the day's workouts.
        today: Today (ordinal) in the person's zone.

    Raises:
        UsageError: There is no such metric, or it sums up many days.
    """
    column = _column_named(name, today)
    metric = METRICS.get(_CLOCKS.get(column, column)) or _WORKOUT_METRICS.get(column)
    if metric is None:
        raise UsageError(
            f"There is no driver “{name.strip()[:40]}”.",
            hint="oura_effects without tag, when and driver looks at weekends; for weekdays and "
            "months ask oura_query by “weekday”."
            if column in CALENDAR
            else "Name a daily metric, e.g. steps, bedtime, total_sleep_min, stress_high_min, "
            "workout_min; for what was tagged use tag, for a condition when, e.g. "
            "workout = running.",
        )
    if metric.days_before:
        raise UsageError(
            f"{metric.name} sums up {metric.days_before} days, so neighbouring days share them and "
            "nothing can be told from one to the next.",
            hint="Name what it is made of, e.g. total_sleep_min, bedtime or steps.",
        )
    unit, words = _UNITS.get(metric.name) or _UNITS.get(metric.unit, (1.0, "point"))
    is_of_day = metric.collection in {*DAYTIME, WORKOUT} or metric.name in NAPS
    return Driver(metric, unit, words, is_of_day)


def condition_of_events(name: str, today: int) -> str | None:
    """The condition that stands for a driver that happens or not: workouts, sessions, tags.

    >>> condition_of_events("workouts", 739_000), condition_of_events("running", 739_000)
    ('workout = any', 'workout = running')

    Args:
        name: As in `driver_named`.
        today: Today (ordinal) in the person's zone.

    Returns:
        The condition; None where the driver is a number.
    """
    column = _column_named(name, today)
    if column in EVENT_WORDS:
        return f"{column} = any"
    return None if column else workout_condition(name)


def _column_named(name: str, today: int) -> str:
    field = vocabulary("days", today).find(name)
    return "" if field is None or field.offset else field.column.name


def relations_to(
    driver: Driver,
    metrics: Iterable[Metric],
    history: History,
    lag_days: int,
    left_out: frozenset[int],
) -> dict[str, Relation]:
    """The relation of each metric to a driver, not yet judged together.

    Metrics that cannot be judged (`is_made_of`, many days) are left out.
    """
    series = history.series
    if driver.metric.name not in series:
        return {}
    others = [
        metric
        for metric in metrics
        if metric.name in series
        and not metric.days_before
        and not is_made_of(driver, metric, lag_days)
    ]
    names = [driver.metric.name, *(metric.name for metric in others)]
    patterns = _patterns(series, names, left_out)
    cause = driver.metric.name
    return {
        metric.name: relate(
            series[cause],
            series[metric.name],
            traits(metric),
            lag_days=driver.lag(lag_days),
            left_out=left_out,
            patterns=(patterns.get(cause, {}), patterns.get(metric.name, {})),
        )
        for metric in others
    }


def is_made_of(driver: Driver, metric: Metric, lag_days: int) -> bool:
    """Whether a metric goes with a driver by definition: both are made of the same figures."""
    return metric == driver.metric or share_parts(
        driver.metric.name, metric.name, driver.lag(lag_days)
    )


def shares_the_night(driver: Driver, metrics: Sequence[Metric], lag_days: int) -> bool:
    """Whether driver and metrics are figures of one night, which only go together."""
    same = not driver.is_of_day and lag_days == 0
    return same and any(metric.collection is SLEEP for metric in metrics)


def _patterns(
    series: Mapping[str, Series], names: Sequence[str], left_out: frozenset[int]
) -> dict[str, dict[int, float]]:
    """What a rhythm of weeks adds to each series; nothing where there is none."""
    temperature = series.get(_TEMPERATURE)
    if temperature is None:
        return {}
    rhythm = find_rhythm(temperature.without(left_out), is_sure=False)
    return cyclic_patterns(rhythm, {name: series[name] for name in names}, left_out)
