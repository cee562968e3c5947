"""People of both populations in one form, with what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from annulet.analytics.series import Series
from annulet.analytics.traits import VITALS
from benchmarks.detector import population as first
from benchmarks.detector.detectors import FIRST_DAY, metric_series
from benchmarks.second_population import Person, population

__all__ = ["METRICS", "OWN_KINDS", "Subject", "Tagging", "of_kind", "of_second"]

METRICS = (
    "sleep_score", "readiness_score", "activity_score", "total_sleep_min", "hrv_avg_ms",
    "hr_lowest_bpm", "temperature_deviation_c", "steps", "stress_high_min",
)  # fmt: skip
"""The nine metrics of a question that names none."""

# Kinds of the first generator: what differs from its usual people.
OWN_KINDS: dict[str, first.Scenario] = {
    "own: calm": first.Scenario(rates={}),
    "own: usual": first.Scenario(),
    "own: slow wander": first.Scenario(rates={}, wander=(0.08, 0.25)),
    "own: heavy tails": first.Scenario(rates={}, tails=3),
    "own: everybody cycles": first.Scenario(rates={}, cycle_share=1.0),
    "own: slow rise": first.Scenario(rates={}, rise=(60, 260, 6.0)),
    "own: shift work": first.Scenario(rates={}, shifts=True),
}


class Tagging(NamedTuple):
    """A tag: the nights that follow it, and the size of its effects by metric in natural units."""

    nights: frozenset[int]
    effects: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Subject:
    """A simulated person.

    Attributes:
        series: Every metric.
        first: Ordinal of the first night.
        last: Ordinal of the last.
        eventful: Days on which something happened, and the two after it.
        illnesses: First and last day of each illness.
        tags: Tags.
        steps: Metric, first day and size of each lasting step.
        ramps: Metric and size of each slope up to the last night.
    """

    series: Mapping[str, Series]
    first: int
    last: int
    eventful: frozenset[int] = frozenset()
    illnesses: tuple[tuple[int, int], ...] = ()
    tags: tuple[Tagging, ...] = ()
    steps: tuple[tuple[str, int, float], ...] = ()
    ramps: tuple[tuple[str, float], ...] = ()

    @property
    def end(self) -> date:
        """The last day."""
        return date.fromordinal(self.last)

    @property
    def vitals(self) -> dict[str, Series]:
        """The four vitals."""
        return {metric: self.series[metric] for metric in VITALS}

    @property
    def nine(self) -> dict[str, Series]:
        """The nine metrics of a question, as far as the population has them."""
        named = {metric: self.series[metric] for metric in METRICS if metric in self.series}
        return named if len(named) == len(METRICS) else dict(self.series)


def of_kind(kind: str, people: int, nights: int = 425, seed: int = 1) -> list[Subject]:
    """Make people of a kind, of the first generator where its name says ``own``."""
    if kind in OWN_KINDS:
        drawn = first.simulate(people, nights, seed, OWN_KINDS[kind])
        return [_of_first(person, nights) for person in drawn]
    return [of_second(person) for person in population(kind, people, nights, seed)]


def of_second(person: Person) -> Subject:
    """Bring a person of the second population into the common form."""
    start = person.first_day.toordinal()
    series = {
        metric: Series.of({date.fromordinal(start + i): v for i, v in enumerate(values)})
        for metric, values in person.nights.items()
    }
    truth = person.truth
    spans = [(e.name, e.start.toordinal(), e.end.toordinal()) for e in truth.events]
    middle = sorted(series["hrv_avg_ms"].values)
    hrv = middle[len(middle) // 2] if middle else 1.0
    return Subject(
        series=series,
        first=start,
        last=start + len(person.nights["hr_lowest_bpm"]) - 1,
        eventful=frozenset(d for _, a, b in spans for d in range(a, b + 3)),
        illnesses=tuple((a, b) for name, a, b in spans if name in {"illness", "fever"}),
        tags=tuple(
            Tagging(
                frozenset(day.toordinal() + 1 for day in tag.days),
                {e.metric: e.size * (hrv if e.metric == "hrv_avg_ms" else 1) for e in tag.effects},
            )
            for tag in truth.tags
        ),
        steps=tuple((s.metric, s.day.toordinal(), s.size) for s in truth.steps),
        ramps=tuple((r.metric, r.size) for r in truth.ramps),
    )


def _of_first(person: first.Person, nights: int) -> Subject:
    spans = [
        (e.kind, FIRST_DAY + e.start, FIRST_DAY + e.start + e.nights - 1) for e in person.events
    ]
    return Subject(
        series={m: metric_series(person, column) for column, m in enumerate(first.METRICS)},
        first=FIRST_DAY,
        last=FIRST_DAY + nights - 1,
        eventful=frozenset(d for _, a, b in spans for d in range(a, b + 3)),
        illnesses=tuple((a, b) for kind, a, b in spans if kind == "fever"),
    )
