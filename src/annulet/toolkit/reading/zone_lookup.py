"""Which day it is for the person.

Where the machine runs on UTC and nobody has named a zone, the person's documents know better:
their nights carry the offsets of the person's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from annulet.errors import (
    AnnuletError,
    MembershipRequired,
    OuraError,
    OuraRateLimited,
    ScopeMissing,
)
from annulet.toolkit.context import Context, Zone
from annulet.toolkit.local_time import LocalTime, offset_name
from annulet.toolkit.metrics import ACTIVITY_FIELDS, NIGHT_FIELDS
from annulet.toolkit.reading.gather import window
from annulet.toolkit.reading.observed_zone import ObservedZone

__all__ = ["resolve_local_time", "resolve_local_time_around", "zone_unknown"]

_LOOK_BACK: Final = timedelta(days=34)
_AROUND: Final = timedelta(days=2)
_KEPT: Final = timedelta(hours=1)
_MEMORY: Final = "zone"
_UNKNOWN: Final = "Days and times are in UTC, for want of a zone in your documents;"
_UNREAD: Final = "Days and times are in UTC: what tells your zone could not be read just now;"


def zone_unknown(context: Context) -> bool:
    """Whether `resolve_local_time` has to ask Oura."""
    known = context.memory.get(_MEMORY)
    return context.zone.assumed and not (isinstance(known, tuple) and context.now() < known[0])


async def resolve_local_time(context: Context) -> LocalTime:
    """The person's zone and the time there; costs a request only where nobody named the zone."""
    instant = context.now()
    zone, note = context.zone, ""
    if zone.assumed:
        zone, unread = await _remembered(context, instant)
        if zone.assumed:
            note = f"{_UNREAD if unread else _UNKNOWN} {context.zone_hint}"
        elif zone.name != context.zone.name:
            note = (
                f"Days and times are in {zone.name}, read from your documents; {context.zone_hint}"
            )
    return LocalTime(zone, instant.astimezone(zone.tz), note)


async def resolve_local_time_around(
    context: Context, moment: LocalTime, start: datetime, end: datetime
) -> LocalTime:
    """The clock for days long ago, where nobody named the zone.

    Since then the clocks may have changed, or the person may have moved: the nights around those
    days know. Costs a request only for days before those `resolve_local_time` has looked at.
    """
    zone = moment.zone.tz
    if not isinstance(zone, ObservedZone) or start >= zone.oldest:
        return moment
    first, last = start.date() - _AROUND, min(end.date() + _AROUND, moment.today)
    try:
        nights = await context.client.collection("sleep", first, last, fields=NIGHT_FIELDS)
    except (ScopeMissing, MembershipRequired, OuraError):
        # A courtesy, as in `_observed`: the answer stands, by the clock of the present.
        return moment
    stamps = _stamps(nights, ("bedtime_start", "bedtime_end"))
    return replace(moment, zone=replace(moment.zone, tz=zone.joined(stamps)))


async def _remembered(context: Context, instant: datetime) -> tuple[Zone, bool]:
    """The observed zone; looked at again now and then, for people travel."""
    known = context.memory.get(_MEMORY)
    if isinstance(known, tuple) and instant < known[0]:
        return known[1], False
    zone, unread = await _observed(context, instant.date())
    if not zone.assumed:
        context.memory[_MEMORY] = (instant + _KEPT, zone)
    return zone, unread


async def _observed(context: Context, today: date) -> tuple[Zone, bool]:
    """The zone of the person's documents, else the assumed one; whether an outage is why.

    Raises:
        MembershipRequired: Every source says so: then the rest of the question need not be asked.
        OuraRateLimited: Likewise; asking on would only prolong it.
    """
    failures: list[AnnuletError] = []
    first, last = window(today - _LOOK_BACK, today, today)
    sources = (
        ("sleep", NIGHT_FIELDS, ("bedtime_start", "bedtime_end")),
        ("daily_activity", ACTIVITY_FIELDS, ("timestamp",)),
    )
    for name, fields, stamps in sources:
        try:
            documents = await context.client.collection(name, first, last, fields=fields)
        except (ScopeMissing, MembershipRequired, OuraError) as failure:
            # The zone is a courtesy: what fails here fails again, and is told, in the answer.
            failures.append(failure)
            continue
        aware = _stamps(documents, stamps)
        if aware:
            seen = ObservedZone(aware)
            return Zone(seen, offset_name(seen.newest) if seen.newest else "UTC"), False
    of_all = (MembershipRequired, OuraRateLimited)
    if len(failures) == len(sources) and all(isinstance(f, of_all) for f in failures):
        raise failures[0]
    return context.zone, any(isinstance(f, OuraError) for f in failures)


def _stamps(documents: Iterable[Any], names: Iterable[str]) -> list[datetime]:
    """The instants of documents that tell their offset."""
    names = tuple(names)
    found = [getattr(document, name) for document in documents for name in names]
    return [stamp for stamp in found if isinstance(stamp, datetime) and stamp.tzinfo is not None]
