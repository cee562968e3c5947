"""A person's days as the analytics read them: series with gaps, unfinished days left out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from annulet.analytics.change_points import ChangePoint, shift_on
from annulet.analytics.clock_times import unwrapped
from annulet.analytics.period_difference import without_pattern
from annulet.analytics.rhythm import Rhythm
from annulet.analytics.series import Series
from annulet.analytics.traits import VITALS, Traits, traits_of
from annulet.analytics.unusual_nights import judge_vitals
from annulet.contract.collections import SLEEP
from annulet.errors import AnnuletError, UsageError
from annulet.toolkit.context import Context
from annulet.toolkit.local_time import LocalTime
from annulet.toolkit.metric_definitions import definition_notes
from annulet.toolkit.metrics import METRICS, Metric, first_day, open_since
from annulet.toolkit.reading.gather import fields_of, gather, values
from annulet.toolkit.reading.left_out import (
    count_left_out,
    left_out_notes,
    unread_rows_notes,
)
from annulet.toolkit.reading.ring_periods import new_rings
from annulet.toolkit.reading.sleeps import nights
from annulet.toolkit.tool import Schema
from annulet.toolkit.wording.date_format import date_words, days_words
from annulet.toolkit.wording.missing_data import unfinished_note, unread_notes
from annulet.toolkit.wording.number_format import listed

HISTORY_DAYS: Final = 185
"""How far back a question about the last weeks looks; many questions then share one reading."""
# How far back a question looks, by the days of its longest period: one request a collection, or
# two. Longer periods need a longer history that tells how the person wanders.
_HISTORIES: Final = ((120, 724), (20, 340))

METRIC_NAMES: Final[Schema] = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Names and default as in oura_trends",
}
"""The parameter ``metrics`` where another tool already lists the names."""

# Before the first rings; asking Oura for such days would only cost time.
_EARLIEST: Final = date(2013, 1, 1)


@dataclass(frozen=True, slots=True)
class Explained:
    """What explains the figures of a person, and is taken out before anything is judged.

    Attributes:
        ill: Days (ordinals) on which the body signal looked like illness.
        rhythm: A rhythm in temperature; ``None`` where there is none.
        rhythmic: What the rhythm adds to each metric on each day.
        patterns: The same with the shift that another ring made.
        ring_shifts: The lasting change of a metric that came with another ring.
    """

    ill: frozenset[int]
    rhythm: Rhythm | None
    rhythmic: Mapping[str, Mapping[int, float]]
    patterns: Mapping[str, Mapping[int, float]]
    ring_shifts: Mapping[str, Sequence[ChangePoint]]

    def notes(self) -> list[str]:
        """What has to be said about a rhythm that was taken out."""
        return rhythm_notes(self.rhythm)

    def ring_notes(self, breaks: Iterable[int], start: date, end: date, today: date) -> list[str]:
        """What has to be said about another ring within the days of a question.

        Args:
            breaks: Days (ordinals) on which another ring was set up.
            start: First day of the question.
            end: Last day.
            today: Today in the person's zone.
        """
        within = [day for day in breaks if start.toordinal() < day <= end.toordinal()]
        if not within:
            return []
        moved = [
            METRICS[name].label
            for name, points in self.ring_shifts.items()
            if any(point.since in within for point in points)
        ]
        since = f"A new ring since {date_words(date.fromordinal(max(within)), today)}"
        if moved:
            return [f"{since} reads {listed(moved)} differently: left out of verdicts."]
        return [f"{since}: no metric clearly reads differently with it."]


@dataclass(frozen=True, slots=True)
class History:
    """What was read of a range of days.

    Attributes:
        series: The asked metrics that could be read, and the vitals that came along.
        failures: Why each of the other asked metrics could not be read.
        unfinished: Labels of metrics of which a day that is not over was left out.
        today: Today in the person's zone.
        left_out: On how many of the days that were read an asked metric has a value that is no
            measurement.
        breaks: Days (ordinals) on which another ring was set up, within the days that were read.
        open_day: The first day that is not over; today where it is not stated.
        nights: The days that have a night, with or without figures.
        unread: Notes about rows that are no documents.
    """

    series: Mapping[str, Series]
    failures: Mapping[str, AnnuletError]
    unfinished: tuple[str, ...]
    today: date
    left_out: Mapping[Metric, int] = field(default_factory=dict)
    breaks: frozenset[int] = frozenset()
    open_day: date | None = None
    nights: frozenset[date] = frozenset()
    unread: tuple[str, ...] = ()

    def finished(self, metric: Metric, end: date) -> date:
        """The last day up to ``end`` of which a metric can have its final value."""
        open_day = self.open_day or self.today
        if end >= open_day and metric.label in self.unfinished:
            return open_day - timedelta(days=1)
        return end

    def days(self, metrics: Iterable[Metric], start: date, end: date) -> list[date]:
        """The days of a range on which any of the metrics has a value."""
        days: set[int] = set()
        for metric in metrics:
            if metric.name in self.series:
                days.update(self.series[metric.name].between(start, end).days)
        return [date.fromordinal(day) for day in sorted(days)]

    def explained(self) -> Explained:
        """What explains the figures before anything is judged: illness, a rhythm, another ring."""
        vitals = judge_vitals(self.series, breaks=self.breaks, also=tuple(self.series))
        return Explained(
            vitals.ill, vitals.rhythm, vitals.rhythmic, vitals.patterns, vitals.ring_shifts
        )

    def with_one_ring(self) -> History:
        """The same without the lasting changes that came with another ring."""
        shifts = self.explained().ring_shifts if self.breaks else {}
        levelled = {
            name: without_pattern(
                self.series[name], {day: shift_on(day, points) for day in self.series[name].days}
            )
            for name, points in shifts.items()
        }
        return replace(self, series={**self.series, **levelled}, breaks=frozenset())

    def notes(
        self, *, judged: bool = True, ill: frozenset[int] = frozenset(), of: str = ""
    ) -> list[str]:
        """Notes about what was not read or left out.

        Args:
            judged: Whether any day could be judged, so that a left out one matters.
            ill: Days of the question that were left out.
            of: Of what they were left out.
        """
        notes = unread_notes({METRICS[name].label: why for name, why in self.failures.items()})
        if self.unfinished and judged:
            open_day = self.open_day or self.today
            notes.append(unfinished_note("left out", self.unfinished, open_day, self.today))
        notes += [*left_out_notes(self.left_out), *self.unread]
        if ill:
            listed = days_words([date.fromordinal(day) for day in sorted(ill)], self.today)
            notes.append(f"Nights that look like illness are left out of {of}: {listed}.")
        return [*notes, *definition_notes(self.series)]


async def read_history(
    context: Context, local_time: LocalTime, metrics: Iterable[Metric], start: date, end: date
) -> History:
    """Read metrics, new rings, and the vitals that show nights of illness and a rhythm.

    The vitals are read whatever is asked: what is said of a metric does not depend on its company.

    Args:
        context: Whose days.
        local_time: The person's clock.
        metrics: Which metrics.
        start: First day.
        end: Last day.

    Raises:
        AnnuletError: Nothing could be read.
    """
    asked = list(metrics)
    start = max(start, _EARLIEST)
    along = [METRICS[name] for name in VITALS]
    wanted = fields_of([*asked, *along], few=True)
    gathered, rings = await asyncio.gather(
        gather(context, wanted, first_day(asked, start), end), new_rings(context)
    )
    series: dict[str, Series] = {}
    unfinished = []
    for metric in dict.fromkeys((*asked, *along)):
        if metric.collection in gathered.failures:
            continue
        by_day = values(metric, gathered, start, end)
        if _without_days_from(by_day, open_since(metric, local_time)):
            unfinished.append(metric.label)
        read = Series.of(by_day)
        series[metric.name] = unwrapped(read) if metric.is_clock else read
    failures = {
        metric.name: gathered.failures[metric.collection]
        for metric in asked
        if metric.collection in gathered.failures
    }
    if asked and len(failures) == len(asked):
        raise next(iter(failures.values()))
    left_out = count_left_out(asked, gathered, start, end, local_time.open_day)
    began = min((s.days[0] for s in series.values() if len(s)), default=end.toordinal())
    breaks = frozenset(day for day in rings if began < day <= end.toordinal())
    return History(
        series,
        failures,
        tuple(unfinished),
        local_time.today,
        left_out,
        breaks,
        local_time.open_day,
        frozenset(nights(gathered.all(SLEEP))),
        tuple(unread_rows_notes(gathered)),
    )


def _without_days_from(by_day: dict[date, float], first: date) -> bool:
    """Take out the days that are not over; whether there was any."""
    open_days = [day for day in by_day if day >= first]
    for day in open_days:
        del by_day[day]
    return bool(open_days)


def history_start(end: date, longest: int) -> date:
    """The first day to read: half a year back, almost one year or two for long periods.

    Args:
        end: The last day of the question.
        longest: Days of its longest period.
    """
    days = next((days for least, days in _HISTORIES if longest >= least), HISTORY_DAYS)
    return end - timedelta(days=max(days, 2 * longest) - 1)


def rhythm_notes(rhythm: Rhythm | None) -> list[str]:
    """What has to be said about a rhythm that was taken into account."""
    if rhythm is None:
        return []
    days = round(rhythm.days)
    few = ", provisional with so few repetitions" if rhythm.is_provisional else ""
    return [f"A rhythm of about {days} days was taken into account{few}."]


def check_age(day: date) -> None:
    """Refuse days before there were rings.

    Raises:
        UsageError: The day lies before the first ring.
    """
    if day < _EARLIEST:
        raise UsageError(
            f"{day} lies before the first ring.", hint=f"Ask for days from {_EARLIEST} on."
        )


def traits(metric: Metric) -> Traits:
    """How a metric behaves statistically."""
    return replace(traits_of(metric.name), ratio=metric.ratio)
