"""Documents of sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import random_stream, stable_uuid
from annulet.simulator.world.score_documents import readiness_fields
from annulet.simulator.world.sleep import Sleep
from annulet.simulator.world.sleep_series import simulate_sleep_series
from annulet.simulator.world.stored_document import StoredDocument, format_local, sample_object

_SAMPLE_S: Final = 300.0


def build_sleeps(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``sleep``: every sleep of a day, for sparse people also one that is going on."""
    for sleep in model.sleeps.of_day(index):
        if sleep.known_from <= until:
            if sleep.deleted_at is None:
                yield _finished_sleep(model, index, sleep)
            else:
                yield _unfinished_sleep(model, sleep, sleep.known_from)
        elif model.traits.sparse and sleep.start + timedelta(minutes=30) <= until:
            yield _unfinished_sleep(model, sleep, until)


def _unfinished_sleep(model: PersonModel, sleep: Sleep, until: datetime) -> StoredDocument:
    """Return a sleep without an end: against the published schema, but reported by users."""
    document_id = stable_uuid(model.traits.seed, "ongoing", sleep.plan_index, sleep.number)
    return StoredDocument(
        id=document_id,
        key=sleep.start,
        visible_from=sleep.start,
        final_from=until + timedelta(days=2),
        data={
            "id": document_id,
            "bedtime_end": None,
            "bedtime_start": format_local(sleep.start),
            "day": sleep.day.isoformat(),
            "low_battery_alert": False,
            "period": sleep.period,
            "time_in_bed": round((until - sleep.start).total_seconds()),
            "type": None,
        },
        deleted_at=sleep.deleted_at,
    )


def _finished_sleep(model: PersonModel, index: int, sleep: Sleep) -> StoredDocument:
    document_id = stable_uuid(model.traits.seed, "sleep", sleep.plan_index, sleep.number)
    return StoredDocument(
        id=document_id,
        key=sleep.start,
        visible_from=sleep.known_from,
        final_from=sleep.known_from,
        data={
            "id": document_id,
            **_measures(model, index, sleep),
            **_series(model.traits.seed, sleep),
        },
    )


def _measures(model: PersonModel, index: int, sleep: Sleep) -> dict[str, object]:
    rng = random_stream(model.traits.seed, "sleep", sleep.plan_index, sleep.number)
    is_night = sleep == model.sleeps.night(index)
    is_long = sleep.kind == "long_sleep"
    return {
        "average_breath": sleep.breath if sleep.has_heart_rate else None,
        "awake_time": sleep.awake,
        "bedtime_end": format_local(sleep.end),
        "bedtime_start": format_local(sleep.start),
        "day": sleep.day.isoformat(),
        "deep_sleep_duration": sleep.deep,
        "efficiency": sleep.efficiency,
        "latency": sleep.latency,
        "light_sleep_duration": sleep.light,
        "low_battery_alert": rng.random() < 0.02,
        "period": sleep.period,
        "readiness": readiness_fields(model, index) if is_night else None,
        "readiness_score_delta": rng.randint(-2, 3) if is_long else None,
        "rem_sleep_duration": sleep.rem,
        "sleep_algorithm_version": "v2",
        "sleep_analysis_reason": rng.choice(("foreground_sleep_analysis", "bedtime_edit")),
        "sleep_score_delta": rng.randint(0, 6) if is_long else None,
        "time_in_bed": sleep.in_bed,
        "total_sleep_duration": sleep.total,
        "type": sleep.kind,
        "ring_id": None,
    }


def _series(seed: int, sleep: Sleep) -> dict[str, object]:
    series = simulate_sleep_series(seed, sleep)
    fields: dict[str, object] = dict.fromkeys(
        ("average_heart_rate", "average_hrv", "heart_rate", "hrv", "lowest_heart_rate")
    )
    if sleep.has_heart_rate:
        fields = {
            "average_heart_rate": series.average_heart_rate,
            "average_hrv": sleep.hrv,
            "heart_rate": sample_object(sleep.start, _SAMPLE_S, series.heart_rate),
            "hrv": sample_object(sleep.start, _SAMPLE_S, series.hrv),
            "lowest_heart_rate": sleep.lowest,
        }
    return {
        **fields,
        "movement_30_sec": series.movement,
        "restless_periods": series.restless_periods,
        "sleep_phase_30_sec": series.phases,
        "sleep_phase_5_min": series.phases_5_min,
        "app_sleep_phase_5_min": series.phases_5_min,
    }
