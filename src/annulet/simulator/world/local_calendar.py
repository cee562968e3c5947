"""The zone a person is in on each day, and the instants of local times there."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from annulet.simulator.world.traits import Traits


def epoch_ms(instant: datetime) -> int:
    """Return an instant in milliseconds since 1970."""
    return round(instant.timestamp() * 1000)


class LocalCalendar:
    """A person's days, numbered from the first day with data, and the zone of each day.

    Attributes:
        first: The day with index 0.
        last_index: The index of the anchor, the person's local day when the cloud was made.
    """

    def __init__(self, traits: Traits, anchor: date) -> None:
        self.first = anchor - timedelta(days=traits.days - 1)
        self.last_index = traits.days - 1
        self._home = ZoneInfo(traits.zone)
        self._trips = [
            (
                self.index_days_ago(trip.first_days_ago),
                self.index_days_ago(trip.last_days_ago),
                ZoneInfo(trip.zone),
            )
            for trip in traits.trips
        ]

    def day(self, index: int) -> date:
        """Return the calendar day of an index."""
        return self.first + timedelta(days=index)

    def index(self, day: date) -> int:
        """Return the index of a calendar day; days before the first are negative."""
        return (day - self.first).days

    def index_days_ago(self, days: int) -> int:
        """Return the index of a day, counted back from the anchor."""
        return self.last_index - days

    def zone(self, index: int) -> ZoneInfo:
        """Return the zone in which the person wakes up on a day."""
        for first, last, zone in self._trips:
            if first <= index <= last:
                return zone
        return self._home

    def instant(self, index: int, seconds: float = 0) -> datetime:
        """Return the instant of a local time of a day, given in seconds after midnight."""
        wall_time = datetime.combine(self.day(index), time()) + timedelta(seconds=seconds)
        return wall_time.replace(tzinfo=self.zone(index)).astimezone(UTC)

    def localize(self, instant: datetime, index: int) -> datetime:
        """Convert an instant to the zone of a day, with a fixed offset.

        With fixed offsets the difference of two local times is elapsed time, also across a
        change between standard and daylight saving time.
        """
        local = instant.astimezone(self.zone(index))
        return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))
