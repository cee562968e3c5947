"""Where a person is on each day, and what the clock on the wall says there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from annulet.simulator.world.traits import Traits

__all__ = ["Places"]


class Places:
    """Days, counted from the person's first one, and their zones."""

    def __init__(self, traits: Traits, anchor: date) -> None:
        self.anchor = anchor
        self.first = anchor - timedelta(days=traits.days - 1)
        self.last_index = traits.days - 1
        self._home = ZoneInfo(traits.zone)
        self._stays = [
            (
                self.last_index - trip.first_days_ago,
                self.last_index - trip.last_days_ago,
                ZoneInfo(trip.zone),
            )
            for trip in traits.trips
        ]

    def day(self, index: int) -> date:
        """The calendar day of an index."""
        return self.first + timedelta(days=index)

    def index(self, day: date) -> int:
        """The index of a calendar day; negative before the first."""
        return (day - self.first).days

    def ago(self, days: int) -> int:
        """The index of the day that lies so many days before the anchor."""
        return self.last_index - days

    def zone(self, index: int) -> ZoneInfo:
        """Where the person wakes up on that day."""
        for first, last, zone in self._stays:
            if first <= index <= last:
                return zone
        return self._home

    def instant(self, index: int, seconds: float = 0) -> datetime:
        """The instant at which the wall clock shows so many seconds after midnight of the day."""
        wall = datetime.combine(self.day(index), time()) + timedelta(seconds=seconds)
        return wall.replace(tzinfo=self.zone(index)).astimezone(UTC)

    def local(self, instant: datetime, index: int) -> datetime:
        """The instant with the offset that holds there and then.

        The offset is fixed: differences of two such times are real time, also across a change
        of the clocks.
        """
        there = instant.astimezone(self.zone(index))
        return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()))
