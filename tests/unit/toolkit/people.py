"""A person for the answers: documents made from plain series, behind a stand-in for the client."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from annulet.contract.collections import AnyCollection
from annulet.contract.documents import (
    DailyActivity,
    DailyReadiness,
    DailySleep,
    DailyStress,
    EnhancedTag,
    Sleep,
)
from annulet.errors import AnnuletError
from annulet.toolkit.context import Connection, Context, Zone

TODAY = date(2026, 5, 20)
NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)

Nights = dict[date, dict[str, float]]


def nights(days: int, *, seed: int = 1, end: date = TODAY) -> Nights:
    """Ordinary nights up to a day: what varies, varies as people do."""
    rng = random.Random(seed)
    state = dict.fromkeys(("hr", "hrv", "breath", "temp"), 0.0)
    made: Nights = {}
    for back in range(days - 1, -1, -1):
        shared = rng.gauss(0, 1)
        for name, tied in (("hr", 0.5), ("hrv", -0.5), ("breath", 0.3), ("temp", 0.3)):
            fresh = tied * shared + math.sqrt(1 - tied * tied) * rng.gauss(0, 1)
            state[name] = 0.35 * state[name] + math.sqrt(1 - 0.35**2) * fresh
        made[end - timedelta(days=back)] = {
            "hr": round(54 + 2 * state["hr"]),
            "hrv": round(42 * math.exp(0.14 * state["hrv"])),
            "breath": round(8 * (15 + 0.4 * state["breath"])) / 8,
            "temp": round(0.18 * state["temp"], 2),
            "sleep_min": round(430 + 45 * rng.gauss(0, 1)),
            "steps": max(round(8200 + 2500 * rng.gauss(0, 1)), 500),
            "score": round(80 + 5 * rng.gauss(0, 1)),
            "stress_min": max(round(60 + 25 * rng.gauss(0, 1)), 0),
        }
    return made


def with_fever(made: Nights, start: date, shape: Iterable[float] = (0.5, 1, 1.2, 1, 0.6)) -> Nights:
    """The same nights with an illness from a day on."""
    for place, strength in enumerate(shape):
        night = made.get(start + timedelta(days=place))
        if night is not None:
            night["hr"] += round(8 * strength)
            night["hrv"] = round(night["hrv"] * math.exp(-0.4 * strength))
            night["breath"] += 2 * strength
            night["temp"] = round(night["temp"] + 0.9 * strength, 2)
    return made


class Ring:
    """Stands in for the client: the same documents whatever is asked, and a log of what was."""

    def __init__(
        self,
        made: Nights,
        tags: Iterable[EnhancedTag] = (),
        failing: Mapping[str, AnnuletError] | None = None,
    ) -> None:
        self.asked: list[str] = []
        self._failing = dict(failing or {})
        self._documents: dict[str, list[Any]] = {"enhanced_tag": list(tags)}
        for day, night in sorted(made.items()):
            for name, document in _documents(day, night).items():
                self._documents.setdefault(name, []).append(document)

    def add(self, name: str, document: Any) -> None:
        """One more document of a collection."""
        self._documents.setdefault(name, []).append(document)

    async def collection(
        self,
        collection: AnyCollection,
        start: date | None = None,
        end: date | None = None,
        *,
        fields: Any = None,
    ) -> Any:
        """The documents of a collection whose day lies in the range, if it has one."""
        del fields
        self.asked.append(collection.name)
        if collection.name in self._failing:
            raise self._failing[collection.name]
        documents = self._documents.get(collection.name, [])
        if start is None or end is None:
            return documents
        return [d for d in documents if start <= getattr(d, collection.day) <= end]

    async def latest_heartrate(self) -> None:
        """No sample at all."""

    async def latest_battery_level(self) -> None:
        """No sample at all."""


def context(ring: Ring, now: datetime = NOW) -> Context:
    """One person's question."""

    async def connection() -> Connection:
        return Connection("me")

    return Context(
        client=ring,
        now=lambda: now,
        zone=Zone(timezone(timedelta(hours=2)), "Europe/Berlin"),
        connection=connection,
    )


def tag(day: date, name: str = "tag_generic_alcohol", hour: int = 20) -> EnhancedTag:
    """A tag at an hour of a day."""
    at = datetime(day.year, day.month, day.day, hour, tzinfo=timezone(timedelta(hours=2)))
    return EnhancedTag(id=f"{name}{day}{hour}", tag_type_code=name, start_day=day, start_time=at)


def _documents(day: date, night: Mapping[str, float]) -> dict[str, Any]:
    begin = datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(hours=2)))
    sleep_s = int(night["sleep_min"] * 60)
    score = int(night["score"])
    return {
        "sleep": Sleep(
            id=f"s{day}",
            day=day,
            type="long_sleep",
            bedtime_start=begin - timedelta(minutes=30),
            bedtime_end=begin + timedelta(minutes=night["sleep_min"]),
            total_sleep_duration=sleep_s,
            lowest_heart_rate=int(night["hr"]),
            average_hrv=int(night["hrv"]),
            average_breath=night["breath"],
        ),
        "daily_readiness": DailyReadiness(
            day=day, score=score, temperature_deviation=night["temp"]
        ),
        "daily_sleep": DailySleep(day=day, score=score),
        "daily_activity": DailyActivity(day=day, score=score, steps=int(night["steps"])),
        "daily_stress": DailyStress(
            day=day, stress_high=int(night["stress_min"] * 60), day_summary="normal"
        ),
    }
