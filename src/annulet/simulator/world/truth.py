"""What is true about a simulated person, for tests to compare an answer with.

Everything is as of the cloud's clock: a night appears after the person has woken up, opened the
app and synced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final, TypeVar

from annulet.simulator.world.activity import ActivityDay
from annulet.simulator.world.daily_scores import DailyScores
from annulet.simulator.world.events import RestModeEvent, SessionEvent, TagEvent, WorkoutEvent
from annulet.simulator.world.heart_rate import HeartRateRow
from annulet.simulator.world.main_sleep import MainSleep, main_sleep
from annulet.simulator.world.person_model import PersonModel
from annulet.simulator.world.rings import BatteryRow
from annulet.simulator.world.sleep import Sleep
from annulet.simulator.world.traits import Ring

_LONGEST_COVER_MS: Final = 600_000
_T = TypeVar("_T", WorkoutEvent, SessionEvent)


@dataclass(frozen=True, slots=True)
class DatedEpisode:
    """An episode by the days of its first and last night."""

    kind: str
    start: date
    end: date
    severity: float


class Truth:
    """The truth about one person."""

    def __init__(self, model: PersonModel, last_sync: Callable[[], datetime]) -> None:
        self._model = model
        self._calendar = model.calendar
        self._last_sync = last_sync

    @property
    def today(self) -> date:
        """The person's local day at the last sync."""
        return self.local_day(self._last_sync())

    @property
    def first_day(self) -> date:
        """The first day with data."""
        return self._calendar.first

    @property
    def last_sync(self) -> datetime:
        """The instant of the last sync; Oura knows nothing later."""
        return self._last_sync()

    def local_day(self, instant: datetime) -> date:
        """Return the person's calendar day at an instant."""
        zone = self._calendar.zone(self._calendar.index(instant.date()))
        return instant.astimezone(zone).date()

    def zone(self, day: date) -> str:
        """Return the IANA zone the person is in on a day."""
        return self._calendar.zone(self._calendar.index(day)).key

    def night(self, day: date) -> MainSleep | None:
        """Return the main sleep of a day, as far as Oura knows it."""
        return main_sleep(self.sleeps(day))

    @property
    def nights(self) -> dict[date, MainSleep]:
        """Every known night by its day."""
        days = map(self._calendar.day, self._indices(self.first_day, self.today))
        return {day: night for day in days if (night := self.night(day)) is not None}

    def sleeps(self, day: date) -> list[Sleep]:
        """Return the known sleeps of a day by bedtime, without rejected and deleted ones."""
        until = self._last_sync()
        sleeps = self._model.sleeps.of_day(self._calendar.index(day))
        return [sleep for sleep in sleeps if sleep.is_counted and sleep.known_from <= until]

    def day(self, day: date) -> DailyScores:
        """Return the scores of a day; stress is as of the end of the day."""
        return self._model.scores.day(self._calendar.index(day))

    def stress(self, day: date) -> tuple[int, int] | None:
        """Return the known stress and recovery of a day in seconds."""
        index = self._calendar.index(day)
        if not self._model.wear.is_worn(index):
            return None
        return self._model.scores.stress_until(index, self._last_sync())

    def activity(self, day: date) -> ActivityDay | None:
        """Return the known part of a day's activity."""
        return self._model.activity.day(self._calendar.index(day), self._last_sync())

    def mean_heart_rate(self, start: datetime, end: datetime) -> float | None:
        """Return the mean heart rate over the time that samples cover, both ends included.

        A sample covers the time to the next one, if that is ten minutes away at most.
        """
        rows = {(row.at, row.source): row.bpm for row in reversed(self.heartrate(start, end))}
        covered = beats = 0.0
        for key, following in pairwise(sorted(rows)):
            length = following[0] - key[0]
            if length <= _LONGEST_COVER_MS:
                covered += length
                beats += rows[key] * length
        if covered:
            return beats / covered
        return sum(rows.values()) / len(rows) if rows else None

    @property
    def episodes(self) -> list[DatedEpisode]:
        """Every episode of the person."""
        return [
            DatedEpisode(
                episode.kind,
                self._calendar.day(episode.first),
                self._calendar.day(episode.last),
                episode.severity,
            )
            for episode in self._model.episodes
        ]

    @property
    def illness(self) -> list[DatedEpisode]:
        """The fevers."""
        return [episode for episode in self.episodes if episode.kind == "fever"]

    @property
    def alcohol_nights(self) -> list[date]:
        """The days whose night follows alcohol; the tag is on the evening before."""
        return [episode.start for episode in self.episodes if episode.kind == "alcohol"]

    @property
    def hrv_rise_per_week(self) -> float:
        """The planted rise of HRV in milliseconds a week."""
        return self._model.traits.hrv_rise

    def tags(self, first: date, last: date) -> list[TagEvent]:
        """Return the tags that start in a range of days."""
        events = self._model.events
        return [tag for index in self._indices(first, last) for tag in events.tags(index)]

    def workouts(self, first: date, last: date) -> list[WorkoutEvent]:
        """Return the known workouts that start in a range of days."""
        return self._known_events(self._model.events.workouts, first, last)

    def sessions(self, first: date, last: date) -> list[SessionEvent]:
        """Return the known sessions that start in a range of days."""
        return self._known_events(self._model.events.sessions, first, last)

    def _known_events(
        self, events_of: Callable[[int], tuple[_T, ...]], first: date, last: date
    ) -> list[_T]:
        until = self._last_sync()
        events = (event for index in self._indices(first, last) for event in events_of(index))
        return [event for event in events if event.end <= until]

    def _indices(self, first: date, last: date) -> range:
        return range(self._calendar.index(first), self._calendar.index(last) + 1)

    @property
    def rest_modes(self) -> tuple[RestModeEvent, ...]:
        """Every period of rest mode."""
        return self._model.events.rest_modes

    @property
    def ring(self) -> Ring:
        """The ring in use."""
        return self._model.rings.current()

    @property
    def battery(self) -> BatteryRow | None:
        """The newest known battery reading of the last eight days."""
        until = self._last_sync()
        for back in range(8):
            rows = self._model.rings.rows((until - timedelta(days=back)).date())
            known_rows = [row for row in rows if row.at <= until.timestamp() * 1000]
            if known_rows:
                return known_rows[-1]
        return None

    def heartrate(self, start: datetime, end: datetime) -> list[HeartRateRow]:
        """Return the known heart-rate readings between two instants, both included."""
        until = min(end, self._last_sync())
        low, high = start.timestamp() * 1000, until.timestamp() * 1000
        day, last = start.astimezone(UTC).date(), until.astimezone(UTC).date()
        rows: list[HeartRateRow] = []
        while day <= last:
            rows += [row for row in self._model.heart_rate.rows(day) if low <= row.at <= high]
            day += timedelta(days=1)
        return rows
