"""Questions in people's words, each with the one call that answers it.

``docs/generate.py`` writes them as a page; a test asks every one of them.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["QUESTIONS"]

Call = tuple[str, dict[str, Any]]


def _query(**arguments: Any) -> Call:
    return "oura_query", arguments


QUESTIONS: Final[dict[str, dict[str, Call]]] = {
    "Counts and shares": {
        "On how many days of the last month did I walk 10,000 steps?": _query(
            where=["steps >= 10000"], calculate=["count", "share_pct"]
        ),
        "How often did I sleep less than seven hours this year?": _query(
            start="this year", where=["total_sleep_min < 7h"]
        ),
        "On how many nights was my HRV above 50?": _query(where=["hrv_avg_ms > 50"]),
        "How many nights had both little deep sleep and a low HRV?": _query(
            where=["deep_min < 60", "hrv_avg_ms < usual_low"], start="last 90 days"
        ),
        "How often was I in bed after 23:30?": _query(where=["bedtime > 23:30"]),
        "How many Saturdays and Sundays did I stay under 5,000 steps?": _query(
            where=["steps < 5000", "weekday = sat,sun"], start="last 90 days"
        ),
        "What share of my nights has an efficiency of 85 % or more?": _query(
            where=["efficiency_pct >= 85"], calculate=["share_pct"], start="last 90 days"
        ),
        "How often was my readiness below 70 after a night under six hours?": _query(
            where=["readiness_score < 70", "total_sleep_min < 6h"], start="last 180 days"
        ),
        "On how many days did my resting heart rate rise against the day before?": _query(
            where=["hr_lowest_bpm > previous.hr_lowest_bpm"]
        ),
        "How many days was stress above an hour?": _query(where=["stress_high_min > 1h"]),
        "How many nights was my temperature more than half a degree off?": _query(
            where=["temperature_deviation_c > 0.5 or temperature_deviation_c < -0.5"],
            start="last 180 days",
        ),
    },
    "Averages and extremes": {
        "What is my average HRV this month?": _query(
            metrics=["hrv_avg_ms"], start="this month", calculate=["mean"]
        ),
        "What was my lowest resting heart rate this year, and when?": _query(
            metrics=["hr_lowest_bpm"], start="this year", calculate=["min"]
        ),
        "What was my best sleep score in the last 90 days?": _query(
            metrics=["sleep_score"], start="last 90 days", calculate=["max"]
        ),
        "How many steps did I walk last week in total?": _query(
            metrics=["steps"], start="last week", calculate=["sum"]
        ),
        "When do I usually go to bed, and how much does that vary?": _query(
            metrics=["bedtime"], calculate=["mean", "sd"]
        ),
        "When do I usually wake up?": _query(metrics=["wake_time"], calculate=["mean", "median"]),
        "How much deep sleep do I get in percent?": _query(
            metrics=["deep_pct"], calculate=["mean"]
        ),
        "How variable is my sleep?": _query(
            metrics=["total_sleep_min"], calculate=["sd", "cv_pct"], start="last 90 days"
        ),
        "What is my median time to fall asleep?": _query(
            metrics=["latency_min"], calculate=["median"]
        ),
        "What were my three best days for steps?": _query(
            metrics=["steps"], sort="-steps", limit=3
        ),
        "Which five nights had the lowest HRV this year?": _query(
            metrics=["hrv_avg_ms"], sort="hrv_avg_ms", limit=5, start="this year"
        ),
        "How many calories do I burn on an average day?": _query(
            metrics=["total_calories_kcal"], calculate=["mean"]
        ),
        "What step count do I reach on nine days in ten?": _query(
            metrics=["steps"], calculate=["p10"], start="last 90 days"
        ),
    },
    "By weekday, month, season": {
        "On which weekday do I sleep best?": _query(
            metrics=["total_sleep_min"], by="weekday", start="last 90 days"
        ),
        "Do I sleep longer at weekends?": _query(
            metrics=["total_sleep_min"], by="weekend", start="last 90 days"
        ),
        "Which was my best month for steps?": _query(
            metrics=["steps"],
            by="month",
            calculate=["mean"],
            sort="-mean",
            limit=1,
            start="last 12 months",
        ),
        "How did my HRV change from month to month?": _query(
            metrics=["hrv_avg_ms"],
            by="month",
            calculate=["mean", "change"],
            start="last 6 months",
        ),
        "On which weekday do I walk least?": _query(
            metrics=["steps"],
            by="weekday",
            calculate=["mean"],
            sort="mean",
            limit=1,
            start="last 90 days",
        ),
        "How late do I go to bed on Fridays?": _query(
            metrics=["bedtime"], where=["night = fri"], start="last 90 days"
        ),
        "How was my sleep in each quarter?": _query(
            metrics=["sleep_score"], by="quarter", calculate=["mean"], start="last 12 months"
        ),
        "How did the first week of April compare with last week?": _query(
            metrics=["steps"], by="2026-04-01..2026-04-07; last week", calculate=["mean", "change"]
        ),
        "How was my resting heart rate with each ring?": _query(
            metrics=["hr_lowest_bpm"], by="ring", calculate=["mean"], start="last 12 months"
        ),
    },
    "Streaks": {
        "What is my longest run of days with 8,000 steps?": _query(
            where=["steps >= 8000"], calculate=["longest_streak"], start="last 90 days"
        ),
        "For how many nights in a row have I slept seven hours?": _query(
            where=["total_sleep_min >= 7h"], calculate=["current_streak"]
        ),
        "What is my longest stretch without alcohol?": _query(
            where=["tag != alcohol"],
            calculate=["longest_streak", "current_streak"],
            start="last 180 days",
        ),
        "How many days in a row have I worked out?": _query(
            where=["workout = any"],
            calculate=["longest_streak", "current_streak"],
            start="last 90 days",
        ),
    },
    "Workouts, sessions, naps, tags": {
        "How far were my last three runs on average?": _query(
            of="workouts",
            where=["activity = running"],
            sort="-start",
            limit=3,
            metrics=["distance_m"],
            calculate=["mean"],
        ),
        "How often did I work out this month?": _query(of="workouts", start="this month"),
        "Which sport do I spend most time on?": _query(
            of="workouts",
            by="activity",
            metrics=["duration_min"],
            calculate=["sum", "sum_pct"],
            sort="-sum",
            start="last 12 months",
        ),
        "What was my longest workout?": _query(
            of="workouts", metrics=["duration_min"], calculate=["max"], start="last 12 months"
        ),
        "How many calories did I burn running this year?": _query(
            of="workouts",
            where=["activity = running"],
            metrics=["calories_kcal"],
            calculate=["sum"],
            start="this year",
        ),
        "How often do I work out after six in the evening?": _query(
            of="workouts", where=["start >= 18:00"], start="last 90 days"
        ),
        "How many naps did I take, and how long?": _query(
            of="sleeps",
            where=["type = nap"],
            metrics=["total_sleep_min"],
            calculate=["count", "mean"],
            start="last 90 days",
        ),
        "How often did I meditate?": _query(of="sessions", by="type", start="last 90 days"),
        "Which tags do I use most?": _query(
            of="tags", by="tag", sort="-count", start="last 180 days"
        ),
        "How many minutes did I train on an average training day?": _query(
            metrics=["workout_min"], calculate=["mean", "count"], start="last 90 days"
        ),
    },
    "What goes with what": {
        "How is my HRV after alcohol?": _query(
            metrics=["hrv_avg_ms"], where=["previous.tag = alcohol"], start="last 180 days"
        ),
        "Do I sleep differently after days with many steps?": _query(
            metrics=["total_sleep_min"], by="previous.steps >= 10000", start="last 180 days"
        ),
        "How is my readiness after a workout day?": _query(
            metrics=["readiness_score"], by="previous.workout = any", start="last 180 days"
        ),
        "How do I sleep when I go to bed before 23:00?": _query(
            metrics=["total_sleep_min", "deep_min"], by="bedtime < 23:00", start="last 90 days"
        ),
        "What does alcohol do to me?": ("oura_effects", {"tag": "alcohol"}),
    },
    "Rhythm and need": {
        "How regular is my sleep?": _query(metrics=["sleep_regularity_index"], calculate=["mean"]),
        "How large is my sleep debt?": _query(
            metrics=["sleep_debt_min"], calculate=["max", "mean"]
        ),
        "How much social jet lag do I have?": _query(
            metrics=["social_jetlag_min"], calculate=["mean"]
        ),
        "How does this week's training load compare with the last month?": _query(
            metrics=["training_load"], start="last 7 days", calculate=["mean"]
        ),
    },
    "Everyday": {
        "How did I sleep last night?": ("oura_daily_summary", {}),
        "Is my HRV rising?": ("oura_trends", {"metrics": ["hrv_avg_ms"]}),
        "Was anything unusual lately?": ("oura_anomalies", {}),
        "Is this week different from last week?": ("oura_compare", {}),
    },
}
"""Each question by its family."""
