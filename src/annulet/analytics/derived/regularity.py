"""The Sleep Regularity Index: how alike the sleep of one day and the next are.

The chance, in percent, that a person is in the same state (asleep or awake) at two moments 24 hours
apart, scaled so that 100 is a perfectly regular sleeper and 0 one who sleeps at random:
``200 × matching share − 100`` (Phillips et al., Sci Rep 2017;7:3216; used by Windred et al., Sleep
2024;47:zsad253). Moments are the five-minute epochs of the clock, days run from noon to noon, and
days are compared with the day before where both have a recorded night.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from annulet.analytics.series import Series

REGULARITY_DAYS = 14
"""Days of one index: pairs of neighbouring days within two weeks."""
FEWEST_PAIRS = 6
"""Pairs of neighbouring days that an index needs: those of seven days in a row."""

_EPOCH = timedelta(minutes=5)
_EPOCHS = 288
_NEVER = 0
_ASLEEP = frozenset("123")


@dataclass(frozen=True, slots=True)
class Hypnogram:
    """One sleep.

    Attributes:
        start: When it began, by the person's clock (no offset).
        stages: One character per five minutes: 1 deep, 2 light, 3 REM, 4 awake.
    """

    start: datetime
    stages: str


def sleep_epochs(sleeps: Iterable[Hypnogram]) -> dict[int, int]:
    """By noon-to-noon day (the ordinal of the day on which it ends): the epochs asleep, as bits."""
    epochs: defaultdict[int, int] = defaultdict(int)
    for sleep in sleeps:
        noon = sleep.start.replace(hour=12, minute=0, second=0, microsecond=0)
        first = (sleep.start - noon) // _EPOCH
        for place, stage in enumerate(sleep.stages, start=first):
            if stage in _ASLEEP:
                day = noon.toordinal() + 1 + place // _EPOCHS
                epochs[day] |= 1 << place % _EPOCHS
    return dict(epochs)


def regularity(epochs: Mapping[int, int], nights: Iterable[int]) -> Series:
    """The index of the two weeks up to each day.

    Args:
        epochs: What `sleep_epochs` found.
        nights: The days (ordinals) with a recorded night; only they are compared.
    """
    recorded = sorted(set(nights))
    known = set(recorded)
    asleep = {day: epochs.get(day, _NEVER) for day in recorded}
    shares = {
        day: 1.0 - (asleep[day] ^ asleep[day - 1]).bit_count() / _EPOCHS
        for day in recorded
        if day - 1 in known
    }
    days, values = [], []
    for day in recorded:
        first = day - REGULARITY_DAYS + 2
        pairs = [shares[night] for night in range(first, day + 1) if night in shares]
        if len(pairs) >= FEWEST_PAIRS:
            days.append(day)
            values.append(200.0 * sum(pairs) / len(pairs) - 100.0)
    return Series(tuple(days), tuple(values))
