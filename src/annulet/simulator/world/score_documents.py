"""Documents that appear with the night of their day: scores and advice about bedtime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final

from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import random_stream, stable_uuid
from annulet.simulator.world.stored_document import StoredDocument, format_local

_READINESS: Final = (
    "activity_balance",
    "body_temperature",
    "hrv_balance",
    "previous_day_activity",
    "previous_night",
    "recovery_index",
    "resting_heart_rate",
    "sleep_balance",
    "sleep_regularity",
)
_SLEEP: Final = (
    "deep_sleep",
    "efficiency",
    "latency",
    "rem_sleep",
    "restfulness",
    "timing",
    "total_sleep",
)
_RESILIENCE: Final = ("sleep_recovery", "daytime_recovery", "stress")
_RECOMMENDATIONS: Final = (
    "improve_efficiency",
    "earlier_bedtime",
    "later_bedtime",
    "earlier_wake_up_time",
    "later_wake_up_time",
    "follow_optimal_bedtime",
)
_LEARNING_DAYS: Final = 14


def build_score(
    collection: str, model: PersonModel, index: int, until: datetime
) -> Iterator[StoredDocument]:
    """Yield the document of a day if Oura has the night of that day."""
    night = model.known_night(index, until)
    fields = SCORE_FIELDS[collection](model, index) if night else None
    if night and fields:
        document_id = stable_uuid(model.traits.seed, collection, index)
        data = {"id": document_id, **fields}
        if model.traits.sparse and collection == "daily_cardiovascular_age" and index % 4 == 3:
            del data["id"]  # as has been reported
        yield StoredDocument(
            id=document_id,
            key=(_day_start if "timestamp" in fields else utc_midnight)(model, index),
            visible_from=night.known_from,
            final_from=night.known_from,
            data=data,
        )


def utc_midnight(model: PersonModel, index: int) -> datetime:
    """Return 00:00 UTC of a day."""
    return datetime.combine(model.calendar.day(index), time(), UTC)


def _day_start(model: PersonModel, index: int) -> datetime:
    """Return the instant of a score's ``timestamp``: 00:00 UTC, in old documents 00:00 local."""
    old = model.traits.old_timestamps_days_ago
    if old is not None and index <= model.calendar.index_days_ago(old):
        return model.calendar.localize(model.calendar.instant(index), index)
    return utc_midnight(model, index)


def _day(model: PersonModel, index: int) -> str:
    return model.calendar.day(index).isoformat()


def draw_contributors(
    model: PersonModel, index: int, label: str, names: tuple[str, ...], *, mean: int, sd: int
) -> dict[str, int | None]:
    """Draw contributors between 1 and 100 around a mean."""
    rng = random_stream(model.traits.seed, "contributors", label, index)
    return {name: max(1, min(100, round(rng.gauss(mean, sd)))) for name in names}


def _score_contributors(
    model: PersonModel, index: int, names: tuple[str, ...], score: int | None
) -> dict[str, int | None]:
    mean = 75 if score is None else score
    return draw_contributors(model, index, names[0], names, mean=mean, sd=9)


def readiness_fields(model: PersonModel, index: int) -> dict[str, object]:
    """Return the fields that ``daily_readiness`` shares with the readiness in ``sleep``."""
    scores = model.scores.day(index)
    contributors = _score_contributors(model, index, _READINESS, scores.readiness_score)
    if index < _LEARNING_DAYS or index % 13 < 3:
        contributors["hrv_balance"] = None
    return {
        "contributors": contributors,
        "score": scores.readiness_score,
        "temperature_deviation": scores.temperature_deviation,
        "temperature_trend_deviation": scores.temperature_trend,
    }


def _daily_sleep(model: PersonModel, index: int) -> dict[str, object]:
    score = model.scores.day(index).sleep_score
    return {
        "contributors": _score_contributors(model, index, _SLEEP, score),
        "day": _day(model, index),
        "score": score,
        "timestamp": format_local(_day_start(model, index)),
    }


def _daily_readiness(model: PersonModel, index: int) -> dict[str, object]:
    return {
        **readiness_fields(model, index),
        "day": _day(model, index),
        "timestamp": format_local(_day_start(model, index)),
    }


def _sleep_time(model: PersonModel, index: int) -> dict[str, object]:
    """Advice about bedtime, after two weeks of nights."""
    fields: dict[str, object] = {"day": _day(model, index)}
    if index < _LEARNING_DAYS:
        advice = {"optimal_bedtime": None, "recommendation": None}
        return {**fields, **advice, "status": "not_enough_nights"}
    night = model.sleeps.night(index)
    utc_offset = night.end.utcoffset() if night else None
    start_offset = round(model.traits.bedtime * 4) * 900
    return {
        **fields,
        "optimal_bedtime": {
            "day_tz": round((utc_offset or timedelta()).total_seconds()),
            "end_offset": start_offset + 2700,
            "start_offset": start_offset,
        },
        "recommendation": random_stream(model.traits.seed, "advice", index).choice(
            _RECOMMENDATIONS
        ),
        "status": "optimal_found",
    }


def _daily_resilience(model: PersonModel, index: int) -> dict[str, object] | None:
    scores = model.scores.day(index)
    if scores.resilience_parts is None:
        return None
    return {
        "day": _day(model, index),
        "contributors": dict(zip(_RESILIENCE, scores.resilience_parts, strict=True)),
        "level": scores.resilience,
    }


def _daily_spo2(model: PersonModel, index: int) -> dict[str, object]:
    """SpO2; in some documents of sparse people the average is missing."""
    scores = model.scores.day(index)
    percentage: dict[str, object] | None = {"average": scores.spo2}
    if model.traits.sparse and index % 6 == 0:
        percentage = None
    elif model.traits.sparse and index % 6 == 1:
        percentage = {"average": None}
    return {
        "day": _day(model, index),
        "breathing_disturbance_index": scores.breathing_disturbance,
        "spo2_percentage": percentage,
    }


def _daily_cardiovascular_age(model: PersonModel, index: int) -> dict[str, object] | None:
    scores = model.scores.day(index)
    if scores.vascular_age is None:
        return None
    return {
        "day": _day(model, index),
        "pulse_wave_velocity": scores.pulse_wave_velocity,
        "vascular_age": scores.vascular_age,
    }


def _vo2_max(model: PersonModel, index: int) -> dict[str, object] | None:
    """An estimate every nine days."""
    vo2_max = model.scores.day(index).vo2_max
    if vo2_max is None:
        return None
    return {
        "day": _day(model, index),
        "vo2_max": vo2_max,
        "timestamp": format_local(_day_start(model, index)),
    }


SCORE_FIELDS: Final[dict[str, Callable[[PersonModel, int], dict[str, object] | None]]] = {
    "daily_sleep": _daily_sleep,
    "daily_readiness": _daily_readiness,
    "sleep_time": _sleep_time,
    "daily_resilience": _daily_resilience,
    "daily_spo2": _daily_spo2,
    "daily_cardiovascular_age": _daily_cardiovascular_age,
    "vO2_max": _vo2_max,
}
