"""The heart-rate series: irregular as the real one, drawn by UTC day."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from annulet.simulator.world.basis import Basis
from annulet.simulator.world.draws import stream
from annulet.simulator.world.stages import course

__all__ = ["Beat", "Heart", "day_of"]

_KEPT_DAYS: Final = 120
_DAY: Final = 86_400_000
_WORKOUT_EVERY: Final = 5_000
_EFFORT: Final = {"easy": 42, "moderate": 66, "hard": 92, "extreme": 95}


class Beat(NamedTuple):
    """One row: epoch milliseconds, beats a minute, source."""

    at: int
    bpm: int
    source: str


def _millis(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


class Heart:
    """The heart rate of one person."""

    def __init__(self, basis: Basis) -> None:
        self._traits = basis.traits
        self._places = basis.places
        self._sleeps = basis.sleeps
        self._wear = basis.wear
        self._vitals = basis.vitals
        self._moments = basis.moments
        self.rows = lru_cache(maxsize=_KEPT_DAYS)(self._rows)

    def _rows(self, day: date) -> tuple[Beat, ...]:
        """Every row of one UTC day, oldest first."""
        index = self._places.index(day)
        begin = _millis(datetime.combine(day, time(), UTC))
        rng = stream(self._traits.seed, "heart", index)
        rows = self._asleep(index) + self._moving(index)
        rows += self._still(rng, index, begin, self._blocked(index))
        inside = sorted(row for row in rows if begin <= row.at < begin + _DAY)
        return tuple(inside)

    def _asleep(self, index: int) -> list[Beat]:
        rows = []
        for sleep, worn in self._sleeps.spans(index):
            if not (worn and sleep.heart):
                continue
            start = _millis(sleep.start)
            for k, bpm in enumerate(course(self._traits.seed, sleep).heart):
                if bpm is not None:
                    rows.append(Beat(start + k * 300_000, bpm, "sleep"))
        return rows

    def _moving(self, index: int) -> list[Beat]:
        rows = []
        for near in (index - 1, index, index + 1):
            for workout in self._moments.workouts(near):
                rng = stream(self._traits.seed, "pulse", workout.index, workout.number)
                start, end = _millis(workout.start), _millis(workout.end)
                top = self._vitals.at(near).resting + _EFFORT[workout.intensity]
                for at in range(start, end, _WORKOUT_EVERY):
                    ramp = min(1.0, 0.55 + (at - start) / 600_000)
                    rows.append(Beat(at, round(top * ramp + rng.gauss(0, 3)), "workout"))
        return rows

    def _blocked(self, index: int) -> list[tuple[int, int]]:
        """When there is no free-living heart rate: asleep, in a workout, not worn, charging."""
        spans = [(sleep.start, sleep.end) for sleep, _ in self._sleeps.spans(index)]
        for near in (index - 2, index - 1, index, index + 1):
            spans += [(item.start, item.end) for item in self._moments.workouts(near)]
            charge = self._wear.charge(near)
            if charge:
                spans.append(
                    (
                        self._places.instant(near, charge[0]),
                        self._places.instant(near, charge[1]),
                    )
                )
            if not self._wear.day(near):
                spans.append((self._places.instant(near), self._places.instant(near + 1)))
        return sorted((_millis(start), _millis(end)) for start, end in spans)

    def _still(
        self, rng: random.Random, index: int, begin: int, blocked: list[tuple[int, int]]
    ) -> list[Beat]:
        """Bursts of readings by day, calm stretches each five minutes, silences between."""
        rows: list[Beat] = []
        level = self._vitals.at(max(0, index)).resting + 17
        at, end, drift = begin + rng.randint(0, 60_000), begin + _DAY, 0.0
        while at < end:
            if rng.random() < 0.8:
                gaps = [_burst_gap(rng) for _ in range(rng.randint(6, 30))]
                source = "awake"
            else:
                gaps = [300_000] * rng.randint(2, 5)
                source = "rest"
            for gap in gaps:
                free = _free(at, blocked)
                if free != at:
                    at = free + rng.randint(20_000, 90_000)
                    break
                drift = 0.9 * drift + rng.gauss(0, 3)
                bpm = max(40, round(level + drift + (8 if source == "awake" else 0)))
                rows.append(Beat(at, bpm, source))
                if rng.random() < 0.004:
                    rows.append(Beat(at, bpm + rng.randint(0, 2), "live"))
                at += gap
            at += _silence(rng)
        return rows


def _burst_gap(rng: random.Random) -> int:
    return 1000 * max(5, min(58, round(rng.lognormvariate(2.94, 0.35))))


def _silence(rng: random.Random) -> int:
    if rng.random() < 0.03:
        return int(rng.uniform(20, 58) * 60_000)
    return int(rng.uniform(1.5, 7) * 60_000)


def _free(at: int, blocked: list[tuple[int, int]]) -> int:
    for start, end in blocked:
        if start <= at < end:
            at = end
    return at


def day_of(at: int) -> date:
    """The UTC day of an instant in epoch milliseconds."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)).date()
