"""On which days the ring recorded anything: what a day without an event, or a gap, may mean."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from annulet.contract.collections import (
    DAILY_ACTIVITY,
    DAILY_READINESS,
    DAILY_SLEEP,
    SLEEP,
    AnyCollection,
)
from annulet.toolkit.metrics import METRICS, Fields
from annulet.toolkit.reading.gather import Gathered, day_of, fields_of
from annulet.toolkit.reading.sleeps import nights

_EVERY_DAY: Final[frozenset[AnyCollection]] = frozenset(
    {DAILY_ACTIVITY, DAILY_READINESS, DAILY_SLEEP, SLEEP}
)
"""Collections with a document for each day or night the ring was worn.

The others have gaps of their own: nobody has a VO2 max, a tag or a workout every day.
"""
_WORN: Final = METRICS["steps"]


def every_day(collections: Iterable[AnyCollection]) -> frozenset[AnyCollection]:
    """Those collections whose gaps tell that the ring was not worn."""
    return _EVERY_DAY & frozenset(collections)


def with_worn_days(
    wanted: dict[AnyCollection, Fields], *, is_needed: bool
) -> dict[AnyCollection, Fields]:
    """The collections to read, with one that tells when the ring was worn.

    Args:
        wanted: What the question itself reads.
        is_needed: Whether it asks what did not happen on a day, which only a worn ring tells.
    """
    if every_day(wanted) and not is_needed:
        return wanted
    return {DAILY_ACTIVITY: fields_of([_WORN])[DAILY_ACTIVITY], **wanted}


def recorded_days(
    gathered: Gathered, collections: Iterable[AnyCollection] = _EVERY_DAY
) -> frozenset[date]:
    """The days of which some collections have a document.

    Args:
        gathered: What was read.
        collections: The collections that count, among those that were read.
    """
    days: set[date] = set()
    for collection in every_day(collections):
        if collection is SLEEP:
            days |= nights(gathered.all(SLEEP)).keys()
            continue
        for document in gathered.documents.get(collection, ()):
            day = day_of(collection, document)
            if day is not None:
                days.add(day)
    return frozenset(days)
