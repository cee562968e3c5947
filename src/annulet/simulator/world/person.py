"""A person with an Oura account, and what Oura knows of the person at an instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from annulet.simulator.world.heart_rate import HeartRateRow
from annulet.simulator.world.local_calendar import epoch_ms
from annulet.simulator.world.person_documents import PersonDocuments
from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.random_streams import stable_uuid
from annulet.simulator.world.rings import BatteryRow
from annulet.simulator.world.stored_document import StoredDocument
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.truth import Truth

_BACKGROUND_SYNC_S = 300


class Person:
    """One account of the simulated cloud.

    Attributes:
        name: The short name that tests use.
        id: Oura's id of the person.
        grants: The scopes this person ever grants; ``None`` stands for all.
        member: Whether the membership is active.
        synced_until: The last sync of the ring; ``None`` stands for one every five minutes.
        truth: What is true about the person, for tests to compare an answer with.
    """

    def __init__(self, name: str, traits: Traits, clock: Callable[[], datetime]) -> None:
        made_at = clock()
        self.name = name
        self.traits = traits
        self.id = stable_uuid("person", name, traits.seed)
        self.email = f"{name}@example.org"
        self.grants = traits.grants
        self.member = traits.member
        self._clock = clock
        self.model = PersonModel(traits, made_at.astimezone(_zone_now(traits)).date(), made_at)
        self.stored = PersonDocuments(self.model)
        self.synced_until: datetime | None = None
        if traits.synced_days_ago is not None:
            calendar = self.model.calendar
            day = calendar.index_days_ago(traits.synced_days_ago)
            self.synced_until = calendar.instant(day, 21 * 3600)
        self.truth = Truth(self.model, self.last_sync)

    def last_sync(self) -> datetime:
        """Return the instant of the last sync; Oura knows nothing later."""
        now = self._clock().timestamp()
        last = datetime.fromtimestamp(now // _BACKGROUND_SYNC_S * _BACKGROUND_SYNC_S, UTC)
        return min(last, self.synced_until) if self.synced_until else last

    def info(self) -> dict[str, object]:
        """Return every field of ``personal_info``."""
        profile = self.traits.profile
        return {
            "id": self.id,
            "age": profile.age,
            "weight": profile.weight,
            "height": profile.height,
            "biological_sex": profile.biological_sex,
            "email": self.email,
        }

    def documents(self, collection: str, start: datetime, end: datetime) -> list[StoredDocument]:
        """Return the documents with a key instant in a range, both ends included, oldest first."""
        until = self.last_sync()
        index = self.model.calendar.index
        first = max(-1, index(_shift_day(start, -2)))
        last = min(index(_shift_day(until, 2)), index(_shift_day(end, 2)))
        documents = [
            document
            for day in range(first, last + 1)
            for document in self.stored.of_day(collection, day, until)
            if start <= document.key <= end
        ]
        return sorted(documents, key=lambda document: document.key)

    def rings(self) -> list[StoredDocument]:
        """Return every ring ever set up."""
        return self.stored.rings(self._clock())

    def document(self, collection: str, document_id: str) -> StoredDocument | None:
        """Return one document by its id."""
        until = self.last_sync()
        newest = self.model.calendar.index(_shift_day(until, 2))
        documents = (
            iter(self.rings())
            if collection == "ring_configuration"
            else (
                document
                for day in range(newest, -2, -1)
                for document in self.stored.of_day(collection, day, until)
            )
        )
        return next((document for document in documents if document.id == document_id), None)

    def rows(self, collection: str, day: date) -> tuple[HeartRateRow | BatteryRow, ...]:
        """Return the known rows of a time series on a UTC day, oldest first."""
        model = self.model
        rows: tuple[HeartRateRow | BatteryRow, ...] = (
            model.heart_rate.rows(day) if collection == "heartrate" else model.rings.rows(day)
        )
        until = epoch_ms(self.last_sync())
        if rows and rows[-1].at > until:
            return tuple(row for row in rows if row.at <= until)
        return rows


def _zone_now(traits: Traits) -> ZoneInfo:
    """Return the zone the person is in when the cloud is made."""
    for trip in traits.trips:
        if trip.last_days_ago == 0:
            return ZoneInfo(trip.zone)
    return ZoneInfo(traits.zone)


def _shift_day(instant: datetime, days: int) -> date:
    """Return the day of an instant moved by some days, or its own day where there is none."""
    try:
        return (instant + timedelta(days=days)).date()
    except OverflowError:
        return instant.date()
