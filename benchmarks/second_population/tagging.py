"""People who tag: every way in which the days of a tag can come about, with and without an effect.

A tag on day D stands for the evening of D; its effect falls on the night dated D + 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks.second_population.changes import draw_sign
from benchmarks.second_population.draft import Draft
from benchmarks.second_population.metrics import DEEP, EFFICIENCY, HR, HRV, SLEEP
from benchmarks.second_population.truth import Effect, Tag

MOVED_BY_TAGS = (HR, HRV, SLEEP, DEEP, EFFICIENCY)
EVENINGS_BEFORE_WEEKEND = (4, 5)
# The default look-back of a question about effects, in days.
RECENT = 180


def add_tag(
    draft: Draft, name: str, way: str, nights: Iterable[int], effects: tuple[Effect, ...] = ()
) -> None:
    """Adds a tag set on the days of the given nights, and its effects on the nights after."""
    days = sorted(set(nights))
    for effect in effects:
        after = np.zeros(draft.nights)
        after[[day + 1 for day in days if day + 1 < draft.nights]] = effect.size
        draft.add(effect.metric, after)
    draft.tags.append(Tag(name, way, tuple(draft.day(day) for day in days), effects))


def draw_effect(draft: Draft, size_sd: float, rng: np.random.Generator) -> tuple[Effect, ...]:
    """Draws which metric an effect of ``size_sd`` moves, and which way; none for a size of 0."""
    if not size_sd:
        return ()
    metric = MOVED_BY_TAGS[int(rng.integers(0, len(MOVED_BY_TAGS)))]
    signed = size_sd * draw_sign(rng)
    return (Effect(metric, signed, round(signed * draft.night_sd[metric], 6)),)


def chosen(chances: list[float], rng: np.random.Generator) -> list[int]:
    """Draws the nights whose day is tagged, each with its own chance."""
    draws = rng.random(len(chances)).tolist()
    return [
        night for night, (draw, chance) in enumerate(zip(draws, chances, strict=True))
        if draw < chance
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RandomTag:
    """Tags days at random: ``recent`` of the last 180 days exactly, earlier ones at that rate."""

    recent: int = 36
    effect_sd: float = 0.0
    name: str = "late meal"

    def apply(self, draft: Draft) -> None:
        """Adds the tag to the draft and to its truth."""
        rng = draft.seed.stream("tag")
        effects = draw_effect(draft, self.effect_sd, rng)
        begin = max(draft.nights - 1 - RECENT, 0)
        latest = range(begin, draft.nights - 1)
        count = min(self.recent, len(latest))
        picked = [begin + int(place) for place in rng.permutation(len(latest))[:count]]
        earlier = chosen([self.recent / RECENT] * begin, rng)
        add_tag(draft, self.name, "random", [*earlier, *picked], effects)


@dataclass(frozen=True, slots=True)
class RareTag:
    """Tags five days in the last 180, at random."""

    times: int = 5
    effect_sd: float = 0.0

    def apply(self, draft: Draft) -> None:
        """Adds the tag to the draft and to its truth."""
        rng = draft.seed.stream("tag")
        effects = draw_effect(draft, self.effect_sd, rng)
        begin = max(draft.nights - 1 - RECENT, 0)
        places = rng.permutation(draft.nights - 1 - begin)[: self.times]
        add_tag(draft, "massage", "rare", [begin + int(place) for place in places], effects)


@dataclass(frozen=True, slots=True)
class TagAfterBadNight:
    """Tags a day mostly after a bad night: heart rate up, HRV down, sleep short. No effect."""

    bad: float = 0.9
    chance: float = 0.7
    otherwise: float = 0.04

    def apply(self, draft: Draft) -> None:
        """Adds the tag to the draft and to its truth."""
        badness = (
            draft.standardised(HR) - draft.standardised(HRV) - draft.standardised(SLEEP)
        ) / 3.0
        chances = [
            self.chance if night > self.bad else self.otherwise
            for night in np.round(badness, 6).tolist()
        ]
        nights = chosen(chances, draft.seed.stream("tag"))
        add_tag(draft, "early evening", "after_bad_night", nights)


@dataclass(frozen=True, slots=True)
class TagWithCycle:
    """Tags days mostly after ovulation; the cycle moves the metrics, the tag does nothing."""

    luteal: float = 0.45
    otherwise: float = 0.04

    def apply(self, draft: Draft) -> None:
        """Adds the tag to the draft, whose cycles must be there already, and to its truth."""
        ovulated = [
            range((cycle.ovulation - draft.first_day).days,
                  (cycle.start - draft.first_day).days + cycle.days)
            for cycle in draft.cycles if cycle.ovulation
        ]  # fmt: skip
        luteal = {night for nights in ovulated for night in nights}
        chances = [
            self.luteal if night in luteal else self.otherwise for night in range(draft.nights)
        ]
        add_tag(draft, "chocolate", "cycle", chosen(chances, draft.seed.stream("tag")))


@dataclass(frozen=True, slots=True)
class TagAtWeekends:
    """Tags evenings of Fridays and Saturdays only; the weekend moves the metrics, not the tag."""

    chance: float = 0.6

    def apply(self, draft: Draft) -> None:
        """Adds the tag to the draft and to its truth."""
        chances = [
            self.chance if weekday in EVENINGS_BEFORE_WEEKEND else 0.0
            for weekday in draft.weekdays()
        ]
        add_tag(draft, "cinema", "weekend", chosen(chances, draft.seed.stream("tag")))


@dataclass(frozen=True, slots=True)
class DailyTag:
    """Tags nearly every day from a start day on, between two shares of all nights."""

    effect_sd: float = 0.0
    within: tuple[float, float] = (0.65, 0.85)
    chance: float = 0.95

    def apply(self, draft: Draft) -> None:
        """Adds the tag to the draft and to its truth."""
        rng = draft.seed.stream("tag")
        effects = draw_effect(draft, self.effect_sd, rng)
        low, high = (int(share * draft.nights) for share in self.within)
        start = int(rng.integers(low, max(high, low + 1)))
        chances = [0.0 if night < start else self.chance for night in range(draft.nights)]
        if start < draft.nights:
            chances[start] = 1.0
        add_tag(draft, "magnesium", "daily", chosen(chances, rng), effects)


@dataclass(frozen=True, slots=True)
class TagInRuns:
    """Tags in runs of 15–30 days with as many or more days between them."""

    effect_sd: float = 0.0
    run: tuple[int, int] = (15, 31)
    between: tuple[int, int] = (25, 60)

    def apply(self, draft: Draft) -> None:
        """Adds the tag to the draft and to its truth."""
        rng = draft.seed.stream("tag")
        effects = draw_effect(draft, self.effect_sd, rng)
        nights: list[int] = []
        start = int(rng.integers(10, self.between[1]))
        while start < draft.nights:
            length = int(rng.integers(*self.run))
            nights += range(start, min(start + length, draft.nights))
            start += length + int(rng.integers(*self.between))
        add_tag(draft, "no coffee", "runs", nights, effects)


@dataclass(frozen=True, slots=True)
class TagPair:
    """Tags two things that mostly go together; only the first has an effect."""

    chance: float = 0.2
    together: float = 0.7
    alone: float = 0.06
    effect_sd: float = 1.0

    def apply(self, draft: Draft) -> None:
        """Adds both tags to the draft and to its truth."""
        rng = draft.seed.stream("tag")
        effects = draw_effect(draft, self.effect_sd, rng)
        first = chosen([self.chance] * draft.nights, rng)
        with_first = set(first)
        chances = [
            self.together if night in with_first else self.alone for night in range(draft.nights)
        ]
        add_tag(draft, "sauna", "pair", first, effects)
        add_tag(draft, "cold shower", "pair", chosen(chances, rng))
