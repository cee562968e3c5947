"""One method a collection, typed: what ``OuraClient`` offers to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar, cast

from annulet.client.collection_reader import Reader, known
from annulet.contract.documents import (
    DailyActivity,
    DailyCardiovascularAge,
    DailyReadiness,
    DailyResilience,
    DailySleep,
    DailySpO2,
    DailyStress,
    Document,
    EnhancedTag,
    HeartRateSample,
    PersonalInfo,
    RestModePeriod,
    RingBatterySample,
    RingConfiguration,
    Session,
    Sleep,
    SleepTime,
    Tag,
    VO2Max,
    Workout,
)
from annulet.contract.endpoints import Query
from annulet.errors import UsageError

__all__ = ["Collections"]

D = TypeVar("D", bound=Document)
Fields = Iterable[str] | None


class Collections:
    """Whole collections, both ends of a range inclusive, in order of time.

    ``fields`` names the fields that are needed, in Oura's spelling; documents may carry more.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def personal_info(self) -> PersonalInfo:
        """Who wears the ring, as far as it is permitted to know."""
        return cast("PersonalInfo", await self._reader.person(known("personal_info")))

    async def daily_sleep(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[DailySleep]:
        """Sleep scores."""
        return await self._days(DailySleep, "daily_sleep", start, end, fields)

    async def daily_readiness(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[DailyReadiness]:
        """Readiness scores and temperature."""
        return await self._days(DailyReadiness, "daily_readiness", start, end, fields)

    async def daily_activity(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[DailyActivity]:
        """Activity; whole documents carry 1,440 values a day, so name the fields you need."""
        return await self._days(DailyActivity, "daily_activity", start, end, fields)

    async def sleep(self, start: date, end: date, *, fields: Fields = None) -> list[Sleep]:
        """Sleep periods: nights, naps, and what turned out to be neither."""
        return await self._days(Sleep, "sleep", start, end, fields)

    async def sleep_time(self, start: date, end: date, *, fields: Fields = None) -> list[SleepTime]:
        """Suggested bedtimes."""
        return await self._days(SleepTime, "sleep_time", start, end, fields)

    async def rest_mode_period(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[RestModePeriod]:
        """Times of rest mode that touch the range, also those begun before it."""
        return await self._days(RestModePeriod, "rest_mode_period", start, end, fields)

    async def daily_stress(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[DailyStress]:
        """Seconds of stress and of recovery."""
        return await self._days(DailyStress, "daily_stress", start, end, fields)

    async def daily_resilience(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[DailyResilience]:
        """Resilience levels."""
        return await self._days(DailyResilience, "daily_resilience", start, end, fields)

    async def daily_spo2(self, start: date, end: date, *, fields: Fields = None) -> list[DailySpO2]:
        """Blood oxygen of the nights."""
        return await self._days(DailySpO2, "daily_spo2", start, end, fields)

    async def daily_cardiovascular_age(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[DailyCardiovascularAge]:
        """Cardiovascular age."""
        return await self._days(
            DailyCardiovascularAge, "daily_cardiovascular_age", start, end, fields
        )

    async def vo2_max(self, start: date, end: date, *, fields: Fields = None) -> list[VO2Max]:
        """Estimates of aerobic capacity."""
        return await self._days(VO2Max, "vO2_max", start, end, fields)

    async def workout(self, start: date, end: date, *, fields: Fields = None) -> list[Workout]:
        """Workouts by the local day they began."""
        return await self._days(Workout, "workout", start, end, fields)

    async def session(self, start: date, end: date, *, fields: Fields = None) -> list[Session]:
        """Sessions: breathing, meditation, naps and the like."""
        return await self._days(Session, "session", start, end, fields)

    async def enhanced_tag(
        self, start: date, end: date, *, fields: Fields = None
    ) -> list[EnhancedTag]:
        """Tags that touch the range, also those begun before it."""
        return await self._days(EnhancedTag, "enhanced_tag", start, end, fields)

    async def tag(self, start: date, end: date, *, fields: Fields = None) -> list[Tag]:
        """Tags of the former kind."""
        return await self._days(Tag, "tag", start, end, fields)

    async def heartrate(
        self, start: datetime, end: datetime, *, fields: Fields = None
    ) -> list[HeartRateSample]:
        """Heart-rate samples between two instants, once per instant and source."""
        found = await self._reader.instants(known("heartrate"), start, end, fields)
        return cast("list[HeartRateSample]", found)

    async def ring_battery_level(
        self, start: datetime, end: datetime, *, fields: Fields = None
    ) -> list[RingBatterySample]:
        """Battery readings between two instants."""
        found = await self._reader.instants(known("ring_battery_level"), start, end, fields)
        return cast("list[RingBatterySample]", found)

    async def latest_heartrate(self) -> HeartRateSample | None:
        """The newest heart-rate sample Oura has; ``None`` when it has none."""
        return cast("HeartRateSample | None", await self._reader.latest(known("heartrate")))

    async def latest_battery_level(self) -> RingBatterySample | None:
        """The newest battery reading Oura has; ``None`` when it has none."""
        newest = await self._reader.latest(known("ring_battery_level"))
        return cast("RingBatterySample | None", newest)

    async def ring_configuration(self, *, fields: Fields = None) -> list[RingConfiguration]:
        """Every ring the person ever had, the current one last."""
        found = await self._reader.undated(known("ring_configuration"), fields)
        return cast("list[RingConfiguration]", found)

    async def collection(
        self,
        name: str,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        *,
        fields: Fields = None,
    ) -> list[Any]:
        """A collection by Oura's name.

        Args:
            name: Oura's name (``vO2_max`` with a capital O).
            start: First day, or first instant of a series; not used without ranges.
            end: Last day or instant, inclusive.
            fields: The fields that are needed; ``None`` for all.

        Raises:
            UsageError: No such collection, or the range does not fit it.
            AnnuletError: It could not be read whole.
        """
        entry = known(name)
        if not entry.paged:
            return [await self._reader.person(entry)]
        if entry.query is Query.NONE:
            return list(await self._reader.undated(entry, fields))
        if start is None or end is None:
            raise UsageError("This collection needs a start and an end.", hint="Pass both.")
        if entry.query is Query.DATETIME:
            first, last = cast("datetime", start), cast("datetime", end)
            return list(await self._reader.instants(entry, first, last, fields))
        return list(await self._reader.days(entry, start, end, fields))

    async def document(self, name: str, identifier: str) -> Any:
        """One document by its id, straight from Oura.

        Raises:
            UsageError: Documents of that collection have no id.
            OuraRejectedRequest: Oura does not have it (any more).
        """
        return await self._reader.document(known(name), identifier)

    async def _days(
        self, cls: type[D], name: str, start: date, end: date, fields: Fields
    ) -> list[D]:
        del cls  # says which documents the collection holds
        return cast("list[D]", await self._reader.days(known(name), start, end, fields))
