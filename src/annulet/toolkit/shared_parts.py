"""What each metric is reckoned from, so that nothing is said to go with a part of itself.

A longer night has more REM sleep, and a day of many steps a higher activity score: both follow
from how the figures are made and say nothing about the person. The parts are those of the
definitions: Oura's contributors for the scores, plain arithmetic for the rest.
"""

from __future__ import annotations

from typing import Final

_STAGES: Final = frozenset({"deep", "light", "rem"})
_AWAKE: Final = frozenset({"awake", "latency"})
_IN_BED: Final = _STAGES | _AWAKE
_CLOCK: Final = frozenset({"bedtime", "waking"})
_SLEEP: Final = _IN_BED | _CLOCK | {"restless"}
_MOVING: Final = frozenset({"moving"})
_READINESS: Final = _SLEEP | {"hrv", "pulse asleep", "temperature"}


_MADE_OF: Final[dict[tuple[str, ...], frozenset[str]]] = {
    ("sleep_score",): _SLEEP,
    ("readiness_score",): _READINESS,
    ("activity_score",): _MOVING | {"sitting"},
    ("total_sleep_min",): _STAGES,
    ("sleep_24h_min", "sleep_debt_min"): _STAGES | {"nap"},
    ("nap_min", "nap_count"): frozenset({"nap"}),
    ("deep_min",): frozenset({"deep"}),
    ("light_min",): frozenset({"light"}),
    ("rem_min",): frozenset({"rem"}),
    ("deep_pct", "light_pct", "rem_pct"): _STAGES,
    ("awake_min",): _AWAKE,
    ("latency_min",): frozenset({"latency"}),
    ("time_in_bed_min",): _IN_BED | _CLOCK,
    ("efficiency_pct", "awake_pct"): _IN_BED,
    ("restless_periods",): frozenset({"restless"}),
    ("bedtime_min_from_midnight", "bedtime"): frozenset({"bedtime"}),
    ("wake_min_from_midnight", "wake_time"): frozenset({"waking"}),
    ("midsleep_min_from_midnight", "sleep_regularity_index", "social_jetlag_min"): _CLOCK,
    ("hrv_avg_ms", "hrv_7d_vs_60d_pct"): frozenset({"hrv"}),
    ("hr_lowest_bpm", "hr_avg_bpm", "hr_max_bpm"): frozenset({"pulse asleep"}),
    ("temperature_deviation_c", "temperature_trend_deviation_c"): frozenset({"temperature"}),
    ("breath_avg_per_min",): frozenset({"breath"}),
    ("spo2_avg_pct", "breathing_disturbance_index"): frozenset({"oxygen"}),
    ("stress_high_min", "recovery_high_min"): frozenset({"daytime stress"}),
    ("vascular_age", "pulse_wave_velocity_m_per_s"): frozenset({"pulse wave"}),
    ("vo2_max",): frozenset({"vo2"}),
    (
        *("steps", "active_calories_kcal", "total_calories_kcal", "walking_distance_m"),
        *("high_activity_min", "medium_activity_min", "low_activity_min", "training_load"),
        *("workout_min", "workout_count", "workout_calories_kcal", "workout_distance_m"),
    ): _MOVING,
    ("sedentary_min", "inactivity_alerts"): frozenset({"sitting"}),
    ("resting_min",): _STAGES | {"nap", "resting"},
    ("non_wear_min",): frozenset({"off the finger"}),
    ("duration_min",): frozenset({"length"}),
    ("distance_m",): frozenset({"way"}),
    ("speed_kmh",): frozenset({"length", "way"}),
    ("calories_kcal",): frozenset({"length", "effort"}),
}
"""The parts of each figure that are of the row's own day (of the night, of the workout)."""

_MADE_OF_EARLIER: Final[dict[tuple[str, ...], frozenset[str]]] = {
    ("readiness_score",): _READINESS | _MOVING,
    ("activity_score", "training_load"): _MOVING,
    ("sleep_debt_min",): _STAGES | {"nap"},
    ("sleep_regularity_index", "social_jetlag_min"): _CLOCK,
    ("hrv_7d_vs_60d_pct",): frozenset({"hrv"}),
    ("temperature_trend_deviation_c",): frozenset({"temperature"}),
}
"""The parts of a figure that are of the days before."""

_PARTS: Final = {name: parts for names, parts in _MADE_OF.items() for name in names}
_EARLIER_PARTS: Final = {name: parts for names, parts in _MADE_OF_EARLIER.items() for name in names}
KNOWN: Final = frozenset(_PARTS)
"""The metrics and columns of which the parts are known."""


def share_parts(metric_a: str, metric_b: str, days_apart: int | None = None) -> bool:
    """Whether two figures are made of the same, so that they go together by definition.

    Args:
        metric_a: The name of a metric, or of a column of a query.
        metric_b: Another one, or the same.
        days_apart: How many days the day of ``metric_b`` is after that of ``metric_a``; None
            where any day counts.

    >>> share_parts("deep_min", "total_sleep_min"), share_parts("deep_min", "steps")
    (True, False)
    >>> share_parts("steps", "readiness_score", 0), share_parts("steps", "readiness_score", 1)
    (False, True)
    """
    if days_apart is None:
        return any(share_parts(metric_a, metric_b, days) for days in (-1, 0, 1))
    if days_apart < 0:
        return share_parts(metric_b, metric_a, -days_apart)
    if days_apart == 0:
        return metric_a == metric_b or bool(_parts(metric_a) & _parts(metric_b))
    earlier = _parts(metric_a) | _EARLIER_PARTS.get(metric_a, frozenset())
    return bool(earlier & _EARLIER_PARTS.get(metric_b, frozenset()))


def _parts(name: str) -> frozenset[str]:
    return _PARTS.get(name, frozenset())
