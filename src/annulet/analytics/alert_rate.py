"""How often chance alone alerts a person: counted on the mirror image of their own nights.

Illness and strain raise the body signal. Chance moves it as often down as up from where it stands
in these weeks, which is not zero for a person who drifts. So the nights on which the signal's
image, mirrored at its median of the nights around, would have alerted tell how many alerts chance
makes, in the unit of alert nights and by the same rule. Clear illness is left out: it lifts the
median, and the image of quiet nights with it. A short history is leaned on simulated people.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from annulet.analytics.episodes import LEVELS, Level, alerts, episodes, strained_days
from annulet.analytics.signal import SignalNight
from annulet.analytics.windows import sorted_median

_PRIOR_NIGHTS = 75
_AROUND = 30
# Runs of alerts that go so high are illness; lower ones come by chance as well, most of all to
# people who drift, and without them their rate would be too low.
_CLEARLY_ILL = 3.5
_BESIDE_ILLNESS = 3
_TAIL_FROM = 1.0
_TAIL_PRIOR = 30
# Clear nights in 30 on which simulated people reach a body signal by chance.
_CHANCE = (
    (1.0, 4.6), (1.3, 2.8), (1.6, 1.7), (2.0, 0.86), (2.6, 0.28), (3.0, 0.13), (3.5, 0.054),
    (4.0, 0.025), (5.0, 0.005),
)  # fmt: skip
# The mean by which simulated people's chance signals exceed the start of the tail.
_USUAL_EXCESS = 0.57
# Strong nights by chance come in runs: so many nights a run.
_NIGHTS_A_RUN = 1.2


@dataclass(frozen=True, slots=True)
class AlertRate:
    """A person's alerts by chance.

    Attributes:
        per_30: Alert nights by chance in 30 recorded nights.
        nights: Nights of the person that the rate rests on.
        height: How often the person's signal reaches the start of the tail, against simulated
            people.
        stretch: How far it goes beyond, against simulated people.
    """

    per_30: float
    nights: int
    height: float
    stretch: float

    def expected(self, nights: int) -> float:
        """Alert nights by chance in so many recorded nights."""
        return self.per_30 * nights / 30.0

    def chance_per_30(self, signal: float) -> float:
        """On how many of 30 nights the signal stands as high by chance."""
        reached = _TAIL_FROM + max(signal - _TAIL_FROM, 0.0) / self.stretch
        return self.height * _population_chance(reached)

    def chance_in(self, nights: int, signal: float) -> float:
        """The probability that chance makes a stretch as strong in so many recorded nights."""
        runs = self.chance_per_30(signal) / _NIGHTS_A_RUN * nights / 30.0
        return 1.0 - math.exp(-runs)


def alert_rate(nights: Sequence[SignalNight], level: Level) -> AlertRate:
    """Estimate a person's alerts by chance from all of their judged nights.

    Args:
        nights: The nights in order, with as much history as there is.
        level: The sensitivity in force.
    """
    mirrored = _mirrored(_without_illness(nights))
    counted = len(mirrored)
    alerted = len(alerts(mirrored, level))
    expected = level.false_nights / 30.0
    per_night = (alerted + _PRIOR_NIGHTS * expected) / (counted + _PRIOR_NIGHTS)
    signals = [night.signal or 0.0 for night in mirrored]
    beyond = [signal - _TAIL_FROM for signal in signals if signal > _TAIL_FROM]
    usual = _population_chance(_TAIL_FROM) / 30.0
    reached = (len(beyond) + _PRIOR_NIGHTS * usual) / (counted + _PRIOR_NIGHTS)
    excess = math.fsum(beyond) + _TAIL_PRIOR * _USUAL_EXCESS
    stretch = excess / (len(beyond) + _TAIL_PRIOR) / _USUAL_EXCESS
    return AlertRate(30.0 * per_night, counted, reached / usual, stretch)


def _without_illness(nights: Sequence[SignalNight]) -> list[SignalNight]:
    """The nights with a signal, clear illness and the nights beside it left out."""
    runs = [run for run in episodes(nights, LEVELS["medium"]) if run.signal >= _CLEARLY_ILL]
    beside = range(-_BESIDE_ILLNESS, _BESIDE_ILLNESS + 1)
    ill = {day + n for day in strained_days(runs) for n in beside}
    return [night for night in nights if night.signal is not None and night.day not in ill]


def _mirrored(nights: Sequence[SignalNight]) -> list[SignalNight]:
    """Mirror each night's signal at the median of the thirty nights before and after it."""
    signals = [night.signal or 0.0 for night in nights]
    around = sorted(signals[:_AROUND])
    mirrored = []
    for place, night in enumerate(nights):
        if place + _AROUND < len(signals):
            insort(around, signals[place + _AROUND])
        if place > _AROUND:
            del around[bisect_left(around, signals[place - _AROUND - 1])]
        middle = sorted_median(around)
        mirrored.append(night._replace(signal=2.0 * middle - signals[place]))
    return mirrored


def _population_chance(signal: float) -> float:
    if signal <= _CHANCE[0][0]:
        return _CHANCE[0][1]
    for (low, often), (high, seldom) in pairwise(_CHANCE):
        if signal <= high:
            share = (signal - low) / (high - low)
            return math.exp((1 - share) * math.log(often) + share * math.log(seldom))
    return _CHANCE[-1][1]
