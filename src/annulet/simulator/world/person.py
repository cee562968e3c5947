"""A person with an Oura account: the life, and what of it Oura knows at an instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from annulet.simulator.world.document import Document
from annulet.simulator.world.draws import identity
from annulet.simulator.world.heart import Beat
from annulet.simulator.world.life import Life
from annulet.simulator.world.records import Records
from annulet.simulator.world.ring import Level
from annulet.simulator.world.traits import Traits
from annulet.simulator.world.truth import Truth

__all__ = ["Person"]

_BACKGROUND = 300  # seconds between background syncs


class Person:
    """One account of the simulated cloud.

    Attributes:
        name: The short name tests use.
        id: Oura's person id.
        grants: The permissions this person ever grants; ``None``: all.
        member: Whether the membership is active.
        synced_until: When the ring was last synced; ``None``: all the time.
        truth: What is true about the person, for tests to compare with.
    """

    def __init__(
        self, name: str, traits: Traits, clock: Callable[[], datetime], anchor: date | None = None
    ) -> None:
        made_at = clock()
        self.name = name
        self.traits = traits
        self.id = identity("person", name, traits.seed)
        self.email = f"{name}@example.org"
        self.grants = traits.grants
        self.member = traits.member
        self._clock = clock
        today = anchor or made_at.astimezone(Life.zone_of(traits)).date()
        self.life = Life(traits, today, made_at)
        self.records = Records(self.life)
        self.synced_until: datetime | None = None
        if traits.synced_days_ago is not None:
            places = self.life.places
            self.synced_until = places.instant(places.ago(traits.synced_days_ago), 21 * 3600)
        self.truth = Truth(self.life, self.synced)

    def synced(self) -> datetime:
        """Until when Oura knows of this person."""
        now = self._clock()
        stamp = now.timestamp() // _BACKGROUND * _BACKGROUND
        latest = datetime.fromtimestamp(stamp, UTC)
        return min(latest, self.synced_until) if self.synced_until else latest

    def info(self) -> dict[str, Any]:
        """Everything ``personal_info`` could say."""
        profile = self.traits.profile
        return {
            "id": self.id,
            "age": profile.age,
            "weight": profile.weight,
            "height": profile.height,
            "biological_sex": profile.biological_sex,
            "email": self.email,
        }

    def documents(self, collection: str, start: datetime, end: datetime) -> list[Document]:
        """The documents whose key instant lies in a range, both ends included, oldest first."""
        until = self.synced()
        places = self.life.places
        first = max(-1, places.index(_near(start, -2)))
        last = min(places.index(_near(until, 2)), places.index(_near(end, 2)))
        found = [
            item
            for index in range(first, last + 1)
            for item in self.records.of_day(collection, index, until)
            if start <= item.key <= end
        ]
        return sorted(found, key=lambda item: item.key)

    def rings(self) -> list[Document]:
        """Every ring ever set up."""
        return self.records.rings(self._clock())

    def document(self, collection: str, name: str) -> Document | None:
        """One document by its id."""
        if collection == "ring_configuration":
            return next((item for item in self.rings() if item.id == name), None)
        until = self.synced()
        for index in range(self.life.places.index(_near(until, 2)), -2, -1):
            for item in self.records.of_day(collection, index, until):
                if item.id == name:
                    return item
        return None

    def series(self, collection: str, day: date) -> tuple[Beat | Level, ...]:
        """The rows of one UTC day of a time series, as far as they are synced."""
        source = self.life.heart.rows if collection == "heartrate" else self.life.rings.levels
        with self.life.lock:
            rows: tuple[Beat | Level, ...] = source(day)
        limit = round(self.synced().timestamp() * 1000)
        if rows and rows[-1].at > limit:
            return tuple(row for row in rows if row.at <= limit)
        return rows


def _near(instant: datetime, days: int) -> date:
    """A day near an instant, however far out the instant is."""
    try:
        return (instant + timedelta(days=days)).date()
    except OverflowError:
        return instant.date()
