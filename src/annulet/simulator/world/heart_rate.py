"""The heart-rate readings of a person, at irregular times as Oura's, by UTC day."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final, NamedTuple

from annulet.simulator.world.events import Events
from annulet.simulator.world.local_calendar import LocalCalendar, epoch_ms
from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.sleep_series import simulate_sleep_series
from annulet.simulator.world.sleeps import Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import Vitals
from annulet.simulator.world.wear import Wear

_CACHED_DAYS: Final = 120
_DAY_MS: Final = 86_400_000
_SAMPLE_MS: Final = 300_000
_WORKOUT_READING_MS: Final = 5_000
_INCREASE_BY_INTENSITY: Final = {"easy": 42, "moderate": 66, "hard": 92, "extreme": 95}


class HeartRateRow(NamedTuple):
    """One reading: epoch milliseconds, beats a minute, source."""

    at: int
    bpm: int
    source: str


@dataclass(eq=False)
class HeartRate:
    """The heart-rate readings of one person."""

    traits: Traits
    calendar: LocalCalendar
    wear: Wear
    vitals: Vitals
    sleeps: Sleeps
    events: Events

    def __post_init__(self) -> None:
        self.rows = lru_cache(maxsize=_CACHED_DAYS)(self._rows)

    def _rows(self, day: date) -> tuple[HeartRateRow, ...]:
        """Return every reading of a UTC day, oldest first."""
        index = self.calendar.index(day)
        start = epoch_ms(datetime.combine(day, time(), UTC))
        rows = self._sleep_rows(index) + self._workout_rows(index)
        rows += self._free_living_rows(index, start)
        return tuple(sorted(row for row in rows if start <= row.at < start + _DAY_MS))

    def _sleep_rows(self, index: int) -> list[HeartRateRow]:
        return [
            HeartRateRow(epoch_ms(sleep.start) + k * _SAMPLE_MS, bpm, "sleep")
            for sleep, is_recorded in self.sleeps.around(index)
            if is_recorded and sleep.has_heart_rate
            for k, bpm in enumerate(simulate_sleep_series(self.traits.seed, sleep).heart_rate)
            if bpm is not None
        ]

    def _workout_rows(self, index: int) -> list[HeartRateRow]:
        rows = []
        for near in (index - 1, index, index + 1):
            for workout in self.events.workouts(near):
                rng = random_stream(self.traits.seed, "pulse", workout.index, workout.number)
                start, end = epoch_ms(workout.start), epoch_ms(workout.end)
                increase = _INCREASE_BY_INTENSITY[workout.intensity]
                highest = self.vitals.at(near).resting + increase
                for at in range(start, end, _WORKOUT_READING_MS):
                    ramp = min(1.0, 0.55 + (at - start) / 600_000)
                    bpm = round(highest * ramp + rng.gauss(0, 3))
                    rows.append(HeartRateRow(at, bpm, "workout"))
        return rows

    def _blocked_spans(self, index: int) -> list[tuple[int, int]]:
        """Return the times without free-living readings: sleep, workout, charge, not worn."""
        spans = [(sleep.start, sleep.end) for sleep, _ in self.sleeps.around(index)]
        instant = self.calendar.instant
        for near in (index - 2, index - 1, index, index + 1):
            spans += [(workout.start, workout.end) for workout in self.events.workouts(near)]
            charge = self.wear.charge(near)
            if charge:
                spans.append(charge)
            if not self.wear.is_worn(near):
                spans.append((instant(near), instant(near + 1)))
        return sorted((epoch_ms(start), epoch_ms(end)) for start, end in spans)

    def _free_living_rows(self, index: int, day_start: int) -> list[HeartRateRow]:
        """Return bursts of readings, calm stretches with one per 5 min, and gaps between them."""
        rng = random_stream(self.traits.seed, "heart", index)
        blocked = self._blocked_spans(index)
        rows: list[HeartRateRow] = []
        level = self.vitals.at(max(0, index)).resting + 17
        at, end, drift = day_start + rng.randint(0, 60_000), day_start + _DAY_MS, 0.0
        while at < end:
            is_burst = rng.random() < 0.8
            if is_burst:
                pauses = [_draw_burst_pause(rng) for _ in range(rng.randint(6, 30))]
            else:
                pauses = [_SAMPLE_MS] * rng.randint(2, 5)
            for pause in pauses:
                free_at = _end_of_blocked_time(at, blocked)
                if free_at != at:
                    at = free_at + rng.randint(20_000, 90_000)
                    break
                drift = 0.9 * drift + rng.gauss(0, 3)
                bpm = max(40, round(level + drift + (8 if is_burst else 0)))
                rows.append(HeartRateRow(at, bpm, "awake" if is_burst else "rest"))
                if rng.random() < 0.004:
                    rows.append(HeartRateRow(at, bpm + rng.randint(0, 2), "live"))
                at += pause
            at += _draw_gap(rng)
        return rows


def _draw_burst_pause(rng: random.Random) -> int:
    return 1000 * max(5, min(58, round(rng.lognormvariate(2.94, 0.35))))


def _draw_gap(rng: random.Random) -> int:
    if rng.random() < 0.03:
        return int(rng.uniform(20, 58) * 60_000)
    return int(rng.uniform(1.5, 7) * 60_000)


def _end_of_blocked_time(at: int, blocked: list[tuple[int, int]]) -> int:
    for start, end in blocked:
        if start <= at < end:
            at = end
    return at
