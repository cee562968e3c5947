"""A zone without a name: the offsets that a person's documents carry, each in its time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_NONE = timedelta()


class ObservedZone(tzinfo):
    """The person's clock as the documents tell it.

    An offset holds from the document that shows it until one that shows another; before the
    first document its own offset holds. So a night across a change of the clocks, or across an
    ocean, leaves the midnights before and after it where they were for the person.

    Args:
        stamps: Aware instants as the documents write them, one at least.

    Attributes:
        newest: The offset of the newest document.
    """

    def __init__(self, stamps: Iterable[datetime]) -> None:
        self._since: list[datetime] = []
        self._offsets: list[timedelta] = []
        for stamp in sorted(stamps):
            offset = stamp.utcoffset() or _NONE
            if not self._offsets or self._offsets[-1] != offset:
                self._since.append(stamp.replace(tzinfo=None) - offset)
                self._offsets.append(offset)
        self.newest = self._offsets[-1]

    @property
    def oldest(self) -> datetime:
        """The first instant of which a document tells (UTC)."""
        return self._since[0].replace(tzinfo=UTC)

    def joined(self, stamps: Iterable[datetime]) -> ObservedZone:
        """The clock as these documents and further ones tell it."""
        own = (
            since.replace(tzinfo=UTC).astimezone(timezone(offset))
            for since, offset in zip(self._since, self._offsets, strict=True)
        )
        return ObservedZone([*own, *stamps])

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """The offset at a time of the person's clock."""
        if dt is None:
            return self.newest
        wall = dt.replace(tzinfo=None)
        fitting = {offset for offset in self._offsets if self._at(wall - offset) == offset}
        if fitting:
            # A time the clock shows twice: the first showing has the larger offset.
            return min(fitting) if dt.fold else max(fitting)
        # A time the clock jumps over: read as the clock stood before the jump.
        return self._at(wall - max(self._offsets))

    def dst(self, dt: datetime | None) -> timedelta:
        """Documents do not say how much of an offset is summer time."""
        del dt
        return _NONE

    def tzname(self, dt: datetime | None) -> str | None:
        """Observed zones have no name."""
        del dt
        return None

    def fromutc(self, dt: datetime) -> datetime:
        """The person's clock at an instant."""
        instant = dt.replace(tzinfo=None)
        shown = (instant + self._at(instant)).replace(tzinfo=self, fold=0)
        if shown.utcoffset() != self._at(instant):
            shown = shown.replace(fold=1)
        return shown

    def _at(self, instant: datetime) -> timedelta:
        """The offset at an instant, both without a zone, in UTC."""
        return self._offsets[max(0, bisect_right(self._since, instant) - 1)]
