"""When the ring last synced, and why a day may have nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from annulet.contract.collections import DAILY_ACTIVITY, SLEEP
from annulet.contract.documents import HeartRateSample, RingBatterySample
from annulet.errors import AccountRefused, AnnuletError, OuraError, ScopeMissing
from annulet.toolkit.context import Context
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metrics import FIELDS
from annulet.toolkit.reading.gather import gather
from annulet.toolkit.wording.date_format import date_words, days_words

_STALE: Final = timedelta(hours=12)
_AHEAD: Final = timedelta(minutes=5)
_LOOK_BACK: Final = timedelta(days=7)
_RECENT: Final = 2
_UNKNOWN: Final = "perhaps the ring was not worn then"


@dataclass(frozen=True, slots=True)
class MissingWords:
    """The words of a note about what is missing."""

    nothing: str
    known: str
    appears: str
    reason: str
    unmeasured: str


NIGHT: Final = MissingWords(
    "No night",
    "The newest night is",
    "it appears after you wake up and open the Oura app",
    "the ring was not worn or empty, or there was no long sleep",
    "A night is recorded on {}: its figures are missing at Oura.",
)
DAY: Final = MissingWords(
    "Nothing",
    "The newest day is",
    "it appears when the ring has synced, so open the Oura app",
    "the ring was not worn or empty",
    "Oura has {}, but without these figures.",
)


async def last_sync(
    context: Context, failures: list[AnnuletError] | None = None
) -> datetime | None:
    """The newest that Oura has of this person's ring; ``None`` if unknown.

    It is a sample of heart rate or battery; where both are old, perhaps the end of a night or the
    newest day of activity.

    Args:
        context: Whose samples.
        failures: Collects why it could not be asked for.
    """
    client = context.client
    samples = await asyncio.gather(
        _newest(context, "heartrate", client.latest_heartrate, failures),
        _newest(context, "battery", client.latest_battery_level, failures),
    )
    known = [sample for sample in samples if sample is not None]
    if not any(context.now() - sample <= _STALE for sample in known):
        known += await _recorded_instants(context)
    return max(known, default=None)


def sync_note(local_time: LocalTime, synced: datetime) -> str:
    """That the ring has not synced, since when, and what to do."""
    when = synced.astimezone(local_time.zone.tz)
    return f"Your ring has not synced since {when:%Y-%m-%d %H:%M}: open the Oura app."


async def missing_days(
    context: Context,
    local_time: LocalTime,
    days: Iterable[date],
    known: Collection[date],
    words: MissingWords = NIGHT,
    *,
    recorded: Collection[date] = (),
    reaches_back: bool = True,
) -> list[str]:
    """Notes about days that have nothing.

    Args:
        context: Whose days; asked about the last sync only where days after the newest are
            missing.
        local_time: The person's clock.
        days: The days asked for.
        known: All days that are known to have something, also outside those asked for.
        words: What is missing.
        recorded: Days of which Oura has a record, with or without the figure that makes a day
            known.
        reaches_back: Whether ``known`` begins before the days, so that its first day tells when
            the ring was first worn.
    """
    asked = set(days)
    unmeasured = asked & set(recorded) - set(known)
    known = {*known, *recorded}
    missing = asked - known
    newest = max(known, default=None)
    oldest = min(known, default=None) if reaches_back else None
    early = {day for day in missing if oldest is not None and day < oldest}
    late = {day for day in missing if newest is None or day > newest} - early
    gaps = missing - early - late
    notes = []
    if late:
        synced = await last_sync(context)
        waiting = _waiting(late, synced, local_time)
        gaps |= late - waiting
        if waiting:
            newest_words = ""
            if newest is not None:
                newest_words = f" {words.known} {date_words(newest, local_time.today)}."
            notes.append(f"{_why(max(waiting), synced, local_time, words)}{newest_words}")
    if early and oldest is not None:
        first = date_words(oldest, local_time.today)
        notes.append(f"{words.nothing} before {first} in this period.")
    if gaps:
        listed = days_words(sorted(gaps), local_time.today)
        reason = _UNKNOWN if newest is None else words.reason
        notes.append(f"{words.nothing} recorded on {listed}: {reason}.")
    if unmeasured:
        notes.append(words.unmeasured.format(days_words(sorted(unmeasured), local_time.today)))
    return notes


def _waiting(late: set[date], synced: datetime | None, local_time: LocalTime) -> set[date]:
    """The days that may still come: not synced yet, or last night before the app was opened."""
    recent = {day for day in late if (local_time.today - day).days < _RECENT}
    if synced is None or local_time.now - synced <= _STALE:
        return recent & {local_time.today} or recent
    there = synced.astimezone(local_time.zone.tz).date()
    return {day for day in late if day >= there}


def _why(day: date, synced: datetime | None, local_time: LocalTime, words: MissingWords) -> str:
    if synced is not None and local_time.now - synced > _STALE:
        return sync_note(local_time, synced)
    return f"{words.nothing} for {date_words(day, local_time.today)} yet: {words.appears}."


async def _recorded_instants(context: Context) -> list[datetime]:
    """Instants up to now at which a ring had recorded a night or a day of activity."""
    wanted = {SLEEP: FIELDS[SLEEP], DAILY_ACTIVITY: FIELDS[DAILY_ACTIVITY]}
    today = context.now().date()
    try:
        gathered = await gather(context, wanted, today - _LOOK_BACK, today)
    except AnnuletError:
        return []  # the note about the last sync is not essential
    ends = [sleep.bedtime_end for sleep in gathered.all(SLEEP)]
    # A day of activity that has any steps was synced on that day, or later.
    days = [day.timestamp for day in gathered.all(DAILY_ACTIVITY) if day.steps]
    instants = [instant for instant in (*ends, *days) if instant is not None]
    return [i for i in instants if i.tzinfo is not None and i <= context.now() + _AHEAD]


async def _newest(
    context: Context,
    name: str,
    ask: Callable[[], Awaitable[HeartRateSample | RingBatterySample | None]],
    failures: list[AnnuletError] | None,
) -> datetime | None:
    if context.denial(f"latest {name}") is not None:
        return None
    try:
        sample = await ask()
    except ScopeMissing as refusal:
        context.remember_denial(f"latest {name}", refusal)
        return None
    except (AccountRefused, OuraError) as failure:
        # The note about the last sync is not essential: the answer stands without it.
        if failures is not None:
            failures.append(failure)
        return None
    stamp = None if sample is None else sample.timestamp
    # A row of the future says nothing about the last sync.
    is_past = stamp is not None and stamp <= context.now() + _AHEAD
    return stamp if is_past else None
