"""Now, as the person's clock shows it, and instants in the person's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from annulet.toolkit.context import Zone

_ACTIVITY_DAY_STARTS = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """Now, as the person's clock shows it."""

    zone: Zone
    now: datetime
    note: str = ""

    @property
    def today(self) -> date:
        """Today in the person's zone."""
        return self.now.date()

    @property
    def open_day(self) -> date:
        """The first day whose activity is still being counted; no later day is over either.

        Oura's days of activity run from 04:00 to 04:00, so before 04:00 it is yesterday.
        """
        return (self.now - _ACTIVITY_DAY_STARTS).date()


def offset_name(offset: timedelta) -> str:
    """An offset as people write it.

    >>> offset_name(timedelta(hours=-3, minutes=-30))
    '-03:30'
    """
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def iso_minute(instant: datetime | None, zone: Zone | None = None) -> str | None:
    """An instant to the minute with its offset: in a zone, or as the document wrote it."""
    if instant is None:
        return None
    if zone is not None and instant.tzinfo is not None:
        instant = instant.astimezone(zone.tz)
    return instant.isoformat(timespec="minutes")


def minutes_between(start: datetime | None, end: datetime | None) -> float | None:
    """Minutes from a start to an end; None where one is unknown or the end comes first."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds() / 60
