"""The columns a query can use, by what its rows are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from annulet.analytics.query.columns import Column, Kind, Vocabulary
from annulet.errors import UsageError
from annulet.toolkit.dates import period_of
from annulet.toolkit.metrics import METRICS, Metric
from annulet.toolkit.short_names import SHORT_NAMES
from annulet.toolkit.sleep_kinds import KIND_WORDS, SLEEP_KIND

SHARES: Final = {
    "deep_pct": ("deep_min", "total_sleep_min"),
    "light_pct": ("light_min", "total_sleep_min"),
    "rem_pct": ("rem_min", "total_sleep_min"),
    "awake_pct": ("awake_min", "time_in_bed_min"),
}
"""Each share of a night: of which metric, by which."""
WORKOUT_SUMS: Final = {
    "workout_min": "duration_min",
    "workout_calories_kcal": "calories_kcal",
    "workout_distance_m": "distance_m",
}
"""Each figure of a day's workouts together, and the column of a workout that is summed."""
EVENT_WORDS: Final = ("tag", "workout", "session")
"""The columns of a day that hold the names of what happened."""
NAPS: Final = frozenset({"nap_min", "nap_count"})
"""Figures of sleep that belong to the day and not to its night."""
CLOCK_METRICS: Final = frozenset(
    {"bedtime_min_from_midnight", "midsleep_min_from_midnight", "wake_min_from_midnight"}
)
"""Metrics that are clock times, in minutes from midnight."""

_ADDITIVE_UNITS: Final = frozenset({"min", "steps", "kcal", "m"})
_NOT_ADDITIVE: Final = frozenset(
    {*CLOCK_METRICS, "latency_min", "sleep_debt_min", "social_jetlag_min"}
)
_ADDITIVE_COUNTS: Final = frozenset({"inactivity_alerts", "restless_periods"})
_ACTIVITIES: Final = {
    **dict.fromkeys(("run", "runs", "jog", "jogging", "laufen", "joggen"), ("running",)),
    **dict.fromkeys(("walk", "walks", "spaziergang", "gehen"), ("walking",)),
    **dict.fromkeys(("bike", "biking", "ride", "rides", "radfahren", "bicycling"), ("cycling",)),
    **dict.fromkeys(("swim", "swims", "schwimmen"), ("swimming",)),
    **dict.fromkeys(("hike", "hikes", "wandern"), ("hiking",)),
    **dict.fromkeys(
        ("strength", "weights", "gym", "lifting", "weight lifting", "krafttraining"),
        ("strength training", "weight training", "weightlifting"),
    ),
    **{
        name: (name,)
        for name in (
            *("yoga", "tennis", "rowing", "dancing", "elliptical", "pilates", "hiit", "boxing"),
            *("golf", "football", "soccer", "basketball", "volleyball", "badminton", "climbing"),
            *("skiing", "snowboarding", "surfing", "horseback riding", "martial arts"),
        )
    },
}

TAG_WORDS: Final = {
    german: (german, english)
    for german, english in {
        "alkohol": "alcohol",
        "koffein": "caffeine",
        "kaffee": "coffee",
        "krank": "sick",
        "reise": "travel",
        "späte mahlzeit": "late meal",
        "kopfschmerzen": "headache",
        "periode": "period",
    }.items()
}
"""German words for tags of Oura; the person may as well have a tag of their own that says so."""
_SESSIONS: Final = {
    **dict.fromkeys(("meditations", "meditating", "meditieren"), ("meditation",)),
    **dict.fromkeys(("breathwork", "breathing exercise", "atemübung"), ("breathing",)),
    **dict.fromkeys(("relaxing", "entspannung"), ("relaxation",)),
}


def _day_column(metric: Metric) -> Column:
    clock = metric.name in CLOCK_METRICS
    additive = metric.name in _ADDITIVE_COUNTS or (
        metric.unit in _ADDITIVE_UNITS and metric.name not in _NOT_ADDITIVE
    )
    return Column(
        metric.name,
        Kind.CLOCK if clock else Kind.NUMBER,
        metric.unit,
        metric.digits,
        additive=additive,
        ratio=metric.ratio,
        from_noon=clock and metric.name != "wake_min_from_midnight",
    )


def _columns(*columns: Column) -> dict[str, Column]:
    return {column.name: column for column in columns}


_BEDTIME: Final = Column("bedtime", Kind.CLOCK, from_noon=True)
_WAKE_TIME: Final = Column("wake_time", Kind.CLOCK)
_START: Final = Column("start", Kind.CLOCK)
_DURATION: Final = Column("duration_min", unit="min", additive=True)

DAY_COLUMNS: Final[dict[str, Column]] = {
    **{name: _day_column(metric) for name, metric in METRICS.items()},
    **_columns(
        _BEDTIME,
        _WAKE_TIME,
        *(Column(name, unit="%") for name in SHARES),
        Column("workout_count", additive=True),
        Column("nap_count", additive=True),
        Column("workout_min", unit="min", additive=True),
        Column("workout_calories_kcal", unit="kcal", additive=True),
        Column("workout_distance_m", unit="m", additive=True),
        Column("tag", Kind.WORDS, words=TAG_WORDS),
        Column("workout", Kind.WORDS, words=_ACTIVITIES),
        Column("session", Kind.WORDS, words=_SESSIONS),
    ),
}
"""The columns of a day."""

_SLEEP_METRICS: Final = (
    *("time_in_bed_min", "total_sleep_min", "deep_min", "light_min", "rem_min", "awake_min"),
    *("latency_min", "efficiency_pct", "hr_avg_bpm", "hr_lowest_bpm", "hrv_avg_ms"),
    *("breath_avg_per_min", "restless_periods"),
)

ROW_COLUMNS: Final[dict[str, dict[str, Column]]] = {
    "days": {},
    "sleeps": {
        **_columns(
            Column("type", Kind.WORD, words=KIND_WORDS),
            SLEEP_KIND,
            Column("start", Kind.CLOCK, from_noon=True),
            _BEDTIME,
            _WAKE_TIME,
        ),
        **{name: _day_column(METRICS[name]) for name in _SLEEP_METRICS},
        **_columns(*(Column(name, unit="%") for name in SHARES)),
    },
    "workouts": _columns(
        Column("activity", Kind.WORD, words=_ACTIVITIES),
        Column("intensity", Kind.WORD),
        Column("source", Kind.WORD),
        Column("label", Kind.WORD),
        _START,
        _DURATION,
        Column("calories_kcal", unit="kcal", additive=True),
        Column("distance_m", unit="m", additive=True),
        Column("speed_kmh", unit="km/h", digits=1),
        Column("hr_avg_bpm", unit="bpm"),
        Column("hr_max_bpm", unit="bpm"),
    ),
    "sessions": _columns(Column("type", Kind.WORD, words=_SESSIONS), _START, _DURATION),
    "tags": _columns(Column("tag", Kind.WORD, words=TAG_WORDS), _START, _DURATION),
}
"""The columns of the rows themselves, by what a row is."""

ROW_WORDS: Final = {
    "days": ("day", "days"),
    "sleeps": ("sleep", "sleeps"),
    "workouts": ("workout", "workouts"),
    "sessions": ("session", "sessions"),
    "tags": ("tag", "tags"),
}

MORE_IS_BETTER: Final = frozenset(
    {
        *("sleep_score", "readiness_score", "activity_score", "total_sleep_min", "sleep_24h_min"),
        *("hrv_avg_ms", "deep_min", "rem_min", "deep_pct", "rem_pct", "efficiency_pct", "steps"),
        *("recovery_high_min", "spo2_avg_pct", "vo2_max", "sleep_regularity_index"),
        *("distance_m", "workout_distance_m", "walking_distance_m", "speed_kmh"),
        *("active_calories_kcal", "calories_kcal", "workout_calories_kcal", "workout_count"),
        *("duration_min", "workout_min", "high_activity_min", "medium_activity_min"),
    }
)
"""Columns of which people call the largest value the best."""
LOWER_IS_BETTER: Final = frozenset(
    {
        *("hr_lowest_bpm", "latency_min", "awake_min", "awake_pct", "restless_periods"),
        *("stress_high_min", "sleep_debt_min", "social_jetlag_min", "vascular_age"),
        *("breathing_disturbance_index", "sedentary_min", "inactivity_alerts"),
    }
)
"""Columns of which people call the smallest value the best."""

LABELS: Final[Mapping[str, str]] = {
    **{name: metric.label for name, metric in METRICS.items()},
    "bedtime": "bedtime",
    "wake_time": "wake time",
    "workout_count": "workouts",
    "nap_count": "naps",
    "workout_min": "workout time",
    "workout_calories_kcal": "workout calories",
    "workout_distance_m": "workout distance",
    "duration_min": "duration",
    "calories_kcal": "calories",
    "distance_m": "distance",
    "speed_kmh": "speed",
    "hr_max_bpm": "highest heart rate",
    "start": "start",
}
"""The words of a sentence for a column."""


_OWN_NAMES: Final[dict[str, dict[str, str]]] = {
    "days": {},
    "sleeps": {"activity": "type"},
    "workouts": {
        "workout": "activity",
        "type": "activity",
        "name": "activity",
        **WORKOUT_SUMS,
    },
    "sessions": {"session": "type", "activity": "type", "name": "type"},
    "tags": dict.fromkeys(("type", "name", "activity", "label"), "tag"),
}
"""What the names of columns of days mean where the rows themselves have that figure."""


def _short_names(own: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The short names with the columns of the rows before those of their days."""
    names = dict(SHORT_NAMES)
    for short, columns in SHORT_NAMES.items():
        of_rows = [own[name] for name in columns if name in own]
        names[short] = (*of_rows, *columns)
    return {**names, **{name: (column, *names.get(name, ())) for name, column in own.items()}}


_SHORT_NAMES: Final = {of: _short_names(own) for of, own in _OWN_NAMES.items()}
_COUNTED: Final = {
    **dict.fromkeys(("nap", "naps", "nickerchen", "mittagsschlaf"), "nap_count"),
    **dict.fromkeys(("workout", "workouts", "training", "trainings"), "workout_count"),
}
"""Words for what happens on a day, with the column that holds how often."""


def workout_condition(name: str) -> str | None:
    """The condition of days with a kind of workout that has this name; None for other names.

    >>> workout_condition("Running"), workout_condition("magnesium")
    ('workout = running', None)
    """
    word = " ".join(name.casefold().replace("_", " ").split())
    known = {kind for kinds in _ACTIVITIES.values() for kind in kinds}
    if word in known:
        return f"workout = {word}"
    return f"workout = {_ACTIVITIES[word][0]}" if word in _ACTIVITIES else None


def vocabulary(of: str, today: int) -> Vocabulary:
    """The names a query understands when its rows are ``of`` this kind.

    Args:
        of: A key of `ROW_COLUMNS`.
        today: Today (ordinal) in the person's zone.
    """

    def period(words: str) -> tuple[int, int] | None:
        try:
            days = period_of(words, date.fromordinal(today))
        except UsageError:
            return None
        return days.start.toordinal(), days.end.toordinal()

    return Vocabulary(
        DAY_COLUMNS, ROW_COLUMNS[of], _SHORT_NAMES[of], today, _COUNTED, period if today else _none
    )


def _none(_: str) -> None:
    """Without a today no words mean a period."""
