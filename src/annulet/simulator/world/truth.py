"""What is true about a simulated person, for tests to compare an answer with.

Everything is as of the cloud's clock: a night appears once the person has woken up, opened the
app and synced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from annulet.simulator.world.activity import ActivityDay
from annulet.simulator.world.events import RestMode, Session, Tag, Workout
from annulet.simulator.world.heart import Beat, day_of
from annulet.simulator.world.life import Life
from annulet.simulator.world.ring import Level
from annulet.simulator.world.scores import Day
from annulet.simulator.world.sleeps import Sleep
from annulet.simulator.world.traits import Ring

__all__ = ["Spell", "Truth"]


@dataclass(frozen=True, slots=True)
class Spell:
    """An episode by the days of its first and last night."""

    kind: str
    start: date
    end: date
    severity: float


class Truth:
    """The truth about one person."""

    def __init__(self, life: Life, synced: Callable[[], datetime]) -> None:
        self._life = life
        self._synced = synced

    @property
    def today(self) -> date:
        """The person's current local day, by the last sync."""
        return self.local_day(self._synced())

    @property
    def first_day(self) -> date:
        """The first day with data."""
        return self._life.places.first

    @property
    def synced(self) -> datetime:
        """Until when Oura knows of this person."""
        return self._synced()

    def local_day(self, instant: datetime) -> date:
        """The person's calendar day at an instant."""
        places = self._life.places
        index = places.index(instant.date())
        return instant.astimezone(places.zone(index)).date()

    def zone(self, day: date) -> str:
        """The IANA zone the person is in on a day."""
        return self._life.places.zone(self._life.places.index(day)).key

    def _indices(self) -> range:
        return range(self._life.places.index(self.today) + 1)

    def night(self, day: date) -> Sleep | None:
        """The night of a day: the longest long sleep, if Oura knows of it."""
        night = self._life.night(self._life.places.index(day))
        return night if night is not None and night.opened <= self._synced() else None

    @property
    def nights(self) -> dict[date, Sleep]:
        """Every known night by its day."""
        places = self._life.places
        found = ((places.day(index), self.night(places.day(index))) for index in self._indices())
        return {day: night for day, night in found if night is not None}

    def sleeps(self, day: date) -> list[Sleep]:
        """Every known sleep that counts on a day (no rejected or deleted ones), by bedtime."""
        until = self._synced()
        known = self._life.sleeps_of(self._life.places.index(day))
        return [sleep for sleep in known if sleep.counts and sleep.opened <= until]

    @property
    def missing_nights(self) -> list[date]:
        """Days from the first to today without a known night."""
        nights = self.nights
        places = self._life.places
        return [day for day in map(places.day, self._indices()) if day not in nights]

    def day(self, day: date) -> Day:
        """The scores of a day, complete (stress as of the end of the day)."""
        return self._life.scores.day(self._life.places.index(day))

    def stress(self, day: date) -> tuple[int, int] | None:
        """Stress and recovery of a day in seconds as Oura knows them."""
        index = self._life.places.index(day)
        if not self._life.wear.day(index):
            return None
        return self._life.scores.stress_until(index, self._synced())

    def activity(self, day: date) -> ActivityDay | None:
        """The activity of a day as far as Oura knows it."""
        return self._life.activity.day(self._life.places.index(day), self._synced())

    @property
    def spells(self) -> list[Spell]:
        """Every episode of the person's life."""
        places = self._life.places
        return [
            Spell(item.kind, places.day(item.first), places.day(item.last), item.severity)
            for item in self._life.episodes
        ]

    @property
    def illness(self) -> list[Spell]:
        """The fevers."""
        return [spell for spell in self.spells if spell.kind == "fever"]

    @property
    def alcohol_nights(self) -> list[date]:
        """The days whose night followed alcohol (the tag is on the evening before)."""
        return [spell.start for spell in self.spells if spell.kind == "alcohol"]

    @property
    def hrv_rise_per_week(self) -> float:
        """The planted rise of HRV in milliseconds a week."""
        return self._life.traits.hrv_rise

    @property
    def hrv_rise_days(self) -> int:
        """Over how many days up to the anchor HRV rises."""
        return self._life.traits.hrv_rise_days

    def tags(self, first: date, last: date) -> list[Tag]:
        """The tags that begin in a range of days."""
        return [item for k in self._range(first, last) for item in self._life.moments.tags(k)]

    def workouts(self, first: date, last: date) -> list[Workout]:
        """The workouts that begin in a range of days, as far as synced."""
        until = self._synced()
        items = (item for k in self._range(first, last) for item in self._life.moments.workouts(k))
        return [item for item in items if item.end <= until]

    def sessions(self, first: date, last: date) -> list[Session]:
        """The sessions that begin in a range of days, as far as synced."""
        until = self._synced()
        items = (item for k in self._range(first, last) for item in self._life.moments.sessions(k))
        return [item for item in items if item.end <= until]

    def _range(self, first: date, last: date) -> range:
        places = self._life.places
        return range(places.index(first), places.index(last) + 1)

    @property
    def rest_modes(self) -> tuple[RestMode, ...]:
        """Every stretch of rest mode."""
        return self._life.moments.rests

    @property
    def ring(self) -> Ring:
        """The ring in use."""
        return self._life.rings.current()

    @property
    def battery(self) -> Level | None:
        """The newest known battery level."""
        until = self._synced()
        for back in range(8):
            rows = self._life.rings.levels((until - timedelta(days=back)).date())
            known = [row for row in rows if row.at <= until.timestamp() * 1000]
            if known:
                return known[-1]
        return None

    def heartrate(self, start: datetime, end: datetime) -> list[Beat]:
        """The known heart-rate rows between two instants, both included."""
        until = min(end, self._synced())
        low, high = start.timestamp() * 1000, until.timestamp() * 1000
        day, found = day_of(round(low)), []
        while day <= until.astimezone(UTC).date():
            found += [row for row in self._life.heart.rows(day) if low <= row.at <= high]
            day += timedelta(days=1)
        return found
