"""Documents that come from nights: sleep, its scores, its advice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from annulet.simulator.world.document import Document, local, samples
from annulet.simulator.world.draws import identity, stream
from annulet.simulator.world.life import Life
from annulet.simulator.world.sleeps import Sleep
from annulet.simulator.world.stages import course

__all__ = ["daily_key", "readiness", "sleep", "sleep_scores", "sleep_time"]

_READINESS = (
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
_SLEEP = (
    "deep_sleep",
    "efficiency",
    "latency",
    "rem_sleep",
    "restfulness",
    "timing",
    "total_sleep",
)
_ADVICE = (
    "improve_efficiency",
    "earlier_bedtime",
    "later_bedtime",
    "earlier_wake_up_time",
    "later_wake_up_time",
    "follow_optimal_bedtime",
)


def daily_key(life: Life, index: int) -> tuple[datetime, str]:
    """The key instant of a day's score and its timestamp: UTC today, local in old documents."""
    old = life.traits.old_timestamps_days_ago
    if old is not None and life.places.last_index - index >= old:
        stamp = life.places.local(life.places.instant(index), index)
        return stamp, local(stamp)
    day = life.places.day(index)
    stamp = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
    return stamp, local(stamp)


def _contributors(
    life: Life, index: int, names: tuple[str, ...], score: int | None
) -> dict[str, int | None]:
    rng = stream(life.traits.seed, "contributors", names[0], index)
    around = score if score is not None else 75
    return {name: max(1, min(100, round(rng.gauss(around, 9)))) for name in names}


def _readiness_parts(life: Life, index: int) -> dict[str, Any]:
    day = life.scores.day(index)
    parts = _contributors(life, index, _READINESS, day.readiness_score)
    if index < 14 or index % 13 < 3:  # the balance needs two weeks
        parts["hrv_balance"] = None
    return {
        "contributors": parts,
        "score": day.readiness_score,
        "temperature_deviation": day.temperature_deviation,
        "temperature_trend_deviation": day.temperature_trend,
    }


def sleep_scores(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``daily_sleep``."""
    night = life.night(index)
    if night is None or night.opened > until:
        return
    key, stamp = daily_key(life, index)
    score = life.scores.day(index).sleep_score
    yield Document(
        id=(name := identity(life.traits.seed, "daily_sleep", index)),
        key=key,
        visible=night.opened,
        settled=night.opened,
        data={
            "id": name,
            "contributors": _contributors(life, index, _SLEEP, score),
            "day": life.places.day(index).isoformat(),
            "score": score,
            "timestamp": stamp,
        },
    )


def readiness(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``daily_readiness``."""
    night = life.night(index)
    if night is None or night.opened > until:
        return
    key, stamp = daily_key(life, index)
    yield Document(
        id=(name := identity(life.traits.seed, "daily_readiness", index)),
        key=key,
        visible=night.opened,
        settled=night.opened,
        data={
            "id": name,
            **_readiness_parts(life, index),
            "day": life.places.day(index).isoformat(),
            "timestamp": stamp,
        },
    )


def sleep_time(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``sleep_time``: advice about the bedtime."""
    night = life.night(index)
    if night is None or night.opened > until:
        return
    rng = stream(life.traits.seed, "advice", index)
    key = datetime.fromisoformat(f"{life.places.day(index).isoformat()}T00:00:00+00:00")
    begin = round(life.traits.bedtime * 4) * 900
    offset = night.end.utcoffset() or timedelta()
    enough = index >= 14
    window = {
        "day_tz": round(offset.total_seconds()),
        "end_offset": begin + 2700,
        "start_offset": begin,
    }
    yield Document(
        id=(name := identity(life.traits.seed, "sleep_time", index)),
        key=key,
        visible=night.opened,
        settled=night.opened,
        data={
            "id": name,
            "day": life.places.day(index).isoformat(),
            "optimal_bedtime": window if enough else None,
            "recommendation": rng.choice(_ADVICE) if enough else None,
            "status": "optimal_found" if enough else "not_enough_nights",
        },
    )


def sleep(life: Life, index: int, until: datetime) -> Iterator[Document]:
    """``sleep``: every sleep of a day, and for some people one that is still going on."""
    for item in life.sleeps_of(index):
        if item.opened <= until:
            yield _sleep(life, index, item)
        elif life.traits.sparse and item.start + timedelta(minutes=30) <= until:
            yield _ongoing(life, item, until)


def _ongoing(life: Life, item: Sleep, until: datetime) -> Document:
    """A sleep that has begun and has no end: against the published schema, seen in the wild."""
    name = identity(life.traits.seed, "ongoing", item.maker, item.number)
    return Document(
        id=name,
        key=item.start,
        visible=item.start,
        settled=until + timedelta(days=2),
        data={
            "id": name,
            "bedtime_end": None,
            "bedtime_start": local(item.start),
            "day": item.day.isoformat(),
            "low_battery_alert": False,
            "period": item.period,
            "time_in_bed": round((until - item.start).total_seconds()),
            "type": None,
        },
        gone=item.gone,
    )


def _sleep(life: Life, index: int, item: Sleep) -> Document:
    if item.gone is not None:
        return _ongoing(life, item, item.opened)
    name = identity(life.traits.seed, "sleep", item.maker, item.number)
    return Document(
        id=name,
        key=item.start,
        visible=item.opened,
        settled=item.opened,
        data={"id": name, **_measures(life, index, item), **_series(life, item)},
    )


def _measures(life: Life, index: int, item: Sleep) -> dict[str, Any]:
    rng = stream(life.traits.seed, "sleep", item.maker, item.number)
    main = item == life.night(index)
    nap = item.kind != "long_sleep"
    return {
        "average_breath": item.breath if item.heart else None,
        "awake_time": item.awake,
        "bedtime_end": local(item.end),
        "bedtime_start": local(item.start),
        "day": item.day.isoformat(),
        "deep_sleep_duration": item.deep,
        "efficiency": item.efficiency,
        "latency": item.latency,
        "light_sleep_duration": item.light,
        "low_battery_alert": rng.random() < 0.02,
        "period": item.period,
        "readiness": _readiness_parts(life, index) if main else None,
        "readiness_score_delta": None if nap else rng.randint(-2, 3),
        "rem_sleep_duration": item.rem,
        "sleep_algorithm_version": "v2",
        "sleep_analysis_reason": rng.choice(("foreground_sleep_analysis", "bedtime_edit")),
        "sleep_score_delta": None if nap else rng.randint(0, 6),
        "time_in_bed": item.in_bed,
        "total_sleep_duration": item.total,
        "type": item.kind,
        "ring_id": None,
    }


def _series(life: Life, item: Sleep) -> dict[str, Any]:
    inside = course(life.traits.seed, item)
    heart = item.heart
    return {
        "average_heart_rate": inside.average_heart if heart else None,
        "average_hrv": item.hrv if heart else None,
        "heart_rate": samples(item.start, 300.0, inside.heart) if heart else None,
        "hrv": samples(item.start, 300.0, inside.variability) if heart else None,
        "lowest_heart_rate": item.lowest if heart else None,
        "movement_30_sec": inside.movement,
        "restless_periods": inside.restless,
        "sleep_phase_30_sec": inside.phases,
        "sleep_phase_5_min": inside.phases_5_min,
        "app_sleep_phase_5_min": inside.phases_5_min,
    }
