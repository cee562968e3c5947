"""A small vocabulary and a way to ask queries of made-up days."""

from datetime import date

from annulet.analytics.query.columns import Column, Kind, Vocabulary
from annulet.analytics.query.engine import run
from annulet.analytics.query.evaluation import Evidence
from annulet.analytics.query.parser import parse_condition
from annulet.analytics.query.question import RecordQuery
from annulet.analytics.query.rows import DayFigures, Row

FIRST = date(2026, 5, 4).toordinal()  # a Monday
TODAY = date(2026, 6, 2).toordinal()

DAY_COLUMNS = {
    column.name: column
    for column in (
        Column("steps", unit="steps", additive=True),
        Column("hrv_avg_ms", unit="ms"),
        Column("total_sleep_min", unit="min", additive=True),
        Column("temperature_deviation_c", unit="°C", digits=2, ratio=False),
        Column("sleep_score"),
        Column("walking_distance_m", unit="m"),
        Column("bedtime", Kind.CLOCK, from_noon=True),
        Column("wake_time", Kind.CLOCK),
        Column("tag", Kind.WORDS),
        Column("workout", Kind.WORDS),
    )
}
WORKOUT_COLUMNS = {
    column.name: column
    for column in (
        Column("activity", Kind.WORD, words={"run": ("running",), "runs": ("running",)}),
        Column("intensity", Kind.WORD),
        Column("start", Kind.CLOCK),
        Column("duration_min", unit="min", additive=True),
        Column("distance_m", unit="m", additive=True),
    )
}
SHORT = {
    "hrv": ("hrv_avg_ms",),
    "sleep": ("total_sleep_min",),
    "distance": ("distance_m", "walking_distance_m"),
    "temperature": ("temperature_deviation_c",),
}
DAYS = Vocabulary(DAY_COLUMNS, short=SHORT, today=TODAY)
WORKOUTS = Vocabulary(DAY_COLUMNS, WORKOUT_COLUMNS, SHORT, TODAY)


def day_figures(columns):
    """Day figures from lists that begin on `FIRST`; None is no value."""
    return {
        name: {FIRST + n: v for n, v in enumerate(values) if v is not None}
        for name, values in columns.items()
    }


def evidence(columns, *, length=None, unfinished=(), today=None, usual=None):
    """DayFigures from lists that begin on `FIRST`."""
    count = length if length is not None else max(map(len, columns.values()))
    open_days = {} if today is None else dict.fromkeys(unfinished, today)
    days = DayFigures(day_figures(columns), open_days, today)
    return Evidence([Row(FIRST + n) for n in range(count)], days, usual or {})


def ask(records, *where, vocabulary=DAYS, metrics=(), **asked):
    """The result of a query written as text."""
    query = RecordQuery(
        where=tuple(parse_condition(text, vocabulary) for text in where),
        metrics=tuple(vocabulary.resolve(name) for name in metrics),
        last_day=max((row.day for row in records.rows), default=0),
        **asked,
    )
    return run(query, records)


def matched(columns, *where, **known):
    """The counts of a query that only counts."""
    counts = ask(evidence(columns, **known), *where, calculate=("count",)).matched
    return counts.rows, counts.of, counts.unknown
