"""What is true about a simulated person, in the figures that the nine questions ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from annulet.simulator import SimulatedOura

__all__ = ["PersonTruth", "Spell"]


@dataclass(frozen=True, slots=True)
class Spell:
    """Something planted: what, and the days of its nights that the ring has recorded."""

    kind: str
    days: frozenset[date]


class PersonTruth:
    """One person's truth, as of the moment the question is asked."""

    def __init__(self, cloud: SimulatedOura, name: str) -> None:
        self.name = name
        self.person: Any = cloud.people[name]
        self.truth: Any = self.person.truth
        self.zone: str = self.person.traits.zone
        now = cloud.clock().astimezone(ZoneInfo(self.zone))
        self.today: date = now.date()
        # Oura's days of activity end at 04:00
        self.open_day: date = (now - timedelta(hours=4)).date()

    def has(self, scope: str) -> bool:
        """Whether the person grants a permission."""
        return self.person.grants is None or scope in self.person.grants

    def days(self, count: int) -> list[date]:
        """The last days, today included."""
        return [self.today - timedelta(days=back) for back in range(count - 1, -1, -1)]

    @property
    def slope(self) -> float | None:
        """The planted rise of HRV a week, where nothing else moves it over months."""
        traits = self.person.traits
        return None if traits.drift or traits.season else float(traits.hrv_rise)

    def night(self, day: date) -> dict[str, float]:
        """The figures of a night, durations in exact minutes; empty without a night."""
        night = self.truth.night(day)
        if night is None:
            return {}
        scores = self.truth.day(day)
        cells = {
            "sleep_score": scores.sleep_score,
            "total_sleep_min": night.total / 60,
            "deep_min": night.deep / 60,
            "rem_min": night.rem / 60,
            "light_min": night.light / 60,
            "awake_min": night.awake / 60,
            "efficiency_pct": night.efficiency,
            "hrv_avg_ms": night.hrv if night.has_heart_rate else None,
            "hr_lowest_bpm": night.lowest if night.has_heart_rate else None,
            "readiness_score": scores.readiness_score,
        }
        return {name: value for name, value in cells.items() if value is not None}

    def series(self, metric: str, days: Iterable[date]) -> dict[date, float]:
        """Exact values of a metric by day; a day without a value is not there.

        Nothing is rounded here: the mean of rounded minutes is not the mean of the minutes.
        """
        values = {}
        for day in days:
            if metric == "steps":
                active = self.truth.activity(day)
                value = None if active is None else active.steps
            else:
                value = self.night(day).get(metric)
            if value is not None:
                values[day] = float(value)
        return values

    def heart(self) -> dict[tuple[datetime, str], int]:
        """Every heart rate of yesterday, by instant and source."""
        start, end = (
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
            for day in (self.today - timedelta(days=1), self.today)
        )
        bpm_by_beat = {
            (datetime.fromtimestamp(beat.at / 1000, UTC), beat.source): beat.bpm
            for beat in self.truth.heartrate(start, end)
        }
        return {key: bpm for key, bpm in bpm_by_beat.items() if start <= key[0] < end}

    def mean_heart(self) -> float | None:
        """The mean heart rate of yesterday, over time."""
        start, end = (
            datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
            for day in (self.today - timedelta(days=1), self.today)
        )
        return self.truth.mean_heart_rate(start, end - timedelta(milliseconds=1))

    def spells(self, days: Iterable[date]) -> list[Spell]:
        """What was planted in these days, recorded nights only."""
        asked = set(days)
        recorded = []
        for spell in self.truth.episodes:
            length = (spell.end - spell.start).days + 1
            nights = {spell.start + timedelta(days=k) for k in range(length)} & asked
            known = frozenset(day for day in nights if self.truth.night(day) is not None)
            if known:
                recorded.append(Spell(spell.kind, known))
        return recorded
