"""A person while being made: values on the metrics' own scales, and the truth as it grows."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from benchmarks.second_population.metrics import DRAWN, HR, HRV, METRICS, STEPS
from benchmarks.second_population.noise import DECIMALS, Noise, Values, standard_nights
from benchmarks.second_population.truth import (
    Cycle,
    Driver,
    Event,
    Ramp,
    RingChange,
    Spell,
    Step,
    Tag,
    Truth,
)

EARLIEST_DAY = date(2023, 6, 1)
WEEKEND = (5, 6)
# How far a person's resting heart rate goes with the level of their HRV, between people.
HR_HRV_BETWEEN = -0.45


@dataclass(frozen=True, slots=True)
class Body:
    """Centres and spreads that differ from the usual ones, by metric, on the metric's scale."""

    centre: Mapping[str, float] = field(default_factory=dict)
    spread: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seed:
    """Where a person's random numbers come from: nothing but these three, in no order."""

    seed: int
    kind: str
    index: int

    def stream(self, part: str) -> np.random.Generator:
        """Opens the stream of one part, so that no part's draws move another's."""
        words = (zlib.crc32(self.kind.encode()), self.index, zlib.crc32(part.encode()))
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence((self.seed, *words))))


class Draft:
    """The nights of one person on the way to being published."""

    def __init__(self, seed: Seed, nights: int, body: Body, noise: Noise) -> None:
        self.seed = seed
        self.nights = nights
        self.first_day = EARLIEST_DAY + timedelta(days=int(seed.stream("day").integers(0, 365)))
        self.base = self._draw_base(body)
        self.night_sd = self._draw_sizes(noise)
        self.slow_share = self._draw_shares(noise)
        self.values = self._draw_values(noise)
        self.weekend: dict[str, float] = {}
        self.season: dict[str, float] = {}
        self.events: list[Event] = []
        self.steps: list[Step] = []
        self.ramps: list[Ramp] = []
        self.ring_changes: list[RingChange] = []
        self.cycles: list[Cycle] = []
        self.cycle_phase: list[float | None] = [None] * nights
        self.tags: list[Tag] = []
        self.drivers: list[Driver] = []
        self.spells: list[Spell] = []

    def _draw_base(self, body: Body) -> dict[str, float]:
        draws = self.seed.stream("base").standard_normal(len(DRAWN))
        place = {name: index for index, name in enumerate(DRAWN)}
        own = math.sqrt(1 - HR_HRV_BETWEEN**2)
        draws[place[HRV]] = HR_HRV_BETWEEN * draws[place[HR]] + own * draws[place[HRV]]
        return {
            name: round(
                body.centre.get(name, metric.centre)
                + body.spread.get(name, metric.spread) * float(draws[place[name]]),
                4,
            )
            for name, metric in METRICS.items()
        }

    def _draw_sizes(self, noise: Noise) -> dict[str, float]:
        draws = self.seed.stream("size").standard_normal(len(DRAWN))
        return {
            name: round(
                METRICS[name].night_sd * noise.sd_all * noise.sd.get(name, 1.0)
                * math.exp(0.2 * float(draw)),
                4,
            )
            for name, draw in zip(DRAWN, draws, strict=True)
        }  # fmt: skip

    def _draw_shares(self, noise: Noise) -> dict[str, float]:
        low, high = noise.slow_share
        draws = self.seed.stream("share").uniform(low, high, len(DRAWN))
        return {name: round(float(draw), 4) for name, draw in zip(DRAWN, draws, strict=True)}

    def _draw_values(self, noise: Noise) -> dict[str, Values]:
        parts = ("scale", "fast", "memory", "slow0", "slow1")
        rngs = {part: self.seed.stream(f"noise.{part}") for part in parts}
        shares = np.array([self.slow_share[name] for name in DRAWN])
        drawn = standard_nights(self.nights, shares, rngs, heavy=noise.heavy_tails)
        return {
            name: self.base[name] + self.night_sd[name] * drawn[:, index]
            for index, name in enumerate(DRAWN)
        }

    def day(self, night: int) -> date:
        """The day a night belongs to, counted from 0."""
        return self.first_day + timedelta(days=night)

    def weekdays(self) -> list[int]:
        """The weekday of each night, Monday 0."""
        return [(self.first_day.weekday() + night) % 7 for night in range(self.nights)]

    def weekend_nights(self) -> Values:
        """1.0 on the nights dated Saturday and Sunday, else 0.0."""
        return np.array([float(weekday in WEEKEND) for weekday in self.weekdays()])

    def add(self, metric: str, amount: Values | float, first: int = 0) -> None:
        """Adds an amount from a night on: one number for all later nights, or one a night."""
        if isinstance(amount, float | int):
            self.values[metric][max(first, 0) :] += amount
            return
        start, skipped = max(first, 0), max(-first, 0)
        room = max(self.nights - start, 0)
        part = np.round(amount[skipped : skipped + room], DECIMALS)
        self.values[metric][start : start + len(part)] += part

    def standardised(self, metric: str) -> Values:
        """The values as distances from the person's base, in SDs of their nights."""
        return (self.values[metric] - self.base[metric]) / self.night_sd[metric]

    def step_counts(self) -> Values:
        """The steps of each day as a count."""
        return np.asarray(np.round(np.exp(self.values[STEPS])), dtype=np.float64)

    def is_free(self, first: int, last: int, margin: int) -> bool:
        """Says whether no event lies within ``margin`` nights of the given ones."""
        start, end = self.day(first - margin), self.day(last + margin)
        return all(event.end < start or event.start > end for event in self.events)

    def slots(self, part: str, every: int, first: int = 45) -> range:
        """Cuts the nights from about ``first`` on into pieces of ``every``; gives their starts."""
        offset = int(self.seed.stream(f"{part}.slots").integers(0, max(every // 4, 1)))
        return range(first + offset, self.nights - 3, every)

    def truth(self) -> Truth:
        """Freezes what is known so far."""
        return Truth(
            base=self.base,
            night_sd=self.night_sd,
            slow_share=self.slow_share,
            weekend=self.weekend,
            season=self.season,
            events=tuple(sorted(self.events, key=lambda event: (event.start, event.name))),
            steps=tuple(self.steps),
            ramps=tuple(self.ramps),
            ring_changes=tuple(self.ring_changes),
            cycles=tuple(self.cycles),
            cycle_phase=tuple(self.cycle_phase),
            tags=tuple(self.tags),
            drivers=tuple(self.drivers),
            spells=tuple(self.spells),
        )
