"""The reading methods of ``OuraClient``: one typed method for each collection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime
from typing import Any, TypeVar, overload

from annulet.client.collection_reader import CollectionReader
from annulet.client.documents import Documents
from annulet.client.streaming import Batch, stream
from annulet.contract import collections
from annulet.contract.collections import AnyCollection, Collection, Query, collection_named
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
from annulet.errors import UsageError

D = TypeVar("D", bound=Document)
Fields = Iterable[str] | None


class Collections:
    """Whole collections, both ends of a range inclusive, in order of time.

    ``fields`` names the fields that are needed, in Oura's spelling; documents may carry more. The
    documents are a list that is also a table: ``.to_pandas()``, ``.to_polars()``, ``.to_arrow()``.
    """

    def __init__(self, reader: CollectionReader) -> None:
        self._reader = reader

    async def personal_info(self) -> PersonalInfo:
        """The person who wears the ring; fields without permission are missing."""
        return await self._reader.single(collections.PERSONAL_INFO)

    async def daily_sleep(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[DailySleep]:
        """Sleep scores."""
        return await self._reader.days(collections.DAILY_SLEEP, start, end, fields)

    async def daily_readiness(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[DailyReadiness]:
        """Readiness scores and temperature."""
        return await self._reader.days(collections.DAILY_READINESS, start, end, fields)

    async def daily_activity(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[DailyActivity]:
        """Activity; whole documents carry 1,440 values a day, so name the fields you need."""
        return await self._reader.days(collections.DAILY_ACTIVITY, start, end, fields)

    async def sleep(self, start: date, end: date, *, fields: Fields = None) -> Documents[Sleep]:
        """Sleep periods: nights, naps, and what turned out to be neither."""
        return await self._reader.days(collections.SLEEP, start, end, fields)

    async def sleep_time(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[SleepTime]:
        """Suggested bedtimes."""
        return await self._reader.days(collections.SLEEP_TIME, start, end, fields)

    async def rest_mode_period(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[RestModePeriod]:
        """Times of rest mode that touch the range, also those begun before it."""
        return await self._reader.days(collections.REST_MODE_PERIOD, start, end, fields)

    async def daily_stress(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[DailyStress]:
        """Seconds of stress and of recovery."""
        return await self._reader.days(collections.DAILY_STRESS, start, end, fields)

    async def daily_resilience(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[DailyResilience]:
        """Resilience levels."""
        return await self._reader.days(collections.DAILY_RESILIENCE, start, end, fields)

    async def daily_spo2(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[DailySpO2]:
        """Blood oxygen of the nights."""
        return await self._reader.days(collections.DAILY_SPO2, start, end, fields)

    async def daily_cardiovascular_age(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[DailyCardiovascularAge]:
        """Cardiovascular age."""
        return await self._reader.days(collections.DAILY_CARDIOVASCULAR_AGE, start, end, fields)

    async def vo2_max(self, start: date, end: date, *, fields: Fields = None) -> Documents[VO2Max]:
        """Estimates of aerobic capacity."""
        return await self._reader.days(collections.VO2_MAX, start, end, fields)

    async def workout(self, start: date, end: date, *, fields: Fields = None) -> Documents[Workout]:
        """Workouts by the local day they began."""
        return await self._reader.days(collections.WORKOUT, start, end, fields)

    async def session(self, start: date, end: date, *, fields: Fields = None) -> Documents[Session]:
        """Sessions: breathing, meditation, naps and the like."""
        return await self._reader.days(collections.SESSION, start, end, fields)

    async def enhanced_tag(
        self, start: date, end: date, *, fields: Fields = None
    ) -> Documents[EnhancedTag]:
        """Tags that touch the range, also those begun before it."""
        return await self._reader.days(collections.ENHANCED_TAG, start, end, fields)

    async def tag(self, start: date, end: date, *, fields: Fields = None) -> Documents[Tag]:
        """Tags of the former kind."""
        return await self._reader.days(collections.TAG, start, end, fields)

    async def heartrate(
        self, start: datetime, end: datetime, *, fields: Fields = None
    ) -> Documents[HeartRateSample]:
        """Heart-rate samples between two instants, once per instant and source."""
        return await self._reader.instants(collections.HEARTRATE, start, end, fields)

    async def ring_battery_level(
        self, start: datetime, end: datetime, *, fields: Fields = None
    ) -> Documents[RingBatterySample]:
        """Battery readings between two instants."""
        return await self._reader.instants(collections.RING_BATTERY_LEVEL, start, end, fields)

    async def latest_heartrate(self) -> HeartRateSample | None:
        """The newest heart-rate sample Oura has; ``None`` when it has none."""
        return await self._reader.latest(collections.HEARTRATE)

    async def latest_battery_level(self) -> RingBatterySample | None:
        """The newest battery reading Oura has; ``None`` when it has none."""
        return await self._reader.latest(collections.RING_BATTERY_LEVEL)

    async def ring_configuration(self, *, fields: Fields = None) -> Documents[RingConfiguration]:
        """Every ring the person ever had, the current one last."""
        return await self._reader.undated(collections.RING_CONFIGURATION, fields)

    @overload
    async def collection(
        self,
        collection: Collection[D],
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        *,
        fields: Fields = None,
    ) -> Documents[D]: ...

    @overload
    async def collection(
        self,
        collection: str,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        *,
        fields: Fields = None,
    ) -> Documents[Any]: ...

    async def collection(
        self,
        collection: Collection[D] | str,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
        *,
        fields: Fields = None,
    ) -> Documents[D] | Documents[Document]:
        """The documents of any collection.

        Args:
            collection: A collection of `annulet.contract.collections`, or Oura's name of one
                (``vO2_max`` with a capital O).
            start: First day, or first instant of a series; not used without ranges.
            end: Last day or instant, inclusive.
            fields: The fields that are needed; ``None`` for all.

        Raises:
            UsageError: No such collection, or the range does not fit it.
            AnnuletError: It could not be read whole.
        """
        if isinstance(collection, str):
            return await self.collection(collection_named(collection), start, end, fields=fields)
        if not collection.paged:
            return Documents(collection.document, [await self._reader.single(collection)])
        if collection.query is Query.NONE:
            return await self._reader.undated(collection, fields)
        if start is None or end is None:
            raise UsageError("This collection needs a start and an end.", hint="Pass both.")
        if collection.query is Query.DATETIME:
            return await self._reader.instants(collection, start, end, fields)
        return await self._reader.days(collection, start, end, fields)

    def stream(
        self,
        collection: AnyCollection | str,
        start: date | datetime | None = None,
        end: date | datetime | None = None,
    ) -> AsyncIterator[Batch]:
        """Stream a collection window by window, for export: raw documents in bounded memory.

        Args:
            collection: A collection of `annulet.contract.collections`, or Oura's name of one.
            start: First day, or first instant of a series; not used without ranges.
            end: Last day or instant, inclusive.

        Raises:
            UsageError: No such collection, or the range does not fit it.
            AnnuletError: A window could not be read whole; the batches before it stand.
        """
        if isinstance(collection, str):
            collection = collection_named(collection)
        return stream(self._reader, collection, start, end)

    @overload
    async def document(self, collection: Collection[D], identifier: str) -> D: ...

    @overload
    async def document(self, collection: str, identifier: str) -> Any: ...

    async def document(self, collection: Collection[D] | str, identifier: str) -> D | Document:
        """One document by its id, straight from Oura.

        Raises:
            UsageError: Documents of that collection have no id.
            OuraRejectedRequest: Oura does not have it (any more).
        """
        if isinstance(collection, str):
            return await self._reader.document(collection_named(collection), identifier)
        return await self._reader.document(collection, identifier)
