"""When the ring last synced, and why a day may have nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from annulet.errors import OuraError, ScopeMissing
from annulet.toolkit.context import Context
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.wording.date_format import date_words, days_words

__all__ = ["DAY", "NIGHT", "last_sync", "missing_days", "missing_nights", "sync_note"]

_STALE: Final = timedelta(hours=12)
_RECENT: Final = 2
_DENIED_FOR: Final = timedelta(minutes=5)
_UNKNOWN: Final = "perhaps the ring was not worn then"


@dataclass(frozen=True, slots=True)
class _Words:
    """How people speak of what is missing."""

    nothing: str
    known: str
    appears: str
    reason: str


NIGHT: Final = _Words(
    "No night",
    "The newest night is",
    "it appears after you wake up and open the Oura app",
    "the ring was not worn or empty, or there was no long sleep",
)
DAY: Final = _Words(
    "Nothing",
    "The newest day is",
    "it appears when the ring has synced, so open the Oura app",
    "the ring was not worn or empty",
)


async def last_sync(context: Context, failures: list[OuraError] | None = None) -> datetime | None:
    """The newest sample Oura has of this person: heart rate or battery; ``None`` if unknown.

    Args:
        context: Whose samples.
        failures: Collects why it could not be asked for.
    """
    client = context.client
    samples = await asyncio.gather(
        _newest(context, "heartrate", client.latest_heartrate, failures),
        _newest(context, "battery", client.latest_battery_level, failures),
    )
    return max((sample for sample in samples if sample is not None), default=None)


def sync_note(moment: LocalTime, synced: datetime) -> str:
    """That the ring has not synced, since when, and what to do."""
    when = synced.astimezone(moment.zone.tz)
    return f"Your ring has not synced since {when:%Y-%m-%d %H:%M}: open the Oura app."


async def missing_nights(
    context: Context,
    moment: LocalTime,
    missing: Collection[date],
    newest: date | None,
    *,
    oldest: date | None = None,
) -> list[str]:
    """What to say about days without a night; see `missing_days`."""
    return await missing_days(context, moment, missing, newest, oldest=oldest)


async def missing_days(
    context: Context,
    moment: LocalTime,
    missing: Collection[date],
    newest: date | None,
    *,
    oldest: date | None = None,
    words: _Words = NIGHT,
) -> list[str]:
    """What to say about days that have nothing.

    Args:
        context: Whose days; asked about the last sync only where days after the newest are
            missing.
        moment: The person's clock.
        missing: The days of the period that have nothing.
        newest: The newest day that has something, if any is known.
        oldest: The oldest such day, where that is known.
        words: What is missing.
    """
    early = {day for day in missing if oldest is not None and day < oldest}
    late = {day for day in missing if newest is None or day > newest} - early
    gaps = set(missing) - early - late
    notes = []
    if late:
        synced = await last_sync(context)
        waiting = _waiting(late, synced, moment)
        gaps |= late - waiting
        if waiting:
            known = ""
            if newest is not None:
                known = f" {words.known} {date_words(newest, moment.today)}."
            notes.append(f"{_why(max(waiting), synced, moment, words)}{known}")
    if early and oldest is not None:
        first = date_words(oldest, moment.today)
        notes.append(f"{words.nothing} before {first} in this period.")
    if gaps:
        listed = days_words(sorted(gaps), moment.today)
        reason = _UNKNOWN if newest is None else words.reason
        notes.append(f"{words.nothing} recorded on {listed}: {reason}.")
    return notes


def _waiting(late: set[date], synced: datetime | None, moment: LocalTime) -> set[date]:
    """The days that may still come: not synced yet, or last night, which nobody has opened."""
    recent = {day for day in late if (moment.today - day).days < _RECENT}
    if synced is None or moment.now - synced <= _STALE:
        return recent & {moment.today} or recent
    there = synced.astimezone(moment.zone.tz).date()
    return {day for day in late if day >= there}


def _why(day: date, synced: datetime | None, moment: LocalTime, words: _Words) -> str:
    if synced is not None and moment.now - synced > _STALE:
        return sync_note(moment, synced)
    return f"{words.nothing} for {date_words(day, moment.today)} yet: {words.appears}."


async def _newest(
    context: Context,
    name: str,
    ask: Callable[[], Awaitable[Any]],
    failures: list[OuraError] | None,
) -> datetime | None:
    denied = context.memory.get(f"denied:latest {name}")
    if isinstance(denied, datetime) and context.now() < denied:
        return None
    try:
        sample = await ask()
    except ScopeMissing:
        context.memory[f"denied:latest {name}"] = context.now() + _DENIED_FOR
        return None
    except OuraError as failure:
        # The note about the last sync is a courtesy: the answer stands without it.
        if failures is not None:
            failures.append(failure)
        return None
    stamp = None if sample is None else sample.timestamp
    return stamp if isinstance(stamp, datetime) and stamp.tzinfo is not None else None
