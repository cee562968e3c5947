"""The daily scores: sleep, readiness, temperature, stress, SpO2, resilience, heart health."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from annulet.simulator.world.local_calendar import LocalCalendar
from annulet.simulator.world.random_streams import random_stream
from annulet.simulator.world.sleep import Sleep
from annulet.simulator.world.sleeps import Sleeps
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.vitals import Vitals
from annulet.simulator.world.wear import Wear

STRESS_START_S: Final = 8 * 3600
STRESS_DAY: Final = timedelta(hours=14)
_LEVELS: Final = ("limited", "adequate", "solid", "strong", "exceptional")
_QUARTER_HOUR_S: Final = 900
_LEARNING_DAYS: Final = 14
_EIGHT_HOURS_S: Final = 28_800


@dataclass(frozen=True, slots=True)
class DailyScores:
    """The scores of one day. What comes from a night is ``None`` without a night.

    ``stress_high`` and ``recovery_high`` are seconds; ``resilience_parts`` are the contributors
    sleep recovery, daytime recovery and stress.
    """

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
    resilience_parts: tuple[float, float, float] | None


@dataclass(eq=False)
class Scores:
    """The daily scores of one person."""

    traits: Traits
    calendar: LocalCalendar
    wear: Wear
    vitals: Vitals
    sleeps: Sleeps

    def __post_init__(self) -> None:
        self.day = lru_cache(maxsize=None)(self._draw_day)

    def stress_until(self, index: int, until: datetime) -> tuple[int, int] | None:
        """Return stress and recovery as they stood at an instant, in whole quarters of an hour."""
        day = self.day(index)
        start = self.calendar.instant(index, STRESS_START_S)
        if day.stress_high is None or day.recovery_high is None or until < start:
            return None
        elapsed_share = min(1.0, (until - start) / STRESS_DAY)
        stress, recovery = (
            int(seconds * elapsed_share) // _QUARTER_HOUR_S * _QUARTER_HOUR_S
            for seconds in (day.stress_high, day.recovery_high)
        )
        return stress, recovery

    def _is_left_out(self, index: int, every: int, remainder: int) -> bool:
        return self.traits.sparse and index % every == remainder

    def _draw_day(self, index: int) -> DailyScores:
        rng = random_stream(self.traits.seed, "scores", index)
        night = self.sleeps.night(index)
        vitals = self.vitals.at(index)
        score_noise, spo2, stress_draw = rng.gauss(0, 3), rng.gauss(97.1, 0.7), rng.random()
        strain = max(0.0, 85 - vitals.readiness) / 40
        has_stress = self.wear.is_worn(index) and not self._is_left_out(index, 8, 3)
        stress = _QUARTER_HOUR_S * round(10 * stress_draw * (0.6 + strain))
        recovery = _QUARTER_HOUR_S * round(8 * rng.random() * max(0.2, 1.2 - strain))
        resilience_parts = self._draw_resilience(rng, index, strain)
        has_history = night is not None and index >= _LEARNING_DAYS
        age = self.traits.profile.age - 3 + round(0.25 * (vitals.resting - 55))
        has_readiness = night and not self._is_left_out(index, 7, 1)
        has_temperature = night and not self._is_left_out(index, 7, 3)
        level = _LEVELS[min(4, int(sum(resilience_parts) / 3 / 20))]
        return DailyScores(
            sleep_score=(
                None if self._is_left_out(index, 5, 0) else _sleep_score(night, score_noise)
            ),
            readiness_score=vitals.readiness if has_readiness else None,
            temperature_deviation=vitals.temperature if has_temperature else None,
            temperature_trend=(
                self._temperature_trend(index) if night and rng.random() >= 0.04 else None
            ),
            stress_high=stress if has_stress else None,
            recovery_high=recovery if has_stress else None,
            stress_summary=(
                self._stress_summary(index, stress, recovery, rng.random()) if has_stress else None
            ),
            spo2=round(min(100.0, max(90.0, spo2)), 3) if night else None,
            breathing_disturbance=max(0, round(rng.gauss(8, 4))) if night else None,
            vascular_age=max(18, min(100, age)) if has_history else None,
            pulse_wave_velocity=round(5.2 + age * 0.045, 2) if has_history else None,
            vo2_max=self._vo2_max(index) if has_history else None,
            resilience=level if has_history else None,
            resilience_parts=resilience_parts if has_history else None,
        )

    def _draw_resilience(
        self, rng: random.Random, index: int, strain: float
    ) -> tuple[float, float, float]:
        wave = 14 * math.sin(index / 23 + self.traits.seed)
        readiness = self.vitals.at(index).readiness
        return (
            round(min(100.0, 30 + readiness * 0.5 + wave + rng.gauss(0, 3)), 1),
            round(max(5.0, 62 + wave - 18 * strain + rng.gauss(0, 4)), 1),
            round(max(5.0, 60 + wave - 20 * strain + rng.gauss(0, 4)), 1),
        )

    def _temperature_trend(self, index: int) -> float:
        weighted_sum = sum(
            weight * self.vitals.at(max(0, index - back)).temperature
            for back, weight in enumerate((0.5, 0.3, 0.2))
        )
        return round(weighted_sum, 2)

    def _stress_summary(self, index: int, stress: int, recovery: int, draw: float) -> str | None:
        if draw < 0.08:
            return None
        if self._is_left_out(index, 6, 2):
            return "wobbly"  # a member of the enumeration that Oura has not published
        if stress > recovery + 3600:
            return "stressful"
        return "restored" if recovery > stress + 1800 else "normal"

    def _vo2_max(self, index: int) -> int | None:
        if index % 9:
            return None
        return max(20, round(48.2 - 0.18 * self.traits.profile.age))


def _sleep_score(night: Sleep | None, noise: float) -> int | None:
    if night is None:
        return None
    length: float = min(1.0, night.total / _EIGHT_HOURS_S) ** 1.3
    deep = min(1.0, night.deep / 6300)
    rem = min(1.0, night.rem / 6900)
    efficiency = max(0.0, night.efficiency - 60) / 38
    score = 100 * (0.45 * length + 0.2 * efficiency + 0.18 * deep + 0.17 * rem)
    return max(1, min(100, round(score + noise)))
