"""Which day it is for the person.

Where the machine runs on UTC and no zone is configured, the person's documents tell it: their
nights carry the offsets of the person's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from annulet.contract.collections import DAILY_ACTIVITY, SLEEP, AnyCollection
from annulet.contract.documents import Document
from annulet.errors import (
    AccountRefused,
    AnnuletError,
    OuraError,
    OuraRateLimited,
    RenewalUnfinished,
    ScopeMissing,
)
from annulet.toolkit.context import Context, Zone
from annulet.toolkit.local_time import LocalTime, offset_name
from annulet.toolkit.metrics import ACTIVITY_FIELDS, NIGHT_FIELDS
from annulet.toolkit.reading.gather import window
from annulet.toolkit.reading.observed_zone import ObservedZone

_LOOK_BACK: Final = timedelta(days=34)
_AROUND: Final = timedelta(days=2)
_TRUSTED_FOR: Final = timedelta(hours=1)
_UNKNOWN: Final = "Days and times are in UTC, for want of a zone in your documents;"
_UNREAD: Final = "Days and times are in UTC: what tells your zone could not be read just now;"


def is_zone_unknown(context: Context) -> bool:
    """Whether `resolve_local_time` has to ask Oura."""
    return context.zone.assumed and _remembered_zone(context) is None


async def resolve_local_time(context: Context) -> LocalTime:
    """The person's zone and the time there; costs a request only where no zone is configured."""
    instant = context.now()
    zone, note = context.zone, ""
    if zone.assumed:
        zone, unread = await _documents_zone(context, instant)
        if zone.assumed:
            note = f"{_UNREAD if unread else _UNKNOWN} {context.zone_hint}"
        elif zone.name != context.zone.name:
            note = (
                f"Days and times are in {zone.name}, read from your documents; {context.zone_hint}"
            )
    return LocalTime(zone, instant.astimezone(zone.tz), note)


async def resolve_local_time_around(
    context: Context, local_time: LocalTime, start: datetime, end: datetime
) -> LocalTime:
    """The clock for days long ago, where no zone is configured.

    Since then the clocks may have changed, or the person may have moved: the nights around those
    days tell. Costs a request only for days before those `resolve_local_time` has looked at.
    """
    zone = local_time.zone.tz
    if not isinstance(zone, ObservedZone) or start >= zone.oldest:
        return local_time
    first, last = start.date() - _AROUND, min(end.date() + _AROUND, local_time.today)
    try:
        nights = await context.client.collection(SLEEP, first, last, fields=NIGHT_FIELDS)
    except (ScopeMissing, AccountRefused, OuraError):
        # As in `_observed`, no reason to fail: the answer uses the clock of the present.
        return local_time
    stamps = _stamps(nights, ("bedtime_start", "bedtime_end"))
    return replace(local_time, zone=replace(local_time.zone, tz=zone.joined(stamps)))


async def _documents_zone(context: Context, instant: datetime) -> tuple[Zone, bool]:
    """The observed zone; observed again each hour, because people travel."""
    remembered = _remembered_zone(context)
    if remembered is not None:
        return remembered, False
    zone, unread = await _observed(context, instant.date())
    if not zone.assumed:
        context.memory.zone = (zone, instant + _TRUSTED_FOR)
    return zone, unread


def _remembered_zone(context: Context) -> Zone | None:
    zone, until = context.memory.zone or (None, context.now())
    return zone if context.now() < until else None


async def _observed(context: Context, today: date) -> tuple[Zone, bool]:
    """The zone of the person's documents, else the assumed one; whether an outage is why.

    Raises:
        AccountRefused: Every source says so: then the rest of the question need not be asked.
        OuraRateLimited: Likewise; asking on would only prolong it.
        RenewalUnfinished: The question has waited for the token as long as it can.
    """
    failures: list[AnnuletError] = []
    first, last = window(today - _LOOK_BACK, today, today)
    sources: tuple[tuple[AnyCollection, tuple[str, ...], tuple[str, ...]], ...] = (
        (SLEEP, NIGHT_FIELDS, ("bedtime_start", "bedtime_end")),
        (DAILY_ACTIVITY, ACTIVITY_FIELDS, ("timestamp",)),
    )
    for collection, fields, stamps in sources:
        try:
            documents = await context.client.collection(collection, first, last, fields=fields)
        except RenewalUnfinished:
            raise
        except (ScopeMissing, AccountRefused, OuraError) as failure:
            # The zone is not essential: what fails here fails again in the answer, which says so.
            failures.append(failure)
            continue
        aware = _stamps(documents, stamps)
        if aware:
            zone = ObservedZone(aware)
            return Zone(zone, offset_name(zone.newest) if zone.newest else "UTC"), False
    of_all = (AccountRefused, OuraRateLimited)
    if len(failures) == len(sources) and all(isinstance(f, of_all) for f in failures):
        raise failures[0]
    return context.zone, any(isinstance(f, OuraError) for f in failures)


def _stamps(documents: Iterable[Document], names: Iterable[str]) -> list[datetime]:
    """The instants of documents that tell their offset."""
    names = tuple(names)
    instants = [getattr(document, name) for document in documents for name in names]
    return [stamp for stamp in instants if isinstance(stamp, datetime) and stamp.tzinfo is not None]
