"""Workouts, sessions, tags and rest mode of a person."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from annulet.simulator.world.episodes import ScheduledEpisode
from annulet.simulator.world.local_calendar import LocalCalendar
from annulet.simulator.world.random_streams import random_stream, weighted_choice
from annulet.simulator.world.sleeps import Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.wear import Wear

_HOUR_S: Final = 3600
_ACTIVITIES: Final = ("walking", "running", "cycling", "strength_training", "yoga", "swimming")
_SESSION_TYPES: Final = ("breathing", "meditation", "relaxation", "rest", "body_status")
_MOODS: Final = ("bad", "worse", "same", "good", "great", None)
_SOURCES: Final = ("manual", "autodetected", "confirmed", "workout_heart_rate")
_METRES_A_MINUTE: Final = {"easy": 70, "moderate": 120, "hard": 170}


@dataclass(frozen=True, slots=True)
class Event:
    """What all events share.

    ``index`` is the day the event starts on and ``number`` its number on that day; together
    they name it. Times are local.
    """

    index: int
    number: int
    start: datetime


@dataclass(frozen=True, slots=True)
class WorkoutEvent(Event):
    """One workout; the distance is in metres."""

    end: datetime
    activity: str
    intensity: str
    source: str
    calories: float | None
    distance: float | None


@dataclass(frozen=True, slots=True)
class SessionEvent(Event):
    """One guided or unguided session."""

    end: datetime
    kind: str
    mood: str | None
    has_samples: bool


@dataclass(frozen=True, slots=True)
class TagEvent(Event):
    """One tag: ``code`` is Oura's; ``custom`` comes with a name; no code is a plain comment."""

    end: datetime | None
    code: str | None
    name: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class RestModeEvent:
    """One period of rest mode; without an end it is still on."""

    index: int
    start: datetime
    end: datetime | None


@dataclass(eq=False)
class Events:
    """The events of one person, by the index of the local day they start on."""

    traits: Traits
    calendar: LocalCalendar
    wear: Wear
    sleeps: Sleeps
    episodes: tuple[ScheduledEpisode, ...]

    def __post_init__(self) -> None:
        self.workouts = lru_cache(maxsize=None)(self._workouts)
        self.sessions = lru_cache(maxsize=None)(self._sessions)
        self.tags = lru_cache(maxsize=None)(self._tags)

    def _is_in_episode(self, kind: str, index: int) -> bool:
        return any(episode.kind == kind and episode.covers(index) for episode in self.episodes)

    def _is_first_day(self, kind: str, index: int) -> bool:
        return self._is_in_episode(kind, index) and not self._is_in_episode(kind, index - 1)

    def _local_time(self, index: int, hour: float) -> datetime:
        return self.calendar.localize(self.calendar.instant(index, round(hour * _HOUR_S)), index)

    def _span_awake(
        self, index: int, hour: float, minutes: int
    ) -> tuple[datetime, datetime] | None:
        """Return start and end of a time span; ``None`` if it overlaps a sleep."""
        start = self.calendar.instant(index, round(hour * _HOUR_S))
        end = start + timedelta(minutes=minutes)
        margin = timedelta(minutes=5)
        for sleep, _ in self.sleeps.around(index):
            if sleep.start - margin < end and start < sleep.end + margin:
                return None
        return self.calendar.localize(start, index), self.calendar.localize(end, index)

    def _workouts(self, index: int) -> tuple[WorkoutEvent, ...]:
        if not self.wear.is_worn(index) or self._is_in_episode("fever", index):
            return ()
        rng = random_stream(self.traits.seed, "workout", index)
        probability = 0.85 if self._is_in_episode("load", index) else 0.32
        workouts = []
        for number, hour in enumerate((rng.uniform(9.5, 12), rng.uniform(16.8, 18.2))):
            if rng.random() >= probability / 1.6:
                continue
            minutes = rng.randint(20, 75)
            span = self._span_awake(index, hour, minutes)
            if span:
                workouts.append(self._draw_workout(rng, index, number, minutes, span))
        return tuple(workouts)

    def _draw_workout(
        self,
        rng: random.Random,
        index: int,
        number: int,
        minutes: int,
        span: tuple[datetime, datetime],
    ) -> WorkoutEvent:
        intensity = weighted_choice(rng, tuple(_METRES_A_MINUTE), (3, 5, 2))
        pace = _METRES_A_MINUTE[intensity]
        is_unknown = self.traits.sparse and index % 3 == 0
        return WorkoutEvent(
            index=index,
            number=number,
            activity=rng.choice(_ACTIVITIES),
            start=span[0],
            end=span[1],
            intensity="extreme" if is_unknown else intensity,
            source=weighted_choice(rng, _SOURCES, (1, 3, 4, 2)),
            calories=round(minutes * pace / 18 + rng.uniform(-9, 9), 3),
            distance=round(minutes * pace * rng.uniform(0.8, 1.1), 2) if number else None,
        )

    def _sessions(self, index: int) -> tuple[SessionEvent, ...]:
        rng = random_stream(self.traits.seed, "session", index)
        if not self.wear.is_worn(index) or rng.random() >= 0.14:
            return ()
        span = self._span_awake(index, rng.uniform(12.2, 13.0), rng.randint(4, 18))
        if span is None:
            return ()
        session = SessionEvent(
            index=index,
            number=0,
            kind=rng.choice(_SESSION_TYPES),
            start=span[0],
            end=span[1],
            mood=rng.choice(_MOODS),
            has_samples=rng.random() < 0.8,
        )
        return (session,)

    def _tags(self, index: int) -> tuple[TagEvent, ...]:
        if index < 0:
            return ()
        rng = random_stream(self.traits.seed, "tags", index)
        tags: list[TagEvent] = []

        def add(
            code: str | None,
            hour: float,
            *,
            end: datetime | None = None,
            name: str | None = None,
            comment: str | None = None,
        ) -> None:
            start = self._local_time(index, hour)
            tags.append(TagEvent(index, len(tags), start, end, code, name, comment))

        if rng.random() < self.traits.caffeine:
            add("tag_generic_caffeine", rng.uniform(13, 16.5))
        if self.traits.alcohol_tags and self._is_alcohol_evening(index):
            add("tag_generic_alcohol", rng.uniform(19, 21.5))
        if self._is_first_day("fever", index):
            end = self._local_time(index + 2, 20.0)
            add("tag_generic_sick", 10.0, end=end, comment="down with it")
        if rng.random() < 0.03:
            add("custom", 18.4, name="Sauna")
        if rng.random() < 0.02:
            add(None, 21.8, comment="a long day")
        if self._is_first_day("travel", index):
            add("tag_generic_travel", 23.7, end=self._local_time(index + 1, 9.0))
        return tuple(tags)

    def _is_alcohol_evening(self, index: int) -> bool:
        return any(
            episode.kind == "alcohol" and episode.first == index + 1 for episode in self.episodes
        )

    @property
    def rest_modes(self) -> tuple[RestModeEvent, ...]:
        """Every period of rest mode."""
        rest_modes = []
        for plan in self.traits.rest_modes:
            index = self.calendar.index_days_ago(plan.first_days_ago)
            end = None
            if plan.last_days_ago is not None:
                last = self.calendar.index_days_ago(plan.last_days_ago)
                end = self._local_time(last, 19.0)
            rest_modes.append(RestModeEvent(index, self._local_time(index, 9.0), end))
        return tuple(rest_modes)
