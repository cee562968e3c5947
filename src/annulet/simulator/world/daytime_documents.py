"""Documents that grow through the day: activity and stress."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from annulet.simulator.world.activity import SLOTS_A_DAY, ActivityDay
from annulet.simulator.world.daily_scores import STRESS_DAY, STRESS_START_S
from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import stable_uuid
from annulet.simulator.world.score_documents import draw_contributors, utc_midnight
from annulet.simulator.world.stored_document import StoredDocument, format_local, sample_object

_CONTRIBUTORS: Final = (
    "meet_daily_targets",
    "move_every_hour",
    "recovery_time",
    "stay_active",
    "training_frequency",
    "training_volume",
)
_TARGET_CALORIES: Final = 450
_TARGET_METERS: Final = 8000


def build_activity(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``daily_activity``; the current day reaches as far as the last sync."""
    day = model.activity.day(index, until)
    if day is None:
        return
    document_id = stable_uuid(model.traits.seed, "daily_activity", index)

    def met() -> dict[str, object]:
        values = model.activity.met_values(index, len(day.classes))
        return sample_object(day.start, 60.0, values)

    yield StoredDocument(
        id=document_id,
        key=day.start,
        visible_from=day.start,
        final_from=day.start + timedelta(days=1),
        data={
            "id": document_id,
            "class_5_min": day.classes,
            **_activity_measures(day),
            "contributors": draw_contributors(
                model, index, "activity", _CONTRIBUTORS, mean=day.score, sd=10
            ),
            "met": met,
            "day": model.calendar.day(index).isoformat(),
            "timestamp": format_local(day.start),
        },
    )


def _activity_measures(day: ActivityDay) -> dict[str, object]:
    slots = len(day.classes)
    met_minutes = sum(day.met_minutes(activity_class) for activity_class in "12345")
    return {
        "score": day.score if slots > SLOTS_A_DAY // 4 else None,
        "active_calories": day.active_calories,
        "average_met_minutes": round(met_minutes / (slots * 5), 4),
        "equivalent_walking_distance": day.walking_distance,
        "high_activity_met_minutes": day.met_minutes("5"),
        "high_activity_time": day.seconds("5"),
        "inactivity_alerts": day.classes.count("2" * 12),
        "low_activity_met_minutes": day.met_minutes("3"),
        "low_activity_time": day.seconds("3"),
        "medium_activity_met_minutes": day.met_minutes("4"),
        "medium_activity_time": day.seconds("4"),
        "meters_to_target": _TARGET_METERS - day.walking_distance,
        "non_wear_time": day.seconds("0"),
        "resting_time": day.seconds("1"),
        "sedentary_met_minutes": day.met_minutes("2"),
        "sedentary_time": day.seconds("2"),
        "steps": day.steps,
        "target_calories": _TARGET_CALORIES,
        "target_meters": _TARGET_METERS,
        "total_calories": day.total_calories,
    }


def build_stress(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``daily_stress``; the summary comes at the end of the day."""
    start = model.calendar.instant(index, STRESS_START_S)
    if until < start or not model.wear.is_worn(index):
        return
    stress, recovery = model.scores.stress_until(index, until) or (None, None)
    document_id = stable_uuid(model.traits.seed, "daily_stress", index)
    final_from = start + STRESS_DAY
    yield StoredDocument(
        id=document_id,
        key=utc_midnight(model, index),
        visible_from=start,
        final_from=final_from,
        data={
            "id": document_id,
            "day": model.calendar.day(index).isoformat(),
            "stress_high": stress,
            "recovery_high": recovery,
            "day_summary": (
                model.scores.day(index).stress_summary if until >= final_from else None
            ),
        },
    )
