"""A person's truth as JSON, for tests in other processes."""

from __future__ import annotations

from datetime import date, timedelta

from annulet.simulator.world.main_sleep import MainSleep
from annulet.simulator.world.person import Person
from annulet.simulator.world.truth import Truth


def describe_truth(person: Person, first: str | None, last: str | None) -> dict[str, object]:
    """Return what is true between two days, both included; by default the last thirty days."""
    truth = person.truth
    end = date.fromisoformat(last) if last else truth.today
    start = date.fromisoformat(first) if first else end - timedelta(days=29)
    days = [start + timedelta(days=k) for k in range((end - start).days + 1)]
    return {
        "today": truth.today.isoformat(),
        "synced": truth.last_sync.isoformat(),
        "first_day": truth.first_day.isoformat(),
        "days": {
            day.isoformat(): _describe_day(truth, day) for day in days if day >= truth.first_day
        },
        "illness": [
            {"start": episode.start.isoformat(), "end": episode.end.isoformat()}
            for episode in truth.illness
        ],
        "alcohol_nights": [day.isoformat() for day in truth.alcohol_nights],
        "hrv_rise_per_week": truth.hrv_rise_per_week,
        "ring": truth.ring.hardware_type,
        "battery": truth.battery.level if truth.battery else None,
        "workouts": len(truth.workouts(start, end)),
        "sessions": len(truth.sessions(start, end)),
        "tags": len(truth.tags(start, end)),
    }


def _describe_day(truth: Truth, day: date) -> dict[str, object]:
    night, scores = truth.night(day), truth.day(day)
    activity, stress = truth.activity(day), truth.stress(day)
    return {
        "zone": truth.zone(day),
        "night": _describe_sleep(night) if night else None,
        "sleeps": len(truth.sleeps(day)),
        "sleep_score": scores.sleep_score if night else None,
        "readiness_score": scores.readiness_score if night else None,
        "temperature_deviation": scores.temperature_deviation if night else None,
        "steps": activity.steps if activity else None,
        "active_calories": activity.active_calories if activity else None,
        "stress_high": stress[0] if stress else None,
        "recovery_high": stress[1] if stress else None,
        "spo2": scores.spo2 if night else None,
        "vascular_age": scores.vascular_age if night else None,
        "resilience": scores.resilience if night else None,
    }


def _describe_sleep(sleep: MainSleep) -> dict[str, object]:
    return {
        "bedtime_start": sleep.start.isoformat(),
        "bedtime_end": sleep.end.isoformat(),
        "type": "long_sleep",
        "total_sleep_duration": sleep.total,
        "deep_sleep_duration": sleep.deep,
        "rem_sleep_duration": sleep.rem,
        "light_sleep_duration": sleep.light,
        "awake_time": sleep.awake,
        "time_in_bed": sleep.in_bed,
        "latency": sleep.latency,
        "efficiency": sleep.efficiency,
        "lowest_heart_rate": sleep.lowest if sleep.has_heart_rate else None,
        "average_hrv": sleep.hrv if sleep.has_heart_rate else None,
        "average_breath": sleep.breath if sleep.has_heart_rate else None,
    }
