"""When the ring last synced, and why a recent night may not be there yet."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

from annulet.errors import OuraError, ScopeMissing
from annulet.toolkit.context import Context
from annulet.toolkit.present import days_words
from annulet.toolkit.zones import Moment

__all__ = ["last_sync", "missing_nights"]

_STALE: Final = timedelta(hours=12)
_RECENT: Final = 2


async def last_sync(context: Context) -> datetime | None:
    """The newest sample Oura has of this person: heart rate or battery; ``None`` if unknown."""
    client = context.client
    samples = await asyncio.gather(
        _newest(client.latest_heartrate()), _newest(client.latest_battery_level())
    )
    return max((sample for sample in samples if sample is not None), default=None)


async def missing_nights(
    context: Context, moment: Moment, missing: Collection[date], newest: date | None
) -> list[str]:
    """What to say about days without a night.

    Args:
        context: Whose nights; asked about the last sync only when a recent night is missing.
        moment: The person's clock.
        missing: The days of the period without a night.
        newest: The newest day that has one, if any is known.
    """
    if not missing:
        return []
    recent = [day for day in missing if (moment.today - day).days < _RECENT]
    older = sorted(set(missing) - set(recent))
    notes = []
    if recent:
        notes.append(await _recent_note(context, moment, max(recent), newest))
    if older:
        notes.append(
            f"No night recorded on {days_words(older)}: the ring was not worn, was empty, "
            "or has not synced those days."
        )
    return notes


async def _recent_note(context: Context, moment: Moment, day: date, newest: date | None) -> str:
    synced = await last_sync(context)
    known = f" The newest night is {newest}." if newest is not None else ""
    if synced is not None and moment.now - synced > _STALE:
        when = synced.astimezone(moment.zone.tz)
        return f"Your ring has not synced since {when:%Y-%m-%d %H:%M}: open the Oura app.{known}"
    return f"No night for {day} yet: nights appear after the Oura app is opened.{known}"


async def _newest(asked: Any) -> datetime | None:
    try:
        sample = await asked
    except (ScopeMissing, OuraError):
        # The note about the last sync is a courtesy: the answer stands without it.
        return None
    stamp = None if sample is None else sample.timestamp
    return stamp if isinstance(stamp, datetime) and stamp.tzinfo is not None else None
