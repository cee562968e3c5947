"""Which metrics are made of the same: an answer must not call that a finding."""

from __future__ import annotations

import pytest

from annulet.analytics.query.columns import Kind
from annulet.toolkit.metrics import METRICS
from annulet.toolkit.query_columns import DAY_COLUMNS, ROW_COLUMNS
from annulet.toolkit.shared_parts import KNOWN, share_parts

_MADE_OF_THE_SAME = [
    ("total_sleep_min", "time_in_bed_min"),
    ("total_sleep_min", "sleep_24h_min"),
    ("total_sleep_min", "sleep_score"),
    ("total_sleep_min", "efficiency_pct"),
    ("total_sleep_min", "sleep_debt_min"),
    ("total_sleep_min", "readiness_score"),
    ("deep_min", "deep_pct"),
    ("deep_pct", "rem_pct"),
    ("bedtime", "midsleep_min_from_midnight"),
    ("bedtime_min_from_midnight", "bedtime"),
    ("bedtime", "sleep_regularity_index"),
    ("steps", "active_calories_kcal"),
    ("steps", "activity_score"),
    ("steps", "walking_distance_m"),
    ("steps", "readiness_score"),
    ("workout_min", "active_calories_kcal"),
    ("hrv_avg_ms", "readiness_score"),
    ("hrv_avg_ms", "hrv_7d_vs_60d_pct"),
    ("distance_m", "speed_kmh"),
]
_DIFFERENT_THINGS = [
    ("deep_min", "rem_min"),
    ("total_sleep_min", "hrv_avg_ms"),
    ("total_sleep_min", "steps"),
    ("bedtime", "total_sleep_min"),
    ("bedtime", "hr_lowest_bpm"),
    ("steps", "hrv_avg_ms"),
    ("steps", "sleep_score"),
    ("hrv_avg_ms", "hr_lowest_bpm"),
    ("distance_m", "duration_min"),
    ("stress_high_min", "sleep_score"),
]


@pytest.mark.parametrize(("metric_a", "metric_b"), _MADE_OF_THE_SAME)
def test_made_of_the_same(metric_a: str, metric_b: str) -> None:
    """Figures of which one holds the other go together by definition, in both orders."""
    assert share_parts(metric_a, metric_b)
    assert share_parts(metric_b, metric_a)


@pytest.mark.parametrize(("metric_a", "metric_b"), _DIFFERENT_THINGS)
def test_different_things(metric_a: str, metric_b: str) -> None:
    """What a person may want to relate is not taken for one thing."""
    assert not share_parts(metric_a, metric_b)
    assert not share_parts(metric_b, metric_a)


def test_days_between_them() -> None:
    """A score that holds the days before shares with them, and not with its own day's steps."""
    assert share_parts("steps", "readiness_score", 1)
    assert not share_parts("steps", "readiness_score", 0)
    assert not share_parts("readiness_score", "steps", 1)
    assert not share_parts("total_sleep_min", "deep_min", 1)
    assert share_parts("sleep_24h_min", "sleep_debt_min", 1)
    assert share_parts("sleep_debt_min", "sleep_debt_min", 1)


def test_every_figure_is_known() -> None:
    """No metric and no figure of a query is missing in the table, and each one is its own part."""
    columns = [DAY_COLUMNS, *ROW_COLUMNS.values()]
    figures = {
        column.name
        for table in columns
        for column in table.values()
        if column.kind is Kind.NUMBER or (column.kind is Kind.CLOCK and column.name != "start")
    }
    assert figures | set(METRICS) <= KNOWN
    assert all(share_parts(name, name) for name in figures)
