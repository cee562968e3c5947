"""What an effect is looked for after: tags and conditions, and the nights that follow them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from annulet.analytics.tag_effects import NightsBack
from annulet.contract.documents import EnhancedTag
from annulet.toolkit.metrics import DAYTIME, Metric
from annulet.toolkit.reading.tags import days_of

_SMALL_HOURS: Final = 5


@dataclass(frozen=True, slots=True)
class EventTiming:
    """When an event happens, as seen from the day it is dated.

    Attributes:
        first: How many days after its day it begins: -1 for what is about the day before.
        last: How many days after its day it ends.
        of_night: Whether a figure of a night is part of it; the night of a day lies before the day.
    """

    first: int = 0
    last: int = 0
    of_night: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on some days, and the nights that are looked at.

    Attributes:
        days: Its days (ordinals); the night after is dated the next day.
        lag_days: How many days later than the night after it.
        timing: When it happens on its day.
        unknown: Days of which it is unknown whether it happened.
        notes: What was left out of the documents it was looked for in.
    """

    days: frozenset[int]
    lag_days: int
    timing: EventTiming = EventTiming()
    unknown: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def nights(self) -> frozenset[int]:
        """The days under which Oura files the nights looked at."""
        return frozenset(day + self.lag_days + 1 for day in self.days)

    @property
    def unknown_nights(self) -> frozenset[int]:
        """The nights of which it is unknown whether they follow it."""
        return frozenset(day + self.lag_days + 1 for day in self.unknown)

    @property
    def touched(self) -> frozenset[int]:
        """Nights between the event and the night looked at, which it touched as well.

        A condition on a night itself has none: without its own nights only such would be left
        as are chosen by their figures.
        """
        if self.timing.of_night:
            return frozenset()
        between = range(1, self.lag_days - self.timing.last + 1)
        return frozenset(night - n for night in self.nights for n in between)

    def nights_back(self, metric: Metric) -> NightsBack:
        """Where the nights before the event lie, as seen from the night looked at."""
        nearest = max(1 + self.lag_days - self.timing.last, 1)
        untouched = max(1 + self.lag_days - self.timing.first, 1)
        # Of the event's own day or night a figure can be part of the event.
        is_part = self.timing.of_night or metric.collection in DAYTIME
        return NightsBack(nearest, untouched + is_part)


def evenings_of(tags: Iterable[EnhancedTag]) -> frozenset[int]:
    """The days (ordinals) of tags, by the night that follows.

    A tag of the evening is followed by the night of the next day; one of the small hours by the
    night of the same day.
    """
    evenings: set[int] = set()
    for tag in tags:
        start = tag.start_time
        small = start is not None and start.hour < _SMALL_HOURS and start.date() == tag.start_day
        evenings.update(day.toordinal() - small for day in days_of(tag))
    return frozenset(evenings)
