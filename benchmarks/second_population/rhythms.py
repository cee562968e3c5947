"""What comes back: the weekend, the year and the menstrual cycle."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from benchmarks.second_population.draft import Draft
from benchmarks.second_population.metrics import (
    BEDTIME,
    BREATH,
    DEEP,
    HR,
    HRV,
    REM,
    SLEEP,
    STEPS,
    STRESS,
    TEMPERATURE,
)
from benchmarks.second_population.noise import Values
from benchmarks.second_population.truth import Cycle

USUAL_WEEKEND = {
    SLEEP: 24.0,
    BEDTIME: 32.0,
    STEPS: -0.08,
    STRESS: -0.25,
    HR: 0.5,
    HRV: -0.015,
}
# Longer sleep is mostly longer light and REM sleep.
REM_OF_SLEEP, DEEP_OF_SLEEP = 0.3, 0.06


def add_sleep(draft: Draft, minutes: Values) -> None:
    """Adds sleep to each night, with its usual share of REM and deep sleep."""
    draft.add(SLEEP, minutes)
    draft.add(REM, REM_OF_SLEEP * minutes)
    draft.add(DEEP, DEEP_OF_SLEEP * minutes)


@dataclass(frozen=True, slots=True)
class Weekend:
    """Adds sizes to the nights dated Saturday and Sunday; people differ by ``spread``."""

    sizes: dict[str, float] = field(default_factory=lambda: dict(USUAL_WEEKEND))
    spread: float = 0.4

    def apply(self, draft: Draft) -> None:
        """Adds the weekend to the draft and to its truth."""
        draw = float(draft.seed.stream("weekend").standard_normal())
        factor = max(0.0, round(1.0 + self.spread * draw, 3))
        weekend = draft.weekend_nights()
        for metric, size in self.sizes.items():
            draft.weekend[metric] = round(size * factor, 6)
            if metric == SLEEP:
                add_sleep(draft, draft.weekend[metric] * weekend)
            else:
                draft.add(metric, draft.weekend[metric] * weekend)


@dataclass(frozen=True, slots=True)
class Season:
    """Adds a yearly wave; each size is the height above the mean in the middle of January."""

    sizes: dict[str, float]
    warmest: int = 15

    def apply(self, draft: Draft) -> None:
        """Adds the wave to the draft and to its truth."""
        days = [draft.day(night).timetuple().tm_yday for night in range(draft.nights)]
        wave = np.array([math.cos(2 * math.pi * (day - self.warmest) / 365.25) for day in days])
        for metric, size in self.sizes.items():
            draft.season[metric] = size
            draft.add(metric, size * wave)


@dataclass(frozen=True, slots=True)
class MenstrualCycle:
    """Adds cycles: temperature and breathing biphasic, heart rate and HRV rising and falling.

    A person's mean length is drawn from ``length`` and each cycle varies by ``length_sd`` days,
    which the follicular phase takes. ``temperature`` is mean, SD and lowest rise in °C.
    ``heart_rate`` is from trough to peak. Without ovulation there is no luteal rise.
    """

    length: tuple[float, float] = (24.0, 34.0)
    length_sd: float = 1.5
    shortest: int = 18
    longest: int = 50
    luteal_days: tuple[float, float] = (12.4, 1.3)
    temperature: tuple[float, float, float] = (0.30, 0.09, 0.12)
    heart_rate: float = 2.7
    hrv: float = -0.10
    breath: float = 0.35
    without_ovulation: float = 0.04
    until: int | None = None

    def apply(self, draft: Draft) -> None:
        """Adds the cycles to the draft and to its truth."""
        rng = draft.seed.stream("cycle")
        mean = round(float(rng.uniform(*self.length)), 2)
        usual, sd, lowest = self.temperature
        rise = max(lowest, round(usual + sd * float(rng.standard_normal()), 3))
        strength = round(math.exp(0.3 * float(rng.standard_normal())), 3)
        start = -int(rng.integers(0, max(int(mean), 2)))
        last = draft.nights if self.until is None else min(self.until, draft.nights)
        while start < last:
            cycle, ovulation = self.draw_cycle(mean, rng)
            self.add_cycle(draft, start, cycle, ovulation, (rise, strength), last)
            start += cycle

    def draw_cycle(self, mean: float, rng: np.random.Generator) -> tuple[int, int | None]:
        """Draws the length of a cycle in days and the day of ovulation in it, if there is one."""
        drawn = mean + self.length_sd * float(rng.standard_normal())
        days = min(max(round(drawn), self.shortest), self.longest)
        luteal = min(max(round(self.luteal_days[0] + self.luteal_days[1] * float(
            rng.standard_normal())), 9), 16)  # fmt: skip
        ovulates = float(rng.random()) >= self.without_ovulation
        return days, max(days - luteal, 6) if ovulates else None

    def add_cycle(
        self,
        draft: Draft,
        start: int,
        days: int,
        ovulation: int | None,
        sizes: tuple[float, float],
        last: int,
    ) -> None:
        """Adds one cycle that begins at night ``start``, as far as night ``last``."""
        rise, strength = sizes
        shown = min(days, last - start)
        warm = luteal_wave(days, ovulation)[:shown]
        heart = heart_wave(days)[:shown] * (1.0 if ovulation is not None else 0.3)
        draft.add(TEMPERATURE, rise * (warm - 0.42), start)
        draft.add(BREATH, self.breath * strength * (warm - 0.42), start)
        draft.add(HR, self.heart_rate * strength * heart, start)
        draft.add(HRV, self.hrv * strength * heart, start)
        ovulated = None if ovulation is None else draft.day(start + ovulation)
        draft.cycles.append(Cycle(draft.day(start), days, ovulated))
        for day in range(max(0, -start), shown):
            draft.cycle_phase[start + day] = round(day / days, 4)


def luteal_wave(days: int, ovulation: int | None) -> Values:
    """Rises from 0 to 1 in the three days after ovulation, falls in the last two of the cycle."""
    wave = np.zeros(days)
    if ovulation is None:
        return wave
    for day in range(ovulation, days):
        wave[day] = min((day - ovulation + 1) / 3, 1.0, (days - day) / 2)
    return wave


def heart_wave(days: int) -> Values:
    """Is lowest (−0.5) on day 5, highest (0.5) three days before the end, straight in between."""
    lowest, highest = 4, max(days - 3, 6)
    rising = highest - lowest
    falling = days - rising
    wave = np.zeros(days)
    for day in range(days):
        if lowest <= day <= highest:
            wave[day] = (day - lowest) / rising - 0.5
        else:
            wave[day] = 0.5 - ((day - highest) % days) / falling
    return wave
