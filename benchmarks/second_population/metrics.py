"""What a person's nights are made of: units, scales, sizes, roundings and how metrics go together.

Sizes and their sources stand in README.md. A metric on the ``log`` scale is drawn as the natural
logarithm of its value; every size in the truth is on the metric's own scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

HR = "hr_lowest_bpm"
HRV = "hrv_avg_ms"
BREATH = "breath_avg_per_min"
TEMPERATURE = "temperature_deviation_c"
SLEEP = "total_sleep_min"
DEEP = "deep_min"
REM = "rem_min"
EFFICIENCY = "efficiency_pct"
LATENCY = "latency_min"
STEPS = "steps"
STRESS = "stress_high_min"
BEDTIME = "bedtime_min_from_midnight"
SPO2 = "spo2_avg_pct"
SLEEP_SCORE = "sleep_score"
READINESS_SCORE = "readiness_score"
ACTIVITY_SCORE = "activity_score"


@dataclass(frozen=True, slots=True)
class Metric:
    """A drawn metric: what is usual among people and for one person, and what is possible.

    ``centre`` is the middle of the population and ``spread`` the SD between people; ``night_sd``
    the usual SD of one person's nights, ``memory`` the correlation of its fast part with the
    night before. These four are on the metric's scale. ``rounding`` is the step of the published
    value; ``low`` and ``high`` are its limits, in natural units.
    """

    name: str
    scale: str
    centre: float
    spread: float
    night_sd: float
    memory: float
    rounding: float
    low: float
    high: float


METRICS = {
    metric.name: metric
    for metric in (
        Metric(HR, "linear", 54.0, 6.0, 2.2, 0.42, 1, 30, 130),
        Metric(HRV, "log", math.log(38.0), 0.44, 0.16, 0.28, 1, 4, 240),
        Metric(BREATH, "linear", 15.2, 1.6, 0.5, 0.45, 0.125, 7, 32),
        Metric(TEMPERATURE, "linear", 0.0, 0.0, 0.19, 0.38, 0.01, -3.0, 4.0),
        Metric(SLEEP, "linear", 418.0, 34.0, 50.0, 0.03, 0.5, 60, 780),
        Metric(DEEP, "linear", 70.0, 16.0, 16.0, 0.12, 0.5, 0, 240),
        Metric(REM, "linear", 92.0, 16.0, 19.0, 0.06, 0.5, 0, 280),
        Metric(EFFICIENCY, "linear", 86.5, 3.0, 3.4, 0.15, 1, 35, 99),
        Metric(LATENCY, "log", math.log(11.0), 0.35, 0.5, 0.08, 0.5, 0, 120),
        Metric(STEPS, "log", math.log(7400.0), 0.33, 0.38, 0.18, 1, 0, 50000),
        Metric(STRESS, "log", math.log(80.0), 0.4, 0.55, 0.24, 15, 0, 720),
        Metric(BEDTIME, "linear", -35.0, 52.0, 36.0, 0.2, 1, -350, 1020),
        Metric(SPO2, "linear", 97.0, 0.7, 0.55, 0.3, 0.1, 80, 100),
    )
}
DRAWN = tuple(METRICS)
SCORES = (SLEEP_SCORE, READINESS_SCORE, ACTIVITY_SCORE)
NIGHTLY = (HR, HRV, BREATH, TEMPERATURE, SLEEP, DEEP, REM, EFFICIENCY, LATENCY, BEDTIME, SPO2)
DAILY = (STEPS, STRESS, ACTIVITY_SCORE)
ALL_METRICS = (*DRAWN, *SCORES)

# Which scores follow from which metrics: a change of the metric moves them too.
SCORE_INPUTS = {
    SLEEP_SCORE: (SLEEP, DEEP, REM, EFFICIENCY, LATENCY),
    READINESS_SCORE: (HR, HRV, TEMPERATURE, SLEEP, STEPS),
    ACTIVITY_SCORE: (STEPS,),
}

# Row by row, how much of a metric's noise comes from the independent draws of the metrics before
# it. The rest of its variance is its own draw. Constants, so no decomposition is computed.
LOADINGS: dict[str, dict[str, float]] = {
    HR: {},
    HRV: {HR: -0.58},
    BREATH: {HR: 0.3, HRV: -0.05},
    TEMPERATURE: {HR: 0.28, HRV: -0.02, BREATH: 0.12},
    SLEEP: {HR: -0.1, HRV: 0.08},
    DEEP: {HR: -0.12, HRV: 0.08, SLEEP: 0.34},
    REM: {HR: -0.02, SLEEP: 0.55, DEEP: -0.1},
    EFFICIENCY: {HR: -0.12, SLEEP: 0.3, DEEP: 0.05},
    LATENCY: {HR: 0.05, SLEEP: -0.14, EFFICIENCY: -0.4},
    STEPS: {SLEEP: -0.05},
    STRESS: {HR: 0.15, HRV: -0.2, SLEEP: -0.1, STEPS: 0.05},
    BEDTIME: {HR: 0.1, SLEEP: -0.4, EFFICIENCY: 0.1},
    SPO2: {HR: -0.08, BREATH: -0.15},
}


def scores_moved_by(metric: str) -> tuple[str, ...]:
    """Names the scores that a change of the metric moves as well."""
    return tuple(score for score, inputs in SCORE_INPUTS.items() if metric in inputs)
