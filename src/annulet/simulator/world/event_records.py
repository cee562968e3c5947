"""Documents of what a person did and noted: workouts, sessions, tags, rest mode."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from annulet.simulator.world.document import Document, local, samples
from annulet.simulator.world.draws import identity, stream
from annulet.simulator.world.events import RestMode, Session, Tag
from annulet.simulator.world.life import Life

__all__ = ["enhanced_tags", "plain_tags", "rest_modes", "sessions", "workouts"]

_SAMPLE_SECONDS = 5.0


def workouts(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``workout``; the label is always null."""
    for item in life.moments.workouts(index):
        name = identity(life.traits.seed, "workout", item.index, item.number)
        if item.end <= until:
            yield Document(
                id=name,
                key=item.start,
                visible=item.end,
                settled=item.end,
                data={
                    "id": name,
                    "activity": item.activity,
                    "calories": item.calories,
                    "day": item.start.date().isoformat(),
                    "distance": item.distance,
                    "end_datetime": local(item.end),
                    "intensity": item.intensity,
                    "label": None,
                    "source": item.source,
                    "start_datetime": local(item.start),
                },
            )


def sessions(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``session``."""
    for item in life.moments.sessions(index):
        name = identity(life.traits.seed, "session", item.index, item.number)
        if item.end <= until:
            yield Document(
                id=name,
                key=item.start,
                visible=item.end,
                settled=item.end,
                data={
                    "id": name,
                    "day": item.start.date().isoformat(),
                    "end_datetime": local(item.end),
                    "mood": item.mood,
                    "start_datetime": local(item.start),
                    "type": item.kind,
                    **_sampled(life, item),
                },
            )


def _sampled(life: Life, item: Session) -> dict[str, Any]:
    names = ("heart_rate", "heart_rate_variability", "motion_count")
    if not item.sampled:
        return dict.fromkeys(names)
    rng = stream(life.traits.seed, "session samples", item.index, item.number)
    values = life.vitals.at(item.index)
    count = int((item.end - item.start).total_seconds() / _SAMPLE_SECONDS)
    series = (
        [float(round(values.resting + 9 + rng.gauss(0, 2))) for _ in range(count)],
        [float(max(4, round(rng.gauss(values.hrv, 6)))) for _ in range(count)],
        [float(rng.choice((0, 0, 0, 1, 2))) for _ in range(count)],
    )
    return {
        name: samples(item.start, _SAMPLE_SECONDS, items)
        for name, items in zip(names, series, strict=True)
    }


def _tag_document(life: Life, collection: str, item: Tag, data: dict[str, Any]) -> Document:
    name = identity(life.traits.seed, collection, item.index, item.number)
    return Document(name, item.start, item.start, item.start, {"id": name, **data})


def enhanced_tags(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``enhanced_tag``."""
    for item in life.moments.tags(index):
        if item.start <= until:
            data = {
                "tag_type_code": item.code,
                "start_time": local(item.start),
                "end_time": local(item.end) if item.end else None,
                "start_day": item.start.date().isoformat(),
                "end_day": item.end.date().isoformat() if item.end else None,
                "comment": item.comment,
                "custom_name": item.name,
            }
            yield _tag_document(life, "enhanced_tag", item, data)


def plain_tags(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``tag``: the old form of the same notes."""
    for item in life.moments.tags(index):
        if item.start <= until:
            data = {
                "day": item.start.date().isoformat(),
                "text": item.comment or item.name,
                "timestamp": local(item.start),
                "tags": [item.code] if item.code and item.code != "custom" else [],
            }
            yield _tag_document(life, "tag", item, data)


def rest_modes(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``rest_mode_period``; without an end while it is on."""
    for item in life.moments.rests:
        if item.index == index and item.start <= until:
            yield _rest_mode(life, item, until)


def _rest_mode(life: Life, item: RestMode, until: datetime) -> Document:
    over = item.end is not None and item.end <= until
    end = item.end if over else None
    name = identity(life.traits.seed, "rest_mode_period", item.index)
    return Document(
        id=name,
        key=item.start,
        visible=item.start,
        settled=item.end or until + timedelta(days=2),
        data={
            "id": name,
            "end_day": end.date().isoformat() if end else None,
            "end_time": local(end) if end else None,
            "episodes": [
                {
                    "tags": ["tag_generic_sick"],
                    "timestamp": local(item.start + timedelta(hours=1)),
                }
            ],
            "start_day": item.start.date().isoformat(),
            "start_time": local(item.start),
        },
    )
