"""Documents of whole days: activity, stress, blood oxygen, resilience, heart health."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from annulet.simulator.world.activity import SLOTS, ActivityDay
from annulet.simulator.world.document import Document, local, samples
from annulet.simulator.world.draws import identity, stream
from annulet.simulator.world.life import Life
from annulet.simulator.world.night_records import daily_key

__all__ = [
    "activity",
    "cardiovascular_age",
    "resilience",
    "spo2",
    "stress",
    "vo2_max",
]

_ACTIVITY = (
    "meet_daily_targets",
    "move_every_hour",
    "recovery_time",
    "stay_active",
    "training_frequency",
    "training_volume",
)
_TARGET_CALORIES = 450
_TARGET_METERS = 8000


def _midnight(life: Life, index: int) -> datetime:
    return datetime.combine(life.places.day(index), time(), UTC)


def _with_night(
    life: Life, name: str, index: int, until: datetime, data: dict[str, Any]
) -> Iterator[Document]:
    """A document that appears with the night of its day and is found by its day in UTC."""
    night = life.night(index)
    if night is None or night.opened > until:
        return
    document = identity(life.traits.seed, name, index)
    yield Document(
        id=document,
        key=_midnight(life, index),
        visible=night.opened,
        settled=night.opened,
        data={"id": document, "day": life.places.day(index).isoformat(), **data},
    )


def activity(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``daily_activity``: the current day as far as it is synced."""
    day = life.activity.day(index, until)
    if day is None:
        return
    name = identity(life.traits.seed, "daily_activity", index)
    yield Document(
        id=name,
        key=day.start,
        visible=day.start,
        settled=day.start + timedelta(days=1),
        data={
            "id": name,
            "class_5_min": day.classes,
            **_counters(day),
            "contributors": _contributors(life, index, day.score),
            "met": lambda: samples(day.start, 60.0, life.activity.met(index, len(day.classes))),
            "day": life.places.day(index).isoformat(),
            "timestamp": local(day.start),
        },
    )


def _contributors(life: Life, index: int, score: int) -> dict[str, int]:
    rng = stream(life.traits.seed, "contributors", "activity", index)
    return {name: max(1, min(100, round(rng.gauss(score, 10)))) for name in _ACTIVITY}


def _counters(day: ActivityDay) -> dict[str, Any]:
    slots = len(day.classes)
    met = sum(day.met_minutes(kind) for kind in "12345")
    return {
        "score": day.score if slots == SLOTS or slots > SLOTS // 4 else None,
        "active_calories": day.active_calories,
        "average_met_minutes": round(met / (slots * 5), 4),
        "equivalent_walking_distance": day.walked,
        "high_activity_met_minutes": day.met_minutes("5"),
        "high_activity_time": day.seconds("5"),
        "inactivity_alerts": day.classes.count("2" * 12),
        "low_activity_met_minutes": day.met_minutes("3"),
        "low_activity_time": day.seconds("3"),
        "medium_activity_met_minutes": day.met_minutes("4"),
        "medium_activity_time": day.seconds("4"),
        "meters_to_target": _TARGET_METERS - day.walked,
        "non_wear_time": day.seconds("0"),
        "resting_time": day.seconds("1"),
        "sedentary_met_minutes": day.met_minutes("2"),
        "sedentary_time": day.seconds("2"),
        "steps": day.steps,
        "target_calories": _TARGET_CALORIES,
        "target_meters": _TARGET_METERS,
        "total_calories": day.total_calories,
    }


def stress(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``daily_stress``: seconds, growing through the day."""
    start = life.places.instant(index, 8 * 3600)
    if until < start or not life.wear.day(index):
        return
    found = life.scores.stress_until(index, until)
    name = identity(life.traits.seed, "daily_stress", index)
    settled = start + timedelta(hours=14)
    yield Document(
        id=name,
        key=_midnight(life, index),
        visible=start,
        settled=settled,
        data={
            "id": name,
            "day": life.places.day(index).isoformat(),
            "stress_high": found[0] if found else None,
            "recovery_high": found[1] if found else None,
            "day_summary": life.scores.day(index).stress_summary if until >= settled else None,
        },
    )


def resilience(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``daily_resilience``."""
    day = life.scores.day(index)
    if day.balance is None:
        return
    parts = dict(zip(("sleep_recovery", "daytime_recovery", "stress"), day.balance, strict=True))
    data = {"contributors": parts, "level": day.resilience}
    yield from _with_night(life, "daily_resilience", index, until, data)


def spo2(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``daily_spo2``."""
    day = life.scores.day(index)
    average: dict[str, Any] | None = {"average": day.spo2}
    if life.traits.sparse and index % 6 == 0:
        average = None
    elif life.traits.sparse and index % 6 == 1:
        average = {"average": None}
    data = {"breathing_disturbance_index": day.breathing_disturbance, "spo2_percentage": average}
    yield from _with_night(life, "daily_spo2", index, until, data)


def cardiovascular_age(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``daily_cardiovascular_age``; some documents of sparse people have no id."""
    day = life.scores.day(index)
    if day.vascular_age is None:
        return
    data = {"pulse_wave_velocity": day.pulse_wave_velocity, "vascular_age": day.vascular_age}
    for document in _with_night(life, "daily_cardiovascular_age", index, until, data):
        if life.traits.sparse and index % 4 == 3:
            document.data.pop("id")
        yield document


def vo2_max(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``vO2_max``: an estimate every nine days."""
    value = life.scores.day(index).vo2_max
    if value is None:
        return
    key, stamp = daily_key(life, index)
    for document in _with_night(life, "vO2_max", index, until, {"vo2_max": value}):
        document.data["timestamp"] = stamp
        yield Document(document.id, key, document.visible, document.settled, document.data)
