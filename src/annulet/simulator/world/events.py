"""Workouts, sessions, tags and rest mode of a person."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from annulet.simulator.world.draws import choose, stream
from annulet.simulator.world.episodes import Happening
from annulet.simulator.world.places import Places
from annulet.simulator.world.sleeps import Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.wear import Wear

__all__ = ["Moments", "RestMode", "Session", "Tag", "Workout"]

_HOUR: Final = 3600
_SPORTS: Final = ("walking", "running", "cycling", "strength_training", "yoga", "swimming")
_SESSIONS: Final = ("breathing", "meditation", "relaxation", "rest", "body_status")
_MOODS: Final = ("bad", "worse", "same", "good", "great", None)


@dataclass(frozen=True, slots=True)
class Workout:
    """One workout; local times."""

    index: int
    number: int
    activity: str
    start: datetime
    end: datetime
    intensity: str
    source: str
    calories: float | None
    distance: float | None


@dataclass(frozen=True, slots=True)
class Session:
    """One guided or unguided moment; local times."""

    index: int
    number: int
    kind: str
    start: datetime
    end: datetime
    mood: str | None
    sampled: bool


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag; ``code`` is Oura's, ``custom`` needs ``name``, none at all is text only."""

    index: int
    number: int
    code: str | None
    start: datetime
    end: datetime | None = None
    name: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class RestMode:
    """One stretch of rest mode; without an end it is still on."""

    index: int
    start: datetime
    end: datetime | None


class Moments:
    """What a person did and noted, by the local day it began on."""

    def __init__(
        self,
        traits: Traits,
        places: Places,
        sleeps: Sleeps,
        wear: Wear,
        episodes: tuple[Happening, ...],
    ) -> None:
        self._traits = traits
        self._places = places
        self._sleeps = sleeps
        self._wear = wear
        self._episodes = episodes
        self.workouts = lru_cache(maxsize=None)(self._workouts)
        self.sessions = lru_cache(maxsize=None)(self._sessions)
        self.tags = lru_cache(maxsize=None)(self._tags)

    def _during(self, kind: str, index: int) -> bool:
        return any(
            item.kind == kind and item.first <= index <= item.last for item in self._episodes
        )

    def _awake(self, index: int, hour: float, minutes: int) -> tuple[datetime, datetime] | None:
        start = self._places.instant(index, round(hour * _HOUR))
        end = start + timedelta(minutes=minutes)
        margin = timedelta(minutes=5)
        for sleep, _ in self._sleeps.spans(index):
            if sleep.start - margin < end and start < sleep.end + margin:
                return None
        return self._places.local(start, index), self._places.local(end, index)

    def _workouts(self, index: int) -> tuple[Workout, ...]:
        """The workouts that began on a day."""
        if not self._wear.day(index) or self._during("fever", index):
            return ()
        rng = stream(self._traits.seed, "workout", index)
        chance = 0.85 if self._during("load", index) else 0.32
        found = []
        for number, hour in enumerate((rng.uniform(9.5, 12), rng.uniform(16.8, 18.2))):
            if rng.random() >= chance / 1.6:
                continue
            minutes = rng.randint(20, 75)
            span = self._awake(index, hour, minutes)
            if span:
                found.append(self._workout(rng, index, number, minutes, span))
        return tuple(found)

    def _workout(
        self,
        rng: random.Random,
        index: int,
        number: int,
        minutes: int,
        span: tuple[datetime, datetime],
    ) -> Workout:
        intensity = choose(rng, ("easy", "moderate", "hard"), (3, 5, 2))
        pace = {"easy": 70, "moderate": 120, "hard": 170}[intensity]
        if self._traits.sparse and index % 3 == 0:
            intensity = "extreme"
        return Workout(
            index=index,
            number=number,
            activity=rng.choice(_SPORTS),
            start=span[0],
            end=span[1],
            intensity=intensity,
            source=choose(
                rng,
                ("manual", "autodetected", "confirmed", "workout_heart_rate"),
                (1, 3, 4, 2),
            ),
            calories=round(minutes * pace / 18 + rng.uniform(-9, 9), 3),
            distance=round(minutes * pace * rng.uniform(0.8, 1.1), 2) if number else None,
        )

    def _sessions(self, index: int) -> tuple[Session, ...]:
        """The sessions that began on a day."""
        rng = stream(self._traits.seed, "session", index)
        if not self._wear.day(index) or rng.random() >= 0.14:
            return ()
        span = self._awake(index, rng.uniform(12.2, 13.0), rng.randint(4, 18))
        if span is None:
            return ()
        return (
            Session(
                index,
                0,
                rng.choice(_SESSIONS),
                *span,
                mood=rng.choice(_MOODS),
                sampled=rng.random() < 0.8,
            ),
        )

    def _tags(self, index: int) -> tuple[Tag, ...]:
        """The tags whose (first) day is that day."""
        if index < 0:
            return ()
        rng = stream(self._traits.seed, "tags", index)
        found: list[Tag] = []

        def add(code: str | None, hour: float, **more: Any) -> None:
            start = self._at(index, hour)
            found.append(Tag(index, len(found), code, start, **more))

        if rng.random() < self._traits.caffeine:
            add("tag_generic_caffeine", rng.uniform(13, 16.5))
        if self._traits.alcohol_tags and self._drank(index):
            add("tag_generic_alcohol", rng.uniform(19, 21.5))
        if self._during("fever", index) and not self._during("fever", index - 1):
            add("tag_generic_sick", 10.0, end=self._at(index + 2, 20.0), comment="down with it")
        if rng.random() < 0.03:
            add("custom", 18.4, name="Sauna")
        if rng.random() < 0.02:
            add(None, 21.8, comment="a long day")
        if self._during("travel", index) and not self._during("travel", index - 1):
            add("tag_generic_travel", 23.7, end=self._at(index + 1, 9.0))
        return tuple(found)

    def _at(self, index: int, hour: float) -> datetime:
        return self._places.local(self._places.instant(index, round(hour * _HOUR)), index)

    def _drank(self, index: int) -> bool:
        return any(item.kind == "alcohol" and item.first == index + 1 for item in self._episodes)

    @property
    def rests(self) -> tuple[RestMode, ...]:
        """Every stretch of rest mode."""
        found = []
        for rest in self._traits.rests:
            index = self._places.ago(rest.first_days_ago)
            end = None
            if rest.last_days_ago is not None:
                end = self._at(self._places.ago(rest.last_days_ago), 19.0)
            found.append(RestMode(index, self._at(index, 9.0), end))
        return tuple(found)
