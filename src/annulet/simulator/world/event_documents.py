"""Documents of events: workouts, sessions, tags, rest mode."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from annulet.simulator.world.events import Event, RestModeEvent, SessionEvent
from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import random_stream, stable_uuid
from annulet.simulator.world.stored_document import StoredDocument, format_local, sample_object

_SAMPLE_S: Final = 5.0
_SAMPLED: Final = ("heart_rate", "heart_rate_variability", "motion_count")


def _event_document(
    model: PersonModel,
    collection: str,
    event: Event,
    visible_from: datetime,
    fields: Mapping[str, object],
) -> StoredDocument:
    document_id = stable_uuid(model.traits.seed, collection, event.index, event.number)
    data = {"id": document_id, **fields}
    return StoredDocument(document_id, event.start, visible_from, visible_from, data)


def build_workouts(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``workout``; the label is always null."""
    for workout in model.events.workouts(index):
        if workout.end <= until:
            fields = {
                "activity": workout.activity,
                "calories": workout.calories,
                "day": workout.start.date().isoformat(),
                "distance": workout.distance,
                "end_datetime": format_local(workout.end),
                "intensity": workout.intensity,
                "label": None,
                "source": workout.source,
                "start_datetime": format_local(workout.start),
            }
            yield _event_document(model, "workout", workout, workout.end, fields)


def build_sessions(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``session``."""
    for session in model.events.sessions(index):
        if session.end <= until:
            fields = {
                "day": session.start.date().isoformat(),
                "end_datetime": format_local(session.end),
                "mood": session.mood,
                "start_datetime": format_local(session.start),
                "type": session.kind,
                **_session_samples(model, session),
            }
            yield _event_document(model, "session", session, session.end, fields)


def _session_samples(model: PersonModel, session: SessionEvent) -> dict[str, object]:
    if not session.has_samples:
        return dict.fromkeys(_SAMPLED)
    rng = random_stream(model.traits.seed, "session samples", session.index, session.number)
    vitals = model.vitals.at(session.index)
    count = int((session.end - session.start).total_seconds() / _SAMPLE_S)
    series = (
        [float(round(vitals.resting + 9 + rng.gauss(0, 2))) for _ in range(count)],
        [float(max(4, round(rng.gauss(vitals.hrv, 6)))) for _ in range(count)],
        [float(rng.choice((0, 0, 0, 1, 2))) for _ in range(count)],
    )
    return {
        name: sample_object(session.start, _SAMPLE_S, samples)
        for name, samples in zip(_SAMPLED, series, strict=True)
    }


def build_enhanced_tags(
    model: PersonModel, index: int, until: datetime
) -> Iterator[StoredDocument]:
    """Yield ``enhanced_tag``."""
    for tag in model.events.tags(index):
        if tag.start <= until:
            fields = {
                "tag_type_code": tag.code,
                "start_time": format_local(tag.start),
                "end_time": format_local(tag.end) if tag.end else None,
                "start_day": tag.start.date().isoformat(),
                "end_day": tag.end.date().isoformat() if tag.end else None,
                "comment": tag.comment,
                "custom_name": tag.name,
            }
            yield _event_document(model, "enhanced_tag", tag, tag.start, fields)


def build_tags(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``tag``: the deprecated form of the same tags."""
    for tag in model.events.tags(index):
        if tag.start <= until:
            fields = {
                "day": tag.start.date().isoformat(),
                "text": tag.comment or tag.name,
                "timestamp": format_local(tag.start),
                "tags": [tag.code] if tag.code and tag.code != "custom" else [],
            }
            yield _event_document(model, "tag", tag, tag.start, fields)


def build_rest_modes(model: PersonModel, index: int, until: datetime) -> Iterator[StoredDocument]:
    """Yield ``rest_mode_period``; it has no end while rest mode is on."""
    for rest_mode in model.events.rest_modes:
        if rest_mode.index == index and rest_mode.start <= until:
            yield _rest_mode(model, rest_mode, until)


def _rest_mode(model: PersonModel, rest_mode: RestModeEvent, until: datetime) -> StoredDocument:
    is_over = rest_mode.end is not None and rest_mode.end <= until
    end = rest_mode.end if is_over else None
    start = rest_mode.start
    document_id = stable_uuid(model.traits.seed, "rest_mode_period", rest_mode.index)
    episode = {
        "tags": ["tag_generic_sick"],
        "timestamp": format_local(start + timedelta(hours=1)),
    }
    return StoredDocument(
        id=document_id,
        key=start,
        visible_from=start,
        final_from=rest_mode.end or until + timedelta(days=2),
        data={
            "id": document_id,
            "end_day": end.date().isoformat() if end else None,
            "end_time": format_local(end) if end else None,
            "episodes": [episode],
            "start_day": start.date().isoformat(),
            "start_time": format_local(start),
        },
    )
