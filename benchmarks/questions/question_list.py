"""The nine everyday questions, and what an assistant would call to answer each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

__all__ = ["NAMES", "QUESTIONS", "Call", "Question"]

Arguments = dict[str, Any]
Call = tuple[str, Arguments]
"""A tool and its arguments."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        name: Its short name.
        words: What a person would say.
        tool: The tool of annulet that answers it.
        chosen: The arguments an assistant chooses after reading our tool descriptions.
        plain: The fewest arguments that still ask the question.
        peer: The calls of the peer, by today and the zone, as its own descriptions advise.
        scope: The permission without which no tool can answer.
    """

    name: str
    words: str
    tool: str
    chosen: Arguments
    plain: Arguments
    peer: Callable[[date, str], list[Call]]
    scope: str = "daily"


def _query(collection: str, start: date | str, end: date | str, *fields: str) -> Call:
    return "oura_query", {
        "collection": collection,
        "start": str(start),
        "end": str(end),
        "fields": list(fields),
        "format": "csv",
    }


def _back(today: date, days: int) -> date:
    return today - timedelta(days=days)


_NIGHT: Final = (
    "day",
    "type",
    "total_sleep_duration",
    "deep_sleep_duration",
    "rem_sleep_duration",
    "light_sleep_duration",
    "awake_time",
    "efficiency",
    "average_hrv",
    "lowest_heart_rate",
)


def _nights(days: int) -> Callable[[date, str], list[Call]]:
    return lambda today, _zone: [
        _query("sleep", _back(today, days - 1), today, *_NIGHT),
        _query("daily_sleep", _back(today, days - 1), today, "day", "score"),
    ]


def _daily(collection: str, *fields: str) -> Callable[[date, str], list[Call]]:
    return lambda today, _zone: [_query(collection, _back(today, 29), today, "day", *fields)]


def _heart(today: date, zone: str) -> list[Call]:
    ends = [
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).isoformat()
        for day in (_back(today, 1), today)
    ]
    return [_query("heartrate", ends[0], ends[1], "timestamp", "bpm", "source")]


def _vitals(days: int) -> Callable[[date, str], list[Call]]:
    night = ("day", "type", "average_hrv", "lowest_heart_rate", "average_breath")
    return lambda today, _zone: [
        _query("sleep", _back(today, days - 1), today, *night, "total_sleep_duration"),
        _query("daily_readiness", _back(today, days - 1), today, "day", "temperature_deviation"),
    ]


def _compared(metric: str, today: date, days: int) -> Call:
    """The last days that are over against as many before them."""
    return "oura_compare", {
        "metric": metric,
        "a_start": str(_back(today, 2 * days)),
        "a_end": str(_back(today, days + 1)),
        "b_start": str(_back(today, days)),
        "b_end": str(_back(today, 1)),
    }


_WEEKLY: Final = ("sleep_score", "hrv_avg_ms", "steps")


def _weeks(today: date, _zone: str) -> list[Call]:
    metrics = ("daily_sleep.score", "sleep.average_hrv", "daily_activity.steps")
    return [_compared(metric, today, 7) for metric in metrics]


QUESTIONS: Final = (
    Question(
        "last_night",
        "How did I sleep last night?",
        "oura_daily_summary",
        {"start": "last night", "sections": ["sleep"]},
        {},
        _nights(1),
    ),
    Question(
        "sleep_7d",
        "My sleep of the last 7 nights?",
        "oura_daily_summary",
        {"start": "last 7 days", "sections": ["sleep"]},
        {"start": "last 7 days"},
        _nights(7),
    ),
    Question(
        "readiness_30d",
        "My readiness of the last 30 days?",
        "oura_daily_summary",
        {"start": "last 30 days", "metrics": ["readiness_score"]},
        {"start": "last 30 days"},
        _daily("daily_readiness", "score", "temperature_deviation"),
    ),
    Question(
        "hr_yesterday",
        "My heart rate yesterday?",
        "oura_intraday",
        {"metric": "heart_rate", "start": "yesterday"},
        {},
        _heart,
        "heartrate",
    ),
    Question(
        "hrv_trend_90d",
        "Is my HRV rising over 90 days?",
        "oura_trends",
        {"metrics": ["hrv_avg_ms"], "window_days": 90},
        {"window_days": 90},
        lambda today, _zone: [_compared("sleep.average_hrv", today, 45)],
    ),
    Question(
        "anomalies_30d",
        "Anything unusual in 30 days?",
        "oura_anomalies",
        {"start": "last 30 days"},
        {},
        _vitals(30),
    ),
    Question(
        "anomalies_90d",
        "Anything unusual in 90 days?",
        "oura_anomalies",
        {"start": "last 90 days"},
        {"start": "last 90 days"},
        _vitals(90),
    ),
    Question(
        "week_vs_last",
        "This week against last week?",
        "oura_compare",
        {"period": "this week", "against": "last week", "metrics": list(_WEEKLY)},
        {"against": "last week"},
        _weeks,
    ),
    Question(
        "steps_30d",
        "My steps of the last 30 days?",
        "oura_daily_summary",
        {"start": "last 30 days", "metrics": ["steps"]},
        {"start": "last 30 days"},
        _daily("daily_activity", "steps"),
    ),
)

NAMES: Final = tuple(question.name for question in QUESTIONS)
