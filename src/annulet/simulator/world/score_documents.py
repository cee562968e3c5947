"""Documents with the scores of a night's day: they appear with the night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Final

from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import random_stream, stable_uuid
from annulet.simulator.world.stored_document import StoredDocument, format_local

__all__ = [
    "build_cardiovascular_age",
    "build_readiness",
    "build_resilience",
    "build_sleep_score",
    "build_spo2",
    "build_vo2_max",
    "draw_contributors",
    "night_document",
    "readiness_fields",
    "utc_midnight",
]

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


def utc_midnight(model: PersonModel, index: int) -> datetime:
    """Return 00:00 UTC of a day."""
    return datetime.combine(model.calendar.day(index), time(), UTC)


def night_document(
    model: PersonModel,
    collection: str,
    index: int,
    until: datetime,
    fields: Mapping[str, object],
    *,
    key: datetime | None = None,
) -> Iterator[StoredDocument]:
    """Yield a document that appears with the night of its day, if Oura has that night.

    The key is 00:00 UTC of the day unless given.
    """
    night = model.known_night(index, until)
    if night is not None:
        document_id = stable_uuid(model.traits.seed, collection, index)
        yield StoredDocument(
            id=document_id,
            key=key or utc_midnight(model, index),
            visible_from=night.known_from,
            final_from=night.known_from,
            data={"id": document_id, **fields},
        )


def _day_start(model: PersonModel, index: int) -> datetime:
    """Return the instant of a score's ``timestamp``: 00:00 UTC, in old documents 00:00 local."""
    old = model.traits.old_timestamps_days_ago
    if old is not None and index <= model.calendar.index_days_ago(old):
        return model.calendar.localize(model.calendar.instant(index), index)
    return utc_midnight(model, index)


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
    if index < 14 or index % 13 < 3:  # the balance needs two weeks
        contributors["hrv_balance"] = None
    return {
        "contributors": contributors,
        "score": scores.readiness_score,
        "temperature_deviation": scores.temperature_deviation,
        "temperature_trend_deviation": scores.temperature_trend,
    }


def build_sleep_score(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``daily_sleep``."""
    start = _day_start(model, index)
    score = model.scores.day(index).sleep_score
    fields = {
        "contributors": _score_contributors(model, index, _SLEEP, score),
        "day": model.calendar.day(index).isoformat(),
        "score": score,
        "timestamp": format_local(start),
    }
    return night_document(model, "daily_sleep", index, until, fields, key=start)


def build_readiness(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``daily_readiness``."""
    start = _day_start(model, index)
    fields = {
        **readiness_fields(model, index),
        "day": model.calendar.day(index).isoformat(),
        "timestamp": format_local(start),
    }
    return night_document(model, "daily_readiness", index, until, fields, key=start)


def build_resilience(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``daily_resilience``."""
    scores = model.scores.day(index)
    if scores.resilience_parts is not None:
        contributors = dict(zip(_RESILIENCE, scores.resilience_parts, strict=True))
        fields = {
            "day": model.calendar.day(index).isoformat(),
            "contributors": contributors,
            "level": scores.resilience,
        }
        yield from night_document(model, "daily_resilience", index, until, fields)


def build_spo2(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``daily_spo2``; in some documents of sparse people the average is missing."""
    scores = model.scores.day(index)
    percentage: dict[str, object] | None = {"average": scores.spo2}
    if model.traits.sparse and index % 6 == 0:
        percentage = None
    elif model.traits.sparse and index % 6 == 1:
        percentage = {"average": None}
    fields = {
        "day": model.calendar.day(index).isoformat(),
        "breathing_disturbance_index": scores.breathing_disturbance,
        "spo2_percentage": percentage,
    }
    return night_document(model, "daily_spo2", index, until, fields)


def build_cardiovascular_age(
    model: PersonModel, index: int, until: datetime
) -> Iterator[StoredDocument]:
    """Yield ``daily_cardiovascular_age``; some documents of sparse people have no id."""
    scores = model.scores.day(index)
    if scores.vascular_age is not None:
        fields = {
            "day": model.calendar.day(index).isoformat(),
            "pulse_wave_velocity": scores.pulse_wave_velocity,
            "vascular_age": scores.vascular_age,
        }
        for document in night_document(model, "daily_cardiovascular_age", index, until, fields):
            if model.traits.sparse and index % 4 == 3:
                document.data.pop("id")
            yield document


def build_vo2_max(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``vO2_max``: an estimate every nine days."""
    vo2_max = model.scores.day(index).vo2_max
    if vo2_max is not None:
        start = _day_start(model, index)
        fields = {
            "day": model.calendar.day(index).isoformat(),
            "vo2_max": vo2_max,
            "timestamp": format_local(start),
        }
        yield from night_document(model, "vO2_max", index, until, fields, key=start)
