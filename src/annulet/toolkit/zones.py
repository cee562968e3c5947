"""Which day it is for the person.

Where the machine runs on UTC and nobody has named a zone, the person's documents know better:
their newest night carries the offset of the person's own clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from annulet.errors import AnnuletError
from annulet.toolkit.context import Context, Zone
from annulet.toolkit.sleeps import NIGHT_FIELDS

__all__ = ["Moment", "local_time", "offset_name", "settle"]

_LOOK_BACK = timedelta(days=37)


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as the person's clock shows it."""

    zone: Zone
    now: datetime
    note: str = ""

    @property
    def today(self) -> date:
        """Today in the person's zone."""
        return self.now.date()


async def settle(context: Context) -> Moment:
    """The person's zone and the time there; costs a request only where nobody named the zone."""
    instant = context.now()
    zone, note = context.zone, ""
    if zone.assumed:
        known = context.memory.get("zone")
        zone = known if isinstance(known, Zone) else await _observed(context, instant.date())
        context.memory["zone"] = zone
    if zone.name != context.zone.name:
        note = (
            f"Days and times are in {zone.name}, read from your newest documents; "
            "set ANNULET_TIMEZONE to name your zone."
        )
    return Moment(zone, instant.astimezone(zone.tz), note)


def offset_name(offset: timedelta) -> str:
    """An offset as people write it.

    >>> offset_name(timedelta(hours=-3, minutes=-30))
    '-03:30'
    """
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def local_time(instant: datetime | None, zone: Zone | None = None) -> str | None:
    """An instant to the minute with its offset: in a zone, or as the document wrote it."""
    if instant is None:
        return None
    if zone is not None and instant.tzinfo is not None:
        instant = instant.astimezone(zone.tz)
    return instant.isoformat(timespec="minutes")


async def _observed(context: Context, today: date) -> Zone:
    offset = await _newest_offset(context, today)
    if not offset:
        return context.zone
    return Zone(timezone(offset), offset_name(offset))


async def _newest_offset(context: Context, today: date) -> timedelta | None:
    first, last = today - _LOOK_BACK, today + timedelta(days=1)
    sources = (("sleep", NIGHT_FIELDS, "bedtime_end"), ("daily_activity", None, "timestamp"))
    for name, fields, field in sources:
        wanted = fields or ("day", "timestamp")
        try:
            documents = await context.client.collection(name, first, last, fields=wanted)
        except AnnuletError:
            # The zone is a courtesy: whatever fails here fails again, and is told, in the answer.
            return None
        stamps = [getattr(document, field) for document in documents]
        aware = [s for s in stamps if isinstance(s, datetime) and s.tzinfo is not None]
        if aware:
            return max(aware).utcoffset()
    return None
