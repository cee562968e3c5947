"""The daily figures: scores, temperature, stress, blood oxygen, resilience, heart health."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from annulet.simulator.world.draws import stream
from annulet.simulator.world.places import Places
from annulet.simulator.world.sleeps import Sleep, Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import Vitals
from annulet.simulator.world.wear import Wear

__all__ = ["LEVELS", "Day", "Scores"]

LEVELS: Final = ("limited", "adequate", "solid", "strong", "exceptional")
_QUARTER: Final = 900
_LEARNING: Final = 14
_EIGHT_HOURS: Final = 28_800


@dataclass(frozen=True, slots=True)
class Day:
    """What Oura says about one day. A night's figures are ``None`` without a night.

    ``stress_high`` and ``recovery_high`` are seconds.
    """

    index: int
    sleep_score: int | None
    readiness_score: int | None
    temperature_deviation: float | None
    temperature_trend: float | None
    stress_high: int | None
    recovery_high: int | None
    stress_summary: str | None
    spo2: float | None
    breathing_disturbance: int | None
    vascular_age: int | None
    pulse_wave_velocity: float | None
    vo2_max: int | None
    resilience: str | None
    balance: tuple[float, float, float] | None


class Scores:
    """The daily figures of one person."""

    def __init__(
        self, traits: Traits, places: Places, sleeps: Sleeps, wear: Wear, vitals: Vitals
    ) -> None:
        self._traits = traits
        self._places = places
        self._sleeps = sleeps
        self._wear = wear
        self._vitals = vitals
        self.day = lru_cache(maxsize=None)(self._day)

    def stress_until(self, index: int, until: datetime) -> tuple[int, int] | None:
        """Stress and recovery as they stood at an instant, in whole quarters of an hour."""
        day = self.day(index)
        start = self._places.instant(index, 8 * 3600)
        if day.stress_high is None or day.recovery_high is None or until < start:
            return None
        part = min(1.0, (until - start) / timedelta(hours=14))
        high, calm = day.stress_high, day.recovery_high
        return int(high * part) // _QUARTER * _QUARTER, int(calm * part) // _QUARTER * _QUARTER

    def _hole(self, index: int, every: int, place: int) -> bool:
        return self._traits.sparse and index % every == place

    def _day(self, index: int) -> Day:
        rng = stream(self._traits.seed, "scores", index)
        night = self._sleeps.night(index, self._places.day(index))
        values = self._vitals.at(index)
        wobble, oxygen, quarters = rng.gauss(0, 3), rng.gauss(97.1, 0.7), rng.random()
        trend = sum(
            weight * self._vitals.at(max(0, index - back)).temperature
            for back, weight in enumerate((0.5, 0.3, 0.2))
        )
        strain = max(0.0, 85 - values.readiness) / 40
        stressed = self._wear.day(index) and not self._hole(index, 8, 3)
        high = _QUARTER * round(10 * quarters * (0.6 + strain))
        calm = _QUARTER * round(8 * rng.random() * max(0.2, 1.2 - strain))
        tide = 14 * math.sin(index / 23 + self._traits.seed)
        learnt = index >= _LEARNING and night is not None
        balance = (
            round(min(100.0, 30 + values.readiness * 0.5 + tide + rng.gauss(0, 3)), 1),
            round(max(5.0, 62 + tide - 18 * strain + rng.gauss(0, 4)), 1),
            round(max(5.0, 60 + tide - 20 * strain + rng.gauss(0, 4)), 1),
        )
        age = self._traits.profile.age - 3 + round(0.25 * (values.resting - 55))
        return Day(
            index=index,
            sleep_score=_sleep_score(night, wobble) if not self._hole(index, 5, 0) else None,
            readiness_score=values.readiness if night and not self._hole(index, 7, 1) else None,
            temperature_deviation=(
                values.temperature if night and not self._hole(index, 7, 3) else None
            ),
            temperature_trend=round(trend, 2) if night and rng.random() >= 0.04 else None,
            stress_high=high if stressed else None,
            recovery_high=calm if stressed else None,
            stress_summary=self._summary(index, high, calm, rng.random()) if stressed else None,
            spo2=round(min(100.0, max(90.0, oxygen)), 3) if night else None,
            breathing_disturbance=max(0, round(rng.gauss(8, 4))) if night else None,
            vascular_age=max(18, min(100, age)) if learnt else None,
            pulse_wave_velocity=round(5.2 + age * 0.045, 2) if learnt else None,
            vo2_max=self._vo2_max(index) if learnt else None,
            resilience=LEVELS[min(4, int(sum(balance) / 3 / 20))] if learnt else None,
            balance=balance if learnt else None,
        )

    def _summary(self, index: int, high: int, calm: int, draw: float) -> str | None:
        if draw < 0.08:
            return None
        if self._hole(index, 6, 2):
            return "wobbly"
        if high > calm + 3600:
            return "stressful"
        return "restored" if calm > high + 1800 else "normal"

    def _vo2_max(self, index: int) -> int | None:
        if index % 9:
            return None
        return max(20, round(47 - 0.18 * self._traits.profile.age + (60 - 56) * 0.3))


def _sleep_score(night: Sleep | None, wobble: float) -> int | None:
    if night is None:
        return None
    asleep: float = min(1.0, night.total / _EIGHT_HOURS) ** 1.3
    deep = min(1.0, night.deep / 6300)
    rem = min(1.0, night.rem / 6900)
    calm = max(0.0, night.efficiency - 60) / 38
    raw = 100 * (0.45 * asleep + 0.2 * calm + 0.18 * deep + 0.17 * rem)
    return max(1, min(100, round(raw + wobble)))
